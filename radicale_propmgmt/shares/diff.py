"""Who gains and loses how many cards by a change of rules: pure, and fast enough for a whole stock of contacts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from radicale_propmgmt.domain.audiences import Audience
from radicale_propmgmt.domain.contacts import ContactState
from radicale_propmgmt.domain.links import Link
from radicale_propmgmt.domain.rules import RuleSet
from radicale_propmgmt.domain.visibility import Subject, View, Visibility


@dataclass(frozen=True, slots=True)
class AccountDiff:
    """What a change of rules does to one account, in cards.

    ``changed`` cards stay but show other fields or stand in other books; ``widened`` are those among them that show
    something they did not show before.
    """

    login: str
    gained: int = 0
    lost: int = 0
    changed: int = 0
    before: int = 0
    after: int = 0
    widened: int = 0


#: The subjects that no rule can tell apart, each kind once with the number of contacts.
_Kinds = list[tuple[Subject, int]]


def diff(
    old: RuleSet,
    new: RuleSet,
    accounts: Mapping[str, Audience],
    subjects: Iterable[Subject],
    today: date,
) -> list[AccountDiff]:
    """Compare two versions of the rules for each account, in the order of ``accounts``.

    Cost: subjects are read once and grouped by what rules can ask about them; each audience is then computed once
    per kind of subject, not per contact.
    """
    kinds = _kinds(subjects, _signature_of(old, new, today))
    known: dict[str, AccountDiff] = {}
    found = []
    for login, audience in accounts.items():
        counted = known.get(audience.key)
        if counted is None:
            counted = known[audience.key] = _compare(login, audience, old, new, kinds, today)
        found.append(_renamed(counted, login))
    return found


def exceeds_gain(diffs: Iterable[AccountDiff], share: float = 0.10) -> list[AccountDiff]:
    """List the accounts that gain more than a share of the cards they had: new cards, and cards that show more."""
    return [account for account in diffs if account.gained + account.widened > share * account.before]


def _renamed(counted: AccountDiff, login: str) -> AccountDiff:
    numbers = (counted.gained, counted.lost, counted.changed, counted.before, counted.after, counted.widened)
    return AccountDiff(login, *numbers)


def _kinds(subjects: Iterable[Subject], signature: Callable[[Subject], Hashable]) -> _Kinds:
    counts: Counter[Hashable] = Counter()
    examples: dict[Hashable, Subject] = {}
    for subject in subjects:
        if subject.state is ContactState.ACTIVE:  # a lock beats everything: no rule shows the others
            key = signature(subject)
            counts[key] += 1
            examples.setdefault(key, subject)
    return [(examples[key], count) for key, count in counts.items()]


def _signature_of(old: RuleSet, new: RuleSet, today: date) -> Callable[[Subject], Hashable]:
    """Return the function that maps a subject to everything that these rules can ask about it today."""
    shares, denies = (*old.shares, *new.shares), (*old.denies, *new.denies)
    tags = frozenset[str]().union(*(rule.only.tags for rule in shares), *(deny.tags for deny in denies))

    def phase(link: Link) -> int:
        return 0 if link.is_current(today) else 1 if link.is_former(today) else 2

    def signature(subject: Subject) -> Hashable:
        return (
            subject.protected,
            subject.tags & tags,
            frozenset((link.group, link.object_number, phase(link)) for link in subject.links),
            frozenset((grant.to, grant.profile) for grant in subject.grants if grant.is_current(today)),
            frozenset(consent.purpose for consent in subject.consents if consent.is_current(today)),
            frozenset(agreed.purpose for agreed in subject.disclosures if agreed.is_current(today)),
        )

    return signature


def _compare(login: str, audience: Audience, old: RuleSet, new: RuleSet, kinds: _Kinds, today: date) -> AccountDiff:
    was, will_be = Visibility(audience, old, today), Visibility(audience, new, today)
    gained = lost = changed = before = after = widened = 0
    for subject, count in kinds:
        one, two = was.of(subject), will_be.of(subject)
        before += count if one else 0
        after += count if two else 0
        gained += count if two and not one else 0
        lost += count if one and not two else 0
        if one and two:
            changed += count if _content(one) != _content(two) else 0
            widened += count if _shows_more(one, two) else 0
    return AccountDiff(login, gained, lost, changed, before, after, widened)


def _content(view: View) -> Hashable:
    """What of a view can be told from its card and its books; the order of the rules cannot."""
    return view.fields, frozenset(view.links), view.granted


def _shows_more(before: View, after: View) -> bool:
    return not (after.fields <= before.fields and set(after.links) <= set(before.links))
