"""Time changes what is visible on certain days only, and these days are known beforehand."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given

from radicale_propmgmt.domain.audiences import Audience
from radicale_propmgmt.domain.grants import Consent, Disclosure, Grant
from radicale_propmgmt.domain.links import Link
from radicale_propmgmt.domain.rules import RuleSet
from radicale_propmgmt.domain.visibility import Subject, visible
from radicale_propmgmt.domain.windows import next_boundary, rule_boundaries
from tests.shares.fixture import audiences, rule_sets, subjects, todays

DAY = date(2026, 6, 15)
NEXT = DAY + timedelta(days=1)


@given(audiences, subjects, rule_sets, todays)
def test_between_two_boundaries_nothing_changes(
    audience: Audience, subject: Subject, rules: RuleSet, today: date
) -> None:
    view = visible(audience, subject, rules, today)
    boundaries = [next_boundary(subject, today), rule_boundaries(rules, audience.names, today)]
    end = min((day for day in boundaries if day is not None), default=today + timedelta(days=9))
    assert end > today
    day = today
    while day < end:
        assert visible(audience, subject, rules, day) == view
        day += timedelta(days=1)


def test_a_window_begins_on_its_first_day_and_ends_on_the_day_after_its_last() -> None:
    for subject in (
        Subject(id=1, links=(Link("mieter", starts=NEXT),)),
        Subject(id=1, links=(Link("mieter", until=DAY),)),
        Subject(id=1, grants=(Grant("account:a", "minimal", NEXT),)),
        Subject(id=1, grants=(Grant("account:a", "minimal", None, DAY),)),
        Subject(id=1, disclosures=(Disclosure("p", NEXT),)),
        Subject(id=1, disclosures=(Disclosure("p", None, DAY),)),
        Subject(id=1, consents=(Consent("p", NEXT),)),
        Subject(id=1, consents=(Consent("p", date(2020, 1, 1), DAY),)),
    ):
        assert next_boundary(subject, DAY) == NEXT
        assert next_boundary(subject, NEXT) is None


def test_the_earliest_day_counts_and_past_ones_do_not() -> None:
    links = (Link("mieter", starts=date(2026, 8, 1)), Link("mieter", starts=date(2020, 1, 1), until=date(2026, 7, 31)))
    subject = Subject(id=1, links=links, grants=(Grant("account:a", "minimal", None, date(2026, 7, 4)),))
    assert next_boundary(subject, DAY) == date(2026, 7, 5)
    assert next_boundary(subject, date(2026, 7, 5)) == date(2026, 8, 1)
    assert next_boundary(subject, date(2026, 8, 1)) is None


def test_the_last_day_of_the_calendar_has_no_day_after() -> None:
    assert next_boundary(Subject(id=1, links=(Link("mieter", until=date.max),)), DAY) is None


def test_a_withdrawn_consent_never_changes_again() -> None:
    consent = Consent("p", date(2020, 1, 1), NEXT, withdrawn=True)
    assert next_boundary(Subject(id=1, consents=(consent,)), DAY) is None


def test_only_rules_that_mean_one_of_the_names_count() -> None:
    from radicale_propmgmt.domain.rules import DenyRule, ShareRule

    mine, others = frozenset({"account:a"}), frozenset({"account:b"})
    rules = RuleSet(
        shares=(
            ShareRule(name="1", subjects=others, fields=frozenset(), starts=NEXT),
            ShareRule(name="2", subjects=mine, fields=frozenset(), until=date(2026, 7, 31)),
        ),
        denies=(DenyRule(name="3", subjects=mine, starts=date(2026, 7, 1)),),
    )
    assert rule_boundaries(rules, mine, DAY) == date(2026, 7, 1)
    assert rule_boundaries(rules, mine, date(2026, 7, 1)) == date(2026, 8, 1)
    assert rule_boundaries(rules, mine | others, DAY) == NEXT
    assert rule_boundaries(rules, frozenset(), DAY) is None
