"""Contacts of iOS and macOS, rebuilt from public logs."""

from __future__ import annotations

from typing import ClassVar

from tests.clients.wire import CARD, CS, DAV
from tests.support.dav import Answer

from .base import Double, Shelf, found, href_in, is_book, is_gone, need, privileges, responses

_SPACES = (
    'xmlns:A="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav" xmlns:CS="http://calendarserver.org/ns/" '
    'xmlns:ME="http://me.com/_namespace/"'
)


def _propfind(names: str) -> str:
    return f"<A:propfind {_SPACES}><A:prop>{''.join(f'<{name}/>' for name in names.split())}</A:prop></A:propfind>"


PRINCIPAL = _propfind("A:current-user-principal A:principal-URL A:resourcetype")
HOME = _propfind(
    "C:addressbook-home-set C:directory-gateway A:displayname CS:email-address-set A:principal-collection-set "
    "A:principal-URL A:resource-id A:supported-report-set"
)
BOOKS = _propfind(
    "A:add-member ME:bulk-requests A:current-user-privilege-set A:displayname ME:guardian-restricted C:max-image-size "
    "C:max-resource-size CS:me-card A:owner CS:push-transports CS:pushkey A:quota-available-bytes A:quota-used-bytes "
    "A:resource-id A:resourcetype A:supported-report-set A:sync-token"
)
STATE = _propfind("CS:getctag A:sync-token")
LISTING = _propfind("A:getetag")
BATCH = 20


class AppleContacts(Double):
    """What both have in common: accountsd looks around, dataaccessd syncs."""

    def discover(self) -> None:
        principal = href_in(self.follow_well_known(PRINCIPAL), f"{DAV}current-user-principal")
        for _ in range(2):
            options = self.ask_challenged("OPTIONS", principal)
            need("addressbook" in options.headers["dav"], "no CardDAV account")
        home = href_in(self.wire.ask("PROPFIND", principal, HOME, Depth="0"), f"{CARD}addressbook-home-set")
        for href, response in responses(self.wire.ask("PROPFIND", home, BOOKS, Depth="1")):
            prop = found(response)
            if is_book(prop) and self.takes_more():
                writable = bool((privileges(prop) or {"write"}) & {"write", "write-content", "bind", "all"})
                self.subscribe(href, prop.findtext(f"{DAV}displayname", ""), writable=writable)

    def takes_more(self) -> bool:
        return True

    def state(self, book: str) -> tuple[str, str]:
        """Ctag and token. The first request of a connection goes without credentials."""
        for _, response in responses(self.ask_challenged("PROPFIND", book, STATE, Depth="0")):
            prop = found(response)
            return prop.findtext(f"{CS}getctag", ""), prop.findtext(f"{DAV}sync-token", "")
        return "", ""

    def fetch(self, book: str, shelf: Shelf, hrefs: list[str]) -> None:
        for start in range(0, len(hrefs), BATCH):
            asked = "".join(f"<A:href>{href}</A:href>" for href in hrefs[start : start + BATCH])
            body = (
                f"<C:addressbook-multiget {_SPACES}><A:prop><A:getetag/><C:address-data/></A:prop>{asked}"
                "</C:addressbook-multiget>"
            )
            self._take_cards(shelf, self.wire.ask("REPORT", book, body))

    def _take_cards(self, shelf: Shelf, answer: Answer) -> None:
        for href, response in responses(answer):
            if is_gone(response):
                shelf.drop(href)
                continue
            prop = found(response)
            card = prop.findtext(f"{CARD}address-data", "")
            # One card that it cannot read, and it shows none of the batch and asks again for ever.
            lines = [line.partition(":")[0].partition(";")[0] for line in card.split("\r\n")]
            need(lines[:1] == ["BEGIN"] and {"VERSION", "UID", "N", "FN", "END"} <= set(lines), f"bad card: {href}")
            shelf.put(href, prop.findtext(f"{DAV}getetag"), card)


class IosContacts(AppleContacts):
    """All books of the home; sync tokens."""

    HEADERS: ClassVar = {
        "Content-Type": "text/xml",
        "Accept": "*/*",
        "Brief": "t",
        "Prefer": "return=minimal",
        "Accept-Language": "de-DE,de;q=0.9",
        "User-Agent": "iOS/17.4.1 (21E236) dataaccessd/1.0",
    }

    def sync_book(self, book: str, shelf: Shelf) -> None:
        _, token = self.state(book)
        need(token, "no sync token")
        if token == shelf.token:
            return
        body = (
            f"<A:sync-collection {_SPACES}><A:sync-token>{shelf.token}</A:sync-token><A:sync-level>1</A:sync-level>"
            "<A:prop><A:getetag/></A:prop></A:sync-collection>"
        )
        answer = self.wire.ask("REPORT", book, body)
        changed = []
        for href, response in responses(answer):
            if is_gone(response):
                shelf.drop(href)
            elif shelf.etags.get(href) != found(response).findtext(f"{DAV}getetag"):
                changed.append(href)
        self.fetch(book, shelf, changed)
        shelf.token = answer.token


class MacContacts(AppleContacts):
    """Only the first book of the home; ctag and listing."""

    HEADERS: ClassVar = {
        "Content-Type": "text/xml",
        "Accept": "*/*",
        "Brief": "t",
        "Prefer": "return=minimal",
        "User-Agent": "macOS/14.4.1 (23E224) AddressBookCore/2633.400.21",
    }

    def takes_more(self) -> bool:
        return not self.shelves

    def sync_book(self, book: str, shelf: Shelf) -> None:
        ctag, _ = self.state(book)
        need(ctag, "no ctag: the book is not shown")
        if ctag == shelf.token:
            return
        listed = {}
        for href, response in responses(self.ask_challenged("PROPFIND", book, LISTING, Depth="1")):
            if (etag := found(response).findtext(f"{DAV}getetag")) and href != book:
                listed[href] = etag
        for href in shelf.etags.keys() - listed.keys():
            shelf.drop(href)
        self.fetch(book, shelf, [href for href, etag in listed.items() if shelf.etags.get(href) != etag])
        shelf.token = ctag
