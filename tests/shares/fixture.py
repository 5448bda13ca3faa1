"""The contacts of the demo as facts, its accounts as audiences, and small worlds to draw from."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from hypothesis import strategies as st

from radicale_propmgmt.domain.audiences import Audience
from radicale_propmgmt.domain.contacts import ContactState
from radicale_propmgmt.domain.fields import FieldClass
from radicale_propmgmt.domain.grants import Consent, Disclosure, Grant
from radicale_propmgmt.domain.links import Link
from radicale_propmgmt.domain.rules import Condition, DenyRule, RuleSet, ShareRule
from radicale_propmgmt.domain.visibility import Subject, visible
from radicale_propmgmt.shares.rule_file import KnownNames, load_rules

TODAY = date(2026, 6, 15)
RULE_FILE = Path(__file__).parents[2] / "config" / "shares.toml"
TEXT = RULE_FILE.read_text(encoding="utf-8")

GROUPS = frozenset(
    ["mieter", "mietinteressenten", "dienstleister", "makler", "verwalter", "eigentuemer", "banken", "sonstige"]
)
TEAMS = {"bruno": "buchhaltung", "azra": "azubi", "sued1": "sued"}
NAMED = ("horst", "schulze", "chef", "petra", "beirat0816", "stb", "empfang", "verwalter", "technik")
AUDIENCES = {login: Audience(login=login) for login in NAMED} | {
    login: Audience(teams=frozenset({team})) for login, team in TEAMS.items()
}
KNOWN = KnownNames(
    accounts=frozenset(AUDIENCES),
    teams=frozenset(TEAMS.values()),
    objects=frozenset({"0815", "0816", "0817", "0900"}),
    groups=GROUPS,
)


def demo_rules(text: str = TEXT) -> RuleSet:
    return load_rules(text, known=KNOWN)


def lives(number: str, group: str, starts: date, until: date | None = None) -> Link:
    return Link(group, number, starts=starts, until=until)


_HANDWERKER = Disclosure("weitergabe_handwerker", date(2026, 4, 20))
_BLOCKED, _ERASED = ContactState.RESTRICTED, ContactState.ERASED
SINCE = date(2019, 4, 1)
SUBJECTS = {
    "k01": Subject(id=1, links=(lives("0815", "mieter", SINCE),), disclosures=(_HANDWERKER,)),
    "k02": Subject(id=2, links=(lives("0815", "mieter", SINCE),)),
    "k03": Subject(id=3, links=(lives("0815", "mieter", SINCE, date(2025, 3, 31)),)),
    "k04": Subject(id=4, links=(lives("0816", "eigentuemer", SINCE),), tags=frozenset({"vip"})),
    "k05": Subject(id=5, links=(Link("eigentuemer"),)),
    "k06": Subject(id=6, links=tuple(lives(n, "dienstleister", SINCE) for n in ("0815", "0816"))),
    "k07": Subject(id=7, links=(lives("0900", "mietinteressenten", date(2026, 1, 15)),), state=_BLOCKED),
    "k08": Subject(id=8, links=(lives("0815", "mieter", SINCE),), state=_BLOCKED, disclosures=(_HANDWERKER,)),
    "k09": Subject(id=9, links=tuple(lives(n, "dienstleister", SINCE) for n in ("0815", "0816", "0817"))),
    "k10": Subject(id=10, links=(Link("banken"),)),
    "k11": Subject(id=11, links=(lives("0817", "mieter", SINCE),)),
    "k12": Subject(id=12, links=(lives("0816", "eigentuemer", SINCE),)),
    "k13": Subject(id=13, state=_ERASED),
    "k14": Subject(
        id=14, links=(Link("makler"),), grants=(Grant("account:petra", "kommunikation", None, date(2026, 8, 31), 1),)
    ),
    "k15": Subject(id=15, links=(lives("0900", "mieter", SINCE),)),
    "k16": Subject(id=16, links=(lives("0900", "mietinteressenten", date(2026, 5, 20)),)),
}


def access(rules: RuleSet, today: date = TODAY) -> set[tuple[str, str, str]]:
    """Everything anybody sees: (login, contact, field class)."""
    return {
        (login, key, shown)
        for login, audience in AUDIENCES.items()
        for key, subject in SUBJECTS.items()
        for shown in visible(audience, subject, rules, today).fields
    }


# Small alphabets: two of everything, and days around one day.
DAYS = [date(2026, 6, day) for day in (13, 14, 15, 16, 17)]
days = st.none() | st.sampled_from(DAYS)
subjects_of_rules = st.frozensets(st.sampled_from(["account:a", "account:b", "team:t"]), min_size=1)
few_fields = st.frozensets(st.sampled_from([FieldClass.NAME, FieldClass.PHONE, FieldClass.BANK]), min_size=1)
groups = st.sampled_from(["mieter", "makler"])
objects = st.sampled_from(["1", "2"])
tags = st.frozensets(st.sampled_from(["vip", "alt"]), max_size=1)
purposes = st.sampled_from(["p", "q"])
some_groups = st.none() | st.frozensets(groups, min_size=1)
some_objects = st.none() | st.frozensets(objects, min_size=1)

links = st.builds(Link, group=groups, object_number=st.none() | objects, starts=days, until=days, id=st.integers(1, 9))
consents = st.builds(
    Consent, purpose=purposes, given_on=st.sampled_from(DAYS), valid_until=days, withdrawn=st.booleans()
)
subjects = st.builds(
    Subject,
    id=st.integers(1, 9),
    state=st.sampled_from([ContactState.ACTIVE] * 4 + [_BLOCKED, _ERASED]),
    protected=st.booleans(),
    tags=tags,
    links=st.lists(links, max_size=3).map(tuple),
    grants=st.lists(
        st.builds(
            Grant,
            to=st.sampled_from(["account:a", "team:t"]),
            profile=st.sampled_from(["minimal", "bank", "gone"]),
            starts=days,
            until=days,
            id=st.integers(1, 9),
        ),
        max_size=1,
    ).map(tuple),
    consents=st.lists(consents, max_size=2).map(tuple),
    disclosures=st.lists(st.builds(Disclosure, purpose=purposes, starts=days, until=days), max_size=2).map(tuple),
)
conditions = st.builds(
    Condition,
    tenancy=st.sampled_from(["current", "former", "any"]),
    disclosure=st.none() | purposes,
    consent=st.none() | purposes,
    tags=tags,
)
shares = st.builds(
    ShareRule,
    name=st.sampled_from(["one", "two"]),
    subjects=subjects_of_rules,
    fields=few_fields,
    objects=some_objects,
    groups=some_groups,
    only=st.just(Condition()) | conditions,
    consent_fields=st.lists(st.tuples(purposes, few_fields), max_size=1).map(tuple),
    starts=days,
    until=days,
    line=st.integers(1, 9),
)
denies = st.builds(
    DenyRule,
    name=st.just("no"),
    subjects=subjects_of_rules,
    objects=some_objects,
    groups=some_groups,
    tags=tags,
    fields=st.just(frozenset()) | few_fields,
    starts=days,
    until=days,
)
rule_sets = st.builds(
    RuleSet, shares=st.lists(shares, max_size=4).map(tuple), denies=st.lists(denies, max_size=2).map(tuple)
)
audiences = st.builds(
    Audience,
    teams=st.frozensets(st.sampled_from(["t", "u"])),
    rights=st.frozensets(st.sampled_from(["protected", "gdpr"])),
    login=st.none() | st.sampled_from(["a", "b"]),
)
todays = st.sampled_from(DAYS)
