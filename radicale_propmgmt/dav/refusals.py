"""Methods that change something: refused by right, before any look-up, so that no answer tells what exists."""

from __future__ import annotations

from radicale_propmgmt.domain.errors import NeedPrivilegesError

from .hrefs import write_href
from .request import Request

#: Method → the privilege it lacks, and whether that is one on the collection above (RFC 3744 Appendix B).
_LACKING: dict[str, tuple[str, bool]] = {
    "PUT": ("write-content", False),
    "DELETE": ("unbind", True),
    "MOVE": ("unbind", True),
    "COPY": ("bind", True),
    "MKCOL": ("bind", True),
    "MKCALENDAR": ("bind", True),
    "POST": ("bind", False),
    "PROPPATCH": ("write-properties", False),
    "PATCH": ("write-content", False),
    "LOCK": ("write-content", False),
    "UNLOCK": ("unlock", False),
    "ACL": ("write-acl", False),
}


def refuse_write(request: Request) -> NeedPrivilegesError:
    """Make the refusal of a write: clients read it as "read-only" and drop their edit (RFC 3744 §7.1.1)."""
    privilege, of_parent = _LACKING[request.method]
    segments, slashed = request.path.segments, request.path.is_slashed
    if of_parent:
        segments, slashed = segments[:-1], True
    return NeedPrivilegesError(write_href(*segments, is_collection=slashed), privilege)
