"""Mapping files: which column of a csv file is which field, and how its values read."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from typing import Any

from radicale_propmgmt.domain.contacts import ContactKind
from radicale_propmgmt.domain.errors import ConfigError
from radicale_propmgmt.domain.labels import SALUTATIONS

NAME_FIELDS = ("prefix", "given", "additional", "family", "suffix", "nickname", "formatted", "sort_as")
TEXT_FIELDS = ("salutation", "letter_salutation", "title", "expertise", "note", "internal_note")
DAY_FIELDS = ("birthday", "anniversary", "deathdate")
ADDRESS_FIELDS = ("po_box", "extended", "street", "city", "region", "postal_code", "country")
LINK_FIELDS = ("object", "object_name", "unit", "role", "from", "until")
BANK_FIELDS = ("iban", "bic", "account_holder", "bank_name")
MANDATE_FIELDS = ("mandate_reference", "creditor_id", "mandate_signed_on")
OTHER_FIELDS = ("key", "uid", "kind", "organisation", "department", "phone", "email", "url", "group", "tags")

FIELDS: tuple[str, ...] = (
    *OTHER_FIELDS[:3],
    *NAME_FIELDS,
    *TEXT_FIELDS,
    *DAY_FIELDS,
    *OTHER_FIELDS[3:],
    *ADDRESS_FIELDS,
    *LINK_FIELDS,
    *BANK_FIELDS,
    *MANDATE_FIELDS,
)

#: What columns are called in our own csv export, and in files imported without a mapping.
DEFAULT_TYPES = {"phone": ("VOICE",), "email": ("INTERNET",), "address": ("HOME",)}

_KINDS = {
    "person": ContactKind.PERSON,
    "organisation": ContactKind.ORGANISATION,
    "firma": ContactKind.ORGANISATION,
    "household": ContactKind.HOUSEHOLD,
    "haushalt": ContactKind.HOUSEHOLD,
}
_TOP_KEYS = frozenset(
    {"delimiter", "encoding", "date_format", "create_objects", "group", "columns", "groups", "roles", "kinds"}
    | {"salutations"}
)
_COLUMN_KEYS = frozenset({"field", "type", "label", "name_part"})


@dataclass(frozen=True, slots=True)
class Column:
    """What one column is. ``types`` and ``label`` speak of a phone, e-mail or address; ``name_part`` names a free one.

    Address columns with equal types and label make one address.
    """

    field: str
    types: tuple[str, ...] = ()
    label: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """A whole mapping. ``columns`` empty = headings are field names, as in our own export."""

    columns: dict[str, Column] = field(default_factory=dict)
    delimiter: str = "auto"
    encoding: str = "auto"
    date_formats: tuple[str, ...] = ()
    create_objects: bool = False
    group: str | None = None
    groups: dict[str, str] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, ContactKind] = field(default_factory=lambda: dict(_KINDS))
    salutations: dict[str, str] = field(default_factory=dict)
    text: str = ""  # the file itself: another mapping makes every record new


def load_mapping(text: str, filename: str) -> Mapping:
    """Read a mapping file.

    Raises:
        ConfigError: Every problem as ``file:line: key: what to do``.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{filename}:1: -: not TOML: {error}") from None
    problems: list[tuple[str, str]] = [
        (key, f"unknown key; known: {', '.join(sorted(_TOP_KEYS))}") for key in data if key not in _TOP_KEYS
    ]
    columns: dict[str, Column] = {}
    for heading, value in _table(data, "columns", problems).items():
        column = _column(heading, value, problems)
        if column is not None:
            columns[heading] = column
    if not columns and not problems:
        problems.append(("columns", 'name at least one column: [columns] "Heading" = "family"'))
    mapping = _mapping(data, columns, text, problems)
    if problems:
        raise ConfigError(*(f"{filename}:{_line_of(text, key)}: {key}: {problem}" for key, problem in problems))
    return mapping


def _mapping(data: dict[str, Any], columns: dict[str, Column], text: str, problems: list[tuple[str, str]]) -> Mapping:
    delimiter = data.get("delimiter", "auto")
    if delimiter != "auto" and (not isinstance(delimiter, str) or len(delimiter) != 1):
        problems.append(("delimiter", "one character, or auto"))
    encoding = data.get("encoding", "auto")
    if encoding != "auto" and not _is_encoding(encoding):
        problems.append(("encoding", "no known encoding; try utf-8, cp1252 or auto"))
    date_format = data.get("date_format", "auto")
    if not isinstance(date_format, str) or (date_format != "auto" and "%" not in date_format):
        problems.append(("date_format", "such as %d.%m.%Y, or auto"))
    if not isinstance(data.get("create_objects", False), bool):
        problems.append(("create_objects", "true or false"))
    kinds = {word.casefold(): kind for word, kind in _KINDS.items()}
    for word, kind in _table(data, "kinds", problems).items():
        if kind not in {k.value for k in ContactKind}:
            problems.append((f"kinds.{word}", "person, organisation or household"))
        else:
            kinds[word.casefold()] = ContactKind(kind)
    salutations = {label.de.casefold(): key for key, label in SALUTATIONS.items() if key}
    salutations |= {key: key for key in SALUTATIONS} | {"mr": "herr", "mrs": "frau", "ms": "frau", "hr.": "herr"}
    salutations |= {"fr.": "frau"} | {k.casefold(): str(v) for k, v in _table(data, "salutations", problems).items()}
    return Mapping(
        columns=columns,
        delimiter=delimiter,
        encoding=encoding,
        date_formats=() if date_format == "auto" else (str(date_format),),
        create_objects=bool(data.get("create_objects", False)),
        group=data.get("group"),
        groups={k.casefold(): str(v) for k, v in _table(data, "groups", problems).items()},
        roles={k.casefold(): str(v) for k, v in _table(data, "roles", problems).items()},
        kinds=kinds,
        salutations=salutations,
        text=text,
    )


def default_mapping() -> Mapping:
    """Return the mapping of files whose headings are our field names."""
    return _mapping({}, {}, "", [])


def column_named(heading: str) -> Column | None:
    """Read a heading of our own export: ``family``, ``phone``, or ``phone:cell`` with a type."""
    name, _, kind = heading.strip().partition(":")
    if name not in FIELDS:
        return None
    return Column(name, (kind.upper(),) if kind else ())


def _column(heading: str, value: Any, problems: list[tuple[str, str]]) -> Column | None:
    where = f"columns.{heading}"
    if isinstance(value, str):
        value = {"field": value}
    if not isinstance(value, dict) or value.keys() - _COLUMN_KEYS:
        problems.append((where, f"a field name, or a table of {', '.join(sorted(_COLUMN_KEYS))}"))
        return None
    if "name_part" in value:
        return Column(f"name_part:{value['name_part']}")
    found = column_named(str(value.get("field", "")))
    if found is None:
        problems.append((where, f"unknown field {value.get('field')!r}; known: {', '.join(FIELDS)}"))
        return None
    types = value.get("type", list(found.types))
    types = [types] if isinstance(types, str) else types
    return Column(found.field, tuple(str(kind).upper() for kind in types), value.get("label"))


def _table(data: dict[str, Any], key: str, problems: list[tuple[str, str]]) -> dict[str, Any]:
    table = data.get(key, {})
    if not isinstance(table, dict):
        problems.append((key, "a table is expected"))
        return {}
    return table


def _is_encoding(name: Any) -> bool:
    try:
        return isinstance(name, str) and bool("".encode(name) or True)
    except LookupError:
        return False


def _line_of(text: str, key: str) -> int:
    last = key.rpartition(".")[2] if key.startswith(("columns.", "kinds.")) else key
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip(" \t[\"'").startswith(last):
            return number
    return 1
