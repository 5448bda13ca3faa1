"""Stock Radicale with our plugins shows an account its own calendars and address books, as our application does."""

from __future__ import annotations

import pytest

from radicale_propmgmt.domain.collections import CollectionKind, ItemContent
from radicale_propmgmt.services.collections import (
    get_collection,
    make_collection,
    put_item,
    remove_item,
    set_properties,
)
from tests.plain.client import card, event
from tests.plugins.client import SPACES, Client
from tests.support.world import World

CALENDAR, BOOK = "/emil/kalender-haus/", "/emil/persoenlich/"
_CALDAV = 'xmlns:C="urn:ietf:params:xml:ns:caldav"'


@pytest.fixture(autouse=True)
def _filled(world: World) -> None:
    viewer = world.viewer("emil")
    with world.database.write("test") as uow:
        book = make_collection(uow, viewer, "persoenlich", CollectionKind.ADDRESSBOOK, {})
        calendar = make_collection(uow, viewer, "kalender-haus", CollectionKind.CALENDAR, {})
        set_properties(uow, viewer, "persoenlich", {"{DAV:}displayname": "<D:displayname>A &amp; B</D:displayname>"})
        put_item(uow, viewer, book, "a.vcf", ItemContent(card("a", "Ä").encode(), "a", "VCARD"))
        weekly = event("w", "20260601T080000Z", "DTEND:20260601T090000Z", "RRULE:FREQ=WEEKLY;COUNT=4").encode()
        put_item(uow, viewer, calendar, "w.ics", ItemContent(weekly, "w", "VEVENT"))


def _asked(client: Client) -> list[object]:
    told = []
    for path in (BOOK, CALENDAR):
        listed = client.propfind(path, "1", "D:getetag", "D:resourcetype").responses()
        listed.get(path, {}).pop("D:getetag", None)
        told += [listed, client.request("GET", f"{path}{'a.vcf' if path == BOOK else 'w.ics'}").body]
        first = client.sync(path)
        told += [first.token(), client.sync(path, first.token() or "").responses()]
    query = (
        f'<C:calendar-query {SPACES} {_CALDAV}><D:prop><D:getetag/></D:prop><C:filter><C:comp-filter name="VCALENDAR">'
        '<C:comp-filter name="VEVENT"><C:time-range start="{}" end="20260617T000000Z"/></C:comp-filter></C:comp-filter>'
        "</C:filter></C:calendar-query>"
    )
    told += [
        client.request("REPORT", CALENDAR, query.format(start), Depth="1").responses()
        for start in ("20260615T000000Z", "20260616T000000Z")
    ]
    names = client.propfind("/emil/", "1", "D:displayname").responses()
    return [*told, {path: names[path]["D:displayname"] for path in (BOOK, CALENDAR)}]


def test_both_tell_the_same_of_them(stock: dict[str, Client], ours: dict[str, Client], world: World) -> None:
    at_ours = _asked(ours["emil"])
    assert _asked(stock["emil"]) == at_ours
    assert at_ours[-1] == {BOOK: "A & B", CALENDAR: "kalender-haus"}
    token = stock["emil"].sync(BOOK).token()
    with world.database.write("test") as uow:
        viewer = world.viewer("emil")
        remove_item(uow, get_collection(uow.connection, viewer, "persoenlich"), "a.vcf")
    assert (
        set(stock["emil"].sync(BOOK, token).responses())
        == set(ours["emil"].sync(BOOK, token).responses())
        == {f"{BOOK}a.vcf"}
    )


def test_nobody_else_sees_them_and_nobody_writes_through_the_core(stock: dict[str, Client]) -> None:
    """The core's PUT parses what a client sends before we could look at it."""
    assert stock["chef"].request("GET", f"{BOOK}a.vcf").status == 403
    assert stock["chef"].request("PROPFIND", "/chef/persoenlich/").status == 404
    for method in ("PUT", "DELETE", "MKCOL", "PROPPATCH"):
        assert stock["emil"].request(method, f"{BOOK}a.vcf", card("a")).status in {403, 405}
