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
    """What one audience sees of one contact: field classes, and the links it is seen through.

    ``granted`` tells whether a grant shows it. Empty fields = the contact does not exist for this audience.
    """

    fields: Fields = frozenset()
    links: tuple[Link, ...] = ()
    granted: bool = False
    reasons: tuple[str, ...] = field(default=(), compare=False)

    def __bool__(self) -> bool:
        return bool(self.fields)


NOTHING = View()


def visible(audience: Audience, subject: Subject, rules: RuleSet, today: date) -> View:
    """Decide which field classes of a contact an audience sees today, and through which links.

    Allows unite per field class; a deny beats an allow; a lock beats everything. Default deny.
    """
    if subject.state is not ContactState.ACTIVE:
        return NOTHING
    names = audience.names
    fields: set[FieldClass] = set()
    links: dict[Link, None] = {}
    reasons: list[str] = []
    for rule in rules.shares_for(names):
        matched = matching_links(rule, subject, today)
        if matched:
            fields |= _fields_of(rule, subject, today)
            links.update(dict.fromkeys(matched))
            reasons.append(f"share {rule.name!r} line {rule.line}")
    granted = False
    for grant in subject.grants:
        if grant.to in names and grant.is_current(today):
            granted = True
            fields |= rules.profile_fields(grant.profile)
            reasons.append(f"grant {grant.id} profile {grant.profile!r}")
    for deny in rules.denies_for(names):
        if fields and deny_matches(deny, subject, today):
            fields -= deny.fields or ALL_FIELDS
            reasons.append(f"deny {deny.name!r} line {deny.line}")
    if subject.protected and "protected" not in audience.rights:
        fields -= PROTECTED_FIELDS
    if not fields:
        return NOTHING
    return View(frozenset(fields), tuple(links), granted, tuple(reasons))


def matching_links(rule: ShareRule, subject: Subject, today: date) -> tuple[Link, ...]:
    """List the links by which a share shows a contact today; empty = it does not."""
    if not rule.is_current(today) or first_failing_condition(rule, subject, today) is not None:
        return ()
    return tuple(link for link in subject.links if _link_matches(rule, link, today))


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


def _link_matches(rule: ShareRule, link: Link, today: date) -> bool:
    if rule.groups is not None and link.group not in rule.groups:
        return False
    if rule.objects is not None and link.object_number not in rule.objects:
        return False
    if rule.only.tenancy == "any":
        return True
    return link.is_current(today) if rule.only.tenancy == "current" else link.is_former(today)


def _fields_of(rule: ShareRule, subject: Subject, today: date) -> Fields:
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
