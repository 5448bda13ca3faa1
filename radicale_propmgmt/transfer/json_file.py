"""JSON in: the shape of ``contacts export --format json``, and phones, e-mails and addresses as people write them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from radicale_propmgmt.domain.contacts import (
    BankAccount,
    ContactData,
    ContactKind,
    Mandate,
    Name,
    PropertyValue,
)
from radicale_propmgmt.domain.errors import UsageError
from radicale_propmgmt.transfer import values
from radicale_propmgmt.transfer.drafts import Draft, LinkDraft, Rejected
from radicale_propmgmt.vcard.values import clean, clean_raw

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from radicale_propmgmt.domain.contacts import Params

TEXTS = (
    *("salutation", "letter_salutation", "title", "role", "expertise"),
    *("birthday", "anniversary", "deathdate", "note", "internal_note"),
)
NAME_TEXTS = tuple(name for name in Name.__dataclass_fields__ if name != "extra")
_ADDRESS = ("po_box", "extended", "street", "city", "region", "postal_code", "country")
_KEYS = frozenset(
    {"key", "uid", "kind", "name", "organisation", "tags", "values", "bank_accounts", "mandates", "groups", "links"}
    | {"phones", "emails", "addresses", "urls", *TEXTS}
)


class _ShapeError(Exception):
    """One place of a record is wrong: its path and why."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(why)
        self.path = path
        self.why = why


def read_json(data: bytes, *, group: str | None, country: str) -> Iterator[Draft | Rejected]:
    """Read an array of records, or one record after another (JSON lines)."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        yield Rejected(1, "-", "not UTF-8")
        return
    decoder = json.JSONDecoder()
    position = _skip(text, 0)
    in_array = text[position : position + 1] == "["
    position = _skip(text, position + 1) if in_array else position
    line, counted, number = 1, 0, 0
    while position < len(text) and text[position] != "]":
        line, counted = line + text.count("\n", counted, position), position
        try:
            record, position = decoder.raw_decode(text, position)
        except (json.JSONDecodeError, RecursionError) as error:
            why = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply"
            yield Rejected(getattr(error, "lineno", line), f"contacts[{number}]", f"not JSON, the rest is lost: {why}")
            return
        yield _read_record(record, line, f"contacts[{number}]", group, country)
        number += 1
        position = _skip(text, position)
        if in_array and text[position : position + 1] == ",":
            position = _skip(text, position + 1)


def _skip(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t\r\n":
        position += 1
    return position


def _read_record(record: Any, line: int, path: str, group: str | None, country: str) -> Draft | Rejected:
    try:
        return _draft(record, line, path, group, country)
    except _ShapeError as error:
        return Rejected(line, error.path, error.why)


def _draft(record: Any, line: int, path: str, group: str | None, country: str) -> Draft:
    table = _object(record, path, _KEYS)
    groups = {_text(slug, f"{path}.groups[{i}]") for i, slug in enumerate(_list(table, "groups", path))}
    links = tuple(_link(link, f"{path}.links[{i}]", group) for i, link in enumerate(_list(table, "links", path)))
    if group and not groups and not links:
        groups = {group}
    covers = {key for key in table if key in ContactData.__dataclass_fields__}
    lists = {"phones": "TEL", "emails": "EMAIL", "addresses": "ADR", "urls": "URL"}
    covers |= {f"values:{name}" for key, name in lists.items() if key in table}
    return Draft(
        data=_data(table, path, country),
        line=line,
        key=_optional(table, "key", path),
        uid=_optional(table, "uid", path),
        groups=frozenset(groups),
        links=links,
        covers=frozenset(covers),
        source=json.dumps([group, record], sort_keys=True, ensure_ascii=False).encode(),
    )


def _data(table: dict[str, Any], path: str, country: str) -> ContactData:
    kind = table.get("kind", "person")
    if kind not in {k.value for k in ContactKind}:
        raise _ShapeError(f"{path}.kind", "person, organisation or household")
    found = [
        *(_value(v, f"{path}.values[{i}]") for i, v in enumerate(_list(table, "values", path))),
        *(_phone(v, f"{path}.phones[{i}]", country) for i, v in enumerate(_list(table, "phones", path))),
        *(_email(v, f"{path}.emails[{i}]") for i, v in enumerate(_list(table, "emails", path))),
        *(_address(v, f"{path}.addresses[{i}]") for i, v in enumerate(_list(table, "addresses", path))),
        *(_url(v, f"{path}.urls[{i}]") for i, v in enumerate(_list(table, "urls", path))),
    ]
    texts = {key: _text(table[key], f"{path}.{key}") for key in TEXTS if table.get(key) is not None}
    return ContactData(
        kind=ContactKind(kind),
        name=_name(table.get("name", {}), f"{path}.name"),
        organisation=tuple(
            _text(part, f"{path}.organisation[{i}]") for i, part in enumerate(_list(table, "organisation", path))
        ),
        tags=frozenset(_text(tag, f"{path}.tags[{i}]") for i, tag in enumerate(_list(table, "tags", path))),
        values=tuple(found),
        bank_accounts=tuple(
            _account(a, f"{path}.bank_accounts[{i}]") for i, a in enumerate(_list(table, "bank_accounts", path))
        ),
        mandates=tuple(_mandate(m, f"{path}.mandates[{i}]") for i, m in enumerate(_list(table, "mandates", path))),
        **texts,
    )


def _name(value: Any, path: str) -> Name:
    table = _object(value, path, {*NAME_TEXTS, "extra"})
    extra = _object(table.get("extra", {}), f"{path}.extra", None)
    return Name(
        **{part: _text(table[part], f"{path}.{part}") for part in NAME_TEXTS if table.get(part) is not None},
        extra=tuple((key, _text(text, f"{path}.extra.{key}")) for key, text in extra.items()),
    )


def _value(value: Any, path: str) -> PropertyValue:
    table = _object(value, path, {"name", "value", "params", "label"})
    name = _required(table, "name", path).upper()
    if not name.replace("-", "").isalnum() or not name.isascii():
        raise _ShapeError(f"{path}.name", "not a vCard property name")
    raw = clean_raw(_required(table, "value", path))
    return PropertyValue(name, raw, _params(table, path), _optional(table, "label", path))


def _params(table: dict[str, Any], path: str) -> Params:
    params = table.get("params") or []
    pairs = list(params.items()) if isinstance(params, dict) else params
    try:
        return tuple((str(name).upper(), tuple(str(value) for value in many)) for name, many in pairs)
    except (TypeError, ValueError):
        raise _ShapeError(f"{path}.params", 'write [["TYPE", ["CELL"]]]') from None


def _types(table: dict[str, Any], path: str, default: tuple[str, ...]) -> tuple[str, ...]:
    types = table.get("type", default)
    types = [types] if isinstance(types, str) else types
    if not isinstance(types, (list, tuple)) or not all(isinstance(kind, str) for kind in types):
        raise _ShapeError(f"{path}.type", "a text or a list of texts")
    return tuple(types)


def _phone(value: Any, path: str, country: str) -> PropertyValue:
    table = _object(value, path, {"number", "type", "label"})
    types = _types(table, path, ("VOICE",))
    number, label = _required(table, "number", path), _optional(table, "label", path)
    return values.phone(number, country=country, types=types, label=label)


def _email(value: Any, path: str) -> PropertyValue:
    table = _object(value, path, {"address", "type", "label"})
    types = _types(table, path, ("INTERNET",))
    try:
        return values.email(_required(table, "address", path), types=types, label=_optional(table, "label", path))
    except UsageError as error:
        raise _ShapeError(f"{path}.address", str(error)) from None


def _address(value: Any, path: str) -> PropertyValue:
    table = _object(value, path, {*_ADDRESS, "type", "label"})
    parts = {part: _text(table[part], f"{path}.{part}") for part in _ADDRESS if table.get(part) is not None}
    return values.address(**parts, types=_types(table, path, ("HOME",)), label=_optional(table, "label", path))


def _url(value: Any, path: str) -> PropertyValue:
    table = _object(value, path, {"url", "label"})
    return values.url(_required(table, "url", path), label=_optional(table, "label", path))


def _account(value: Any, path: str) -> BankAccount:
    table = _object(value, path, set(BankAccount.__dataclass_fields__))
    try:
        iban = values.iban(_required(table, "iban", path))
    except UsageError as error:
        raise _ShapeError(f"{path}.iban", str(error)) from None
    return BankAccount(iban, *(_optional(table, key, path) or "" for key in ("bic", "holder", "bank_name")))


def _mandate(value: Any, path: str) -> Mandate:
    table = _object(value, path, set(Mandate.__dataclass_fields__))
    return Mandate(
        _required(table, "reference", path),
        _optional(table, "creditor_id", path) or "",
        _day(table, "signed_on", path),
        _optional(table, "sequence", path) or "RCUR",
        _optional(table, "scheme", path) or "CORE",
    )


def _link(value: Any, path: str, group: str | None) -> LinkDraft:
    table = _object(value, path, {"object", "group", "unit", "role", "from", "until"})
    slug = _optional(table, "group", path) or group
    if not slug:
        raise _ShapeError(f"{path}.group", "a link belongs to a group")
    starts, until = _day(table, "from", path), _day(table, "until", path)
    if starts and until and until < starts:
        raise _ShapeError(f"{path}.until", "the window ends before it begins")
    return LinkDraft(
        object_number=_required(table, "object", path),
        group=slug,
        unit=_optional(table, "unit", path),
        role=_optional(table, "role", path),
        starts=starts,
        until=until,
    )


def _day(table: dict[str, Any], key: str, path: str) -> date | None:
    text = _optional(table, key, path)
    if text is None:
        return None
    try:
        return values.day(text)
    except UsageError as error:
        raise _ShapeError(f"{path}.{key}", str(error)) from None


def _object(value: Any, path: str, known: frozenset[str] | set[str] | None) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _ShapeError(path, "an object is expected")
    unknown = sorted(value.keys() - known) if known is not None else []
    if unknown:
        raise _ShapeError(f"{path}.{unknown[0]}", "unknown key")
    return value


def _list(table: dict[str, Any], key: str, path: str) -> list[Any]:
    value = table.get(key) or []
    if not isinstance(value, list):
        raise _ShapeError(f"{path}.{key}", "a list is expected")
    return value


def _text(value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise _ShapeError(path, "a text is expected")
    return clean(value)


def _optional(table: dict[str, Any], key: str, path: str) -> str | None:
    value = table.get(key)
    return None if value is None or value == "" else _text(value, f"{path}.{key}")


def _required(table: dict[str, Any], key: str, path: str) -> str:
    value = _optional(table, key, path)
    if value is None:
        raise _ShapeError(f"{path}.{key}", "is missing")
    return value
