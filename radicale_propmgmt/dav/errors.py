"""What each refusal is on the wire: one table from class to status and precondition (RFC 4918 §16).

No body of ours quotes anything of the request; the only values are hrefs and the privilege of DAV:need-privileges.
"""

from __future__ import annotations

from typing import NamedTuple

from radicale_propmgmt.accounts.errors import NotAuthenticatedError, TooManyFailuresError
from radicale_propmgmt.domain.errors import (
    BadRequestError,
    CalendarObjectTooLargeError,
    CalendarUidConflictError,
    ConfigError,
    DavError,
    FiniteDepthError,
    InvalidAddressDataError,
    InvalidCalendarDataError,
    InvalidResourceTypeError,
    InvalidSyncTokenError,
    NeedPrivilegesError,
    NoParentError,
    NotFoundError,
    NotVisibleError,
    PreconditionFailedError,
    PropmgmtError,
    QuotaExceededError,
    RefusedError,
    ResourceExistsError,
    ResourceTooLargeError,
    TooManyInstancesError,
    TooManyMatchesError,
    TooManyRefusedError,
    UidConflictError,
    UnavailableError,
    UnsupportedAddressDataError,
    UnsupportedCalendarDataError,
    UnsupportedCollationError,
    UnsupportedComponentError,
    UnsupportedFilterError,
    UnsupportedReportError,
    UsageError,
)

from .names import DECLARATIONS, XML_HEAD, Name, caldav, carddav, dav, element, href_element
from .responses import Response

CHALLENGE = ("WWW-Authenticate", 'Basic realm="propmgmt", charset="UTF-8"')


class ForeignHomeError(DavError):
    """Outside the own home everything is one answer, existing or not."""


class MethodNotAllowedError(DavError):
    """A method that no resource of ours has (RFC 9110 §15.5.6)."""


class RequestTooLargeError(DavError):
    """A body larger than this method may have (RFC 9110 §15.5.14)."""


class UriTooLongError(DavError):
    """A URI longer than any of ours (RFC 9110 §15.5.15)."""


class HeadersTooLargeError(DavError):
    """More or longer header fields than any client sends (RFC 6585 §5)."""


class UnsupportedMediaTypeError(DavError):
    """A body in a coding, charset or media type we do not read (RFC 9110 §15.5.16)."""


class ForeignDestinationError(DavError):
    """COPY or MOVE to another server (RFC 4918 §9.8.5)."""


class Answer(NamedTuple):
    """Status and, where an RFC names one, the precondition that failed."""

    status: int
    precondition: Name | None = None


ANSWERS: dict[type[PropmgmtError], Answer] = {
    BadRequestError: Answer(400),
    InvalidSyncTokenError: Answer(403, dav("valid-sync-token")),
    FiniteDepthError: Answer(403, dav("propfind-finite-depth")),
    UnsupportedReportError: Answer(403, dav("supported-report")),
    UnsupportedFilterError: Answer(403, carddav("supported-filter")),
    UnsupportedCollationError: Answer(403, carddav("supported-collation")),
    UnsupportedAddressDataError: Answer(403, carddav("supported-address-data")),
    NeedPrivilegesError: Answer(403, dav("need-privileges")),
    ForeignHomeError: Answer(403, dav("need-privileges")),
    TooManyMatchesError: Answer(403, dav("number-of-matches-within-limits")),
    InvalidAddressDataError: Answer(403, carddav("valid-address-data")),
    ResourceTooLargeError: Answer(403, carddav("max-resource-size")),
    UidConflictError: Answer(409, carddav("no-uid-conflict")),
    InvalidCalendarDataError: Answer(403, caldav("valid-calendar-data")),
    UnsupportedCalendarDataError: Answer(403, caldav("supported-calendar-data")),
    UnsupportedComponentError: Answer(403, caldav("supported-calendar-component")),
    CalendarObjectTooLargeError: Answer(403, caldav("max-resource-size")),
    TooManyInstancesError: Answer(403, caldav("max-instances")),
    CalendarUidConflictError: Answer(409, caldav("no-uid-conflict")),
    NoParentError: Answer(409),
    ResourceExistsError: Answer(403, dav("resource-must-be-null")),
    InvalidResourceTypeError: Answer(403, dav("valid-resourcetype")),
    QuotaExceededError: Answer(507, dav("quota-not-exceeded")),
    ForeignDestinationError: Answer(502),
    NotVisibleError: Answer(404),
    MethodNotAllowedError: Answer(405),
    PreconditionFailedError: Answer(412),
    RequestTooLargeError: Answer(413),
    UriTooLongError: Answer(414),
    UnsupportedMediaTypeError: Answer(415),
    HeadersTooLargeError: Answer(431),
    NotAuthenticatedError: Answer(401),
    TooManyFailuresError: Answer(429),
    TooManyRefusedError: Answer(429),
    UnavailableError: Answer(503),
    RefusedError: Answer(403),
    UsageError: Answer(400),
    NotFoundError: Answer(404),
    ConfigError: Answer(500),
}

_TEXTS = {400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 405: "Method Not Allowed", 500: "Server Error"}


def find_answer(error: PropmgmtError) -> Answer:
    """Find the answer of a refusal's class or of its nearest parent that has one."""
    return next((ANSWERS[cls] for cls in type(error).__mro__ if cls in ANSWERS), Answer(500))


def answer_refusal(error: PropmgmtError) -> Response:
    """Turn a refusal into its response."""
    answer = find_answer(error)
    headers: list[tuple[str, str]] = []
    if isinstance(error, UnavailableError | TooManyFailuresError | TooManyRefusedError):
        headers.append(("Retry-After", str(max(1, error.retry_after))))
    if isinstance(error, NotAuthenticatedError):
        headers.append(CHALLENGE)
    if answer.precondition is None:
        return plain(answer.status, *headers)
    content = _content(error)
    body = f"{XML_HEAD}<D:error {DECLARATIONS}>{element(answer.precondition, content)}</D:error>\n"
    headers.insert(0, ("Content-Type", "application/xml; charset=utf-8"))
    return Response(answer.status, headers, body.encode())


def _content(error: PropmgmtError) -> str:
    if isinstance(error, NeedPrivilegesError):
        return _privileges_needed(error)
    return href_element(error.href) if isinstance(error, UidConflictError) else ""


def _privileges_needed(error: NeedPrivilegesError) -> str:
    """Write the resource and privilege (RFC 3744 §7.1.1).

    <!ELEMENT need-privileges (resource)* >  <!ELEMENT resource ( href , privilege ) >
    """
    privilege = element(dav("privilege"), element(dav(error.privilege)))
    return element(dav("resource"), href_element(error.href) + privilege)


def plain(status: int, *headers: tuple[str, str]) -> Response:
    """Answer with a constant text."""
    text = _TEXTS.get(status, "The request cannot be answered.")
    return Response(status, [("Content-Type", "text/plain; charset=utf-8"), *headers], f"{text}\n".encode())
