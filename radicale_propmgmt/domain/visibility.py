"""The one function that decides who sees what (DESIGN §2.1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from .contacts import ContactState
from .fields import ALL_FIELDS, FieldClass, Fields

if TYPE_CHECKING:
    from .audiences import Audience
    from .grants import Consent, Disclosure, Grant
    from .links import Link
    from .rules import DenyRule, RuleSet, ShareRule

#: What right "protected" opens for a person under an information block (§51 BMG).
PROTECTED_FIELDS: Fields = frozenset({FieldClass.PHONE, FieldClass.EMAIL, FieldClass.ADDRESS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """All facts about one contact that visibility may depend on."""

    id: int
    state: ContactState = ContactState.ACTIVE
    protected: bool = False
    tags: frozenset[str] = frozenset()
    links: tuple[Link, ...] = ()  # plain group memberships included
    grants: tuple[Grant, ...] = ()
    consents: tuple[Consent, ...] = ()
    disclosures: tuple[Disclosure, ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """What one audience sees of one contact: field classes, and the links it is seen through in the contact's order.

    ``granted`` tells whether a grant shows it. Empty fields = the contact does not exist for this audience.
    """

    fields: Fields = frozenset()
    links: tuple[Link, ...] = ()
    granted: bool = False
    reasons: tuple[str, ...] = field(default=(), compare=False)

    def __bool__(self) -> bool:
        return bool(self.fields)


NOTHING = View()


class Visibility:
    """``visible`` for one audience on one day, compiled: the rules that mean it and hold today are selected once.

    Which shares a link meets is remembered per group, object and phase of the link, so that a stock of contacts
    costs little more than its distinct links.
    """

    def __init__(self, audience: Audience, rules: RuleSet, today: date) -> None:
        self._names = audience.names
        self._rules = rules
        self._today = today
        self._shares = tuple(rule for rule in rules.shares_for(self._names) if rule.is_current(today))
        self._denies = tuple(rule for rule in rules.denies_for(self._names) if rule.is_current(today))
        self._reasons = tuple(f"share {rule.name!r} line {rule.line}" for rule in self._shares)
        self._sees_protected = "protected" in audience.rights
        self._conditional = tuple(
            (position, rule) for position, rule in enumerate(self._shares) if rule.only.asks_the_contact
        )
        self._met: dict[tuple[object, ...], tuple[int, ...]] = {}

    def of(self, subject: Subject) -> View:
        """Decide about one contact."""
        if subject.state is not ContactState.ACTIVE:
            return NOTHING
        if not self._shares and not subject.grants:
            return NOTHING
        fields: set[FieldClass] = set()
        links, matched = self._matched(subject)
        reasons: list[str] = []
        for position in sorted(matched):
            fields |= fields_of(self._shares[position], subject, self._today)
            reasons.append(self._reasons[position])
        granted = self._add_grants(subject, fields, reasons)
        if fields:
            self._take_denied(subject, fields, reasons)
        if not fields:
            return NOTHING
        return View(frozenset(fields), links, granted, tuple(reasons))

    def _matched(self, subject: Subject) -> tuple[tuple[Link, ...], set[int]]:
        """List the links by which any share shows the contact, and the positions of these shares."""
        failing = {
            position
            for position, rule in self._conditional
            if first_failing_condition(rule, subject, self._today) is not None
        }
        links: dict[Link, None] = {}
        matched: set[int] = set()
        for link in subject.links:
            met = self._shares_met(link)
            if failing:
                met = tuple(position for position in met if position not in failing)
            if met:
                links[link] = None
                matched.update(met)
        return tuple(links), matched

    def _shares_met(self, link: Link) -> tuple[int, ...]:
        today = self._today
        key = (link.group, link.object_number, link.is_current(today), link.is_former(today))
        met = self._met.get(key)
        if met is None:
            found = (position for position, rule in enumerate(self._shares) if link_matches(rule, link, today))
            met = self._met[key] = tuple(found)
        return met

    def _add_grants(self, subject: Subject, fields: set[FieldClass], reasons: list[str]) -> bool:
        granted = False
        for grant in subject.grants:
            if grant.to in self._names and grant.is_current(self._today):
                granted = True
                fields |= self._rules.profile_fields(grant.profile)
                reasons.append(f"grant {grant.id} profile {grant.profile!r}")
        return granted

    def _take_denied(self, subject: Subject, fields: set[FieldClass], reasons: list[str]) -> None:
        """Take what denies and an information block hide."""
        today = self._today
        for deny in self._denies:
            if fields and deny_matches(deny, subject, today):
                fields -= deny.fields or ALL_FIELDS
                reasons.append(f"deny {deny.name!r} line {deny.line}")
        if subject.protected and not self._sees_protected:
            fields -= PROTECTED_FIELDS


def visible(audience: Audience, subject: Subject, rules: RuleSet, today: date) -> View:
    """Decide which field classes of a contact an audience sees today, and through which links.

    Allows unite per field class; a deny beats an allow; a lock beats everything. Default deny.
    """
    return Visibility(audience, rules, today).of(subject)


def matching_links(rule: ShareRule, subject: Subject, today: date) -> tuple[Link, ...]:
    """List the links by which a share shows a contact today; empty = it does not."""
    if not rule.is_current(today) or first_failing_condition(rule, subject, today) is not None:
        return ()
    return tuple(link for link in subject.links if link_matches(rule, link, today))


def first_failing_condition(rule: ShareRule, subject: Subject, today: date) -> str | None:
    """Name the first condition on the contact itself that fails, for ``shares explain``."""
    only = rule.only
    if only.tags and not only.tags & subject.tags:
        return "tags"
    if only.disclosure and not any(d.purpose == only.disclosure and d.is_current(today) for d in subject.disclosures):
        return "disclosure"
    if only.consent and not any(c.purpose == only.consent and c.is_current(today) for c in subject.consents):
        return "consent"
    return None


def link_matches(rule: ShareRule, link: Link, today: date) -> bool:
    """Tell whether one link meets groups, objects and tenancy together."""
    if rule.groups is not None and link.group not in rule.groups:
        return False
    if rule.objects is not None and link.object_number not in rule.objects:
        return False
    if rule.only.tenancy == "any":
        return True
    return link.is_current(today) if rule.only.tenancy == "current" else link.is_former(today)


def fields_of(rule: ShareRule, subject: Subject, today: date) -> Fields:
    """List the field classes a share shows of a contact it matches, those by consent included."""
    fields = rule.fields
    for purpose, more in rule.consent_fields:
        if any(c.purpose == purpose and c.is_current(today) for c in subject.consents):
            fields |= more
    return fields


def deny_matches(deny: DenyRule, subject: Subject, today: date) -> bool:
    """Tell whether a deny means this contact today."""
    if not deny.is_current(today) or (deny.tags and not deny.tags & subject.tags):
        return False
    if deny.objects is None and deny.groups is None:
        return True
    return any(
        (deny.groups is None or link.group in deny.groups)
        and (deny.objects is None or link.object_number in deny.objects)
        for link in subject.links
    )
