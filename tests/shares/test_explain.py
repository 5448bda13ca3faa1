"""``explain`` tells the truth about ``visible``."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given

from radicale_propmgmt.domain.audiences import Audience
from radicale_propmgmt.domain.contacts import ContactState
from radicale_propmgmt.domain.fields import FieldClass
from radicale_propmgmt.domain.grants import Consent, Disclosure, Grant
from radicale_propmgmt.domain.links import Link
from radicale_propmgmt.domain.rules import Condition, DenyRule, RuleSet, ShareRule
from radicale_propmgmt.domain.visibility import Subject, visible
from radicale_propmgmt.shares.explain import explain, failing_condition
from tests.shares.fixture import AUDIENCES, SUBJECTS, TODAY, audiences, demo_rules, rule_sets, subjects, todays


@given(audiences, subjects, rule_sets, todays)
def test_explain_agrees_with_visible(audience: Audience, subject: Subject, rules: RuleSet, today: date) -> None:
    view, told = visible(audience, subject, rules, today), explain(audience, subject, rules, today)
    assert {shown.field for shown in told.fields} == view.fields
    assert told.links == view.links
    assert {source for shown in told.fields for source in shown.sources} <= set(view.reasons)
    assert bool(told.lock) == (subject.state is not ContactState.ACTIVE)
    if not told.lock:
        assert all(told_share.condition for told_share in told.failed)
        assert len(told.failed) <= len(rules.shares_for(audience.names))
    assert told.as_lines()


@given(audiences, subjects, rule_sets, todays)
def test_a_share_without_a_failing_condition_is_a_share_that_shows(
    audience: Audience, subject: Subject, rules: RuleSet, today: date
) -> None:
    for rule in rules.shares:
        alone = RuleSet(shares=(replace(rule, subjects=frozenset({"team:t"})),))
        reader = Audience(teams=frozenset({"t"}), rights=frozenset({"protected"}))
        open_contact = replace(subject, state=ContactState.ACTIVE, grants=())
        shown = bool(visible(reader, open_contact, alone, today))
        assert shown == (failing_condition(rule, open_contact, today) == "")


RULE = ShareRule(
    name="R",
    subjects=frozenset({"account:a"}),
    fields=frozenset({FieldClass.NAME}),
    objects=frozenset({"1"}),
    groups=frozenset({"mieter"}),
    only=Condition(disclosure="d", consent="c", tags=frozenset({"vip"})),
    starts=date(2026, 6, 15),
    until=date(2026, 6, 16),
    line=3,
)
FITTING = Subject(
    id=1,
    tags=frozenset({"vip"}),
    links=(Link("mieter", "1", id=4),),
    consents=(Consent("c", TODAY),),
    disclosures=(Disclosure("d"),),
)


@pytest.mark.parametrize(
    ("subject", "day", "condition"),
    [
        (FITTING, date(2026, 6, 14), "from = 2026-06-15 is still to come"),
        (FITTING, date(2026, 6, 17), "until = 2026-06-16 has passed"),
        (replace(FITTING, tags=frozenset()), TODAY, "tags: the contact carries none of them"),
        (replace(FITTING, disclosures=()), TODAY, "disclosure: there is no agreement for this purpose today"),
        (replace(FITTING, consents=()), TODAY, "consent: there is no consent to this purpose today"),
        (replace(FITTING, links=(Link("makler", "1"),)), TODAY, "groups: the contact is in none of them"),
        (
            replace(FITTING, links=(Link("mieter", "2"),)),
            TODAY,
            "objects: no link of these groups leads to one of them",
        ),
        (
            replace(FITTING, links=(Link("mieter", "1", until=date(2026, 6, 14)),)),
            TODAY,
            "tenancy = current: no such link is so today",
        ),
        (FITTING, TODAY, ""),
    ],
)
def test_the_first_condition_that_fails_is_named(subject: Subject, day: date, condition: str) -> None:
    assert failing_condition(RULE, subject, day) == condition


def test_a_contact_without_any_group_is_in_none() -> None:
    rule = ShareRule(name="all", subjects=RULE.subjects, fields=RULE.fields)
    assert failing_condition(rule, Subject(id=1), TODAY) == "groups: the contact is in none"


def test_the_lines_name_every_source_and_everything_that_hides() -> None:
    rules = RuleSet(
        shares=(
            ShareRule(name="S", subjects=frozenset({"account:a"}), fields=frozenset(FieldClass), line=2),
            replace(RULE, until=date(2026, 6, 1), starts=None),
        ),
        denies=(
            DenyRule(
                name="N",
                subjects=frozenset({"account:a"}),
                fields=frozenset(FieldClass) - {FieldClass.NAME, FieldClass.PHONE},
                line=9,
            ),
            DenyRule(name="other", subjects=frozenset({"account:a"}), tags=frozenset({"alt"})),
        ),
    )
    grants = (Grant("account:a", "minimal", id=5), Grant("account:b", "minimal", id=6))
    links = (*FITTING.links, Link("makler", id=8))
    subject = replace(FITTING, protected=True, grants=grants, links=links)
    lines = explain(Audience(login="a"), subject, rules, TODAY).as_lines()
    assert lines[:4] == [
        "contact 1 is visible",
        "  name: share 'S' line 2; grant 5 profile 'minimal'",
        "  through link 4: group mieter of object 1",
        "  through link 8: group makler",
    ]
    assert lines[4].startswith("  denied address, bank, birthday, ")
    assert lines[4].endswith(": deny 'N' line 9")
    assert lines[5:] == [
        "  hidden phone: information block, needs right 'protected'",
        "  not by share 'R' line 3: until = 2026-06-01 has passed",
    ]


def test_a_lock_is_the_whole_explanation() -> None:
    told = explain(AUDIENCES["chef"], SUBJECTS["k08"], demo_rules(), TODAY)
    assert told.as_lines() == ["contact 8 is restricted: a lock beats every share and grant"]


def test_what_no_rule_concerns_is_said_to_be_so() -> None:
    told = explain(AUDIENCES["petra"], SUBJECTS["k01"], demo_rules(), TODAY)
    assert told.as_lines() == ["contact 1 is not visible", "  no share and no grant concerns it"]


def test_why_the_caretaker_does_not_see_a_former_tenant() -> None:
    told = explain(AUDIENCES["horst"], SUBJECTS["k03"], demo_rules(), TODAY)
    assert told.as_lines() == [
        "contact 3 is not visible",
        "  not by share 'Hausmeister Krause' line 12: tenancy = current: no such link is so today",
    ]
