"""Three-way merge of what a contact has several times: numbers, addresses, links, photos, unknown properties."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from radicale_propmgmt.domain.contacts import PropertyValue
from radicale_propmgmt.domain.fields import FieldClass

from .card_lines import DERIVED
from .incoming_values import as_read_back
from .meaning import Row, row_of
from .merge_terms import Findings, Terms
from .pairing import ONLY_ONE, SAME_PLACE, SAME_TYPES, SAME_VALUE, SINGLE, Pairs
from .row_change import change_of, changed_value, new_value
from .sent import Side

#: Rows of these classes may be made from links and relations; who edits such a row is refused.
_MAY_BE_MADE = frozenset({FieldClass.UNIT, FieldClass.RELATION})


@dataclass(slots=True)
class _Edits:
    """What is done to the stored values, by their index."""

    replaced: dict[int, PropertyValue] = field(default_factory=dict)
    deleted: set[int] = field(default_factory=set)
    added: dict[int, list[PropertyValue]] = field(default_factory=lambda: defaultdict(list))  # behind an index

    def done(self, values: Sequence[PropertyValue]) -> tuple[PropertyValue, ...]:
        made = []
        for at, value in enumerate(values):
            if at not in self.deleted:
                made.append(self.replaced.get(at, value))
            made += self.added.get(at, ())
        return (*made, *self.added.get(len(values), ()))


@dataclass(slots=True)
class _Group:
    """The rows of one property name in all three states, or all relations."""

    base: list[Row] = field(default_factory=list)
    sent: list[Row] = field(default_factory=list)
    now: list[Row] = field(default_factory=list)
    places: list[int] = field(default_factory=list)  # of ``now`` among the stored values


def merge_rows(
    base: Side, sent: Side, values: tuple[PropertyValue, ...], terms: Terms, found: Findings
) -> tuple[PropertyValue, ...]:
    """Merge value by value: different ones merge, the same one conflicts. Returns all stored values as they become.

    Values of hidden classes are not looked at; what somebody else added or changed since the base stays.
    """
    groups: dict[str, _Group] = defaultdict(_Group)
    for row in _rows(base.values, terms):
        groups[_group(row)].base.append(row)
    for row in _rows(sent.values, terms):
        groups[_group(row)].sent.append(row)
    for place, value in enumerate(values):
        name = value.name.upper()
        if name not in DERIVED and not terms.capabilities.is_own(name):
            row = row_of(as_read_back(value), terms.region)
            if row.field_class in terms.visible and _group(row) in groups:
                groups[_group(row)].now.append(row)
                groups[_group(row)].places.append(place)
    edits = _Edits()
    for group in groups.values():
        if [row.meaning for row in group.base] != [row.meaning for row in group.sent]:
            _GroupMerge(group, values, terms, found, edits).run()
    return edits.done(values)


def _rows(values: Sequence[PropertyValue], terms: Terms) -> list[Row]:
    return [row_of(value, terms.region) for value in values if not terms.capabilities.is_own(value.name.upper())]


def _group(row: Row) -> str:
    """A relation is said in up to three ways (RELATED, X-ABRELATEDNAMES, X-SPOUSE): they are compared together."""
    return "RELATED" if row.field_class is FieldClass.RELATION else row.name


class _GroupMerge:
    """The merge of one group."""

    def __init__(
        self, group: _Group, values: Sequence[PropertyValue], terms: Terms, found: Findings, edits: _Edits
    ) -> None:
        self.group, self.values, self.terms, self.found, self.edits = group, values, terms, found, edits
        self.end = group.places[-1] if group.places else len(values)
        self.sent = Pairs(group.base, group.sent).add(SAME_VALUE)
        self.held, self.placed = self._room()
        self._pair_edited()
        self.now = Pairs(group.base, group.now).add((*SAME_VALUE, *SAME_PLACE, *ONLY_ONE))
        self.sent_keys = {row.key for row in group.sent}

    def _room(self) -> tuple[set[int], set[int]]:
        """Choose what the client had room for, as (what it may delete, what it may edit).

        A value that came back although there should have been no room proves the guess wrong: then nothing that is
        missing was deleted.
        """
        by_name: dict[str, list[int]] = defaultdict(list)
        for at, row in enumerate(self.group.base):
            by_name[row.name].append(at)
        held: set[int] = set()
        placed: set[int] = set()
        for name, places in by_name.items():
            chosen = self.terms.capabilities.held(name, [self.group.base[at].types for at in places])
            room = {places[index] for index in chosen}
            as_guessed = all(at in room for at in places if at in self.sent.of)
            held |= room if as_guessed else set()
            placed |= room if as_guessed else set(places)
        return held, placed

    def _pair_edited(self) -> None:
        """Pair values that were edited in place.

        Whoever may have left some out may also have put one in the place of another: there a value is taken as edited
        only if as many came back as were served.
        """
        group, client = self.group, self.terms.capabilities
        complete = len(group.sent) >= len(group.base)
        if self.terms.has_base and (complete or all(client.can_show(row.name) for row in group.sent)):
            self.sent.add((*SAME_PLACE, *(() if client.shows_labels else SAME_TYPES)), among=self.placed)
        self.sent.add(ONLY_ONE)

    def run(self) -> None:
        for at, row in enumerate(self.group.base):
            sent_at, now_at = self.sent.of.get(at), self.now.of.get(at)
            now = None if now_at is None else self.group.now[now_at]
            place = -1 if now_at is None else self.group.places[now_at]
            if sent_at is not None:
                self._edit(row, self.group.sent[sent_at], now, place)
            elif at in self.held and self.terms.may_delete(row.name):
                self._delete(row, now, place)
        self._add()

    def _edit(self, base: Row, sent: Row, now: Row | None, place: int) -> None:
        if base.name != sent.name:  # a relation, said in another way
            return
        change = change_of(base, sent, self.terms)
        if not change.is_any or not self.found.permit(base.field_class, self.terms):
            return
        if now is None:
            self._missed(base)
        elif now.meaning == base.meaning:
            self.edits.replaced[place] = changed_value(self.values[place], change)
            self.found.changed.add(base.field_class)
        elif row_of(changed_value(base.value, change), self.terms.region).meaning != now.meaning:
            self.found.conflicts.add(base.field_class)

    def _missed(self, base: Row) -> None:
        """Tell what an edit of a row means that is not among the stored values."""
        where = self.found.refused if base.field_class in _MAY_BE_MADE else self.found.conflicts
        where.add(base.field_class)

    def _delete(self, base: Row, now: Row | None, place: int) -> None:
        if base.field_class is FieldClass.RELATION and base.key in self.sent_keys:
            return  # said in another way
        if not self.found.permit(base.field_class, self.terms):
            return
        if now is None:
            if base.field_class in _MAY_BE_MADE:
                self._missed(base)
        elif now.meaning == base.meaning:
            self.edits.deleted.add(place)
            self.found.changed.add(base.field_class)
        else:
            self.found.conflicts.add(base.field_class)

    def _add(self) -> None:
        known = {row.key for row in self.group.base}
        others = [self.group.now[at] for at in self.now.alone]
        present = Pairs([self.group.sent[at] for at in self.sent.alone], others).add(SAME_VALUE)
        for index, at in enumerate(self.sent.alone):
            row = self.group.sent[at]
            if row.field_class is FieldClass.RELATION and row.key in known:
                continue
            if index in present.of:  # somebody else added it, too: in the same words or in others
                if change_of(others[present.of[index]], row, self.terms).is_any:
                    self.found.conflicts.add(row.field_class)
                continue
            if not self.found.permit(row.field_class, self.terms):
                continue
            if row.name in SINGLE and others:
                self.found.conflicts.add(row.field_class)
                continue
            self.edits.added[self.end].append(new_value(row))
            self.found.changed.add(row.field_class)
