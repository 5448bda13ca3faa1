"""Thunderbird's own address book (recorded from 153.7.0esr)."""

from __future__ import annotations

from typing import ClassVar

from tests.clients.wire import CARD, DAV
from tests.support.dav import Answer

from .base import Double, Shelf, found, href_in, is_book, is_gone, need, privileges, responses

_SPACES = (
    'xmlns="DAV:" xmlns:card="urn:ietf:params:xml:ns:carddav" xmlns:cs="http://calendarserver.org/ns/" xmlns:d="DAV:"'
)
PRINCIPAL = '<propfind xmlns="DAV:"><prop><current-user-principal/></prop></propfind>'
HOME = (
    '<propfind xmlns="DAV:" xmlns:card="urn:ietf:params:xml:ns:carddav"><prop><card:addressbook-home-set/></prop>'
    "</propfind>"
)
BOOKS = '<propfind xmlns="DAV:"><prop><resourcetype/><displayname/><current-user-privilege-set/></prop></propfind>'
LISTING = f"<propfind {_SPACES}><prop><resourcetype/><getetag/><cs:getctag/></prop></propfind>"
TOKENS = f"<propfind {_SPACES}><prop><displayname/><cs:getctag/><sync-token/></prop></propfind>"
BATCH = 500


class Thunderbird(Double):
    HEADERS: ClassVar = {
        "Content-Type": "text/xml",
        "Accept": "*/*",
        "Accept-Encoding": "gzip, deflate, br, zstd",
        "Origin": "http://localhost:5232",
        "Sec-Fetch-Mode": "cors",
        "Sec-Fetch-Site": "same-origin",
        "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Thunderbird/153.7.0",
    }

    def discover(self) -> None:
        """The wizard looks twice: for the list, and again when the user has ticked the books."""
        for _ in range(2):
            principal = href_in(self.follow_well_known(PRINCIPAL), f"{DAV}current-user-principal")
            home = href_in(self.wire.ask("PROPFIND", principal, HOME, Depth="0"), f"{CARD}addressbook-home-set")
            for href, response in responses(self.wire.ask("PROPFIND", home, BOOKS, Depth="1")):
                # It looks at the first status of a response only: a 404 in front hides the book.
                if response.find(f".//{DAV}status").text != "HTTP/1.1 200 OK" or not is_book(found(response)):
                    continue
                rights = privileges(found(response))
                writable = rights is None or bool(rights & {"write", "write-content", "bind", "all"})
                if rights is None or rights:
                    self.subscribe(href, found(response).findtext(f"{DAV}displayname", ""), writable=writable)

    def sync_book(self, book: str, shelf: Shelf) -> None:
        if shelf.token:
            self._update(book, shelf)
        else:
            self._fetch_all(book, shelf)

    def _fetch_all(self, book: str, shelf: Shelf) -> None:
        hrefs = [
            href
            for href, response in responses(self.wire.ask("PROPFIND", book, LISTING, Depth="1"))
            if found(response).find(f"{DAV}resourcetype/{DAV}collection") is None
        ]
        for start in range(0, len(hrefs), BATCH):
            self._take(shelf, self._multiget(book, hrefs[start : start + BATCH]))
        for _, response in responses(self.wire.ask("PROPFIND", book, TOKENS, Depth="0")):
            shelf.token = found(response).findtext(f"{DAV}sync-token", "")

    def _multiget(self, book: str, hrefs: list[str]) -> Answer:
        asked = "".join(f"<d:href>{href}</d:href>" for href in hrefs)
        spaces = _SPACES.removeprefix('xmlns="DAV:" ')
        body = (
            f"<card:addressbook-multiget {spaces}><d:prop><d:getetag/><card:address-data/></d:prop>{asked}"
            "</card:addressbook-multiget>"
        )
        return self.wire.ask("REPORT", book, body, Depth="1")

    def _update(self, book: str, shelf: Shelf) -> None:
        body = (
            f"<sync-collection {_SPACES}><sync-token>{shelf.token}</sync-token><sync-level>1</sync-level>"
            "<prop><getetag/><card:address-data/></prop></sync-collection>"
        )
        answer = self.wire.ask("REPORT", book, body, Depth="1")
        # 400 would make it fetch all anew; after anything else it asks with the same token for ever.
        need(answer.status == 207, f"status {answer.status}")
        self._take(shelf, answer)
        shelf.token = answer.token

    def _take(self, shelf: Shelf, answer: Answer) -> None:
        for href, response in responses(answer):
            if is_gone(response):
                shelf.drop(href)
                continue
            prop = found(response)
            etag, body = prop.findtext(f"{DAV}getetag"), prop.findtext(f"{CARD}address-data")
            need(etag and body, f"a 200 without a card ends the sync: {href}")
            shelf.put(href, etag, body)
