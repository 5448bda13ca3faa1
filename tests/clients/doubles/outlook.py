"""Outlook with CalDav Synchronizer 4.5, reading one way; with and without WebDAV collection sync."""

from __future__ import annotations

from typing import ClassVar

from tests.clients.wire import CARD, DAV

from .base import ClientError, Double, Shelf, found, href_in, is_book, is_gone, need, privileges, responses

_SPACES = 'xmlns:D="DAV:" xmlns:A="urn:ietf:params:xml:ns:carddav"'


def _propfind(*names: str) -> str:
    return f"<D:propfind {_SPACES}><D:prop>{''.join(f'<{name}/>' for name in names)}</D:prop></D:propfind>"


PRINCIPAL = _propfind("D:current-user-principal", "D:principal-URL", "D:resourcetype")
HOME = _propfind("A:addressbook-home-set")
BOOKS = _propfind("D:resourcetype", "D:displayname")
RIGHTS = _propfind("D:current-user-privilege-set")
TYPE = _propfind("D:resourcetype")
REPORTS = _propfind("D:supported-report-set")
LISTING = _propfind("D:getetag", "D:getcontenttype")
BATCH = 100


class Outlook(Double):
    """A profile of the older kind: the whole listing each time."""

    HEADERS: ClassVar = {
        "Content-Type": "application/xml; charset=utf-8",
        "User-Agent": "CalDavSynchronizer/4.5",
    }

    def discover(self) -> None:
        principal = href_in(self.follow_well_known(PRINCIPAL), f"{DAV}current-user-principal")
        home = href_in(self.wire.ask("PROPFIND", principal, HOME, Depth="0"), f"{CARD}addressbook-home-set")
        for href, response in responses(self.wire.ask("PROPFIND", home, BOOKS, Depth="1")):
            name = found(response).findtext(f"{DAV}displayname")
            if is_book(found(response)) and name:  # a book without a name is not listed
                self.subscribe(href, name, writable=self._may_write(href))
        for book in self.shelves:
            self._test(book)

    def _may_write(self, book: str) -> bool:
        for _, response in responses(self.wire.ask("PROPFIND", book, RIGHTS, Depth="0")):
            rights = privileges(found(response)) or set()
            return "write" in rights or {"write-content", "bind", "unbind"} <= rights
        return False

    def _test(self, book: str) -> None:
        """Its button "test or discover settings"."""
        need("addressbook" in self.wire.ask("OPTIONS", book).headers["dav"], "the server does not support CardDAV")
        for _, response in responses(self.wire.ask("PROPFIND", book, TYPE, Depth="0")):
            need(is_book(found(response)), "the URL is no address book")
        for _, response in responses(self.wire.ask("PROPFIND", book, REPORTS, Depth="0")):
            self.collection_sync = found(response).find(f".//{DAV}report/{DAV}sync-collection") is not None
        need(self.collection_sync, "WebDAV collection sync cannot be ticked")

    def sync_book(self, book: str, shelf: Shelf) -> None:
        listed = {}
        for href, response in responses(self.wire.ask("PROPFIND", book, LISTING, Depth="1")):
            prop = found(response)
            etag = prop.findtext(f"{DAV}getetag")
            if etag and "vcard" in prop.findtext(f"{DAV}getcontenttype", ""):
                listed[href] = etag
        for href in shelf.etags.keys() - listed.keys():
            shelf.drop(href)
        self._fetch(book, shelf, [href for href, etag in listed.items() if shelf.etags.get(href) != etag])

    def _fetch(self, book: str, shelf: Shelf, hrefs: list[str]) -> None:
        for start in range(0, len(hrefs), BATCH):
            asked = "".join(f"<D:href>{href}</D:href>" for href in hrefs[start : start + BATCH])
            body = (
                f"<A:addressbook-multiget {_SPACES}><D:prop><D:getetag/><D:getcontenttype/><A:address-data/></D:prop>"
                f"{asked}</A:addressbook-multiget>"
            )
            for href, response in responses(self.wire.ask("REPORT", book, body, Depth="0")):
                prop = found(response)
                etag, card = prop.findtext(f"{DAV}getetag"), prop.findtext(f"{CARD}address-data")
                if etag and card:
                    shelf.put(href, etag, card)


class OutlookWithCollectionSync(Outlook):
    def sync_book(self, book: str, shelf: Shelf) -> None:
        token = f"<D:sync-token>{shelf.token}</D:sync-token>" if shelf.token else "<D:sync-token/>"
        body = (
            f"<D:sync-collection {_SPACES}>{token}<D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop>"
            "</D:sync-collection>"
        )
        answer = self.wire.ask("REPORT", book, body, Depth="0")
        changed = []
        for href, response in responses(answer):
            if is_gone(response):
                shelf.drop(href)
            elif etag := found(response).findtext(f"{DAV}getetag"):
                changed += [href] if shelf.etags.get(href) != etag else []
            else:
                raise ClientError(f"an unknown member status throws: {href}")
        self._fetch(book, shelf, changed)
        shelf.token = answer.token
