"""``retention.toml``: every problem is told at once, with its file, line and key."""

from __future__ import annotations

from datetime import date

import pytest

from radicale_propmgmt.domain.contacts import ContactKind
from radicale_propmgmt.domain.errors import ConfigError
from radicale_propmgmt.domain.periods import Period
from radicale_propmgmt.domain.retention import Anchor, OnFile, Profile, RecordRule, Start, Step
from radicale_propmgmt.shares.retention_file import load_profiles

WHOLE = """
[profile.mieter]
groups = ["mieter"]
roles = ["buerge"]
kinds = ["person"]
start = "last_event"
events = ["voucher"]
comm.erase_after = "P0D@block"
core.block_after = "P24M@year_end"
core.erase_after = "P8Y@posting+year_end"
on_file = { purpose = "newsletter", at_most = "P12M" }
basis = ["AO §147"]
confirmed_by = "A. Muster, 2026-06-15"

[record.voucher]
keep = "P8Y@year_end"
basis = ["AO §147"]
"""
LEAST = '[profile.x]\ngroups = ["mieter"]\nbasis = ["x"]\n'


def problems(text: str, groups: frozenset[str] | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_profiles(text, "r.toml", groups=groups)
    return str(caught.value).splitlines()


def test_every_key_is_understood() -> None:
    found = load_profiles(WHOLE.replace("\n", "\r\n"), groups={"mieter"})
    assert found.profiles == (
        Profile(
            name="mieter",
            groups=("mieter",),
            roles=("buerge",),
            kinds=frozenset({ContactKind.PERSON}),
            start=Start.LAST_EVENT,
            events=("voucher",),
            comm_erase=Step(Period(), Anchor.BLOCK),
            core_block=Step(Period(months=24, from_year_end=True)),
            core_erase=Step(Period(years=8, from_year_end=True), Anchor.POSTING),
            on_file=OnFile("newsletter", Period(months=12)),
            basis=("AO §147",),
            confirmed_by="A. Muster, 2026-06-15",
        ),
    )
    assert found.records == {"voucher": RecordRule("voucher", Period(years=8, from_year_end=True), ("AO §147",))}
    assert found.records["voucher"].keep.last_day(date(2024, 5, 17)) == date(2032, 12, 31)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[profile.x\n", "r.toml:1: toml: "),
        ("x = 1\n", 'r.toml:1: x: unknown key "x"; known: profile, record'),
        ('[profile.x]\nbasis = ["x"]\ncore.erase_after = "P1Y"\n', "r.toml:1: profile.x.groups: is missing"),
        (LEAST, "r.toml:1: profile.x.core.erase_after: is missing"),
        (f'{LEAST}core.erase_after = "P1Y"\nsince = 1\n', 'r.toml:5: profile.x.since: unknown key "since"'),
        (f'{LEAST}core.erase_after = "1Y"\n', 'r.toml:4: profile.x.core.erase_after: "1Y" is no period'),
        (f'{LEAST}core.erase_after = "P1Y@"\n', 'r.toml:4: profile.x.core.erase_after: "P1Y@" is no period'),
        (f'{LEAST}core.erase_after = "P1Y@start+posting"\n', "r.toml:4: profile.x.core.erase_after: "),
        (f'{LEAST}core.erase_after = "P1Y@yearend"\n', 'did you mean "year_end"?'),
        (f'{LEAST}core.erase_after = "P1Y@block"\n', 'r.toml:4: profile.x.core.erase_after: unknown start "block"'),
        (f"{LEAST}core.erase_after = 8\n", "r.toml:4: profile.x.core.erase_after: write a period"),
        (f'{LEAST}core.erase_after = "P1Y"\nevents = ["beleg"]\n', "r.toml:5: profile.x.events[1]: unknown kind"),
        (f'{LEAST}core.erase_after = "P1Y"\nstart = "related_end"\n', "r.toml:1: profile.x.relations: belongs to"),
        (f'{LEAST}core.erase_after = "P1Y"\nrelations = ["kind"]\n', "profile.x.relations: belongs to"),
        (
            f'{LEAST}core.erase_after = "P1Y"\non_file = {{ purpose = "schufa" }}\n',
            "profile.x.on_file.at_most: is miss",
        ),
        ('[profile."a b"]\ngroups = ["a"]\nbasis = ["x"]\ncore.erase_after = "never"\n', 'profile."a b": a profile\'s'),
        ('[profile.x]\ngroups = ["a"]\ncore.erase_after = "never"\n', "r.toml:1: profile.x.basis: is missing"),
        ('[record.open]\nkeep = "P1Y"\nbasis = ["x"]\n', 'r.toml:1: record.open: unknown kind of record "open"'),
        ("[record.voucher]\n", "r.toml:1: record.voucher.keep: is missing"),
        ('[record.voucher]\nkeep = "P1Y"\n', "r.toml:1: record.voucher.basis: is missing"),
    ],
)
def test_what_cannot_be_understood_is_told_with_its_line(text: str, problem: str) -> None:
    """A period that is read wrongly erases too early: nothing is guessed."""
    assert any(problem in line for line in problems(text)), problems(text)


def test_all_problems_are_told_at_once() -> None:
    found = problems(f'{LEAST}core.erase_after = "x"\nstart = "y"\nconfirmed_by = 1\n')
    assert [line.split(": ")[1] for line in found] == [
        "profile.x.core.erase_after",
        "profile.x.start",
        "profile.x.confirmed_by",
    ]


def test_a_group_that_does_not_exist_is_told() -> None:
    assert "r.toml:2: profile.x.groups[1]: unknown group" in problems(LEAST, frozenset({"makler"}))[1]


def test_two_profiles_for_the_same_data_are_refused() -> None:
    """One kind of data has exactly one rule (DIN 66398)."""
    one = f'{LEAST}core.erase_after = "never"\n'
    found = problems(one + one.replace("profile.x", "profile.y"))
    assert found == ['r.toml:5: profile.y: mieter (household) belongs to profile "x" already']
    apart = one + one.replace("profile.x]", 'profile.y]\nroles = ["buerge"]')
    assert len(load_profiles(apart).profiles) == 2
