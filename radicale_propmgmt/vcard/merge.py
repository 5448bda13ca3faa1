"""Three-way merge of a card that a client sent (DESIGN §6): what the client changed, and nothing else, is written.

An edit is the difference between what the card said that the client was served (the base) and what it sent, compared
by meaning. It is done to the whole stored contact, so that hidden fields stay as they are, byte for byte.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import TypeVar

from radicale_propmgmt.domain.contacts import BankAccount, ContactData, Mandate
from radicale_propmgmt.domain.fields import FieldClass, Fields

from . import limits
from .capabilities import Capabilities
from .errors import ParseError
from .merge_moved import moved_classes
from .merge_rows import merge_rows
from .merge_terms import Findings, Terms
from .merge_texts import SLOTS, merge_texts, with_texts
from .sent import SentCard, Side, read_served
from .values import unescape

__all__ = ["Merged", "merge"]

_Item = TypeVar("_Item")
_FUNCTION = ("title", "role", "expertise")


@dataclass(frozen=True, slots=True)
class Merged:
    """What becomes of a card that a client sent.

    Attributes:
        data: The contact to store; the very ``current`` where nothing changes.
        changed: Classes whose stored value changes.
        refused: Classes the client edited but may not write, or that are made from links, consents and relations.
        conflicts: Classes that the client and somebody else changed since the base; there the current value stays.
        moved: Visible classes that somebody else changed since the base, whether or not the client touched them: an
            If-Match that names an older card fails (412) if ``edited`` meets them (DESIGN §6, I7).
    """

    data: ContactData
    changed: Fields
    refused: Fields
    conflicts: Fields
    moved: Fields

    @property
    def edited(self) -> Fields:
        """The classes that the client changed and may write."""
        return self.changed | self.conflicts


def merge(
    *,
    base: bytes | None,
    sent: SentCard,
    current: ContactData,
    visible: Fields,
    writable: Fields,
    capabilities: Capabilities,
    seen_as: bytes,
    region: str = "DE",
) -> Merged:
    """Merge a sent card into a stored contact. Pure; cost: linear in the four cards.

    Args:
        base: The vCard 3.0 rendition that this device last received; None = unknown, then nothing is deleted.
        sent: The card of the PUT; that its UID is the contact's own is the caller's to check.
        current: The whole stored contact.
        visible: Classes the writer sees of this contact.
        writable: Classes the writer may write.
        capabilities: What the client can hold and show.
        seen_as: The current contact's vCard 3.0 rendition for the writer's audience.
        region: Country of phone numbers that name none.

    Raises:
        ParseError: The contact would have more values than a card may have.
    """
    seen = read_served(seen_as)
    old = seen if base is None else read_served(base)
    new = _as_served(sent, old, current)
    terms = Terms(
        capabilities=capabilities,
        visible=visible,
        allowed=visible & writable,
        has_base=base is not None,
        region=region,
    )
    found = Findings()
    texts = merge_texts(old, new, seen, current, terms, found)
    found.changed |= {SLOTS[slot].field_class for slot in texts}
    data = with_texts(current, texts)
    data = replace(data, values=merge_rows(old, new, current.values, terms, found))
    data = _with_keyed(data, old, new, terms, found)
    _find_edits_of_made_lines(old, new, terms, found)
    if len(data.values) > max(len(current.values), limits.CARD_PROPERTIES):
        raise ParseError(f"more than {limits.CARD_PROPERTIES} properties")
    is_new = bool(found.changed) and data != current
    return Merged(
        data=data if is_new else current,
        changed=frozenset(found.changed) if is_new else frozenset(),
        refused=frozenset(found.refused),
        conflicts=frozenset(found.conflicts),
        moved=moved_classes(old, seen, current, region) if base != seen_as else frozenset(),
    )


def _as_served(card: SentCard, base: Side, current: ContactData) -> Side:
    """Read what was sent in the way it was served.

    A title to which the client gave parameters is the one title it was; a letter salutation that follows from what the
    card says was not written by anybody, unless it takes the place of one that was.
    """
    sent = card.side
    texts, values = dict(sent.texts), list(sent.values)
    if not card.data.letter_salutation and not current.letter_salutation:
        texts["letter_salutation"] = base.texts.get("letter_salutation", "")
    for slot in _FUNCTION:
        if base.texts.get(slot) and not texts.get(slot):
            at = next((at for at, value in enumerate(values) if value.name.lower() == slot), None)
            if at is not None:
                texts[slot] = unescape(values.pop(at).value)
    return replace(sent, texts=texts, values=tuple(values))


def _with_keyed(data: ContactData, base: Side, sent: Side, terms: Terms, found: Findings) -> ContactData:
    """Merge what has a key of its own: bank accounts, mandates, freely named parts of a name."""
    accounts = _merge_keyed(
        (base.accounts, sent.accounts, data.bank_accounts), _iban, FieldClass.BANK, "X-PROPMGMT-KONTO", terms, found
    )
    mandates = _merge_keyed(
        (base.mandates, sent.mandates, data.mandates), _mandate, FieldClass.SEPA, "X-PROPMGMT-SEPA", terms, found
    )
    extra = _merge_keyed(
        (base.name_extra, sent.name_extra, data.name.extra),
        lambda item: item[0],
        FieldClass.NAME,
        "X-PROPMGMT-NAME",
        terms,
        found,
    )
    return replace(data, bank_accounts=accounts, mandates=mandates, name=replace(data.name, extra=extra))


def _iban(account: BankAccount) -> Hashable:
    return "".join(account.iban.split()).upper()


def _mandate(mandate: Mandate) -> Hashable:
    return mandate.reference.strip(), mandate.creditor_id.strip()


def _merge_keyed(
    states: tuple[tuple[_Item, ...], tuple[_Item, ...], tuple[_Item, ...]],
    key: Callable[[_Item], Hashable],
    field_class: FieldClass,
    name: str,
    terms: Terms,
    found: Findings,
) -> tuple[_Item, ...]:
    """Merge items by key; ``states`` are those of the base, those sent, and those stored."""
    base, sent, now = (_by_key(items, key) for items in states)
    edits = {at: sent.get(at) for at in base | sent if at not in sent or base.get(at) != sent[at]}
    made = dict(now)
    for at, item in edits.items():
        if (item is None and not terms.may_delete(name)) or made.get(at) == item:
            continue
        if not found.permit(field_class, terms):
            continue
        if now.get(at) != base.get(at):
            found.conflicts.add(field_class)
            continue
        if item is None:
            made.pop(at)
        else:
            made[at] = item
        found.changed.add(field_class)
    return tuple(made.values()) if made != now else states[2]


def _by_key(items: tuple[_Item, ...], key: Callable[[_Item], Hashable]) -> dict[Hashable, _Item]:
    """Index items by key; several with one key are counted."""
    count: Counter[Hashable] = Counter()
    made: dict[Hashable, _Item] = {}
    for item in items:
        count[key(item)] += 1
        made[key(item), count[key(item)]] = item
    return made


def _find_edits_of_made_lines(base: Side, sent: Side, terms: Terms, found: Findings) -> None:
    for field_class, name, _ in sent.made - base.made:
        if not terms.capabilities.is_own(name):
            found.refused.add(field_class)
    found.refused |= {field_class for field_class, name, _ in base.made - sent.made if terms.may_delete(name)}
