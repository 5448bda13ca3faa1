"""What a client changed in one value of a card, and the same change done to the stored value."""

from __future__ import annotations

from dataclasses import dataclass

from radicale_propmgmt.domain.contacts import Params, PropertyValue

from .meaning import INLINE, Row, tells_something
from .merge_terms import Terms

#: Parameters that belong to the form of a value and come with it.
_OF_VALUE = frozenset({"VALUE", "ENCODING", "MEDIATYPE", "X-ABCROP-RECTANGLE"})
#: Made of the value by some program, and wrong once it changed.
_MADE_OF_VALUE = frozenset({"LABEL", "X-EVOLUTION-E164"})


@dataclass(frozen=True, slots=True)
class RowChange:
    """The parts of a value that a client changed; ``sent`` holds what they became."""

    sent: Row
    value: bool
    types: bool
    label: bool
    dropped: frozenset[str]  # other parameters
    told: Params

    @property
    def is_any(self) -> bool:
        """Tell whether anything changed at all."""
        return bool(self.value or self.types or self.label or self.dropped or self.told)


def change_of(base: Row, sent: Row, terms: Terms) -> RowChange:
    """Compare a value as it was served with what came back; what the client cannot hold did not change."""
    client = terms.capabilities
    before = dict(base.told)
    by_label = not (client.holds_all or sent.types) and bool(sent.label) and sent.label == base.label  # instead of TYPE
    return RowChange(
        sent=sent,
        value=base.key != sent.key,
        types=base.types != sent.types and client.tells_apart(base.types) and not by_label,
        label=base.label != sent.label and (bool(sent.label) or (client.shows_labels and terms.has_base)),
        dropped=frozenset(before.keys() - dict(sent.told).keys())
        if terms.has_base and client.holds_all
        else frozenset(),
        told=tuple((name, values) for name, values in sent.told if before.get(name) != values),
    )


def changed_value(stored: PropertyValue, change: RowChange) -> PropertyValue:
    """Do the change to a stored value: whatever the client did not touch stays as it is."""
    sent = change.sent.value
    told = dict(change.told)
    params = [(name, told.pop(name, values)) for name, values in stored.params if name not in change.dropped]
    params += told.items()
    if change.value:
        of_value = _OF_VALUE | {"TYPE"} if sent.name.upper() in INLINE else _OF_VALUE
        params = [param for param in params if param[0] not in of_value | _MADE_OF_VALUE]
        params += [param for param in sent.params if param[0] in of_value]
    if change.types:
        params = _with_types(params, change.sent)
    return PropertyValue(
        stored.name,
        sent.value if change.value else stored.value,
        tuple(params),
        _label(change.sent) if change.label else stored.label,
    )


def _with_types(params: list[tuple[str, tuple[str, ...]]], sent: Row) -> list[tuple[str, tuple[str, ...]]]:
    """Put other types in; PREF stays with who had it."""
    was_preferred = any(name == "TYPE" and "PREF" in map(str.upper, values) for name, values in params)
    types = (*sorted(sent.types), *(("PREF",) if was_preferred else ()))
    at = next((index for index, (name, _) in enumerate(params) if name == "TYPE"), 0)
    kept = [param for param in params if param[0] != "TYPE"]
    if types:
        kept.insert(at, ("TYPE", types))
    return kept


def _label(row: Row) -> str | None:
    return (row.value.label or "").strip() if row.label else None


def new_value(row: Row) -> PropertyValue:
    """Make a stored value of one that a client added: without what only that client says."""
    value = row.value
    if row.name in INLINE:
        return value
    preferred = any(name == "TYPE" and "PREF" in map(str.upper, values) for name, values in value.params)
    types = [text for name, values in value.params if name == "TYPE" for text in values if text in row.types]
    types += sorted(row.types - set(types))
    types += ["PREF"] if preferred else []
    params = [
        param for param in value.params if param[0] != "TYPE" and (param[0] in _OF_VALUE or tells_something(param[0]))
    ]
    if types:
        params.insert(0, ("TYPE", tuple(types)))
    return PropertyValue(value.name, value.value, tuple(params), _label(row))
