"""What people type, as stored property values: phones, e-mails, addresses, IBANs, days."""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache

import phonenumbers

from radicale_propmgmt.domain.contacts import Params, PropertyValue
from radicale_propmgmt.domain.errors import UsageError
from radicale_propmgmt.vcard.values import clean, escape

DEFAULT_COUNTRY = "DE"
DAY_FORMATS = ("%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y")

_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\".]+")
_YEARLESS = re.compile(r"--(0[1-9]|1[0-2])-?(0[1-9]|[12][0-9]|3[01])")


def types_of(types: tuple[str, ...]) -> Params:
    """Return the TYPE parameter, or none."""
    return (("TYPE", tuple(kind.upper() for kind in types)),) if types else ()


def phone(
    text: str, *, country: str = DEFAULT_COUNTRY, types: tuple[str, ...] = ("VOICE",), label: str | None = None
) -> PropertyValue:
    """Make a TEL; a valid number is written internationally, anything else stays as entered."""
    return PropertyValue("TEL", escape(international(clean(text).strip(), country)), types_of(types), label)


def email(text: str, *, types: tuple[str, ...] = ("INTERNET",), label: str | None = None) -> PropertyValue:
    """Make an EMAIL.

    Raises:
        UsageError: No e-mail address.
    """
    text = clean(text).strip()
    if not _EMAIL.fullmatch(text):
        raise UsageError("not an e-mail address")
    return PropertyValue("EMAIL", escape(text), types_of(types), label)


def address(
    *,
    street: str = "",
    postal_code: str = "",
    city: str = "",
    region: str = "",
    country: str = "",
    extended: str = "",
    po_box: str = "",
    types: tuple[str, ...] = ("HOME",),
    label: str | None = None,
) -> PropertyValue:
    """Make an ADR of its seven components (RFC 2426 §3.2.1)."""
    parts = (po_box, extended, street, city, region, postal_code, country)
    return PropertyValue("ADR", ";".join(escape(part.strip()) for part in parts), types_of(types), label)


def url(text: str, *, label: str | None = None) -> PropertyValue:
    """Make a URL; commas and semicolons are percent-encoded, since clients disagree on escaping them."""
    text = clean(text).strip().replace(",", "%2C").replace(";", "%3B").replace("\\", "%5C").replace(" ", "%20")
    return PropertyValue("URL", text.replace("\n", "").replace("\r", ""), (), label)


@lru_cache(maxsize=65536)
def _parsed(text: str, country: str) -> phonenumbers.PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def international(text: str, country: str = DEFAULT_COUNTRY) -> str:
    """Write a phone number as ``+49 345 1234567``; what is no valid number stays as it is."""
    number = _parsed(text, country)
    if number is None:
        return text
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL))


def dialled_forms(text: str, country: str = DEFAULT_COUNTRY) -> tuple[str, ...]:
    """Return the digits of a number as dialled from abroad and at home, for searching: ``49345…``, ``0345…``."""
    number = _parsed(text, country)
    if number is None:
        digits = "".join(c for c in text if c.isdecimal())
        return (digits,) if digits else ()
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    national = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    return (e164.lstrip("+"), "".join(c for c in national if c.isdecimal()))


def iban(text: str) -> str:
    """Check an IBAN by its modulus 97 (ISO 13616) and return it without blanks.

    Raises:
        UsageError: Not an IBAN.
    """
    compact = "".join(text.split()).upper()
    if not _IBAN.fullmatch(compact) or (compact[:2] == "DE" and len(compact) != 22):
        raise UsageError("not an IBAN: wrong length or characters")
    digits = "".join(str(int(c, 36)) for c in compact[4:] + compact[:4])
    if int(digits) % 97 != 1:
        raise UsageError("not an IBAN: its check digits do not fit")
    return compact


def day(text: str, formats: tuple[str, ...] = DAY_FORMATS) -> date:
    """Read a day, by default ``2026-06-15`` or ``15.06.2026``.

    Raises:
        UsageError: No such day.
    """
    for form in formats:
        try:
            return datetime.strptime(text.strip(), form).date()  # noqa: DTZ007 - a legal day has no zone
        except ValueError:
            continue
    raise UsageError("not a day: write YYYY-MM-DD or DD.MM.YYYY")


def vcard_day(text: str, formats: tuple[str, ...] = DAY_FORMATS) -> str:
    """Read a birthday or similar: an ISO day, or ``--MM-DD`` without a year.

    Raises:
        UsageError: No such day.
    """
    text = text.strip()
    if not text:
        return ""
    yearless = _YEARLESS.fullmatch(text)
    return f"--{yearless[1]}-{yearless[2]}" if yearless else day(text, formats).isoformat()
