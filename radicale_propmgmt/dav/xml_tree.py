"""Request bodies as small trees: expat with caps, fed as the bytes arrive (RFC 4918 §20.6).

No DTD, no entity but the five of XML, no processing instruction, UTF-8 only. Hrefs of a multiget do not become
elements: they are texts of their parent, so that 100,000 of them cost what their bytes cost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from radicale_propmgmt.domain.errors import BadRequestError, TooManyMatchesError

from .names import Name, dav

DEPTH = 32
ELEMENTS = 1000
ATTRIBUTES = 64
HREFS = 100_000
TEXT = 64 * 1024  # characters inside one element; a token or a search text is far shorter
#: Bytes without a tag or text: expat before 2.6 reads an unfinished token anew with every piece (CVE-2023-52425).
QUIET = 256 * 1024
_SEPARATOR = " "  # stands in no local name
_HREF = _SEPARATOR.join(dav("href"))  # as expat names it
_ENCODINGS = frozenset({"utf-8", "utf8", "us-ascii"})


@dataclass(slots=True)
class Element:
    """One element; ``hrefs`` are the texts of its DAV:href children, in order."""

    name: Name
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element] = field(default_factory=list)
    hrefs: list[str] = field(default_factory=list)
    text: str = ""

    def find(self, name: Name) -> Element | None:
        """Find the first child of a name."""
        return next((child for child in self.children if child.name == name), None)

    def find_all(self, name: Name) -> Iterator[Element]:
        """Find all children of a name."""
        return (child for child in self.children if child.name == name)


def read_tree(chunks: Iterable[bytes]) -> Element | None:
    """Parse one document.

    Returns:
        Its root, or None for an empty body.

    Raises:
        BadRequestError: Not well-formed, not UTF-8, or beyond a cap.
        TooManyMatchesError: More hrefs than one request may ask for.
    """
    builder = _Builder()
    try:
        for chunk in chunks:
            builder.feed(chunk)
        return builder.close()
    except (expat.ExpatError, ValueError, LookupError):
        raise BadRequestError("the body is no well-formed XML in UTF-8") from None


class _Builder:
    def __init__(self) -> None:
        self._parser = expat.ParserCreate("utf-8", _SEPARATOR)
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._data
        self._parser.XmlDeclHandler = _check_declaration
        self._parser.StartDoctypeDeclHandler = _forbid
        self._parser.EntityDeclHandler = _forbid
        self._parser.ProcessingInstructionHandler = _forbid
        self._open: list[Element] = []
        self._root: Element | None = None
        self._count = self._hrefs = self._quiet = 0
        self._href: list[str] | None = None
        self._any = False

    def feed(self, chunk: bytes) -> None:
        if b"\0" in chunk:  # expat recognises UTF-16 whatever it was told
            raise BadRequestError("only UTF-8 is read")
        if chunk:
            self._any = True
            self._quiet += len(chunk)
            self._parser.Parse(chunk, False)  # noqa: FBT003 - expat takes it by position
            if self._quiet > QUIET:
                raise BadRequestError("too long a token")

    def close(self) -> Element | None:
        if not self._any:
            return None
        self._parser.Parse(b"", True)  # noqa: FBT003 - expat takes it by position
        return self._root

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._quiet = 0
        if self._href is not None:
            raise BadRequestError("an element inside a href")
        if len(attributes) > ATTRIBUTES:
            raise BadRequestError("too many attributes")
        if tag == _HREF and self._open:
            self._hrefs += 1
            if self._hrefs > HREFS:
                raise TooManyMatchesError
            self._href = []
            return
        self._count += 1
        if self._count > ELEMENTS or len(self._open) >= DEPTH:
            raise BadRequestError("too many elements or levels")
        namespace, _, local = tag.rpartition(_SEPARATOR)
        made = Element(Name(namespace, local), attributes)
        if self._open:
            self._open[-1].children.append(made)
        else:
            self._root = made
        self._open.append(made)

    def _end(self, _tag: str) -> None:
        if self._href is not None:
            self._open[-1].hrefs.append("".join(self._href).strip())
            self._href = None
        else:
            self._open.pop()

    def _data(self, text: str) -> None:
        self._quiet = 0
        if self._href is not None:
            self._href.append(text)
        elif self._open:
            held = self._open[-1]
            if len(held.text) + len(text) <= TEXT:
                held.text += text
            elif not text.isspace():
                raise BadRequestError("too long a text")


def _check_declaration(_version: str, encoding: str | None, _standalone: int) -> None:
    if encoding is not None and encoding.lower() not in _ENCODINGS:
        raise BadRequestError("only UTF-8 is read")


def _forbid(*_args: object) -> None:
    raise BadRequestError("document types, entities and processing instructions are not read")
