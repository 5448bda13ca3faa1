"""Why an account sees a contact, or what hides it: the reasons behind ``visible``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from radicale_propmgmt.domain.audiences import Audience
from radicale_propmgmt.domain.contacts import ContactState
from radicale_propmgmt.domain.fields import ALL_FIELDS, FieldClass, Fields
from radicale_propmgmt.domain.links import Link
from radicale_propmgmt.domain.rules import RuleSet, ShareRule
from radicale_propmgmt.domain.visibility import (
    PROTECTED_FIELDS,
    Subject,
    deny_matches,
    fields_of,
    first_failing_condition,
    link_matches,
    matching_links,
)


@dataclass(frozen=True, slots=True)
class ShownField:
    """One field class that is shown, and every share and grant that shows it."""

    field: FieldClass
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FailedShare:
    """A share that names the account and does not show the contact: its first condition that fails."""

    name: str
    line: int
    condition: str


@dataclass(frozen=True, slots=True)
class Denied:
    """A deny that takes something away."""

    name: str
    line: int
    fields: Fields


@dataclass(frozen=True, slots=True)
class Explanation:
    """What ``visible`` decides, with its reasons; ids and names of rules only, nothing of the person.

    ``lock`` is the state that hides the contact from everybody, empty while it is active. ``protected`` lists what
    an information block takes away (§51 BMG).
    """

    subject_id: int
    fields: tuple[ShownField, ...] = ()
    links: tuple[Link, ...] = ()
    failed: tuple[FailedShare, ...] = ()
    denied: tuple[Denied, ...] = ()
    protected: Fields = frozenset()
    lock: str = ""

    def as_lines(self) -> list[str]:
        """Write it for a terminal."""
        if self.lock:
            return [f"contact {self.subject_id} is {self.lock}: a lock beats every share and grant"]
        lines = [f"contact {self.subject_id} is {'visible' if self.fields else 'not visible'}"]
        lines += [f"  {shown.field}: {'; '.join(shown.sources)}" for shown in self.fields]
        lines += [f"  through {_link_text(link)}" for link in self.links]
        lines += [f"  denied {_words(deny.fields)}: deny {deny.name!r} line {deny.line}" for deny in self.denied]
        if self.protected:
            lines.append(f"  hidden {_words(self.protected)}: information block, needs right 'protected'")
        lines += [f"  not by share {share.name!r} line {share.line}: {share.condition}" for share in self.failed]
        if len(lines) == 1:
            lines.append("  no share and no grant concerns it")
        return lines


def explain(audience: Audience, subject: Subject, rules: RuleSet, today: date) -> Explanation:
    """Tell why an audience sees what it sees of a contact; agrees with ``visible``."""
    if subject.state is not ContactState.ACTIVE:
        return Explanation(subject.id, lock=subject.state.value)
    sources: dict[FieldClass, list[str]] = {}
    links: set[Link] = set()
    failed = []
    for rule in rules.shares_for(audience.names):
        matched = matching_links(rule, subject, today)
        links.update(matched)
        if not matched:
            failed.append(FailedShare(rule.name, rule.line, failing_condition(rule, subject, today)))
        for shown in fields_of(rule, subject, today) if matched else ():
            sources.setdefault(shown, []).append(f"share {rule.name!r} line {rule.line}")
    for grant in subject.grants:
        if grant.to in audience.names and grant.is_current(today):
            for shown in rules.profile_fields(grant.profile):
                sources.setdefault(shown, []).append(f"grant {grant.id} profile {grant.profile!r}")
    allowed = frozenset(sources)
    denied = tuple(_denied(audience, subject, rules, today, allowed))
    left = allowed.difference(*(deny.fields for deny in denied))
    hidden = left & PROTECTED_FIELDS if subject.protected and "protected" not in audience.rights else frozenset()
    shown_fields = tuple(ShownField(shown, tuple(sources[shown])) for shown in sorted(left - hidden))
    return Explanation(
        subject.id,
        fields=shown_fields,
        links=tuple(link for link in dict.fromkeys(subject.links) if link in links) if shown_fields else (),
        failed=tuple(failed),
        denied=denied,
        protected=hidden,
    )


def _denied(audience: Audience, subject: Subject, rules: RuleSet, today: date, allowed: Fields) -> Iterator[Denied]:
    for deny in rules.denies_for(audience.names):
        taken = allowed & (deny.fields or ALL_FIELDS)
        if taken and deny_matches(deny, subject, today):
            yield Denied(deny.name, deny.line, taken)


def failing_condition(rule: ShareRule, subject: Subject, today: date) -> str:
    """Name the first condition of a share that a contact does not meet; empty if it meets all."""
    if rule.starts is not None and today < rule.starts:
        return f"from = {rule.starts} is still to come"
    if rule.until is not None and rule.until < today:
        return f"until = {rule.until} has passed"
    condition = first_failing_condition(rule, subject, today)
    return _CONTACT_CONDITIONS[condition] if condition is not None else _failing_on_links(rule, subject, today)


def _failing_on_links(rule: ShareRule, subject: Subject, today: date) -> str:
    in_groups = [link for link in subject.links if rule.groups is None or link.group in rule.groups]
    if not in_groups:
        return "groups: the contact is in none of them" if rule.groups is not None else "groups: the contact is in none"
    at_objects = [link for link in in_groups if rule.objects is None or link.object_number in rule.objects]
    if not at_objects:
        return "objects: no link of these groups leads to one of them"
    if not any(link_matches(rule, link, today) for link in at_objects):
        return f"tenancy = {rule.only.tenancy}: no such link is so today"
    return ""


_CONTACT_CONDITIONS = {
    "tags": "tags: the contact carries none of them",
    "disclosure": "disclosure: there is no agreement for this purpose today",
    "consent": "consent: there is no consent to this purpose today",
}


def _words(fields: Fields) -> str:
    return ", ".join(sorted(fields))


def _link_text(link: Link) -> str:
    place = f" of object {link.object_number}" if link.object_number is not None else ""
    return f"link {link.id}: group {link.group}{place}"
