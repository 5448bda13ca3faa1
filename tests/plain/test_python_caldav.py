"""python-caldav's own client makes a calendar, fills it, searches, expands, syncs and removes, over a real socket."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import caldav
import pytest

from tests.plain.client import event
from tests.server.running import Installation

pytestmark = pytest.mark.client

WEEKLY = event(
    "weekly", "20260601T080000Z", "DTEND:20260601T090000Z", "RRULE:FREQ=WEEKLY;COUNT=10", "EXDATE:20260608T080000Z"
)


@pytest.fixture
def client(server: Installation, account: tuple[str, str]) -> Iterator[caldav.DAVClient]:
    login, password = account
    with caldav.DAVClient(f"http://127.0.0.1:{server.port}/{login}/", username=login, password=password) as made:
        yield made


def test_a_calendar_lives_and_dies(client: caldav.DAVClient) -> None:
    principal = client.principal()
    calendar = principal.make_calendar(name="Haus", cal_id="kalender-haus")
    assert "Haus" in [found.get_display_name() for found in principal.get_calendars()]
    calendar.save_event(event("one", "20260615T080000Z", "DTEND:20260615T090000Z"))
    calendar.save_event(WEEKLY)
    calendar.save_todo(event("do", "20260615T080000Z", "DUE:20260616T080000Z", kind="VTODO"))
    assert {str(found.icalendar_component["UID"]) for found in calendar.events()} == {"one", "weekly"}
    assert [str(found.icalendar_component["UID"]) for found in calendar.todos()] == ["do"]
    assert calendar.event_by_uid("one").icalendar_component["SUMMARY"] == "Termin one"
    calendar.delete()
    assert "kalender-haus" not in "".join(str(found.url) for found in principal.get_calendars())


def test_a_search_expands_what_recurs(client: caldav.DAVClient) -> None:
    calendar = client.principal().make_calendar(name="Haus", cal_id="kalender-suche")
    calendar.save_event(WEEKLY)
    calendar.save_event(event("late", "20270101T080000Z", "DTEND:20270101T090000Z"))
    found = calendar.search(
        start=datetime(2026, 6, 1, tzinfo=UTC), end=datetime(2026, 6, 30, tzinfo=UTC), event=True, expand=False
    )
    assert [str(one.icalendar_component["UID"]) for one in found] == ["weekly"]
    expanded = calendar.search(
        start=datetime(2026, 6, 1, tzinfo=UTC),
        end=datetime(2026, 6, 30, tzinfo=UTC),
        event=True,
        server_expand=True,
    )
    days = sorted(
        component["DTSTART"].dt.date() for one in expanded for component in one.icalendar_instance.walk("VEVENT")
    )
    assert days == [date(2026, 6, 1), date(2026, 6, 15), date(2026, 6, 22), date(2026, 6, 29)]


def test_free_busy_tells_when_and_not_what(client: caldav.DAVClient) -> None:
    calendar = client.principal().make_calendar(name="Haus", cal_id="kalender-frei")
    calendar.save_event(WEEKLY)
    busy = calendar.freebusy_request(datetime(2026, 6, 14, tzinfo=UTC), datetime(2026, 6, 16, tzinfo=UTC))
    assert "20260615T080000Z/20260615T090000Z" in busy.data
    assert "Termin" not in busy.data


def test_a_sync_by_token_hears_of_changes_and_removals(client: caldav.DAVClient) -> None:
    calendar = client.principal().make_calendar(name="Haus", cal_id="kalender-sync")
    for uid in ("a", "b", "c"):
        calendar.save_event(event(uid))
    held = calendar.get_objects_by_sync_token(load_objects=True)
    assert len(list(held)) == 3
    calendar.event_by_uid("a").delete()
    changed = calendar.event_by_uid("b")
    changed.icalendar_component["SUMMARY"] = "Anders"
    changed.save()
    calendar.save_event(event("d"))
    updated, deleted = held.sync()
    assert len(deleted) == 1
    assert {str(one.icalendar_component["UID"]) for one in updated} == {"b", "d"}


def test_a_chunked_body_reaches_the_calendar(server: Installation, account: tuple[str, str]) -> None:
    """Transfer-Encoding: chunked over the real server: clients that stream do not know a length."""
    login = account[0]
    made, _, _ = server.ask("MKCALENDAR", f"/{login}/kalender-strom/", user=account)
    assert made == 201
    sent = event("chunked").encode()
    pieces = (sent[at : at + 50] for at in range(0, len(sent), 50))
    status, _, _ = server.ask(
        "PUT", f"/{login}/kalender-strom/a.ics", user=account, body=pieces, headers={"Content-Type": "text/calendar"}
    )
    assert status == 201
    assert server.ask("GET", f"/{login}/kalender-strom/a.ics", user=account)[2] == sent
