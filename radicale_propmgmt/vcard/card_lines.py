"""The lines of a card, one function per field class that needs more than a text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from radicale_propmgmt.domain.contacts import BankAccount, ContactData, Mandate, PropertyValue
from radicale_propmgmt.domain.fields import ALWAYS, PROPERTY_CLASS, FieldClass, Fields
from radicale_propmgmt.domain.grants import Consent, Disclosure
from radicale_propmgmt.domain.labels import RELATIONS, group_label
from radicale_propmgmt.domain.links import Link

from .values import encode_param, escape
from .writing import format_line

#: What the product makes itself; a stored value of such a name would show what no link, consent or relation allows.
DERIVED = ALWAYS | {
    "N",
    "FN",
    "X-ABLABEL",
    "X-PROPMGMT-NAME",
    "X-PROPMGMT-ANREDE",
    "X-PROPMGMT-BRIEFANREDE",
    "X-PROPMGMT-DEATHDATE",
    "X-PROPMGMT-OBJEKT",
    "X-PROPMGMT-NOTIZ",
    "X-PROPMGMT-KONTO",
    "X-PROPMGMT-SEPA",
    "X-PROPMGMT-EINWILLIGUNG",
    "X-PROPMGMT-WEITERGABE",
    "X-PROPMGMT-PORTAL",
    "X-PROPMGMT-DOK",
}
OMITTED_YEAR = "1604"  # Apple's year for a date without one; it is a leap year


def value_lines(lines: list[str], values: Sequence[PropertyValue], fields: Fields) -> int:
    """Add the visible value rows in their order, each label right behind its property; returns the labels used."""
    count = 0
    for value in values:
        name = value.name.upper()
        if PROPERTY_CLASS.get(name, FieldClass.OTHER) not in fields or name in DERIVED:
            continue
        if value.label:
            count += 1
            lines.append(format_line(name, value.value, value.params, f"item{count}"))
            lines.append(f"item{count}.X-ABLabel:{escape(value.label)}")
        else:
            lines.append(format_line(name, value.value, value.params))
    return count


def birthday_lines(lines: list[str], contact: ContactData) -> None:
    """Add the dates; one without a year as Apple writes it, which Outlook and DAVx5 read too."""
    for name, text in (("BDAY", contact.birthday), ("ANNIVERSARY", contact.anniversary)):
        if text.startswith("--"):
            month_day = text[2:] if "-" in text[2:] else f"{text[2:4]}-{text[4:]}"
            lines.append(f"{name};X-APPLE-OMIT-YEAR={OMITTED_YEAR}:{escape(f'{OMITTED_YEAR}-{month_day}')}")
        elif text:
            lines.append(f"{name}:{escape(text)}")
    if contact.deathdate:
        lines.append(f"X-PROPMGMT-DEATHDATE:{escape(contact.deathdate)}")


def category_lines(
    lines: list[str], links: Iterable[Link], group_names: Mapping[str, str], *, with_objects: bool
) -> None:
    """Add CATEGORIES: the names of the groups, then the numbers of the objects seen; DAVx5 makes groups of them."""
    names = sorted({group_names.get(link.group) or group_label(link.group) for link in links})
    if with_objects:
        names += sorted({link.object_number for link in links if link.object_number})
    if names:
        lines.append("CATEGORIES:" + ",".join([escape(name) for name in names]))


def unit_lines(lines: list[str], links: Iterable[Link], object_names: Mapping[str, str], taken: set[str]) -> None:
    """Add the machine copy of each object link, and for people up to four texts that Thunderbird shows.

    Args:
        lines: Added to.
        links: The visible ones.
        object_names: Number → name.
        taken: X-CUSTOM names that hold something else.
    """
    machine: dict[str, None] = {}
    readable: dict[str, None] = {}
    for link in sorted(links, key=_link_order):
        number = link.object_number
        if number is None:
            continue
        params = (
            _param("X-ROLE", link.role)
            + _param("X-UNIT", link.unit)
            + _param("X-FROM", _iso(link.starts))
            + _param("X-TO", _iso(link.until))
        )
        machine[f"X-PROPMGMT-OBJEKT{params}:{escape(number)}"] = None
        name = object_names.get(number) or number
        readable[f"{name}, {link.unit}" if link.unit else name] = None
    lines.extend(machine)
    free = [name for name in ("X-CUSTOM1", "X-CUSTOM2", "X-CUSTOM3", "X-CUSTOM4") if name not in taken]
    lines.extend([f"{name}:{escape(text)}" for name, text in zip(free, readable, strict=False)])


def _link_order(link: Link) -> tuple[str, str, str, str, str]:
    return (link.object_number or "", link.unit or "", link.role or "", _iso(link.starts), _iso(link.until))


def related_lines(lines: list[str], related: Iterable[tuple[str, str]], count: int) -> None:
    """Add relations as Apple and DAVx5 read them, then the one of each kind that Outlook reads.

    Args:
        lines: Added to.
        related: Type and visible name of each.
        count: How many ``itemN`` groups are taken.
    """
    outlook: dict[str, str] = {}
    for kind, name in sorted(set(related)):
        relation = RELATIONS.get(kind)
        if relation and relation.internal:
            continue
        count += 1
        label = (relation.apple or relation.label.de) if relation else kind
        text = escape(name)
        lines.append(f"item{count}.X-ABRELATEDNAMES:{text}")
        lines.append(f"item{count}.X-ABLabel:{escape(label)}")
        if relation and relation.outlook:
            outlook.setdefault(relation.outlook, text)
    lines.extend([f"{name}:{text}" for name, text in sorted(outlook.items())])


def bank_lines(lines: list[str], accounts: Iterable[BankAccount]) -> None:
    """Add the bank accounts, in the order of entry."""
    for account in accounts:
        params = _param("X-BIC", account.bic) + _param("X-HOLDER", account.holder) + _param("X-BANK", account.bank_name)
        lines.append(f"X-PROPMGMT-KONTO{params}:{escape(account.iban)}")


def sepa_lines(lines: list[str], mandates: Iterable[Mandate]) -> None:
    """Add the SEPA mandates, in the order of entry."""
    for mandate in mandates:
        params = (
            _param("X-CI", mandate.creditor_id)
            + _param("X-SIGNED", _iso(mandate.signed_on))
            + _param("X-SEQ", mandate.sequence)
            + _param("X-SCHEME", mandate.scheme)
        )
        lines.append(f"X-PROPMGMT-SEPA{params}:{escape(mandate.reference)}")


def consent_lines(lines: list[str], consents: Iterable[Consent], disclosures: Iterable[Disclosure]) -> None:
    """Add consents (GDPR Art. 7) and agreements about passing data on, sorted."""
    made = [
        f"X-PROPMGMT-EINWILLIGUNG{_param('X-PURPOSE', c.purpose)}{_param('X-FROM', _iso(c.given_on))}"
        f"{_param('X-TO', _iso(c.valid_until))}:{'widerrufen' if c.withdrawn else 'ja'}"
        for c in consents
    ]
    lines.extend(sorted(made))
    made = [
        f"X-PROPMGMT-WEITERGABE{_param('X-PURPOSE', d.purpose)}{_param('X-FROM', _iso(d.starts))}"
        f"{_param('X-TO', _iso(d.until))}{_param('X-BASIS', d.basis)}:ja"
        for d in disclosures
    ]
    lines.extend(sorted(made))


def _param(key: str, value: str | None) -> str:
    return f";{key}={encode_param(value)}" if value else ""


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
