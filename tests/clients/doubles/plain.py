"""A device that does what the RFCs say and nothing else: the judge of the others."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from tests.clients.demo_world import DemoWorld
from tests.clients.wire import Wire
from tests.support.dav import DECLARED, Answer, clark

#: A name that looks like that of a card, and of which no contact ever was.
NEVER_THERE = "99999999-0000-4000-8000-000000000000.vcf"


@dataclass
class PlainDevice:
    """Keeps ETags and one token per book; reads bodies by GET."""

    wire: Wire
    cards: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    last_delta: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, world: DemoWorld, login: str, layout: str | None = None) -> PlainDevice:
        headers = {"Content-Type": "application/xml; charset=utf-8", "User-Agent": "plain"}
        return cls(Wire.of(world, login, headers, layout))

    def _propfind(self, path: str, depth: str, *names: str) -> Answer:
        asked = "".join(f"<{name}/>" for name in names)
        body = f"<D:propfind {DECLARED}><D:prop>{asked}</D:prop></D:propfind>"
        answer = self.wire.ask("PROPFIND", path, body, Depth=depth)
        assert answer.status == 207, (path, answer.status)
        return answer

    def list_books(self) -> list[str]:
        answer = self._propfind(f"/{self.wire.login}/", "1", "D:resourcetype")
        return [
            href
            for href in answer.responses
            if answer.prop(href, "D:resourcetype").find(clark("CR:addressbook")) is not None
        ]

    def listing(self, book: str) -> dict[str, str]:
        """Href → ETag of a fresh listing."""
        return self._propfind(book, "1", "D:getetag").texts("D:getetag")

    def sync(self, book: str) -> None:
        answer = self.wire.ask(
            "REPORT",
            book,
            f"<D:sync-collection {DECLARED}><D:sync-token>{self.tokens.get(book, '')}</D:sync-token>"
            "<D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop></D:sync-collection>",
        )
        assert answer.status == 207, (book, answer.text)
        cards = self.cards.setdefault(book, {})
        self.last_delta = answer.statuses
        for href, status in answer.statuses.items():
            if status == "404":
                cards.pop(href, None)
            else:
                cards[href] = answer.prop(href, "D:getetag").text
        self.tokens[book] = answer.token

    def bodies(self, book: str) -> list[str]:
        """The texts of the cards that the device knows, each by GET; the ETag is the one it knows."""
        texts = []
        for href, etag in self.cards[book].items():
            answer = self.wire.ask("GET", href)
            assert (answer.status, answer.headers["etag"]) == (200, etag)
            texts.append(answer.body.decode())
        return texts

    def told_by_multiget(self, book: str, names: list[str]) -> dict[str, str]:
        """Name → the response about it, without the name."""
        hrefs = "".join(f"<D:href>{book}{name}</D:href>" for name in names)
        answer = self.wire.ask(
            "REPORT",
            book,
            f"<CR:addressbook-multiget {DECLARED}><D:prop><D:getetag/><CR:address-data/></D:prop>{hrefs}"
            "</CR:addressbook-multiget>",
        )
        told = {href.removeprefix(book): ET.tostring(r, "unicode") for href, r in answer.responses.items()}
        return {name: told[name].replace(name, "") for name in names}

    def found(self, book: str, *texts: str) -> list[str]:
        """Hrefs of the cards of which any searched property contains any of the texts."""
        matches = "".join(f"<CR:text-match>{text}</CR:text-match>" for text in texts)
        tests = "".join(
            f'<CR:prop-filter name="{name}" test="anyof">{matches}</CR:prop-filter>'
            for name in ("FN", "N", "ORG", "TEL", "EMAIL", "NOTE", "X-ABRELATEDNAMES")
        )
        answer = self.wire.ask(
            "REPORT",
            book,
            f'<CR:addressbook-query {DECLARED}><D:prop><D:getetag/></D:prop><CR:filter test="anyof">{tests}'
            "</CR:filter></CR:addressbook-query>",
            Depth="1",
        )
        assert answer.status == 207, answer.text
        return list(answer.responses)

    def answers_to(self, book: str, name: str) -> list[tuple[int, dict[str, str], str]]:
        """What every way of asking for one resource says about a card, without the name that was asked for."""
        href = book + name
        told = [
            self.wire.ask("GET", href),
            self.wire.ask("HEAD", href),
            self.wire.ask("PROPFIND", href, Depth="0"),
            self.wire.ask("GET", href, If_None_Match="*"),
        ]
        return [(answer.status, answer.headers, answer.text.replace(name, "")) for answer in told]

    def privileges(self, book: str) -> set[str]:
        answer = self._propfind(book, "0", "D:current-user-privilege-set")
        told = answer.prop(book, "D:current-user-privilege-set")
        return {right.tag.partition("}")[2] for privilege in told for right in privilege}

    def refusal_of_an_edit(self, book: str, name: str) -> tuple[int, str]:
        """Status and body of the answer to a PUT, without the name that was asked for."""
        card = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:1\r\nFN:Neu\r\nN:Neu;;;;\r\nEND:VCARD\r\n"
        answer = self.wire.ask("PUT", book + name, card, Content_Type="text/vcard")
        return answer.status, answer.text.replace(name, "")

    def everything_said_of(self, book: str) -> str:
        """All bytes of a listing, of a sync since the last time, and of the whole book."""
        listing = self._propfind(book, "1", "D:getetag", "D:displayname").text
        self.sync(book)
        download = self.wire.ask("GET", book)
        assert download.status == 200
        return "".join((listing, *self.last_delta, download.text))
