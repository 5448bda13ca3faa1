"""Periods as BGB §§187, 188 and AO §147(4) count them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radicale_propmgmt.domain.periods import Period, day_after

DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))


@pytest.mark.parametrize(
    ("period", "event", "last"),
    [
        ("P6M", "2025-03-31", "2025-09-30"),  # §188(3): the month has no 31st
        ("P6M", "2025-08-31", "2026-02-28"),
        ("P6M", "2023-08-31", "2024-02-29"),
        ("P12M", "2024-02-29", "2025-02-28"),
        ("P4Y", "2024-02-29", "2028-02-29"),
        ("P5Y", "2024-02-29", "2029-02-28"),
        ("P0D", "2025-06-15", "2025-06-15"),
        ("P30D", "2024-02-15", "2024-03-16"),
        ("P1Y1M1D", "2023-12-31", "2025-02-01"),
        ("P8Y@", "2024-05-17", "2032-12-31"),
        ("P8Y@", "2024-12-31", "2032-12-31"),
        ("P8Y@", "2025-01-01", "2033-12-31"),
        ("P24M@", "2024-02-29", "2026-12-31"),
        ("P14M@", "2024-01-01", "2026-02-28"),
        ("P30D@", "2024-01-01", "2025-01-30"),
    ],
)
def test_a_period_ends_where_the_law_says(period: str, event: str, last: str) -> None:
    """The day of the event does not count (BGB §187(1)); ``@`` begins at the year's end."""
    found = Period.parse(period.rstrip("@"), from_year_end=period.endswith("@"))
    assert found is not None
    assert found.last_day(date.fromisoformat(event)) == date.fromisoformat(last)


@pytest.mark.parametrize("text", ["", "P", "8Y", "P8", "P1W", "P-1Y", "P1.5Y", "p1y", "P1M1Y", "P٣Y", "PT1H", "P1Y "])
def test_what_is_no_period_is_told(text: str) -> None:
    assert Period.parse(text) is None


@given(DAYS, DAYS, st.integers(0, 40), st.integers(0, 60), st.integers(0, 400), st.booleans())
def test_a_later_event_never_ends_earlier(
    one: date, other: date, years: int, months: int, days: int, year_end: bool
) -> None:
    period = Period(years, months, days, year_end)
    first, second = sorted([one, other])
    assert first <= period.last_day(first) <= period.last_day(second)


@given(DAYS, st.integers(0, 30))
def test_whole_years_from_the_year_s_end_end_with_a_year(event: date, years: int) -> None:
    assert Period(years=years, from_year_end=True).last_day(event) == date(event.year + years, 12, 31)


def test_beyond_the_calendar_there_is_no_day() -> None:
    assert Period(years=999).last_day(date(9500, 1, 1)) == date.max
    assert Period(days=99999).last_day(date(9999, 12, 30)) == date.max
    assert day_after(date.max) == date.max
    assert day_after(date(2026, 1, 1)) == date(2026, 1, 1) + timedelta(days=1)


def test_a_period_is_said_as_people_say_it() -> None:
    assert str(Period(years=8, from_year_end=True)) == "8 years from the year's end"
    assert str(Period(1, 2, 3)) == "1 years 2 months 3 days"
    assert str(Period()) == "at once"
