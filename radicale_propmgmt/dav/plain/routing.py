"""Which requests concern collections of one's own, and who answers them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from radicale_propmgmt.dav.refusals import refuse_write
from radicale_propmgmt.domain.collections import INBOX_SEGMENT, is_collection
from radicale_propmgmt.projection import due

from .context import Plain
from .listing import answer_get, answer_propfind
from .making import answer_mkcalendar, answer_mkcol
from .moving import answer_transfer
from .proppatch import answer_proppatch
from .reports import answer_report
from .writing import answer_delete, answer_post, answer_put

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from radicale_propmgmt.dav.handling import Handling
    from radicale_propmgmt.dav.request import Path
    from radicale_propmgmt.dav.responses import Response

_HANDLERS: Mapping[str, Callable[[Plain], Response]] = {
    "PROPFIND": answer_propfind,
    "REPORT": answer_report,
    "GET": answer_get,
    "HEAD": answer_get,
    "MKCOL": answer_mkcol,
    "MKCALENDAR": answer_mkcalendar,
    "PUT": answer_put,
    "POST": answer_post,
    "DELETE": answer_delete,
    "COPY": answer_transfer,
    "MOVE": answer_transfer,
}
_READS = frozenset({"PROPFIND", "REPORT", "GET", "HEAD"})


def is_plain(path: Path) -> bool:
    """Tell whether a path of a home lies where collections of one's own do, whether or not there is one."""
    return len(path.segments) > 1 and is_collection(path.segments[1])


def answer_plain(handling: Handling, *, personal_books: bool) -> Response:
    """Answer a request on such a path."""
    method = handling.request.method
    if method == "PROPPATCH":
        return answer_proppatch(handling)
    answer = _HANDLERS.get(method)
    if handling.request.path.segments[1] == INBOX_SEGMENT:
        answer = answer if method in _READS else None
        due.ensure_current(handling.database, handling.request.viewer.audience_id)  # a right to review may end today
    if answer is None:
        raise refuse_write(handling.request)
    return answer(Plain(handling=handling, personal_books=personal_books))
