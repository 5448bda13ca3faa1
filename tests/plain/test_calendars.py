"""Calendars: kept byte for byte, listed as clients ask, searched by our own code and, for zones and rules, Radicale's."""

from __future__ import annotations

import pytest

from tests.plain.client import Plain, event
from tests.support.dav import DECLARED, Answer, clark

BERLIN = (
    "BEGIN:VTIMEZONE\r\nTZID:{}\r\nBEGIN:STANDARD\r\nDTSTART:19701025T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\n"
    "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\nEND:STANDARD\r\nBEGIN:DAYLIGHT\r\nDTSTART:19700329T020000\r\n"
    "TZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n"
)
JUNE = ("20260601T000000Z", "20260701T000000Z")


def query(client: Plain, calendar: str, inner: str, data: str = "<D:getetag/>") -> Answer:
    body = (
        f"<C:calendar-query {DECLARED}><D:prop>{data}</D:prop>"
        f'<C:filter><C:comp-filter name="VCALENDAR">{inner}</C:comp-filter></C:filter></C:calendar-query>'
    )
    return client.request("REPORT", calendar, body)


def in_range(start: str | None, end: str | None, kind: str = "VEVENT") -> str:
    bounds = (f' start="{start}"' if start else "") + (f' end="{end}"' if end else "")
    return f'<C:comp-filter name="{kind}"><C:time-range{bounds}/></C:comp-filter>'


def names(answer: Answer) -> set[str]:
    assert answer.status == 207, answer.text
    return {href.rpartition("/")[2] for href in answer.responses}


def starts(text: str) -> list[str]:
    return sorted(line.partition(":")[2] for line in text.replace("\r", "").split("\n") if line.startswith("DTSTART"))


def test_a_calendar_says_what_clients_ask(chef: Plain, calendar: str) -> None:
    """DAVx5, Thunderbird and iOS look at these; nothing of scheduling is announced, for there is none."""
    asked = ["D:resourcetype", "D:current-user-privilege-set", "D:supported-report-set", "D:sync-token", "CS:getctag"]
    asked += [
        "C:supported-calendar-component-set",
        "C:supported-calendar-data",
        "C:max-resource-size",
        "C:max-instances",
    ]
    asked += ["C:schedule-inbox-URL", "C:schedule-calendar-transp", "D:owner", "C:calendar-timezone"]
    answer = chef.propfind(calendar, *asked)
    assert answer.prop(calendar, "D:resourcetype").find(clark("C:calendar")) is not None
    components = {comp.get("name") for comp in answer.prop(calendar, "C:supported-calendar-component-set")}
    assert components == {"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY"}
    privileges = {p[0].tag for p in answer.prop(calendar, "D:current-user-privilege-set")}
    assert {clark(f"D:{name}") for name in ("read", "write", "write-content", "bind", "unbind")} <= privileges
    for absent in ("C:schedule-inbox-URL", "C:schedule-calendar-transp", "C:calendar-timezone"):
        assert answer.prop(calendar, absent, "404") is not None
    home = chef.propfind("/chef/", "C:calendar-home-set", "C:calendar-user-address-set", "C:schedule-outbox-URL")
    assert home.prop("/chef/", "C:calendar-home-set").findtext(clark("D:href")) == "/chef/"
    assert home.prop("/chef/", "C:schedule-outbox-URL", "404") is not None
    options = chef.request("OPTIONS", calendar)
    assert options.headers["dav"] == "1, 3, extended-mkcol, addressbook, calendar-access"
    assert "MKCALENDAR" in options.headers["allow"]


def test_a_calendar_holds_the_components_it_was_made_for(chef: Plain) -> None:
    todo = '<C:supported-calendar-component-set><C:comp name="VTODO"/></C:supported-calendar-component-set>'
    path = chef.make_calendar("/chef/aufgaben/", todo)
    refused = chef.put(f"{path}a.ics", event("a"))
    assert (refused.status, refused.has("C:supported-calendar-component")) == (403, True)
    assert chef.put(f"{path}b.ics", event("b", kind="VTODO")).status == 201
    nonsense = todo.replace("VTODO", "VCARD")
    body = f"<C:mkcalendar {DECLARED}><D:set><D:prop>{nonsense}</D:prop></D:set></C:mkcalendar>"
    assert chef.request("MKCALENDAR", "/chef/x/", body).status == 403


def test_events_come_back_byte_for_byte(chef: Plain, calendar: str) -> None:
    sent = event("a", ";TZID=Haus:20260615T100000", 'X-FOO;Y="a:b":ß\\, c\\;', zone=BERLIN.format("Haus")).replace(
        "\r\n", "\n"
    )
    assert chef.put(f"{calendar}a.ics", sent).status == 201
    assert chef.request("GET", f"{calendar}a.ics").body == sent.encode()
    body = f"<C:calendar-multiget {DECLARED}><D:prop><D:getetag/><C:calendar-data/></D:prop><D:href>{calendar}a.ics</D:href><D:href>{calendar}b.ics</D:href></C:calendar-multiget>"
    answer = chef.request("REPORT", calendar, body)
    assert answer.texts("C:calendar-data") == {f"{calendar}a.ics": sent}
    assert answer.statuses[f"{calendar}b.ics"] == "404"
    assert query(chef, calendar, '<C:comp-filter name="VEVENT"/>', "<C:calendar-data/>").texts("C:calendar-data") == {
        f"{calendar}a.ics": sent
    }
    chef.put(f"{calendar}b.ics", event("b", ";TZID=Haus:20260616T100000", zone=BERLIN.format("Haus")))
    whole = chef.request("GET", calendar)
    assert whole.headers["content-type"].startswith("text/calendar")
    assert (
        whole.text.count("BEGIN:VCALENDAR"),
        whole.text.count("BEGIN:VTIMEZONE"),
        whole.text.count("BEGIN:VEVENT"),
    ) == (1, 1, 2)


def test_a_component_is_asked_for_by_name(chef: Plain, calendar: str) -> None:
    chef.put(f"{calendar}e.ics", event("e"))
    chef.put(f"{calendar}t.ics", event("t", kind="VTODO"))
    assert names(query(chef, calendar, "")) == {"e.ics", "t.ics"}
    assert names(query(chef, calendar, '<C:comp-filter name="VTODO"/>')) == {"t.ics"}
    summary = '<C:comp-filter name="VEVENT"><C:prop-filter name="SUMMARY"><C:text-match>termin e</C:text-match></C:prop-filter></C:comp-filter>'
    assert names(query(chef, calendar, summary)) == {"e.ics"}
    assert names(query(chef, calendar, in_range(*JUNE, kind="VTODO"))) == {"t.ics"}


EVENTS = {
    "before": event("before", "20260531T080000Z", "DTEND:20260531T090000Z"),
    "edge-in": event("edge-in", "20260531T230000Z", "DTEND:20260601T000001Z"),
    "edge-out": event("edge-out", "20260531T230000Z", "DTEND:20260601T000000Z"),
    "inside": event("inside", "20260615T080000Z", "DURATION:PT1H"),
    "after": event("after", "20260701T000000Z", "DTEND:20260701T010000Z"),
    "day": event("day", ";VALUE=DATE:20260620"),
    "berlin-in": event("berlin-in", ";TZID=Europe/Berlin:20260701T013000", "DTEND;TZID=Europe/Berlin:20260701T020000"),
    "berlin-out": event(
        "berlin-out", ";TZID=Europe/Berlin:20260701T020000", "DTEND;TZID=Europe/Berlin:20260701T030000"
    ),
    "own-zone-in": event(
        "own-zone-in", ";TZID=Haus:20260701T013000", "DTEND;TZID=Haus:20260701T020000", zone=BERLIN.format("Haus")
    ),
    "own-zone-out": event(
        "own-zone-out", ";TZID=Haus:20260701T020000", "DTEND;TZID=Haus:20260701T030000", zone=BERLIN.format("Haus")
    ),
    "weekly": event("weekly", "20200101T080000Z", "DTEND:20200101T090000Z", "RRULE:FREQ=WEEKLY"),
    "ended": event("ended", "20200101T080000Z", "DTEND:20200101T090000Z", "RRULE:FREQ=WEEKLY;UNTIL=20260501T000000Z"),
    "once-more": event("once-more", "20200101T080000Z", "DTEND:20200101T090000Z", "RDATE:20260610T080000Z"),
}
MATCHING = {"edge-in", "inside", "day", "berlin-in", "own-zone-in", "weekly", "once-more"}


def test_a_time_range_finds_what_overlaps_it(chef: Plain, calendar: str) -> None:
    """RFC 4791 §9.9, and its zones: our bounds decide most, the core the rest; both together are exact."""
    for name, text in EVENTS.items():
        assert chef.put(f"{calendar}{name}.ics", text).status == 201, name
    assert names(query(chef, calendar, in_range(*JUNE))) == {f"{name}.ics" for name in MATCHING}
    open_end = names(query(chef, calendar, in_range("20260701T000000Z", None)))
    assert open_end == {"after.ics", "berlin-out.ics", "own-zone-out.ics", "weekly.ics"}
    assert names(query(chef, calendar, in_range(None, "20200102T000000Z"))) == {
        "weekly.ics",
        "ended.ics",
        "once-more.ics",
    }
    for bad in ("<C:time-range/>", '<C:time-range start="gestern"/>', '<C:time-range start="20260601T000000"/>'):
        assert query(chef, calendar, f'<C:comp-filter name="VEVENT">{bad}</C:comp-filter>').status == 400


def test_a_zone_that_one_account_invents_is_no_other_accounts(chef: Plain, horst: Plain, calendar: str) -> None:
    """vobject keeps zones by name for the whole process: ours reach it under a digest of what they say."""
    odd = BERLIN.format("Büro").replace("+0200", "+1300").replace("+0100", "+1300")
    chef.put(f"{calendar}a.ics", event("a", ";TZID=Büro:20260701T010000", "DTEND;TZID=Büro:20260701T020000", zone=odd))
    assert names(query(chef, calendar, in_range(*JUNE))) == {"a.ics"}
    theirs = horst.make_calendar("/horst/kalender/")
    horst.put(f"{theirs}a.ics", event("a", ";TZID=Büro:20260701T010000", "DTEND;TZID=Büro:20260701T020000"))
    assert names(query(horst, theirs, in_range(*JUNE))) == set()
    own = event("b", ";TZID=Büro:20260701T110000", "DTEND;TZID=Büro:20260701T120000", zone=BERLIN.format("Büro"))
    horst.put(f"{theirs}b.ics", own)
    assert names(query(horst, theirs, in_range("20260701T085900Z", "20260701T090100Z"))) == {"b.ics"}


def expand(start: str, end: str) -> str:
    return f'<C:calendar-data><C:expand start="{start}" end="{end}"/></C:calendar-data><D:getetag/>'


def test_instances_are_told_one_by_one(chef: Plain, calendar: str) -> None:
    """RFC 4791 §9.6.5: in UTC, without rules, changed and removed ones as they are."""
    changed = "BEGIN:VEVENT\r\nUID:w\r\nDTSTAMP:20260101T000000Z\r\nRECURRENCE-ID;TZID=Haus:20260615T100000\r\nDTSTART;TZID=Haus:20260616T120000\r\nDTEND;TZID=Haus:20260616T130000\r\nSUMMARY:Verlegt\r\nEND:VEVENT\r\n"
    sent = event(
        "w",
        ";TZID=Haus:20260601T100000",
        "DTEND;TZID=Haus:20260601T110000",
        "RRULE:FREQ=WEEKLY",
        "EXDATE;TZID=Haus:20260608T100000",
        zone=BERLIN.format("Haus"),
    )
    sent = sent.replace("END:VCALENDAR", f"{changed}END:VCALENDAR")
    etag = chef.put(f"{calendar}w.ics", sent).headers["etag"]
    answer = query(chef, calendar, in_range(*JUNE), expand(*JUNE))
    told = answer.texts("C:calendar-data")[f"{calendar}w.ics"]
    assert starts(told) == ["20260601T080000Z", "20260616T100000Z", "20260622T080000Z", "20260629T080000Z"]
    assert "RRULE" not in told
    assert "Verlegt" in told
    assert answer.texts("D:getetag") == {f"{calendar}w.ics": etag}
    body = f"<C:calendar-multiget {DECLARED}><D:prop>{expand(*JUNE)}</D:prop><D:href>{calendar}w.ics</D:href></C:calendar-multiget>"
    assert starts(chef.request("REPORT", calendar, body).texts("C:calendar-data")[f"{calendar}w.ics"]) == starts(told)
    for bad in (
        '<C:expand start="20260601T000000Z"/>',
        "<C:expand/>",
        '<C:expand start="x" end="y"/>',
        '<C:expand start="20260701T000000Z" end="20260601T000000Z"/>',
    ):
        assert query(chef, calendar, in_range(*JUNE), f"<C:calendar-data>{bad}</C:calendar-data>").status == 400


def test_free_busy_tells_when_and_not_what(chef: Plain, calendar: str) -> None:
    for name in ("inside", "weekly", "before", "berlin-in"):
        chef.put(f"{calendar}{name}.ics", EVENTS[name])
    chef.put(f"{calendar}free.ics", event("free", "20260616T080000Z", "DTEND:20260616T090000Z", "TRANSP:TRANSPARENT"))
    body = f'<C:free-busy-query {DECLARED}><C:time-range start="20260610T000000Z" end="20260701T000000Z"/></C:free-busy-query>'
    answer = chef.request("REPORT", calendar, body)
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    busy = sorted(line.partition(":")[2] for line in answer.text.split("\r\n") if line.startswith("FREEBUSY"))
    assert busy[:2] == ["20260610T080000Z/20260610T090000Z", "20260615T080000Z/20260615T090000Z"]
    assert "20260616" not in answer.text
    assert "Termin" not in answer.text
    assert "20260630T233000Z/20260701T000000Z" in busy
    for bad in ("", "<C:time-range/>", '<C:time-range start="20260610T000000Z"/>'):
        assert (
            chef.request("REPORT", calendar, f"<C:free-busy-query {DECLARED}>{bad}</C:free-busy-query>").status == 400
        )


def test_a_calendar_syncs_as_every_book_does(chef: Plain, calendar: str) -> None:
    chef.put(f"{calendar}a.ics", event("a"))
    first = chef.sync(calendar)
    chef.put(f"{calendar}b.ics", event("b"))
    chef.request("DELETE", f"{calendar}a.ics")
    body = f"<D:sync-collection {DECLARED}><D:sync-token>{first.token}</D:sync-token><D:sync-level>1</D:sync-level><D:prop><D:getetag/><C:calendar-data/></D:prop></D:sync-collection>"
    answer = chef.request("REPORT", calendar, body)
    assert answer.statuses == {f"{calendar}a.ics": "404", f"{calendar}b.ics": "200"}
    assert answer.texts("C:calendar-data") == {f"{calendar}b.ics": event("b")}


def test_reports_of_books_are_none_of_calendars(chef: Plain, calendar: str, book: str) -> None:
    assert chef.multiget(calendar, [f"{calendar}a.ics"]).status == 403
    assert chef.query(calendar, "").status == 403
    assert query(chef, book, "").status == 403
    assert query(chef, "/chef/alle/", "").status == 403
    assert chef.request("REPORT", calendar, f"<C:free-busy-query {DECLARED}/>").status == 400
    assert chef.request("REPORT", calendar, "<x/>").status == 403


@pytest.mark.parametrize(
    "change",
    [
        ("UID:a\r\n", ""),
        ("BEGIN:VCALENDAR", "BEGIN:VCARD"),
        ("END:VEVENT\r\n", ""),
        ("END:VEVENT", "END:VTODO"),
        ("DTSTART:20260615T080000Z", "DTSTART:heute"),
        ("DTSTART:20260615T080000Z\r\n", "DTSTART:20260615T080000Z\r\nDTSTART:20260616T080000Z\r\n"),
        ("SUMMARY:", "RRULE:FREQ=NIE\r\nSUMMARY:"),
        ("SUMMARY:", "RRULE:FREQ=DAILY;COUNT=x\r\nSUMMARY:"),
        ("SUMMARY:", "UID:b\r\nSUMMARY:"),
        ("END:VCALENDAR\r\n", "BEGIN:VTODO\r\nUID:a\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"),
        ("END:VCALENDAR\r\n", "END:VCALENDAR\r\nBEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"),
        ("SUMMARY:", "DTEND:morgen\r\nSUMMARY:"),
        ("SUMMARY:", "X;A=" + "b," * 40 + "\r\nSUMMARY:"),
    ],
)
def test_what_is_no_calendar_object_is_refused_as_that(sqlite_chef: Plain, change: tuple[str, str]) -> None:
    calendar = sqlite_chef.make_calendar("/chef/kalender-haus/")
    answer = sqlite_chef.put(f"{calendar}a.ics", event("a").replace(*change), Content_Type="text/calendar")
    assert answer.status == 403
    assert answer.has("C:valid-calendar-data")
    assert sqlite_chef.sync(calendar).statuses == {}
