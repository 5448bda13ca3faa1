"""A change of rules is counted exactly, although most contacts are never looked at twice."""

from __future__ import annotations

import time
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from radicale_propmgmt.domain.audiences import Audience
from radicale_propmgmt.domain.fields import PROFILES
from radicale_propmgmt.domain.links import Link
from radicale_propmgmt.domain.rules import RuleSet, ShareRule
from radicale_propmgmt.domain.visibility import Subject, visible
from radicale_propmgmt.shares.diff import AccountDiff, diff, exceeds_gain
from tests.shares.fixture import (
    AUDIENCES,
    SUBJECTS,
    TEXT,
    TODAY,
    audiences,
    demo_rules,
    rule_sets,
    subjects,
    todays,
)


def counted_one_by_one(
    login: str, audience: Audience, old: RuleSet, new: RuleSet, contacts: list[Subject], today: date
) -> AccountDiff:
    pairs = [(visible(audience, s, old, today), visible(audience, s, new, today)) for s in contacts]
    both = [(one, two) for one, two in pairs if one and two]
    return AccountDiff(
        login,
        gained=sum(1 for one, two in pairs if two and not one),
        lost=sum(1 for one, two in pairs if one and not two),
        changed=sum(1 for one, two in both if one != two),
        before=sum(1 for one, _ in pairs if one),
        after=sum(1 for _, two in pairs if two),
        widened=sum(1 for one, two in both if two.fields - one.fields or set(two.links) - set(one.links)),
    )


@given(rule_sets, rule_sets, st.lists(audiences, max_size=3), st.lists(subjects, max_size=6), todays)
def test_the_counts_are_those_of_looking_at_every_contact(
    old: RuleSet, new: RuleSet, who: list[Audience], contacts: list[Subject], today: date
) -> None:
    accounts = {f"login{number}": audience for number, audience in enumerate(who)}
    assert diff(old, new, accounts, iter(contacts), today) == [
        counted_one_by_one(login, audience, old, new, contacts, today) for login, audience in accounts.items()
    ]


def test_who_gains_and_loses_by_one_word() -> None:
    text = TEXT.replace('groups = ["eigentuemer"]\nprofile = "standard"', 'groups = ["banken"]\nprofile = "standard"')
    changes = {
        found.login: found
        for found in diff(demo_rules(), demo_rules(text), AUDIENCES, SUBJECTS.values(), TODAY)
        if found.gained or found.lost or found.changed
    }
    assert changes == {"bruno": AccountDiff("bruno", gained=1, lost=3, before=3, after=1)}
    assert exceeds_gain(changes.values()) == [changes["bruno"]]


def test_accounts_of_one_audience_are_computed_once_and_counted_each() -> None:
    pair = {"azra": AUDIENCES["azra"], "anton": AUDIENCES["azra"]}
    one, two = diff(RuleSet(), demo_rules(), pair, SUBJECTS.values(), TODAY)
    assert (one.login, two.login) == ("azra", "anton")
    assert one.gained == two.gained == one.after == 9


def test_other_line_numbers_and_another_order_change_nothing() -> None:
    head, *rules = TEXT.split("\n[[share]]\n")
    rules[-1] += "\n"
    turned = "\n[[share]]\n".join(["# eine Zeile mehr\n" + head, *reversed(rules)])
    found = diff(demo_rules(), demo_rules(turned), AUDIENCES, SUBJECTS.values(), TODAY)
    assert all(account.gained == account.lost == account.changed == 0 for account in found)


def test_more_than_a_tenth_is_too_much_and_anything_is_for_who_had_nothing() -> None:
    exactly, above = AccountDiff("a", gained=10, before=100, after=110), AccountDiff("b", gained=11, before=100)
    first, none = AccountDiff("c", gained=1, before=0, after=1), AccountDiff("d", lost=5, before=5)
    wider = AccountDiff("e", changed=11, widened=11, before=100, after=100)
    narrower = AccountDiff("f", changed=100, before=100, after=100)
    assert exceeds_gain([exactly, above, first, none, wider, narrower]) == [above, first, wider]
    assert exceeds_gain([exactly], 0.05) == [exactly]


def test_seventy_thousand_contacts_and_ten_audiences_take_seconds() -> None:
    """70,000 contacts × 10 audiences × 500 rules: below 10 seconds of computing."""
    slugs = ("mieter", "eigentuemer", "dienstleister")
    contacts = (
        Subject(id=n, links=(Link(slugs[n % 3], f"{n % 1000:04}", starts=date(2020, 1, n % 28 + 1), id=n),))
        for n in range(70_000)
    )

    def rules(profile: str) -> RuleSet:
        return RuleSet(
            shares=tuple(
                ShareRule(
                    name=str(n),
                    subjects=frozenset({f"account:a{n % 60}"}),
                    fields=PROFILES[profile],
                    objects=frozenset(f"{(n + k) % 1000:04}" for k in range(40)) if n % 5 else None,
                    groups=frozenset({slugs[n % 2]}),
                )
                for n in range(500)
            )
        )

    accounts = {f"a{n}": Audience(login=f"a{n}") for n in range(10)}
    began = time.process_time()
    found = diff(rules("minimal"), rules("standard"), accounts, contacts, TODAY)
    assert time.process_time() - began < 10
    assert found[0].before == found[0].widened > 20_000
