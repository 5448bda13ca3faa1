"""Rules that would hold a server up are refused before anything follows them; what calendars really hold is not."""

from __future__ import annotations

import time

import pytest

from radicale_propmgmt.dav.plain.core import check_with_core
from radicale_propmgmt.dav.plain.gate import check_calendar_object
from radicale_propmgmt.domain.errors import InvalidCalendarDataError, TooManyInstancesError
from tests.plain.client import Plain, event
from tests.plain.test_calendars import BERLIN, JUNE, expand, in_range, names, query

NOW = 1781510400  # 2026-06-15
#: Rules as calendar programs write them.
USUAL = [
    "FREQ=DAILY",
    "FREQ=DAILY;INTERVAL=2;COUNT=30",
    "FREQ=DAILY;UNTIL=20991231T000000Z",
    "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
    "FREQ=WEEKLY;WKST=SU;INTERVAL=2;BYDAY=MO;UNTIL=20301231",
    "FREQ=MONTHLY;BYMONTHDAY=-1",
    "FREQ=MONTHLY;BYMONTHDAY=31",
    "FREQ=MONTHLY;BYDAY=2TU",
    "FREQ=MONTHLY;BYDAY=-1FR",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
    "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
    "FREQ=YEARLY",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
    "FREQ=YEARLY;BYMONTH=11;BYDAY=1TH",
    "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
    "FREQ=YEARLY;BYYEARDAY=1,100,-1",
    "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO",
    "FREQ=YEARLY;BYWEEKNO=53",
    "FREQ=HOURLY;INTERVAL=6;COUNT=100",
    "FREQ=DAILY;BYHOUR=8,12,18;BYMINUTE=0",
    "FREQ=DAILY;BYMONTH=1",
]
#: Rules that ask for a billion instances, or search until the year 9999.
BOMBS = [
    "FREQ=HOURLY;BYMINUTE=0,1,2,3,4,5",
    "FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9;BYMINUTE=0,10,20,30,40,50;BYSECOND=0,30",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30,31",
    "FREQ=DAILY;BYMONTH=4;BYMONTHDAY=31",
    "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=WEEKLY;BYMONTH=2;BYMONTHDAY=31;BYDAY=MO",
    "FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31",
    "FREQ=MONTHLY;BYDAY=1MO;BYMONTHDAY=30",
    "FREQ=MONTHLY;BYDAY=6MO",
    "FREQ=YEARLY;BYDAY=60MO",
    "FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=1;BYSETPOS=2",
    "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=5",
    "FREQ=YEARLY;BYYEARDAY=366;BYMONTH=1",
    "FREQ=HOURLY;UNTIL=99991231T000000Z",
    "FREQ=DAILY;COUNT=1000000000",
    "FREQ=DAILY;UNTIL=99991231",
    "FREQ=WEEKLY;COUNT=999999;BYDAY=MO,TU,WE,TH,FR,SA,SU",
]
#: What is no rule, or none that anybody needs.
NONE = [
    "FREQ=SECONDLY",
    "FREQ=MINUTELY;COUNT=1",
    "",
    "FREQ=DAILY;FREQ=DAILY",
    "INTERVAL=2",
    "FREQ=DAILY;INTERVAL=0",
    "FREQ=DAILY;INTERVAL=99999999999999",
    "FREQ=DAILY;COUNT=-1",
    "FREQ=DAILY;BYDAY=XX",
    "FREQ=MONTHLY;BYMONTHDAY=32",
    "FREQ=MONTHLY;BYMONTHDAY=0",
    "FREQ=DAILY;UNTIL=nie",
    "FREQ=DAILY;X-EVIL=1",
    "FREQ=DAILY:BEGIN",
    "FREQ=DAILY;BYDAY=" + "MO," * 5000 + "MO",
]


def _check(rule: str, start: str = "20260601T080000Z") -> float:
    """Check an event with a rule; returns the CPU time in seconds."""
    body = event("r", start, "DTEND:20260601T090000Z", f"RRULE:{rule}").encode()
    before = time.process_time()
    try:
        check_with_core(check_calendar_object(body).body, NOW)
    finally:
        _check.spent = time.process_time() - before
    return _check.spent


@pytest.mark.parametrize("rule", USUAL)
def test_what_calendars_really_hold_is_taken(rule: str) -> None:
    assert _check(rule) < 1


@pytest.mark.parametrize("rule", BOMBS)
def test_a_rule_that_never_comes_to_an_end_is_refused_at_once(rule: str) -> None:
    """RFC 4791 §5.3.2.1: max-instances. Each of these kept dateutil busy for seconds to minutes."""
    with pytest.raises(TooManyInstancesError):
        _check(rule)
    assert _check.spent < 0.2


@pytest.mark.parametrize("rule", NONE)
def test_what_is_no_rule_is_no_calendar_object(rule: str) -> None:
    with pytest.raises(InvalidCalendarDataError):
        _check(rule)
    assert _check.spent < 0.2


@pytest.mark.parametrize(
    "lines",
    [
        ["RRULE:FREQ=DAILY"] * 5,
        ["EXRULE:FREQ=SECONDLY"],
        ["EXDATE:" + ",".join(["20260601T080000Z"] * 2001)],
        ["RDATE:20260601T080000Z"] * 2001,
        ["BEGIN:VALARM", "END:VALARM"] * 1001,
        ["DURATION:P99999999999D"],
    ],
    ids=lambda lines: lines[0][:20],
)
def test_more_parts_than_any_calendar_program_writes_are_refused(lines: list[str]) -> None:
    with pytest.raises((InvalidCalendarDataError, TooManyInstancesError)):
        check_with_core(check_calendar_object(event("r", "20260601T080000Z", *lines).encode()).body, NOW)


def test_a_zone_that_changes_by_the_second_is_none() -> None:
    """Zones have rules, too, and every look at a time would follow them."""
    for rule in ("FREQ=SECONDLY", "FREQ=DAILY", "FREQ=YEARLY;BYDAY=MO;BYHOUR=1,2,3"):
        zone = BERLIN.format("X").replace("FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", rule)
        with pytest.raises(InvalidCalendarDataError):
            check_calendar_object(event("z", ";TZID=X:20260601T080000", zone=zone).encode())


def test_many_changed_instances_are_refused_before_they_are_compared() -> None:
    changed = "".join(
        f"BEGIN:VEVENT\r\nUID:r\r\nRECURRENCE-ID:{20260101 + n}T080000Z\r\nDTSTART:20260101T080000Z\r\nEND:VEVENT\r\n"
        for n in range(501)
    )
    text = event("r", "20260101T080000Z", "RRULE:FREQ=DAILY").replace("END:VCALENDAR", f"{changed}END:VCALENDAR")
    with pytest.raises(InvalidCalendarDataError):
        check_calendar_object(text.encode())


def test_a_report_costs_so_much_and_no_more(sqlite_chef: Plain, monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 4791 §7.8: number-of-matches-within-limits, told before the work is done."""
    calendar = sqlite_chef.make_calendar("/chef/kalender-haus/")
    for number in range(30):
        rule = event(str(number), "20160101T080000Z", "DTEND:20160101T090000Z", "RRULE:FREQ=DAILY")
        assert sqlite_chef.put(f"{calendar}{number}.ics", rule).status == 201
    assert len(names(query(sqlite_chef, calendar, in_range(*JUNE)))) == 30
    before = time.process_time()
    far = query(
        sqlite_chef,
        calendar,
        in_range("20260101T000000Z", "99981231T000000Z"),
        expand("20260101T000000Z", "99981231T000000Z"),
    )
    assert (far.status, far.has("D:number-of-matches-within-limits")) == (403, True)
    assert time.process_time() - before < 1
    monkeypatch.setattr("radicale_propmgmt.dav.plain.calendar_reports.PARSED", 29)
    assert query(sqlite_chef, calendar, in_range(*JUNE)).status == 403
