"""Evolution's data server (recorded from 3.46.4): ctag and listing, never sync-collection."""

from __future__ import annotations

from typing import ClassVar

from tests.clients.wire import CARD, CS, DAV

from .base import Double, Shelf, found, href_in, is_book, need, privileges, responses

ROOT = (
    '<propfind xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:carddav"><prop><resourcetype/><current-user-principal/>'
    "<principal-URL/><c:addressbook-home-set/></prop></propfind>"
)
HOME = (
    '<propfind xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:carddav"><prop><c:addressbook-home-set/></prop></propfind>'
)
BOOKS = (
    '<propfind xmlns="DAV:" xmlns:A="urn:ietf:params:xml:ns:carddav"><prop><resourcetype/><displayname/><getetag/>'
    "<getcontenttype/><getcontentlength/><creationdate/><getlastmodified/><A:addressbook-description/></prop>"
    "</propfind>"
)
RIGHTS = '<propfind xmlns="DAV:"><prop><current-user-privilege-set/></prop></propfind>'
CTAG = '<propfind xmlns="DAV:" xmlns:CS="http://calendarserver.org/ns/"><prop><CS:getctag/></prop></propfind>'
LISTING = '<propfind xmlns="DAV:"><prop><getetag/></prop></propfind>'
BATCH = 100


class Evolution(Double):
    HEADERS: ClassVar = {
        "Content-Type": "application/xml; charset=utf-8",
        "User-Agent": "Evolution/3.46.4",
        "Connection": "Keep-Alive",
    }

    def discover(self) -> None:
        principal = href_in(self.ask_challenged("PROPFIND", "/", ROOT, Depth="0"), f"{DAV}current-user-principal")
        home = href_in(self.wire.ask("PROPFIND", principal, HOME, Depth="0"), f"{CARD}addressbook-home-set")
        for href, response in responses(self.wire.ask("PROPFIND", home, BOOKS, Depth="1")):
            prop = found(response)
            if is_book(prop):
                self.subscribe(href, prop.findtext(f"{DAV}displayname", ""), writable=self._connect(href))

    def _connect(self, book: str) -> bool:
        """Its test of a book: OPTIONS without credentials, then whether it may write."""
        answer = self.wire.ask("OPTIONS", book, is_known=False)
        need(answer.status == 200 and "addressbook" in answer.headers["dav"].split(", "), "no address book")
        for _, response in responses(self.ask_challenged("PROPFIND", book, RIGHTS, Depth="0")):
            return bool((privileges(found(response)) or set()) & {"write", "write-content", "all"})
        return False

    def sync_book(self, book: str, shelf: Shelf) -> None:
        ctag = ""
        for _, response in responses(self.ask_challenged("PROPFIND", book, CTAG, Depth="0")):
            ctag = found(response).findtext(f"{CS}getctag", "")
        need(ctag, "no ctag")
        if ctag == shelf.token:
            return
        listed: dict[str, str] = {}
        for href, response in responses(self.wire.ask("PROPFIND", book, LISTING, Depth="1")):
            etag = found(response).findtext(f"{DAV}getetag")
            if etag and href != book:
                listed[href] = etag
        for href in shelf.etags.keys() - listed.keys():
            shelf.drop(href)
        changed = [href for href, etag in listed.items() if shelf.etags.get(href) != etag]
        for start in range(0, len(changed), BATCH):
            self._fetch(book, shelf, changed[start : start + BATCH])
        shelf.token = ctag

    def _fetch(self, book: str, shelf: Shelf, hrefs: list[str]) -> None:
        """Multiget, without a Depth header."""
        asked = "".join(f"<D:href>{href}</D:href>" for href in hrefs)
        body = (
            '<addressbook-multiget xmlns="urn:ietf:params:xml:ns:carddav" xmlns:D="DAV:"><D:prop><D:getetag/>'
            f"<address-data/></D:prop>{asked}</addressbook-multiget>"
        )
        for href, response in responses(self.wire.ask("REPORT", book, body)):
            prop = found(response)
            etag, card = prop.findtext(f"{DAV}getetag"), prop.findtext(f"{CARD}address-data")
            if etag and card:
                shelf.put(href, etag, card)
