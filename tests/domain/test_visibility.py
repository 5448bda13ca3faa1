"""Default deny; allows unite; a deny beats an allow; a lock beats everything; ``until`` is the last day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radicale_propmgmt.domain.audiences import Audience
from radicale_propmgmt.domain.contacts import ContactState
from radicale_propmgmt.domain.fields import ALL_FIELDS, FieldClass
from radicale_propmgmt.domain.grants import Consent, Disclosure, Grant
from radicale_propmgmt.domain.links import Link
from radicale_propmgmt.domain.rules import Condition, DenyRule, RuleSet, ShareRule
from radicale_propmgmt.domain.visibility import (
    NOTHING,
    PROTECTED_FIELDS,
    Subject,
    View,
    Visibility,
    deny_matches,
    first_failing_condition,
    matching_links,
    visible,
)
from tests.shares.fixture import audiences, denies, rule_sets, subjects, todays

DAY = date(2026, 6, 15)
BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)
NAME, PHONE, BANK = FieldClass.NAME, FieldClass.PHONE, FieldClass.BANK
A = Audience(login="a")
FOR_A = frozenset({"account:a"})
TENANT = Subject(id=1, links=(Link("mieter", "1"),))
SHOW = ShareRule(name="show", subjects=FOR_A, fields=frozenset({NAME, PHONE}))


def sees(subject: Subject, *rules: ShareRule | DenyRule, audience: Audience = A, today: date = DAY) -> View:
    allowed = tuple(rule for rule in rules if isinstance(rule, ShareRule))
    denied = tuple(rule for rule in rules if isinstance(rule, DenyRule))
    return visible(audience, subject, RuleSet(shares=allowed, denies=denied), today)


@given(audiences, subjects, todays)
def test_without_rules_only_a_grant_shows_anything(audience: Audience, subject: Subject, today: date) -> None:
    view = visible(audience, subject, RuleSet(), today)
    assert not view or view.granted
    assert visible(audience, replace(subject, grants=()), RuleSet(), today) == NOTHING


@given(audiences, subjects, rule_sets, todays)
def test_a_lock_beats_everything(audience: Audience, subject: Subject, rules: RuleSet, today: date) -> None:
    for state in (ContactState.RESTRICTED, ContactState.ERASED):
        assert visible(audience, replace(subject, state=state), rules, today) == NOTHING


@given(audiences, subjects, rule_sets, denies, todays)
def test_a_deny_beats_an_allow(
    audience: Audience, subject: Subject, rules: RuleSet, deny: DenyRule, today: date
) -> None:
    before = visible(audience, subject, rules, today)
    after = visible(audience, subject, replace(rules, denies=(*rules.denies, deny)), today)
    hits = bool(deny.subjects & audience.names) and deny_matches(deny, subject, today)
    taken = (deny.fields or ALL_FIELDS) if hits else frozenset()
    assert after.fields == before.fields - taken


@given(audiences, subjects, rule_sets, todays)
def test_allows_unite(audience: Audience, subject: Subject, rules: RuleSet, today: date) -> None:
    """Field class by field class and link by link, what all rules show is what each shows alone."""
    open_rules = replace(rules, denies=())
    whole = visible(audience, subject, open_rules, today)
    alone = [visible(audience, subject, replace(open_rules, shares=(rule,)), today) for rule in rules.shares]
    granted = visible(audience, subject, RuleSet(), today)
    assert whole.fields == granted.fields.union(*(view.fields for view in alone))
    assert (
        set(whole.links) == set[Link]().union(*(view.links for view in alone))
        or not whole.fields
        or (
            subject.protected  # a share whose every field the information block hides shows nothing alone
        )
    )


@given(audiences, st.lists(subjects, max_size=4), rule_sets, todays)
def test_the_compiled_form_agrees_with_the_conditions_asked_one_by_one(
    audience: Audience, contacts: list[Subject], rules: RuleSet, today: date
) -> None:
    compiled = Visibility(audience, rules, today)
    for subject in contacts:
        view = compiled.of(subject)
        matched = [matching_links(rule, subject, today) for rule in rules.shares_for(audience.names)]
        expected = dict.fromkeys(link for link in subject.links if any(link in links for links in matched))
        assert view.links == (tuple(expected) if view else ())
        assert view == visible(audience, subject, rules, today)


def test_the_order_of_the_rules_shows_in_nothing() -> None:
    links = (Link("makler", "2"), Link("mieter", "1"))
    one, two = replace(SHOW, groups=frozenset({"mieter"})), replace(SHOW, groups=frozenset({"makler"}))
    subject = replace(TENANT, links=links)
    assert sees(subject, one, two) == sees(subject, two, one) == View(SHOW.fields, links)


@pytest.mark.parametrize(("starts", "until"), [(None, None), (DAY, None), (None, DAY), (DAY, DAY), (BEFORE, AFTER)])
def test_a_window_holds_on_its_first_and_on_its_last_day(starts: date | None, until: date | None) -> None:
    link = Link("mieter", "1", starts=starts, until=until)
    assert sees(replace(TENANT, links=(link,)), SHOW)
    assert sees(TENANT, replace(SHOW, starts=starts, until=until))
    assert sees(replace(TENANT, grants=(Grant("account:a", "minimal", starts, until),)))
    assert not sees(TENANT, SHOW, DenyRule(name="no", subjects=FOR_A, starts=starts, until=until))
    for only, facts in (
        (Condition(disclosure="p"), {"disclosures": (Disclosure("p", starts, until),)}),
        (Condition(consent="p"), {"consents": (Consent("p", starts or BEFORE, until),)}),
    ):
        assert sees(replace(TENANT, **facts), replace(SHOW, only=only))


@pytest.mark.parametrize(("starts", "until"), [(AFTER, None), (None, BEFORE)])
def test_a_window_does_not_hold_outside(starts: date | None, until: date | None) -> None:
    link = Link("mieter", "1", starts=starts, until=until)
    assert not sees(replace(TENANT, links=(link,)), SHOW)
    assert not sees(TENANT, replace(SHOW, starts=starts, until=until))
    assert not sees(replace(TENANT, grants=(Grant("account:a", "minimal", starts, until),)))
    assert sees(TENANT, SHOW, DenyRule(name="no", subjects=FOR_A, starts=starts, until=until))
    for only, facts in (
        (Condition(disclosure="p"), {"disclosures": (Disclosure("p", starts, until),)}),
        (Condition(consent="p"), {"consents": (Consent("p", starts or BEFORE, until),)}),
    ):
        assert not sees(replace(TENANT, **facts), replace(SHOW, only=only))


@pytest.mark.parametrize(
    ("tenancy", "seen"),
    [("current", ["now"]), ("former", ["past"]), ("any", ["past", "now", "next"])],
)
def test_tenancy_speaks_of_the_window_of_the_link(tenancy: str, seen: list[str]) -> None:
    windows = {
        "past": Link("mieter", "1", until=BEFORE),
        "now": Link("mieter", "1", starts=DAY, until=DAY),
        "next": Link("mieter", "1", starts=AFTER),
    }
    rule = replace(SHOW, only=Condition(tenancy=tenancy))
    assert [name for name, link in windows.items() if sees(replace(TENANT, links=(link,)), rule)] == seen


def test_one_link_must_meet_object_group_and_tenancy_together() -> None:
    rule = replace(SHOW, objects=frozenset({"1"}), groups=frozenset({"mieter"}))
    links = (Link("mieter", "2"), Link("makler", "1"), Link("mieter", "1", until=BEFORE))
    assert not sees(replace(TENANT, links=links), rule)
    assert sees(replace(TENANT, links=(*links, Link("mieter", "1"))), rule).links == (Link("mieter", "1"),)


def test_all_objects_include_a_membership_without_a_link() -> None:
    member = replace(TENANT, links=(Link("mieter"),))
    assert sees(member, SHOW)
    assert not sees(member, replace(SHOW, objects=frozenset({"1"})))


def test_a_contact_in_no_group_is_in_no_share() -> None:
    assert not sees(replace(TENANT, links=()), SHOW)


def test_a_deny_with_fields_takes_these_and_one_without_takes_the_contact() -> None:
    deny = DenyRule(name="no", subjects=FOR_A, fields=frozenset({PHONE, BANK}))
    assert sees(TENANT, SHOW, deny).fields == {NAME}
    assert sees(TENANT, SHOW, replace(deny, fields=frozenset())) == NOTHING
    assert sees(TENANT, SHOW, replace(deny, subjects=frozenset({"account:b"}))).fields == SHOW.fields


def test_a_deny_matches_by_one_link_whatever_its_window() -> None:
    former = replace(TENANT, links=(Link("mieter", "1", until=BEFORE), Link("makler", "2")))
    deny = DenyRule(name="no", subjects=FOR_A, objects=frozenset({"1"}), groups=frozenset({"mieter"}))
    assert not sees(former, SHOW, deny)
    assert sees(former, SHOW, replace(deny, groups=frozenset({"makler"})))
    assert not sees(former, SHOW, replace(deny, groups=None))
    assert not sees(former, SHOW, replace(deny, objects=None))


def test_a_deny_by_tags_means_whoever_carries_one() -> None:
    deny = DenyRule(name="no", subjects=FOR_A, tags=frozenset({"vip", "alt"}))
    assert sees(TENANT, SHOW, deny)
    assert not sees(replace(TENANT, tags=frozenset({"vip"})), SHOW, deny)


def test_consent_opens_more_fields_only_while_it_holds() -> None:
    rule = replace(SHOW, consent_fields=(("weg_kontakt", frozenset({BANK})),))
    agreed = Consent("weg_kontakt", DAY)
    assert sees(TENANT, rule).fields == SHOW.fields
    assert sees(replace(TENANT, consents=(agreed,)), rule).fields == SHOW.fields | {BANK}
    assert sees(replace(TENANT, consents=(replace(agreed, withdrawn=True),)), rule).fields == SHOW.fields
    assert sees(replace(TENANT, consents=(agreed,)), rule, today=BEFORE).fields == SHOW.fields


def test_an_information_block_hides_ways_to_reach_a_person_from_all_but_right_protected() -> None:
    """§51 BMG."""
    rule = replace(SHOW, fields=ALL_FIELDS)
    person = replace(TENANT, protected=True)
    assert sees(person, rule).fields == ALL_FIELDS - PROTECTED_FIELDS
    assert sees(person, rule, audience=Audience(login="a", rights=frozenset({"protected"}))).fields == ALL_FIELDS
    assert sees(person, replace(SHOW, fields=frozenset({PHONE}))) == NOTHING


def test_a_grant_shows_a_profile_without_a_link_and_an_unknown_profile_nothing() -> None:
    def granted(to: str, profile: str) -> View:
        return sees(Subject(id=1, grants=(Grant(to, profile, id=7),)))

    assert granted("account:a", "bank") == View(frozenset({BANK}), granted=True)
    assert granted("account:a", "gone") == NOTHING
    assert granted("account:b", "bank") == NOTHING


def test_teams_and_the_account_itself_count_together() -> None:
    team = replace(SHOW, subjects=frozenset({"team:t"}), fields=frozenset({BANK}))
    member = Audience(login="a", teams=frozenset({"t"}))
    assert sees(TENANT, SHOW, team, audience=member).fields == {NAME, PHONE, BANK}
    assert sees(TENANT, SHOW, team, audience=Audience(teams=frozenset({"t"}))).fields == {BANK}


def test_a_view_carries_its_reasons_and_they_are_no_part_of_it() -> None:
    deny = DenyRule(name="no", subjects=FOR_A, fields=frozenset({PHONE}), line=5)
    subject = replace(TENANT, grants=(Grant("account:a", "bank", id=7),))
    view = sees(subject, replace(SHOW, line=2), deny)
    assert view.reasons == ("share 'show' line 2", "grant 7 profile 'bank'", "deny 'no' line 5")
    assert view == sees(subject, replace(SHOW, line=3), deny)


def test_the_first_failing_condition_of_the_contact_is_named() -> None:
    rule = replace(SHOW, only=Condition(tags=frozenset({"vip"}), disclosure="d", consent="c"))
    facts = {"tags": frozenset({"vip"}), "disclosures": (Disclosure("d"),), "consents": (Consent("c", DAY),)}
    given_so_far: dict[str, object] = {}
    for expected, (name, fact) in zip(["tags", "disclosure", "consent"], facts.items(), strict=True):
        assert first_failing_condition(rule, replace(TENANT, **given_so_far), DAY) == expected
        given_so_far[name] = fact
    assert first_failing_condition(rule, replace(TENANT, **facts), DAY) is None
    assert matching_links(rule, replace(TENANT, **facts), DAY) == TENANT.links
    assert matching_links(replace(rule, until=BEFORE), replace(TENANT, **facts), DAY) == ()
