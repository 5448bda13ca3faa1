"""What the doubles of client programs have in common: what they keep, and how a multistatus is read.

A double does what its program does, in the program's order and with its own tests on the answers; where the program
would show its user an error, the double raises ``ClientError``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar
from xml.etree import ElementTree as ET

from tests.clients.demo_world import DemoWorld
from tests.clients.wire import CARD, DAV, Wire
from tests.support.dav import Answer


class ClientError(AssertionError):
    """The real program would give up here."""


@dataclass
class Shelf:
    """One book as a device keeps it: href → ETag, href → body, and where it stands."""

    etags: dict[str, str] = field(default_factory=dict)
    bodies: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def put(self, href: str, etag: str, body: str) -> None:
        self.etags[href] = etag
        self.bodies[href] = body

    def drop(self, href: str) -> None:
        self.etags.pop(href, None)
        self.bodies.pop(href, None)


class Double(ABC):
    """One device with one account."""

    HEADERS: ClassVar[dict[str, str]]
    #: The vCard version in which it asks for cards.
    VERSION: ClassVar[str] = "3.0"

    def __init__(self, world: DemoWorld, login: str) -> None:
        self.wire = Wire.of(world, login, self.HEADERS, layout="everything")
        self.shelves: dict[str, Shelf] = {}
        self.names: dict[str, str] = {}
        self.writable: dict[str, bool] = {}

    @abstractmethod
    def discover(self) -> None:
        """Find the account's books from the server's address alone, and subscribe to all that are offered."""

    @abstractmethod
    def sync_book(self, book: str, shelf: Shelf) -> None:
        """Bring one book up to date."""

    def sync(self) -> None:
        for book, shelf in self.shelves.items():
            self.sync_book(book, shelf)

    def subscribe(self, book: str, name: str, *, writable: bool) -> None:
        self.shelves.setdefault(book, Shelf())
        self.names[book] = name
        self.writable[book] = writable

    def ask_challenged(self, method: str, path: str, body: str = "", **headers: str) -> Answer:
        """Ask without credentials first, as programs do that wait for the challenge."""
        answer = self.wire.ask(method, path, body, is_known=False, **headers)
        if answer.status != 401:
            return answer
        need("basic" in answer.headers["www-authenticate"].lower(), "no Basic challenge")
        return self.wire.ask(method, path, body, **headers)

    def follow_well_known(self, body: str) -> Answer:
        """PROPFIND the well-known address without credentials, and go with the same method where it points."""
        answer = self.wire.ask("PROPFIND", "/.well-known/carddav", body, is_known=False, Depth="0")
        need(answer.status == 301, "the well-known address does not redirect")
        return self.ask_challenged("PROPFIND", answer.headers["location"], body, Depth="0")


def need(holds: object, why: str) -> None:
    """Give up where the real program would."""
    if not holds:
        raise ClientError(why)


def responses(answer: Answer) -> Iterator[tuple[str, ET.Element]]:
    need(answer.status == 207, f"status {answer.status}")
    for element in answer.xml.iter(f"{DAV}response"):
        yield element.findtext(f"{DAV}href", ""), element


def found(response: ET.Element) -> ET.Element:
    """The properties told with 200; an empty element where there are none."""
    for propstat in response.iter(f"{DAV}propstat"):
        if " 200 " in propstat.findtext(f"{DAV}status", ""):
            return propstat.find(f"{DAV}prop")
    return ET.Element("nothing")


def is_gone(response: ET.Element) -> bool:
    """Whether the response as a whole, not one of its properties, says 404."""
    return response.findtext(f"{DAV}status", "").startswith("HTTP/1.1 404")


def href_in(answer: Answer, prop: str) -> str:
    """The address that the first response's property holds."""
    for _, response in responses(answer):
        href = found(response).findtext(f"{prop}/{DAV}href")
        need(href, f"no {prop}")
        return href
    raise ClientError("no response")


def is_book(prop: ET.Element) -> bool:
    return prop.find(f"{DAV}resourcetype/{CARD}addressbook") is not None


def privileges(prop: ET.Element) -> set[str] | None:
    """Local names of the privileges; None where the server tells none."""
    told = prop.find(f"{DAV}current-user-privilege-set")
    if told is None:
        return None
    return {right.tag.removeprefix(DAV) for privilege in told for right in privilege}
