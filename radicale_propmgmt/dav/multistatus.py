"""Multistatus bodies in pieces (RFC 4918 §13): no element tree, no work per row but joining.

<!ELEMENT multistatus (response*, responsedescription?, sync-token?) >
<!ELEMENT response (href, ((href*, status)|(propstat+)), error?, responsedescription? , location?) >
"""

from __future__ import annotations

import string
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
_PLAIN_NAME = (string.ascii_letters + string.digits + "._-").encode()
_CONTROLS = bytes(sorted({*range(1, 32), 127} - {9, 10, 13}))
_NO_CHARACTERS = ("\ufffe".encode(), "\uffff".encode())
_RARE_BYTE = b"\xef"  # with which both of them begin


def multistatus(pieces: Iterable[bytes], tail: str = "") -> Iterator[bytes]:
    """Wrap responses into a body that is sent piece by piece; ``tail`` stands after them (sync-token)."""
    yield OPENING.encode()
    yield from pieces
    yield f"{tail}{CLOSING}".encode()


def _missing_propstat(missing: Sequence[Name], *, minimal: bool) -> str:
    return "" if minimal or not missing else f"<D:propstat><D:prop>{''.join(map(element, missing))}{_MISSING}"


def response(href: str, selected: Selected, *, minimal: bool = False) -> bytes:
    """Write the response of one resource; 200 stands first: Thunderbird looks at the first status only."""
    missing = _missing_propstat(selected.missing, minimal=minimal)
    found = f"<D:propstat><D:prop>{selected.found}{_OK}" if selected.found or not missing else ""
    return f"<D:response>{href_element(href)}{found}{missing}</D:response>\n".encode()


def gone(hrefs: Iterable[str]) -> bytes:
    """Write responses of hrefs, as a client wrote them, that name nothing it may see."""
    return "".join([f"<D:response><D:href>{escape(href)}{_GONE}" for href in hrefs]).encode()


def more_to_come(href: str) -> bytes:
    """Write the response on a collection whose answer was cut (RFC 6578 §3.6, RFC 6352 §8.6.2)."""
    return (
        f"<D:response>{href_element(href)}<D:status>HTTP/1.1 507 Insufficient Storage</D:status>"
        "<D:error><D:number-of-matches-within-limits/></D:error></D:response>\n"
    ).encode()


@dataclass(frozen=True, slots=True)
class CardTemplate:
    """The response of a card, ready but for href, etag and data: a row costs one f-string, or a few bytes to join."""

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

    def write(self, rows: Sequence[CardRow]) -> bytes:
        """Write the responses of rows; a row without etag is gone."""
        rows = _encoded(rows)
        a, b, cd = self.before, self.after_href, self.after_etag + self.after_data
        if self.with_etag:
            made = [f"{a}{r[0]}{b}{r[1]}{cd}" if r[1] is not None else f"{a}{r[0]}{_GONE}" for r in rows]
        else:
            bcd = b + cd
            made = [f"{a}{r[0]}{bcd if r[1] is not None else _GONE}" for r in rows]
        return "".join(made).encode()

    def write_data(self, rows: Sequence[CardRow], bodies: Mapping[int, bytes]) -> bytes:
        """Write the responses of rows with address data; a row without etag or body is gone."""
        a, b = self.before.encode(), self.after_href.encode()
        c, d = self.after_etag.encode(), self.after_data.encode()
        texts = _escape_bodies(bodies)
        made: list[bytes] = []
        for href, etag, rendition_id, _, _ in _encoded(rows):
            text = None if etag is None or rendition_id is None else texts.get(rendition_id)
            if text is None or etag is None:
                made += (a, href.encode(), _GONE.encode())
            else:
                made += (a, href.encode(), b, etag.encode() if self.with_etag else b"", c, text, d)
        return b"".join(made)


def _encoded(rows: Sequence[CardRow]) -> Sequence[CardRow]:
    """Percent-encode names; ours hold nothing that needs it, which one look at all of them tells."""
    if not "".join([row[0] for row in rows]).encode().translate(None, _PLAIN_NAME):
        return rows
    return [row._replace(href=escape(quote_name(row.href))) for row in rows]


def _escape_bodies(bodies: Mapping[int, bytes]) -> dict[int, bytes]:
    """Escape cards for element content, all in one go; what XML 1.0 cannot carry is dropped."""
    parts = _escape_data(b"\0".join(bodies.values())).split(b"\0")
    if len(parts) != len(bodies):
        parts = [_escape_data(body.replace(b"\0", b"")) for body in bodies.values()]
    return dict(zip(bodies, parts, strict=True))


def _escape_data(data: bytes) -> bytes:
    data = data.translate(None, _CONTROLS)
    if _RARE_BYTE in data:
        for character in _NO_CHARACTERS:
            data = data.replace(character, b"")
    return data.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;").replace(b"\r", b"&#13;")
