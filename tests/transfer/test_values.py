"""What people type is stored in one form, or refused."""

from __future__ import annotations

from datetime import date

import pytest

from radicale_propmgmt.domain.errors import UsageError
from radicale_propmgmt.transfer import values


@pytest.mark.parametrize("text", ["0345/12 34-0", "(0345) 1234 0", "+49 (0) 345 12340", "0049 345 12340", "0345 12340"])
def test_a_number_however_written_is_one_international_number(text: str):
    assert values.phone(text).value == "+49 345 12340"
    assert values.dialled_forms(text) == ("4934512340", "034512340")


@pytest.mark.parametrize("text", ["siehe Notiz", "112", "12345"])
def test_what_is_no_number_stays_as_it_was_typed(text: str):
    assert values.phone(text).value == text


def test_a_foreign_house_reads_numbers_by_its_own_country():
    assert values.phone("01 5134567", country="AT").value == "+43 1 5134567"


@pytest.mark.parametrize("text", ["DE89370400440532013000", "AT611904300234573201", "CH9300762011623852957"])
def test_ibans_are_checked_by_their_digits(text: str):
    assert values.iban(text.lower()) == text
    with pytest.raises(UsageError):
        values.iban(text[:-1] + str((int(text[-1]) + 1) % 10))


@pytest.mark.parametrize("text", ["", "anna", "a@b", "a b@c.de", "a@b.de, c@d.de", 'a"@b.de'])
def test_what_is_no_address_is_refused(text: str):
    with pytest.raises(UsageError):
        values.email(text)


def test_nothing_typed_can_end_a_line_or_a_component():
    """I6: a semicolon or a line end in a street stays text."""
    adr = values.address(street="Hof; 2\r\nEMAIL:x@y.de", city="Halle, Saale")
    assert adr.value == ";;Hof\\; 2\\nEMAIL:x@y.de;Halle\\, Saale;;;"
    assert "\n" not in values.url("https://x.de/\r\nTEL:1,2;3").value


def test_days_are_read_as_germans_write_them():
    assert values.day("15.6.2026") == values.day("2026-06-15") == date(2026, 6, 15)
    assert values.vcard_day("--03-14") == values.vcard_day("--0314") == "--03-14"
    for text in ("31.02.2026", "2026-13-01", "gestern"):
        with pytest.raises(UsageError):
            values.day(text)
