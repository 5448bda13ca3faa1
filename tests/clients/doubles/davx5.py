"""DAVx5 4.5 on Android: sync-collection, batches of ten, vCard 4.0 where it is announced."""

from __future__ import annotations

from typing import ClassVar

from tests.clients.wire import CARD, CS, DAV
from tests.support.dav import Answer

from .base import Double, Shelf, found, href_in, is_book, is_gone, need, privileges, responses

_SPACES = 'xmlns="DAV:" xmlns:CARD="urn:ietf:params:xml:ns:carddav" xmlns:CS="http://calendarserver.org/ns/"'


def _propfind(*names: str) -> str:
    return f"<propfind {_SPACES}><prop>{''.join(f'<{name}/>' for name in names)}</prop></propfind>"


DETECT = _propfind(
    "resourcetype", "displayname", "current-user-principal", "CARD:addressbook-home-set", "CARD:addressbook-description"
)
PRINCIPAL = _propfind("current-user-principal")
REFRESH = _propfind("displayname", "group-membership", "resourcetype", "CARD:addressbook-home-set")
BOOKS = _propfind("resourcetype", "current-user-privilege-set", "displayname", "owner", "CARD:addressbook-description")
STATE = _propfind(
    "CARD:max-resource-size", "CARD:supported-address-data", "supported-report-set", "CS:getctag", "sync-token"
)
BATCH = 10


class Davx5(Double):
    HEADERS: ClassVar = {
        "Content-Type": "application/xml; charset=utf-8",
        "Accept-Encoding": "gzip",
        "Accept-Language": "de-DE,de;q=0.7,*;q=0.3",
        "User-Agent": "DAVx5/4.5.19-ose (dav4jvm; ktor) Android/16",
    }
    VERSION: ClassVar = "4.0"

    def discover(self) -> None:
        principal = self._principal()
        options = self.wire.ask("OPTIONS", principal, Accept_Encoding="identity", Content_Length="0")
        need("addressbook" in [part.strip() for part in options.headers["dav"].split(",")], "no CardDAV")
        home = href_in(self.wire.ask("PROPFIND", principal, REFRESH, Depth="0"), f"{CARD}addressbook-home-set")
        for href, response in responses(self.wire.ask("PROPFIND", home, BOOKS, Depth="1")):
            prop = found(response)
            if is_book(prop):
                rights = privileges(prop)
                writable = rights is None or bool(rights & {"write", "write-content", "all"})
                self.subscribe(href, prop.findtext(f"{DAV}displayname", ""), writable=writable)

    def _principal(self) -> str:
        for _, response in responses(self.ask_challenged("PROPFIND", "/", DETECT, Depth="0")):
            href = found(response).findtext(f"{DAV}current-user-principal/{DAV}href")
            if href:
                return href
        return href_in(self.follow_well_known(PRINCIPAL), f"{DAV}current-user-principal")

    def sync_book(self, book: str, shelf: Shelf) -> None:
        for _, response in responses(self.wire.ask("PROPFIND", book, STATE, Depth="0")):
            state = found(response)
        need(state.find(f".//{DAV}report/{DAV}sync-collection") is not None, "no collection sync is announced")
        versions = {kind.get("version") for kind in state.iter(f"{CARD}address-data-type")}
        need("4.0" in versions, "vCard 4.0 is not announced")
        token = state.findtext(f"{DAV}sync-token")
        need(token and state.findtext(f"{CS}getctag"), "no token")
        if token == shelf.token:
            return
        more = True
        while more:
            answer = self.wire.ask("REPORT", book, self._sync_body(shelf.token), Depth="0")
            more = self._take_changes(book, shelf, answer)
            shelf.token = answer.token

    @staticmethod
    def _sync_body(token: str) -> str:
        return (
            f"<sync-collection {_SPACES}><sync-token>{token}</sync-token><sync-level>1</sync-level>"
            "<prop><getetag/></prop></sync-collection>"
        )

    def _take_changes(self, book: str, shelf: Shelf, answer: Answer) -> bool:
        """Drop what is gone, fetch what changed; tells whether the server has more (507 on the book)."""
        changed, more = [], False
        for href, response in responses(answer):
            if href == book:
                more = " 507 " in response.findtext(f"{DAV}status", "")
            elif is_gone(response):
                shelf.drop(href)
            elif shelf.etags.get(href) != found(response).findtext(f"{DAV}getetag"):
                changed.append(href)
        for start in range(0, len(changed), BATCH):
            self._fetch(book, shelf, changed[start : start + BATCH])
        return more

    def _fetch(self, book: str, shelf: Shelf, hrefs: list[str]) -> None:
        asked = "".join(f"<href>{href}</href>" for href in hrefs)
        body = (
            f"<CARD:addressbook-multiget {_SPACES}><prop><getcontenttype/><getetag/>"
            f'<CARD:address-data content-type="text/vcard" version="4.0"/></prop>{asked}</CARD:addressbook-multiget>'
        )
        for href, response in responses(self.wire.ask("REPORT", book, body, Depth="0")):
            if is_gone(response):
                continue
            prop = found(response)
            etag, card = prop.findtext(f"{DAV}getetag"), prop.findtext(f"{CARD}address-data")
            need(etag and card, f"received a multi-get response without ETag or address data: {href}")
            shelf.put(href, etag, card)
