"""The small values of the domain: audiences, books, tokens, clocks, keys, words."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radicale_propmgmt.domain.audiences import Audience
from radicale_propmgmt.domain.books import GRANTS_SLOT, BookKind, Slot
from radicale_propmgmt.domain.changes import NO_CONTACT, SyncToken
from radicale_propmgmt.domain.clock import ShiftedClock, WallClock, day_after, day_begins, local_day
from radicale_propmgmt.domain.errors import ConfigError, InvalidSyncTokenError, NeedPrivilegesError, UnavailableError
from radicale_propmgmt.domain.labels import GROUPS, RELATIONS, Label, group_label, role_label
from radicale_propmgmt.domain.links import Link
from radicale_propmgmt.domain.secrets import Secrets, mac
from radicale_propmgmt.domain.text import fold, search_forms

BERLIN = ZoneInfo("Europe/Berlin")
names = st.frozensets(st.text(min_size=1, max_size=3), max_size=3)
keys = st.text(alphabet="0123456789abcdef", min_size=24, max_size=24)
numbers = st.integers(0, 10**18 - 1)


@given(names, names, st.none() | st.text(min_size=1))
def test_an_audience_is_its_key(teams: frozenset[str], rights: frozenset[str], login: str | None) -> None:
    audience = Audience(teams, rights, login)
    assert Audience.from_key(audience.key) == audience


def test_an_unnamed_account_is_meant_by_its_teams_only() -> None:
    assert Audience(frozenset({"t"})).names == {"team:t"}
    assert Audience(frozenset({"t"}), login="a").names == {"team:t", "account:a"}


def test_each_slice_has_its_segment() -> None:
    slots = [
        GRANTS_SLOT,
        Slot(BookKind.GROUP, "mieter"),
        Slot(BookKind.OBJECT, None, "0815"),
        Slot(BookKind.OBJECT_GROUP, "mieter", "0815"),
    ]
    assert [slot.segment for slot in slots] == ["einzelfreigaben", "gruppe-mieter", "objekt-0815", "objekt-0815-mieter"]


@given(st.integers(0, 10**9 - 1), keys, numbers, numbers | st.just(NO_CONTACT))
def test_a_token_that_we_wrote_is_read_back(epoch: int, book: str, seq: int, contact: int) -> None:
    token = SyncToken(epoch, book, seq, contact)
    assert SyncToken.parse(str(token)) == token
    assert SyncToken.parse(f" {token}\n") == token


@pytest.mark.parametrize("text", ["", "1", "urn:x-propmgmt:sync:1:abc:1", "http://radicale.org/ns/sync/1", "data:,1"])
def test_a_token_of_another_form_was_never_ours(text: str) -> None:
    with pytest.raises(InvalidSyncTokenError):
        SyncToken.parse(text)


def test_a_local_day_begins_at_local_midnight_whatever_the_offset() -> None:
    for day, hour in (
        (date(2026, 1, 15), 23),
        (date(2026, 3, 29), 23),
        (date(2026, 6, 15), 22),
        (date(2026, 10, 25), 22),
    ):
        begin = day_begins(day, BERLIN)
        assert datetime.fromtimestamp(begin, UTC).hour == hour
        assert local_day(begin, BERLIN) == day
        assert local_day(begin - 1, BERLIN) < day
    assert day_begins(date(2026, 3, 30), BERLIN) - day_begins(date(2026, 3, 29), BERLIN) == 23 * 3600
    assert day_after(date(2026, 12, 31)) == date(2027, 1, 1)


def test_a_shifted_clock_starts_elsewhere_and_runs_on() -> None:
    start = datetime(2026, 6, 15, 8, tzinfo=UTC)
    assert 0 <= ShiftedClock(start).now() - int(start.timestamp()) <= 2
    assert abs(WallClock().now() - time.time()) < 2


@pytest.mark.parametrize(
    ("link", "current", "former"),
    [
        (Link("mieter"), True, False),
        (Link("mieter", starts=date(2026, 6, 16)), False, False),
        (Link("mieter", until=date(2026, 6, 15)), True, False),
        (Link("mieter", until=date(2026, 6, 14)), False, True),
    ],
)
def test_a_link_is_current_or_former_or_still_to_come(link: Link, *, current: bool, former: bool) -> None:
    today = date(2026, 6, 15)
    assert (link.is_current(today), link.is_former(today)) == (current, former)


def test_keys_differ_by_use_and_a_short_master_is_refused() -> None:
    secrets = Secrets.derive(b"m" * 32)
    assert len({secrets.token, secrets.etag, secrets.uid, secrets.audit}) == 4
    assert secrets == Secrets.derive(b"m" * 32) != Secrets.derive(b"n" * 32)
    assert "b'" not in repr(secrets)
    with pytest.raises(ValueError, match="32 bytes"):
        Secrets.derive(b"m" * 31)


def test_a_mac_knows_where_each_part_ends() -> None:
    assert mac(b"k", b"ab", b"c") != mac(b"k", b"a", b"bc")
    assert mac(b"k", b"a") != mac(b"l", b"a")
    assert len(mac(b"k", size=8)) == 16


@given(st.text(), st.text(), st.text())
def test_whatever_a_text_contains_its_fold_contains(before: str, inner: str, after: str) -> None:
    casefolded = (before + inner + after).casefold()
    if inner.casefold() in casefolded:
        assert fold(inner.casefold()) in fold(casefolded)


def test_german_names_are_found_in_both_spellings() -> None:
    assert fold("MÜLLER Straße") == "muller strasse"
    assert search_forms("Müller") == "muller mueller"
    assert search_forms("Meier") == "meier"


def test_keys_have_words_and_an_unknown_key_stands_for_itself() -> None:
    assert (group_label("eigentuemer"), group_label("eigentuemer", "en")) == ("Eigentümer", "Owners")
    assert (role_label("hauptmieter"), role_label("hauptmieter", "en")) == ("Hauptmieter", "Main tenant")
    assert (group_label("eigene"), role_label("Gärtner")) == ("eigene", "Gärtner")
    assert Label("Ja", "Yes").in_language("de-AT") == "Ja"
    assert len(GROUPS) == 8


def test_the_inverse_of_an_inverse_is_the_relation_itself() -> None:
    assert all(RELATIONS[relation.inverse].inverse == key for key, relation in RELATIONS.items())


def test_refusals_carry_fields_not_prose() -> None:
    assert ConfigError("a:1: k: x", "a:2: k: y").problems == ("a:1: k: x", "a:2: k: y")
    assert UnavailableError().retry_after == 30
    refused = NeedPrivilegesError("/a/", "write")
    assert (refused.href, refused.privilege) == ("/a/", "write")
