"""Retention: the default profiles against cases worked out by hand, and what must hold of any."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radicale_propmgmt.domain.blocks import default_end
from radicale_propmgmt.domain.contacts import ContactKind
from radicale_propmgmt.domain.labels import BLOCK_REASONS, GROUPS
from radicale_propmgmt.domain.links import Link
from radicale_propmgmt.domain.retention import (
    DEFERRING_BLOCKS,
    HOLDS,
    POSTING_KINDS,
    ConsentTime,
    Hold,
    OpenBlock,
    Person,
    Posting,
    Profiles,
)
from radicale_propmgmt.domain.schedules import Decision, Schedule, schedule
from radicale_propmgmt.shares.retention_file import load_profiles

FOLDER = Path(__file__).parent
SHIPPED = (FOLDER.parent.parent / "config" / "retention.toml").read_text(encoding="utf-8")
DEFAULTS = load_profiles(SHIPPED, groups=frozenset(GROUPS))
CASES = tomllib.loads((FOLDER / "retention_cases.toml").read_text(encoding="utf-8"))["case"]
ADDED = date(2010, 1, 1)


def day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def link(number: int, text: str) -> Link:
    words = text.split()
    group, _, role = words[0].partition("/")
    if len(words) == 1:
        return Link(group)
    starts, _, until = words[2].partition("..") if len(words) > 2 else ("", "", "")
    return Link(group, words[1], None, role or None, day(starts), day(until), number)


def spans(text: str) -> tuple[str, date, date | None]:
    word, days = text.split()
    begin, _, end = days.partition("..")
    return word, date.fromisoformat(begin), day(end)


def person(case: dict[str, Any]) -> Person:
    pairs = [text.partition(" ") for text in case.get("postings", ())]
    holds = [text.partition(" ") for text in case.get("holds", ())]
    related = [text.partition(" ") for text in case.get("related", ())]
    return Person(
        id=1,
        added=case.get("added", ADDED),
        kind=ContactKind(case.get("kind", "person")),
        system=case.get("system", False),
        links=tuple(link(number, text) for number, text in enumerate(case["links"], start=1)),
        postings=tuple(Posting(date.fromisoformat(on), kind) for on, _, kind in pairs),
        consents=tuple(ConsentTime(*spans(text)) for text in case.get("consents", ())),
        holds=tuple(Hold(7, kind, day(until)) for kind, _, until in holds),
        blocks=tuple(OpenBlock(*spans(text)) for text in case.get("blocks", ())),
        related=tuple((kind, day(until)) for kind, _, until in related),
    )


def days(found: Schedule) -> tuple[date | None, date | None, date | None]:
    return found.block.day, found.comm.day, found.core.day


@pytest.mark.parametrize("case", CASES, ids=[case["what"] for case in CASES])
def test_the_default_profiles_mean_what_their_table_says(case: dict[str, Any]) -> None:
    """AO §147, HGB §257, BGB §§195, 199, AGG §21(5): each day was worked out by hand."""
    found = schedule(person(case), DEFAULTS)
    assert days(found) == (case.get("block"), case.get("comm"), case.get("core"))
    assert all(decision.because for decision in (found.block, found.comm, found.core))


def test_a_schedule_says_why() -> None:
    found = schedule(person(CASES[7]), DEFAULTS)
    assert found.block.because == ("mieter: link 1 ended on 2024-03-31, 24 months from the year's end",)
    assert "mieter: last booking on 2024-05-17, 8 years from the year's end" in found.core.because
    held = schedule(person({"links": ["mieter/hauptmieter 0815 ..2024-03-31"], "holds": ["statutory"]}), DEFAULTS)
    assert held.core == Decision(None, ("hold 7 (statutory) until it is released",), deferred=True)
    unknown = schedule(person({"links": ["mieter", "sportverein"]}), DEFAULTS)
    assert unknown.core.because == ("no profile for sportverein",)


def test_the_shipped_profiles_are_proposals() -> None:
    """Automatic erasure refuses until somebody who is responsible confirmed the profile."""
    assert [profile.name for profile in DEFAULTS.profiles if profile.confirmed_by] == []
    assert schedule(person({"links": ["makler", "sonstige"]}), DEFAULTS).unconfirmed == ("makler", "sonstige")
    signed = Profiles(tuple(replace(p, confirmed_by="A. B.") for p in DEFAULTS.profiles), DEFAULTS.records)
    assert schedule(person({"links": ["makler", "sonstige"]}), signed).unconfirmed == ()


def test_every_shipped_group_has_a_profile() -> None:
    for group in GROUPS:
        assert DEFAULTS.find(Link(group), ContactKind.PERSON) is not None


def test_blocks_are_looked_at_again_when_the_catalogue_says() -> None:
    """Reasons for a block and their default ends; calendar months, not days."""
    since = date(2028, 2, 29)
    found = {code: default_end(code, since) for code in BLOCK_REASONS}
    assert found == {
        "art18-1a": date(2028, 3, 29),
        "art18-1b": None,
        "art18-1c": date(2029, 2, 28),
        "art18-1d": date(2028, 3, 29),
        "ret": None,
        "ret-contract": None,
        "claims": date(2029, 2, 28),
        "consent": None,
        "internal": None,
        "dup": date(2028, 3, 30),
    }


DAYS = st.dates(date(2015, 1, 1), date(2030, 12, 31))
MAYBE = st.one_of(st.none(), DAYS)
GROUP = st.sampled_from(["mieter", "eigentuemer", "mietinteressenten", "sonstige", "makler", "sportverein"])
ROLE = st.sampled_from([None, "buerge", "auftraggeber", "mitbewohner", "notfallkontakt"])
LINKS = st.one_of(
    st.builds(Link, GROUP), st.builds(Link, GROUP, st.just("0815"), st.none(), ROLE, st.none(), MAYBE, st.just(1))
)
HELD = st.builds(Hold, st.just(1), st.sampled_from(sorted(HOLDS)), MAYBE)
BLOCKS = st.builds(OpenBlock, st.sampled_from(sorted(DEFERRING_BLOCKS)), DAYS, MAYBE)
PERSONS = st.builds(
    Person,
    id=st.just(1),
    added=DAYS,
    links=st.lists(LINKS, max_size=3).map(tuple),
    postings=st.lists(st.builds(Posting, DAYS, st.sampled_from(sorted(POSTING_KINDS))), max_size=3).map(tuple),
    holds=st.lists(HELD, max_size=2).map(tuple),
    blocks=st.lists(BLOCKS, max_size=1).map(tuple),
)


def not_before(later: Decision, earlier: Decision) -> bool:
    return later.day is None or (earlier.day is not None and earlier.day <= later.day)


@given(PERSONS, HELD)
def test_a_hold_defers_erasure_and_never_the_block(someone: Person, hold: Hold) -> None:
    """Art. 17(3) is an exception from erasure; restriction is what protects meanwhile (Art. 18)."""
    before = schedule(someone, DEFAULTS)
    after = schedule(replace(someone, holds=(*someone.holds, hold)), DEFAULTS)
    assert after.block == before.block
    for part in ("comm", "core"):
        assert not_before(getattr(after, part), getattr(before, part))
        end = getattr(after, part).day
        assert end is None or (hold.until is not None and end > hold.until)


@given(PERSONS, BLOCKS)
def test_rights_of_the_person_and_claims_defer_erasure(someone: Person, block: OpenBlock) -> None:
    """Whoever opposes erasure, or needs the data for claims, is not erased (Art. 18(1)(b), (c))."""
    found = schedule(replace(someone, blocks=(*someone.blocks, block)), DEFAULTS)
    assert (found.comm.day, found.core.day) == (None, None)


@given(PERSONS, LINKS)
def test_one_more_purpose_never_brings_anything_forward(someone: Person, more: Link) -> None:
    """But a link says how long the membership of the same group lasts."""
    linked = {one.group for one in (*someone.links, more) if one.object_number}
    plain = {one.group for one in (*someone.links, more) if not one.object_number}
    before = schedule(someone, DEFAULTS)
    after = schedule(replace(someone, links=(*someone.links, more)), DEFAULTS)
    if someone.links and not linked & plain:
        assert all(not_before(a, b) for a, b in zip(parts(after), parts(before), strict=True))


def parts(found: Schedule) -> tuple[Decision, ...]:
    return found.block, found.comm, found.core


@given(PERSONS, DAYS, st.sampled_from(["voucher", "book", "settlement"]))
def test_a_later_posting_never_brings_anything_forward(someone: Person, on: date, kind: str) -> None:
    last = max([posting.day for posting in someone.postings], default=someone.added)
    posting = Posting(max(on, last, someone.added), kind)
    more = replace(someone, postings=(*someone.postings, posting))
    assert all(
        not_before(a, b)
        for a, b in zip(parts(schedule(more, DEFAULTS)), parts(schedule(someone, DEFAULTS)), strict=True)
    )


@given(PERSONS)
def test_the_order_of_facts_does_not_matter(someone: Person) -> None:
    turned = replace(someone, links=someone.links[::-1], postings=someone.postings[::-1], holds=someone.holds[::-1])
    assert days(schedule(turned, DEFAULTS)) == days(schedule(someone, DEFAULTS))
    assert schedule(someone, DEFAULTS) == schedule(someone, DEFAULTS)


@given(PERSONS, st.integers(0, 4000))
def test_what_is_due_stays_due(someone: Person, ahead: int) -> None:
    found = schedule(someone, DEFAULTS)
    on = date(2020, 1, 1) + timedelta(days=ahead)
    for decision in parts(found):
        assert not decision.is_due(on) or decision.is_due(on + timedelta(days=1))
        assert decision.because


@given(PERSONS)
def test_whom_no_profile_means_is_never_due(someone: Person) -> None:
    for untouched in (replace(someone, system=True), replace(someone, links=(*someone.links, Link("sportverein")))):
        found = schedule(untouched, DEFAULTS)
        linked = any(one.group == "sportverein" and one.object_number for one in someone.links)
        assert untouched.system or linked or days(found) == (None, None, None)
    assert days(schedule(replace(someone, links=()), DEFAULTS)) == (None, None, None)
    assert days(schedule(someone, Profiles())) == (None, None, None)
