"""What clients may change: which fields of a contact, which of its links, and where contacts may be made (DESIGN §6).

Pure, like ``visibility``: the rules decide, never the client. Nothing may be written that is not visible.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from .books import BookKind
from .visibility import matching_links

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from .audiences import Audience
    from .books import Book
    from .fields import Fields
    from .links import Link
    from .rules import RuleSet, ShareRule
    from .visibility import Subject, View


class BookRights(NamedTuple):
    """What a client may do in a book, as its privileges announce (RFC 3744 §3)."""

    write_content: bool = False
    bind: bool = False
    unbind: bool = False

    @property
    def any(self) -> bool:
        """Tell whether anything but reading is allowed."""
        return self.write_content or self.bind or self.unbind


@dataclass(frozen=True, slots=True)
class WriteRights:
    """What an audience may do to one contact that it sees."""

    writable: Fields = frozenset()
    unlinks: tuple[Link, ...] = ()  # the links that DELETE ends


@dataclass(frozen=True, slots=True)
class Creation:
    """What becomes of a card that a client puts under a new name.

    ``how`` is no, inbox or yes; with yes the group is known, and the object where the book is one of an object.
    """

    how: str = "no"
    group: str | None = None
    object_number: str | None = None


NO_CREATION = Creation()


def write_rights(audience: Audience, subject: Subject, view: View, rules: RuleSet, today: date) -> WriteRights:
    """Tell what may be done to a contact: the union over the shares that show it, within what is visible."""
    writable: set[object] = set()
    unlinks: dict[Link, None] = {}
    for rule in rules.shares_for(audience.names):
        links = matching_links(rule, subject, today)
        if not links:
            continue
        writable |= _written(rule, view.fields)
        if rule.delete == "unlink":
            unlinks.update(dict.fromkeys(links))
    return WriteRights(frozenset(view.fields & writable), tuple(unlinks))


def _written(rule: ShareRule, visible: Fields) -> Fields:
    if isinstance(rule.write, str):
        return visible if rule.write == "visible" else frozenset()
    return rule.write & visible


def book_rights(audience: Audience, book: Book, rules: RuleSet, today: date) -> BookRights:
    """Tell what a book announces: write-content if a rule that fills it writes, bind if one creates, unbind if one
    unlinks; ``alle`` announces the union.
    """  # noqa: D205 - one sentence
    filling = list(_filling(audience, book, rules, today))
    return BookRights(
        write_content=any(rule.write != "none" for rule in filling),
        bind=creation(audience, book, rules, today).how != "no",
        unbind=any(rule.delete == "unlink" for rule in filling),
    )


def proposes(audience: Audience, book: Book, rules: RuleSet, today: date) -> bool:
    """Tell whether what is refused in a book is kept as a proposal for the office."""
    return any(rule.on_refused == "propose" for rule in _filling(audience, book, rules, today))


def _filling(audience: Audience, book: Book, rules: RuleSet, today: date) -> Iterable[ShareRule]:
    if book.kind is BookKind.GRANTS:
        return ()
    return (
        rule
        for rule in rules.shares_for(audience.names)
        if rule.is_current(today)
        and (book.group is None or rule.groups is None or book.group in rule.groups)
        and (book.object_number is None or rule.objects is None or book.object_number in rule.objects)
    )


def creation(audience: Audience, book: Book, rules: RuleSet, today: date) -> Creation:
    """Tell what becomes of a new card in a book; the most generous rule decides.

    A rule makes a contact at once only where the new one meets it: the group is that of the book, or the only one
    the rule names; it asks nothing that a new contact cannot have (tags, consents, disclosures, a former tenancy);
    and a rule of certain objects needs a book of one of them. Otherwise somebody has to look: inbox.
    """
    best = NO_CREATION
    for rule in _filling(audience, book, rules, today):
        if rule.create == "no":
            continue
        group = book.group or _only(rule.groups)
        meets = (
            group is not None
            and not rule.only.asks_the_contact
            and rule.only.tenancy != "former"
            and (rule.objects is None or book.object_number is not None)
        )
        if rule.create == "yes" and meets:
            return Creation("yes", group, book.object_number)
        best = Creation("inbox", group, book.object_number)
    return best


def _only(groups: frozenset[str] | None) -> str | None:
    return next(iter(groups)) if groups is not None and len(groups) == 1 else None


def reviews_inbox(audience: Audience, rules: RuleSet, today: date) -> bool:
    """Tell whether an audience sees what others created and nobody has released yet."""
    return any(rule.inbox and rule.is_current(today) for rule in rules.shares_for(audience.names))
