"""A FRITZ!Box as an online phone book: the URL of one book, and names and numbers of whatever is in it."""

from __future__ import annotations

from typing import ClassVar

import vobject

from tests.clients.wire import CARD, DAV
from tests.support.dav import Answer

from .base import Double, Shelf, found, is_gone, need, responses

_SPACES = 'xmlns:d="DAV:" xmlns:card="urn:ietf:params:xml:ns:carddav"'
LISTING = f"<d:propfind {_SPACES}><d:prop><d:getetag/><d:getcontenttype/></d:prop></d:propfind>"


class FritzBox(Double):
    HEADERS: ClassVar = {"Content-Type": "text/xml; charset=utf-8", "User-Agent": "FRITZ!OS CardDAV"}

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        self.phone_book: dict[str, list[str]] = {}

    def discover(self) -> None:
        """Nothing is discovered: somebody typed the address of a book."""
        self.subscribe(f"/{self.wire.login}/alle/", "Telefonbuch", writable=False)

    def sync_book(self, book: str, shelf: Shelf) -> None:
        """Once a day: everything anew."""
        listed = [
            href
            for href, response in responses(self.ask_challenged("PROPFIND", book, LISTING, Depth="1"))
            if "vcard" in found(response).findtext(f"{DAV}getcontenttype", "")
        ]
        kept = Shelf()
        for href, response in responses(self.multiget(book, listed)):
            if not is_gone(response):
                prop = found(response)
                kept.put(href, prop.findtext(f"{DAV}getetag"), prop.findtext(f"{CARD}address-data"))
        shelf.etags, shelf.bodies = kept.etags, kept.bodies
        self.phone_book = dict(map(self._entry, shelf.bodies.values()))

    def multiget(self, path: str, hrefs: list[str]) -> Answer:
        asked = "".join(f"<d:href>{href}</d:href>" for href in hrefs)
        body = (
            f"<card:addressbook-multiget {_SPACES}><d:prop><d:getetag/><card:address-data/></d:prop>{asked}"
            "</card:addressbook-multiget>"
        )
        return self.wire.ask("REPORT", path, body, Depth="1")

    @staticmethod
    def _entry(body: str) -> tuple[str, list[str]]:
        card = vobject.readOne(body)
        need(card.version.value == "3.0", "it reads vCard 3.0")
        return card.fn.value, sorted(tel.value for tel in card.contents.get("tel", ()))
