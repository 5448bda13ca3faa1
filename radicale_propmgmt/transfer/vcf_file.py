"""vcf in: cards become drafts."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from radicale_propmgmt.domain.text import fold
from radicale_propmgmt.transfer.drafts import EVERYTHING, MORE_TAGS, Draft, Rejected
from radicale_propmgmt.transfer.merging import by_field_class
from radicale_propmgmt.vcard.incoming import CardProblem, IncomingCard, read_cards

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

#: What most programs' cards do not carry: an empty one says nothing about it.
_RARE = frozenset({"internal_note", "tags", "bank_accounts", "mandates", "salutation", "letter_salutation"})


def read_vcf(
    data: bytes, *, group: str | None, group_names: Mapping[str, str], object_numbers: Collection[str]
) -> Iterator[Draft | Rejected]:
    """Read a file of cards.

    Args:
        data: The file.
        group: Group of every card.
        group_names: Slug → name; a category that is one of either means the group, any other becomes a tag.
        object_numbers: Categories that are derived from links and mean nothing here.
    """
    slugs = {fold(word): slug for slug, name in group_names.items() for word in (slug, name)}
    ignored = {fold(number) for number in object_numbers}
    for card in read_cards(data):
        if isinstance(card, CardProblem):
            yield Rejected(card.line, card.field or "-", card.why)
        else:
            yield _draft(card, group, slugs, ignored)


def _draft(card: IncomingCard, group: str | None, slugs: Mapping[str, str], ignored: Collection[str]) -> Draft:
    words = {fold(category): category for category in card.categories}
    groups = {slugs[word] for word in words if word in slugs} | ({group} if group else set())
    tags = {category for word, category in words.items() if word not in slugs and word not in ignored}
    covers = {part for part in EVERYTHING if part not in _RARE or getattr(card.data, part)}
    content = [group, card.uid, sorted(card.categories), by_field_class(card.data)]
    return Draft(
        data=replace(card.data, tags=card.data.tags | tags),
        line=card.line,
        uid=card.uid,
        groups=frozenset(groups),
        covers=frozenset(covers - {"tags"} | {MORE_TAGS}),
        source=json.dumps(content, sort_keys=True, ensure_ascii=False).encode(),
    )
