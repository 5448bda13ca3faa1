"""Multistatus bodies as text in pieces (RFC 4918 §13): no element tree, no work per row but joining.

<!ELEMENT multistatus (response*, responsedescription?, sync-token?) >
<!ELEMENT response (href, ((href*, status)|(propstat+)), error?, responsedescription? , location?) >
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from radicale_propmgmt.projection.reading import CardRow

from .hrefs import quote_name
from .names import ADDRESS_DATA, DECLARATIONS, XML_HEAD, Name, element, escape, href_element
from .properties import Selected

OPENING = f"{XML_HEAD}<D:multistatus {DECLARATIONS}>\n"
CLOSING = "</D:multistatus>\n"
CONTENT_TYPE = ("Content-Type", "application/xml; charset=utf-8")

_GONE = "</D:href><D:status>HTTP/1.1 404 Not Found</D:status></D:response>\n"
_OK = "</D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>"
_MISSING = "</D:prop><D:status>HTTP/1.1 404 Not Found</D:status></D:propstat>"
_PLAIN_NAMES = re.compile(r"[0-9A-Za-z._-]*")
_CONTROLS = bytes(sorted({*range(1, 32), 127} - {9, 10, 13}))
_NO_CHARACTERS = str.maketrans("", "", "\ufffe\uffff")


def multistatus(pieces: Iterable[str], tail: str = "") -> Iterator[bytes]:
    """Wrap responses into a body that is sent piece by piece; ``tail`` stands after them (sync-token)."""
    yield OPENING.encode()
    for piece in pieces:
        yield piece.encode()
    yield f"{tail}{CLOSING}".encode()


def _missing_propstat(missing: Sequence[Name], *, minimal: bool) -> str:
    return "" if minimal or not missing else f"<D:propstat><D:prop>{''.join(map(element, missing))}{_MISSING}"


def response(href: str, selected: Selected, *, minimal: bool = False) -> str:
    """Write the response of one resource; 200 stands first: Thunderbird looks at the first status only."""
    missing = _missing_propstat(selected.missing, minimal=minimal)
    found = f"<D:propstat><D:prop>{selected.found}{_OK}" if selected.found or not missing else ""
    return f"<D:response>{href_element(href)}{found}{missing}</D:response>\n"


def gone(hrefs: Iterable[str]) -> str:
    """Write responses of hrefs, as a client wrote them, that name nothing it may see."""
    return "".join([f"<D:response><D:href>{escape(href)}{_GONE}" for href in hrefs])


def more_to_come(href: str) -> str:
    """Write the response on a collection whose answer was cut (RFC 6578 §3.6, RFC 6352 §8.6.2)."""
    return (
        f"<D:response>{href_element(href)}<D:status>HTTP/1.1 507 Insufficient Storage</D:status>"
        "<D:error><D:number-of-matches-within-limits/></D:error></D:response>\n"
    )


@dataclass(frozen=True, slots=True)
class CardTemplate:
    """The response of a card, ready but for href, etag and data: a row costs one f-string."""

    before: str
    after_href: str
    after_etag: str
    after_data: str
    with_etag: bool
    with_data: bool

    @classmethod
    def build(cls, base: str, selected: Selected, *, minimal: bool = False, version: str | None = None) -> CardTemplate:
        """Build it for one book and one selection; ``version`` is that of the address data, None = without."""
        missing = tuple(name for name in selected.missing if version is None or name != ADDRESS_DATA)
        data = "" if version in {None, "3.0"} else f' content-type="text/vcard" version="{version}"'
        etag_open, etag_close = ('<D:getetag>"', '"</D:getetag>') if selected.with_etag else ("", "")
        data_open, data_close = (f"<CR:address-data{data}>", "</CR:address-data>") if version else ("", "")
        return cls(
            before=f"<D:response><D:href>{escape(base)}",
            after_href=f"</D:href><D:propstat><D:prop>{selected.found}{etag_open}",
            after_etag=f"{etag_close}{data_open}",
            after_data=f"{data_close}{_OK}{_missing_propstat(missing, minimal=minimal)}</D:response>\n",
            with_etag=selected.with_etag,
            with_data=version is not None,
        )

    def write(self, rows: Sequence[CardRow], texts: Mapping[int, str] | None = None) -> str:
        """Write the responses of rows; a row without etag or, where data is asked, without text is gone."""
        rows = _encoded(rows)
        a, b, c, d = self.before, self.after_href, self.after_etag, self.after_data
        if texts is None:
            cd = c + d
            if self.with_etag:
                made = [f"{a}{r[0]}{b}{r[1]}{cd}" if r[1] is not None else f"{a}{r[0]}{_GONE}" for r in rows]
            else:
                bcd = b + cd
                made = [f"{a}{r[0]}{bcd if r[1] is not None else _GONE}" for r in rows]
            return "".join(made)
        made = []
        for href, etag, rendition_id, _, _ in rows:
            text = None if etag is None or rendition_id is None else texts.get(rendition_id)
            if text is None:
                made.append(f"{a}{href}{_GONE}")
            else:
                made.append(f"{a}{href}{b}{etag if self.with_etag else ''}{c}{text}{d}")
        return "".join(made)


def _encoded(rows: Sequence[CardRow]) -> Sequence[CardRow]:
    """Percent-encode names; ours hold nothing that needs it, which one look at all of them tells."""
    if _PLAIN_NAMES.fullmatch("".join([row[0] for row in rows])):
        return rows
    return [row._replace(href=escape(quote_name(row.href))) for row in rows]


def escape_bodies(bodies: Mapping[int, bytes]) -> dict[int, str]:
    """Escape cards for element content, all in one go; what XML 1.0 cannot carry is dropped."""
    joined = b"\0".join(bodies.values())
    parts = _escape_text(joined).split("\0")
    if len(parts) != len(bodies):
        parts = [_escape_text(body.replace(b"\0", b"")) for body in bodies.values()]
    return dict(zip(bodies, parts, strict=True))


def _escape_text(data: bytes) -> str:
    text = data.translate(None, _CONTROLS).decode("utf-8", "replace")
    if "\ufffe" in text or "\uffff" in text:
        text = text.translate(_NO_CHARACTERS)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")
