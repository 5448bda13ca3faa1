"""Client programs that write: what each sends for an edit or a deletion, and what it does with the answer.

Each stands on the double that reads (``tests.clients.doubles``): composition, since reading is the same. Where the
program would show its user an error and go on, ``errors`` holds the status; where it would stop, ``ClientError``.
"""

from __future__ import annotations

import uuid
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

from tests.clients.doubles.apple import IosContacts, MacContacts
from tests.clients.doubles.base import ClientError, Double, Shelf
from tests.clients.doubles.davx5 import Davx5
from tests.clients.doubles.evolution import Evolution
from tests.clients.doubles.outlook import Outlook, OutlookWithCollectionSync
from tests.clients.doubles.thunderbird import Thunderbird
from tests.support.dav import Answer, make_application
from tests.support.world import World

DONE = {200, 201, 204}


@dataclass
class Site:
    """What a double wants of an installation."""

    world: World
    password_of: Any

    def __post_init__(self) -> None:
        self.application = make_application(self.world)

    def password(self, login: str, layout: str | None = None) -> str:
        return self.password_of(login)


class Kdav(Evolution):
    """KAddressBook reads as Evolution does: ctag, listing, multiget."""

    HEADERS: ClassVar = {
        "Content-Type": "application/xml; charset=utf-8",
        "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) KDE DAV groupware client",
    }


class Vdirsyncer(Evolution):
    HEADERS: ClassVar = {"Content-Type": "application/xml; charset=UTF-8", "User-Agent": "vdirsyncer/0.21"}


class Writer(ABC):
    """One device, one book, what its user did since the last sync, and how often it wrote."""

    kind: ClassVar[type[Double]]

    def __init__(self, site: Site, login: str, book: str) -> None:
        self.site, self.login, self.book = site, login, book
        self.device = self.kind(site, login)
        self.device.subscribe(book, "", writable=True)
        self.dirty: set[str] = set()
        self.removed: dict[str, str] = {}
        self.errors: list[int] = []
        self.writes = 0
        self.device.sync()

    @property
    def shelf(self) -> Shelf:
        return self.device.shelves[self.book]

    def edit(self, href: str, old: str, new: str) -> None:
        body = self.shelf.bodies[href]
        assert body.count(old) == 1, body
        self.shelf.bodies[href] = body.replace(old, new)
        self.dirty.add(href)

    def delete(self, href: str) -> None:
        self.removed[href] = self.shelf.etags[href]
        self.shelf.drop(href)

    def send(self, method: str, href: str, body: str = "", **headers: str) -> Answer:
        self.writes += 1
        given = {"Content_Type": "text/vcard; charset=utf-8", **headers} if body else headers
        return self.device.wire.ask(method, href, body.replace("\r\n", "\n").replace("\n", "\r\n"), **given)

    def upload(self) -> None:
        for href, etag in self.removed.items():
            self.remove(href, etag)
        self.removed.clear()
        for href in sorted(self.dirty):
            self.put(href, self.shelf.bodies[href])
        self.dirty.clear()

    def round(self) -> None:
        self.upload()
        self.device.sync()

    def until_quiet(self) -> None:
        """Sync until nothing is sent and nothing comes any more; real programs would go on for ever otherwise."""
        for _ in range(6):
            before = (self.writes, dict(self.shelf.bodies), dict(self.shelf.etags))
            self.round()
            if before == (self.writes, self.shelf.bodies, self.shelf.etags) and not self.dirty:
                return
        raise ClientError("it never comes to rest")

    def accepted(self, href: str, answer: Answer) -> None:
        """Keep the ETag that was told; without one the next sync fetches the card."""
        self.shelf.etags[href] = answer.headers.get("etag", "")

    @abstractmethod
    def put(self, href: str, body: str) -> None:
        """Send an edit."""

    def remove(self, href: str, etag: str) -> None:
        """Send a deletion; most programs do not look at what it is answered."""
        self.send("DELETE", href, If_Match=etag)


class Davx5Writer(Writer):
    """Upload first; 404 and 410 mean "gone": again as new; a refusal must say need-privileges (clients.md §1.2)."""

    kind = Davx5

    def put(self, href: str, body: str) -> None:
        answer = self.send("PUT", href, body, If_Match=self.shelf.etags[href])
        if answer.status in {404, 410}:
            answer = self.send("PUT", href, body, If_None_Match="*")
        if answer.status in DONE:
            self.accepted(href, answer)
        elif not (answer.status in {409, 412} or (answer.status == 403 and answer.has("D:need-privileges"))):
            raise ClientError(f"hard error at every sync: {answer.status}")


class KdavWriter(Writer):
    """412, and the card is not there any more: made anew (clients.md §1.6)."""

    kind = Kdav

    def put(self, href: str, body: str) -> None:
        answer = self.send("PUT", href, body, If_Match=self.shelf.etags[href])
        if answer.status == 412:
            found = self.device.wire.ask("GET", href)
            if found.status == 200:
                self.shelf.put(href, found.headers["etag"], found.body.decode())
                return
            answer = self.send("PUT", href, body, If_None_Match="*")
        if answer.status in DONE:
            self.accepted(href, answer)
        else:
            self.errors.append(answer.status)


class ThunderbirdWriter(Writer):
    """No precondition ever; a multiget after each PUT; a refused edit stays until the ETag moves (clients.md §1.5)."""

    kind = Thunderbird

    def put(self, href: str, body: str) -> None:
        answer = self.send("PUT", href, body)
        if answer.status in DONE:
            self.device._take(self.shelf, self.device._multiget(self.book, [href]))
        else:
            self.errors.append(answer.status)

    def remove(self, href: str, etag: str) -> None:
        self.send("DELETE", href)


class OutlookWriter(Writer):
    """Two-way with "Outlook wins": what is gone on the server is made anew, with a new UID (domain.md §4.2)."""

    kind = Outlook

    def put(self, href: str, body: str) -> None:
        answer = self.send("PUT", href, body, If_Match=self.shelf.etags[href])
        if answer.status in DONE:
            self.accepted(href, answer)
        elif answer.status in {404, 412}:
            self._resolve(href, body)
        else:
            self.errors.append(answer.status)

    def _resolve(self, href: str, body: str) -> None:
        if self.device.wire.ask("GET", href).status == 200:
            return  # changed on both sides: the server's comes with the next listing
        guid = str(uuid.uuid4())
        lines = [f"UID:{guid}" if line.startswith("UID:") else line for line in body.split("\n")]
        self.shelf.drop(href)
        answer = self.send("PUT", f"{self.book}{guid}.vcf", "\n".join(lines), If_None_Match="*")
        if answer.status in DONE:
            self.shelf.put(answer.headers.get("location", f"{self.book}{guid}.vcf"), "", "\n".join(lines))
        else:
            self.errors.append(answer.status)


class OutlookSyncWriter(OutlookWriter):
    kind = OutlookWithCollectionSync


class AppleWriter(Writer):
    """A refused PUT or DELETE stops the account (Radicale #1112); 204 without ETag: the card is fetched again."""

    kind = IosContacts

    def put(self, href: str, body: str) -> None:
        answer = self.send("PUT", href, body, If_Match=self.shelf.etags[href])
        if answer.status in DONE:
            self.accepted(href, answer)
        elif answer.status != 412:
            raise ClientError(f"the account stops syncing: {answer.status}")

    def remove(self, href: str, etag: str) -> None:
        answer = self.send("DELETE", href, If_Match=etag)
        if answer.status not in {*DONE, 404, 412}:
            raise ClientError(f"the account stops syncing: {answer.status}")


class MacWriter(AppleWriter):
    kind = MacContacts


class EvolutionWriter(Writer):
    """Writes at once and without a precondition; what is refused never was (clients.md §1.6)."""

    kind = Evolution

    def put(self, href: str, body: str) -> None:
        answer = self.send("PUT", href, body, **self.condition(href))
        if answer.status not in DONE:
            self.errors.append(answer.status)
        self.shelf.etags[href] = ""  # its cache is what the server says; the ctag makes it ask
        self.shelf.token = ""

    def condition(self, href: str) -> dict[str, str]:
        return {}

    def remove(self, href: str, etag: str) -> None:
        self.send("DELETE", href)
        self.shelf.token = ""


class CarefulEvolutionWriter(EvolutionWriter):
    """With CONFLICT_FAIL, as its calendar alarm and merge dialogues ask for."""

    def condition(self, href: str) -> dict[str, str]:
        return {"If_Match": self.shelf.etags[href]}


class VdirsyncerWriter(Writer):
    """Compares both sides first: gone there and changed here is uploaded anew; changed on both: the server wins."""

    kind = Vdirsyncer

    def put(self, href: str, body: str) -> None:
        etag = self.shelf.etags[href]
        found = self.device.wire.ask("GET", href)
        if found.status == 404:
            answer = self.send("PUT", href, body, If_None_Match="*")
        elif found.headers["etag"] != etag:
            return
        else:
            answer = self.send("PUT", href, body, If_Match=etag)
        if answer.status in DONE:
            self.accepted(href, answer)
        else:
            self.errors.append(answer.status)


WRITERS: list[type[Writer]] = [
    *(Davx5Writer, KdavWriter, ThunderbirdWriter, OutlookWriter, OutlookSyncWriter, AppleWriter, MacWriter),
    *(EvolutionWriter, CarefulEvolutionWriter, VdirsyncerWriter),
]
