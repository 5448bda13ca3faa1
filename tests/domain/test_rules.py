"""A rule set answers who is meant and what a profile shows."""

from __future__ import annotations

from dataclasses import replace

from radicale_propmgmt.domain.fields import PROFILES, FieldClass
from radicale_propmgmt.domain.rules import Condition, DenyRule, RuleSet, ShareRule


def share(name: str, *subjects: str) -> ShareRule:
    return ShareRule(name=name, subjects=frozenset(subjects), fields=frozenset())


RULES = RuleSet(
    shares=(share("1", "account:a"), share("2", "team:t", "account:b"), share("3", "team:u")),
    denies=(DenyRule(name="4", subjects=frozenset({"account:c", "team:t"})),),
)


def test_rules_come_in_the_order_of_the_file() -> None:
    names = frozenset({"account:a", "team:t"})
    assert [rule.name for rule in RULES.shares_for(names)] == ["1", "2"]
    assert [rule.name for rule in RULES.denies_for(names)] == ["4"]
    assert RULES.shares_for(frozenset()) == RULES.denies_for(frozenset()) == ()


def test_every_account_that_any_rule_names_is_known() -> None:
    assert RULES.named_accounts() == {"a", "b", "c"}
    assert RuleSet().named_accounts() == frozenset()


def test_a_profile_that_does_not_exist_shows_nothing() -> None:
    assert RuleSet().profile_fields("minimal") == PROFILES["minimal"]
    assert RuleSet().profile_fields("gone") == frozenset()


def test_a_condition_knows_whether_it_asks_the_contact() -> None:
    assert not Condition().asks_the_contact
    assert not Condition(tenancy="any").asks_the_contact
    assert Condition(tags=frozenset({"vip"})).asks_the_contact
    assert Condition(disclosure="p").asks_the_contact
    assert Condition(consent="p").asks_the_contact


def test_two_versions_say_the_same_of_whoever_no_changed_rule_means() -> None:
    """Applying a file holds the lock for those only of whom it says something new; lines that moved are nothing new."""
    moved = RuleSet(
        version=2, shares=tuple(replace(rule, line=rule.line + 7) for rule in RULES.shares), denies=RULES.denies
    )
    assert moved.says_the_same(RULES, frozenset({"account:a", "account:b", "account:c", "team:t"}))
    shown = replace(RULES.shares[0], fields=frozenset({FieldClass.NAME}))
    changed = replace(RULES, shares=(shown, *RULES.shares[1:]))
    assert changed.says_the_same(RULES, frozenset({"team:t", "account:b"}))
    assert not changed.says_the_same(RULES, frozenset({"team:t", "account:a"}))
    assert not replace(RULES, denies=()).says_the_same(RULES, frozenset({"account:c"}))
    assert not replace(RULES, profiles={}).says_the_same(RULES, frozenset({"account:a"}))
