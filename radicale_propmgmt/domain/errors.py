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
    ├── PreconditionFailedError  If-Match or If-None-Match does not hold, RFC 9110 §13.1
    ├── TooManyMatchesError      DAV:number-of-matches-within-limits, RFC 6352 §8.6.2
    ├── InvalidAddressDataError  CARDDAV:valid-address-data, RFC 6352 §6.3.2.1
    ├── ResourceTooLargeError    CARDDAV:max-resource-size, RFC 6352 §6.3.2.1
    ├── UidConflictError         CARDDAV:no-uid-conflict with the other's href, RFC 6352 §6.3.2.1
    ├── InvalidCalendarDataError  CALDAV:valid-calendar-data, RFC 4791 §5.3.2.1
    ├── UnsupportedCalendarDataError  CALDAV:supported-calendar-data, RFC 4791 §5.3.2.1
    ├── UnsupportedComponentError  CALDAV:supported-calendar-component, RFC 4791 §5.3.2.1
    ├── CalendarObjectTooLargeError  CALDAV:max-resource-size, RFC 4791 §5.3.2.1
    ├── TooManyInstancesError    CALDAV:max-instances, RFC 4791 §5.3.2.1
    ├── CalendarUidConflictError  CALDAV:no-uid-conflict with the other's href, RFC 4791 §5.3.2.1
    ├── NoParentError            409: the collection above is not there, RFC 4918 §9.7.1
    ├── ResourceExistsError      DAV:resource-must-be-null, RFC 4791 §5.3.1.2
    ├── InvalidResourceTypeError  DAV:valid-resourcetype, RFC 5689 §3.3
    ├── QuotaExceededError       DAV:quota-not-exceeded, RFC 4331 §6
    ├── TooManyRefusedError      more refused writes in an hour than a device may make (HTTP 429)
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


class PreconditionFailedError(DavError):
    """If-Match, If-None-Match or Overwrite says another state than there is (RFC 9110 §13.1, RFC 4918 §10.6)."""


class TooManyMatchesError(DavError):
    """More hrefs or matches than one request may ask for (RFC 6352 §8.6.2)."""


class InvalidAddressDataError(DavError):
    """What was sent is no card that we take (RFC 6352 §6.3.2.1)."""


class ResourceTooLargeError(DavError):
    """A card has more bytes than one may have (RFC 6352 §6.3.2.1)."""


class UidConflictError(DavError):
    """Another card of the collection has the UID (RFC 6352 §6.3.2.1)."""

    def __init__(self, href: str) -> None:
        super().__init__()
        self.href = href


class InvalidCalendarDataError(DavError):
    """What was sent is no calendar object that we take (RFC 4791 §5.3.2.1)."""


class UnsupportedCalendarDataError(DavError):
    """A media type that no calendar of ours holds (RFC 4791 §5.3.2.1)."""


class UnsupportedComponentError(DavError):
    """A kind of component that this calendar does not hold (RFC 4791 §5.3.2.1)."""


class CalendarObjectTooLargeError(DavError):
    """A calendar object has more bytes than one may have (RFC 4791 §5.3.2.1)."""


class TooManyInstancesError(DavError):
    """A recurrence would have more instances, or cost more to look through, than one may (RFC 4791 §5.3.2.1)."""


class CalendarUidConflictError(UidConflictError):
    """Another object of the calendar has the UID (RFC 4791 §5.3.2.1)."""


class NoParentError(DavError):
    """The collection in which something is to be made does not exist (RFC 4918 §9.3.1, §9.7.1)."""


class ResourceExistsError(DavError):
    """A calendar is to be made where something is already (RFC 4791 §5.3.1.2)."""


class InvalidResourceTypeError(DavError):
    """A collection of a type that we do not have is to be made (RFC 5689 §3.3)."""


class QuotaExceededError(DavError):
    """More collections, items or properties than one account may keep (RFC 4331 §6)."""


class TooManyRefusedError(DavError):
    """More refused writes than one device may make in an hour; ``retry_after`` in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


class NotVisibleError(DavError):
    """Never existed, not yours, blocked and erased are one answer."""
