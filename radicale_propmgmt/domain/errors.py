"""Every refusal of the product, as one tree.

PropmgmtError
├── ConfigError                  a file of the admin is wrong: file, line, key (exit 2)
├── UsageError                   a command or record cannot be understood: field, why (exit 2)
├── NotFoundError                a thing named by the admin does not exist (exit 2)
├── RefusedError                 lock, retention or right forbids it (exit 3)
│   ├── ContactLockedError       the contact is restricted and frozen (GDPR Art. 18)
│   └── InformedOnMissingError   unblocking an Art. 18 block needs the date the person was told (Art. 18(3))
├── UnavailableError             database away, lock not free, clock jumped (exit 4, HTTP 503)
└── DavError                     a request cannot be answered as asked
    ├── BadRequestError          malformed request
    ├── InvalidSyncTokenError    DAV:valid-sync-token, RFC 6578 §3.2
    ├── FiniteDepthError         DAV:propfind-finite-depth, RFC 4918 §9.1
    ├── UnsupportedReportError   DAV:supported-report, RFC 3253 §3.6
    ├── UnsupportedFilterError   CARDDAV:supported-filter, RFC 6352 §8.6
    ├── UnsupportedCollationError  CARDDAV:supported-collation, RFC 6352 §8.3
    ├── UnsupportedAddressDataError  CARDDAV:supported-address-data, RFC 6352 §6.2.2
    ├── NeedPrivilegesError      DAV:need-privileges, RFC 3744 §7.1.1
    ├── TooManyMatchesError      DAV:number-of-matches-within-limits, RFC 6352 §8.6.2
    └── NotVisibleError          404: never existed, not yours, blocked, erased are one answer

No class knows HTTP codes; ``dav/errors.py`` and ``cli/exits.py`` each hold one table.
"""

from __future__ import annotations


class PropmgmtError(Exception):
    """Base of every refusal."""


class ConfigError(PropmgmtError):
    """A configuration file is wrong; ``problems`` are complete lines ``file:line: key: what to do``."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class UsageError(PropmgmtError):
    """A command, field or record cannot be understood."""


class NotFoundError(PropmgmtError):
    """A thing the admin named does not exist."""


class RefusedError(PropmgmtError):
    """Lock, retention or right forbids it."""


class ContactLockedError(RefusedError):
    """The contact is restricted: nobody may change it except unblock, erase and Art. 16 correction."""


class InformedOnMissingError(RefusedError):
    """Unblocking an Art. 18 block demands the day the person was informed (GDPR Art. 18(3))."""


class UnavailableError(PropmgmtError):
    """The database or its lock is not to be had now; ``retry_after`` in seconds."""

    def __init__(self, message: str = "", retry_after: int = 30) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class DavError(PropmgmtError):
    """A request cannot be answered as asked."""


class BadRequestError(DavError):
    """The request is malformed."""


class InvalidSyncTokenError(DavError):
    """A sync token we never issued (RFC 6578 §3.2)."""


class FiniteDepthError(DavError):
    """PROPFIND with Depth infinity (RFC 4918 §9.1)."""


class UnsupportedReportError(DavError):
    """A report this resource does not have (RFC 3253 §3.6)."""


class UnsupportedFilterError(DavError):
    """A filter element or attribute value we do not know (RFC 6352 §8.6)."""


class UnsupportedCollationError(DavError):
    """A collation we do not offer (RFC 6352 §8.3)."""


class UnsupportedAddressDataError(DavError):
    """A media type or version of address data we do not offer (RFC 6352 §6.2.2)."""


class NeedPrivilegesError(DavError):
    """The caller lacks a privilege on a resource (RFC 3744 §7.1.1)."""

    def __init__(self, href: str, privilege: str) -> None:
        super().__init__(privilege)
        self.href = href
        self.privilege = privilege


class TooManyMatchesError(DavError):
    """More hrefs or matches than one request may ask for (RFC 6352 §8.6.2)."""


class NotVisibleError(DavError):
    """Never existed, not yours, blocked and erased are one answer."""
