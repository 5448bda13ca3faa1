"""csv in and out: one row is one contact and, where it names an object, one link."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from radicale_propmgmt.domain.contacts import BankAccount, ContactData, ContactKind, Mandate, Name, PropertyValue
from radicale_propmgmt.domain.errors import ConfigError, UsageError
from radicale_propmgmt.transfer import values
from radicale_propmgmt.transfer.drafts import Draft, LinkDraft, Rejected
from radicale_propmgmt.transfer.mapping import (
    ADDRESS_FIELDS,
    BANK_FIELDS,
    DAY_FIELDS,
    DEFAULT_TYPES,
    LINK_FIELDS,
    MANDATE_FIELDS,
    NAME_FIELDS,
    TEXT_FIELDS,
    Column,
    column_named,
)
from radicale_propmgmt.vcard.values import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from radicale_propmgmt.transfer.mapping import Mapping


T = TypeVar("T")


class _FieldError(Exception):
    """One cell cannot be read: its field and why."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field = field
        self.why = why


def read_csv(data: bytes, mapping: Mapping, *, group: str | None, country: str) -> Iterator[Draft | Rejected]:
    """Read a csv file row by row.

    Args:
        data: The file.
        mapping: Which column is what.
        group: Group of rows that name none.
        country: Country of phone numbers written without one.

    Raises:
        ConfigError: The file is not in the encoding the mapping names, or a column of the mapping is missing.
    """
    text = _decoded(data, mapping.encoding)
    first = text.partition("\n")[0]
    delimiter = mapping.delimiter
    if delimiter == "auto":
        delimiter = max(";\t|,", key=lambda candidate: (first.count(candidate), candidate == ";"))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    headings = [heading.strip() for heading in next(reader, [])]
    columns = _columns(headings, mapping)
    record = _Reader(mapping, columns, group or mapping.group, country)
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            yield Rejected(line, "-", f"not csv: {error}")
            continue
        if row is None:
            return
        if not any(cell.strip() for cell in row):
            continue
        if len(row) > len(headings):
            yield Rejected(line, "-", f"{len(row)} cells, but only {len(headings)} headings")
            continue
        try:
            yield record.read(line, row)
        except _FieldError as error:
            yield Rejected(line, error.field, error.why)


def _decoded(data: bytes, encoding: str) -> str:
    candidates = ["utf-8-sig", "cp1252"] if encoding == "auto" else [encoding]
    if encoding == "auto" and data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        candidates = ["utf-16"]
    for candidate in candidates:
        try:
            return data.decode(candidate).replace("\x00", "")
        except UnicodeDecodeError:
            continue
    raise ConfigError(f"-:1: encoding: the file is not {encoding}: set encoding in the mapping")


def _columns(headings: list[str], mapping: Mapping) -> list[Column | None]:
    if not mapping.columns:
        found = [column_named(heading) for heading in headings]
        if not any(found):
            raise ConfigError("-:1: columns: no heading is a field name: give a mapping with --mapping FILE")
        return found
    missing = [heading for heading in mapping.columns if heading not in headings]
    if missing:
        raise ConfigError(*(f"-:1: columns.{heading}: the file has no such heading" for heading in missing))
    return [mapping.columns.get(heading) for heading in headings]


@dataclass
class _Reader:
    mapping: Mapping
    columns: list[Column | None]
    group: str | None
    country: str

    def read(self, line: int, row: list[str]) -> Draft:
        cells: dict[str, list[tuple[Column, str]]] = defaultdict(list)
        for column, cell in zip(self.columns, row, strict=False):
            if column is not None:
                cells[column.field].append((column, clean(cell).strip()))
        one = {field: found[-1][1] for field, found in cells.items()}
        link = self._link(one)
        group = self._group(one)
        if group is None:
            raise _FieldError("group", "no group: add a column, `group` in the mapping, or --group SLUG")
        source = json.dumps([self.mapping.text, self.group, [sorted(one.items()), row]], ensure_ascii=False)
        return Draft(
            data=self._data(one, cells),
            line=line,
            key=one.get("key") or None,
            uid=one.get("uid") or None,
            groups=frozenset() if link else frozenset({group}),
            links=(replace(link, group=group),) if link else (),
            covers=frozenset(self._covers(cells.keys())),
            source=source.encode(),
        )

    def _covers(self, fields: Any) -> Iterator[str]:
        mapped = set(fields)
        yield from (f"name:{field}" for field in NAME_FIELDS if field in mapped)
        if any(field.startswith("name_part:") for field in mapped):
            yield "name:extra"
        yield from (field for field in (*TEXT_FIELDS, *DAY_FIELDS, "kind", "tags") if field in mapped)
        whole = {
            "organisation": ("organisation", "department"),
            "bank_accounts": BANK_FIELDS,
            "mandates": MANDATE_FIELDS,
            "values:TEL": ("phone",),
            "values:EMAIL": ("email",),
            "values:URL": ("url",),
            "values:ADR": ADDRESS_FIELDS,
        }
        yield from (part for part, needs in whole.items() if mapped & set(needs))

    def _data(self, one: dict[str, str], cells: dict[str, list[tuple[Column, str]]]) -> ContactData:
        name = Name(
            **{field: one[field] for field in NAME_FIELDS if field in one},
            extra=tuple(
                (field.partition(":")[2], value)
                for field, value in one.items()
                if field.startswith("name_part:") and value
            ),
        )
        texts = {field: one[field] for field in TEXT_FIELDS if field in one}
        if "salutation" in texts:
            word = texts["salutation"]
            if word.casefold() not in self.mapping.salutations:
                raise _FieldError("salutation", "unknown salutation: say in [salutations] what it means")
            texts["salutation"] = self.mapping.salutations[word.casefold()]
        days = {field: self._vcard_day(field, one[field]) for field in DAY_FIELDS if field in one}
        organisation = tuple(filter(None, (one.get("organisation", ""), one.get("department", ""))))
        return ContactData(
            kind=self._kind(one, name, organisation),
            name=name,
            organisation=organisation,
            tags=frozenset(filter(None, (tag.strip() for tag in one.get("tags", "").replace(";", ",").split(",")))),
            values=tuple(self._values(cells)),
            bank_accounts=self._bank(one),
            mandates=self._mandates(one),
            **texts,
            **days,
        )

    def _kind(self, one: dict[str, str], name: Name, organisation: tuple[str, ...]) -> ContactKind:
        word = one.get("kind", "")
        if not word:
            return ContactKind.ORGANISATION if organisation and not (name.family or name.given) else ContactKind.PERSON
        if word.casefold() not in self.mapping.kinds:
            raise _FieldError("kind", "unknown kind: person, organisation or household, or say so in [kinds]")
        return self.mapping.kinds[word.casefold()]

    def _values(self, cells: dict[str, list[tuple[Column, str]]]) -> Iterator[PropertyValue]:
        def filled(field: str) -> Iterator[tuple[Column, str]]:
            return ((column, cell) for column, cell in cells.get(field, []) if cell)

        for column, cell in filled("phone"):
            types = column.types or DEFAULT_TYPES["phone"]
            yield values.phone(cell, country=self.country, types=types, label=column.label)
        for column, cell in filled("email"):
            types = column.types or DEFAULT_TYPES["email"]
            yield _checked("email", partial(values.email, cell, types=types, label=column.label))
        addresses: dict[tuple[tuple[str, ...], str | None], dict[str, str]] = defaultdict(dict)
        for field in ADDRESS_FIELDS:
            for column, cell in filled(field):
                addresses[column.types or DEFAULT_TYPES["address"], column.label][field] = cell
        for (types, label), parts in addresses.items():
            yield values.address(**parts, types=types, label=label)
        for column, cell in filled("url"):
            yield values.url(cell, label=column.label)

    def _bank(self, one: dict[str, str]) -> tuple[BankAccount, ...]:
        if not one.get("iban"):
            return ()
        iban = _checked("iban", lambda: values.iban(one["iban"]))
        return (BankAccount(iban, one.get("bic", ""), one.get("account_holder", ""), one.get("bank_name", "")),)

    def _mandates(self, one: dict[str, str]) -> tuple[Mandate, ...]:
        if not one.get("mandate_reference"):
            return ()
        signed = self._day("mandate_signed_on", one.get("mandate_signed_on", ""))
        return (Mandate(one["mandate_reference"], one.get("creditor_id", ""), signed),)

    def _link(self, one: dict[str, str]) -> LinkDraft | None:
        number = one.get("object", "")
        if not number:
            used = next((field for field in LINK_FIELDS if one.get(field)), None)
            if used is not None:
                raise _FieldError("object", f"{used} without an object")
            return None
        starts, until = self._day("from", one.get("from", "")), self._day("until", one.get("until", ""))
        if starts and until and until < starts:
            raise _FieldError("until", "the window ends before it begins")
        role = one.get("role") or None
        return LinkDraft(
            object_number=number,
            object_name=one.get("object_name", ""),
            group="",
            unit=one.get("unit") or None,
            role=self.mapping.roles.get(role.casefold(), role) if role else None,
            starts=starts,
            until=until,
        )

    def _group(self, one: dict[str, str]) -> str | None:
        word = one.get("group", "")
        return self.mapping.groups.get(word.casefold(), word) if word else self.group

    def _day(self, field: str, text: str) -> date | None:
        if not text:
            return None
        return _checked(field, lambda: values.day(text, self.mapping.date_formats or values.DAY_FORMATS))

    def _vcard_day(self, field: str, text: str) -> str:
        return _checked(field, lambda: values.vcard_day(text, self.mapping.date_formats or values.DAY_FORMATS))


def _checked(field: str, make: Callable[[], T]) -> T:
    try:
        return make()
    except UsageError as error:
        raise _FieldError(field, str(error)) from None
