"""Who sees what, when and in which fields: the share scenarios as a table that was written by hand.

A line of a timeline is an instant in Berlin, then each book that the device lists with the contacts in it. What holds
at one instant holds until the next.
"""

from __future__ import annotations

from typing import NamedTuple

from tests.clients.cards import KOMMUNIKATION, MINIMAL, PHONE, STANDARD, VERWALTUNG, VOLL


class Scenario(NamedTuple):
    """One wish: a login, the field classes it sees, and its books over time."""

    number: str
    login: str
    classes: str
    timeline: dict[str, dict[str, str]]


#: The first instant of all: k03 still lives in 0815 on this last day. The demo's facts are those of 2026-06-15, so
#: whatever begins later is already known, but not there yet.
BEGINS = "2025-03-31 10:00:00"

_ALL = "k01 k02 k03 k04 k05 k06 k09 k10 k11 k12 k14 k15 k16"
#: ``tenancy = "any"`` shows links of the past and of the future, too.
_CHEF = {
    "gruppe-banken": "k10",
    "gruppe-dienstleister": "k06 k09",
    "gruppe-eigentuemer": "k04 k05 k12",
    "gruppe-makler": "k14",
    "gruppe-mieter": "k01 k02 k03 k11 k15",
    "gruppe-mietinteressenten": "k16",
}

SCENARIOS = [
    Scenario(
        "1: the caretaker phones tenants and contractors of his three houses",
        "horst",
        PHONE,
        {
            BEGINS: {"alle": "k01 k02 k03 k06 k09 k11"},
            "2025-03-31 23:59:59": {"alle": "k01 k02 k03 k06 k09 k11"},
            "2025-04-01 00:00:00": {"alle": "k01 k02 k06 k09 k11"},
            "2026-06-15 10:00:00": {"alle": "k01 k02 k06 k09 k11"},
            "2026-10-01 10:00:00": {"alle": "k01 k02 k06 k09 k11"},
        },
    ),
    Scenario(
        "2: the accountant sees owners with bank data of all objects, and no tenants",
        "bruno",
        f"{STANDARD} bank",
        {
            BEGINS: {"alle": "k04 k05 k12"},
            "2026-06-15 10:00:00": {"alle": "k04 k05 k12"},
            "2026-10-01 10:00:00": {"alle": "k04 k05 k12"},
        },
    ),
    Scenario(
        "3: the craftsman sees the tenant of 0815 who agreed, from 2026-05-01 to 2026-09-30",
        "schulze",
        PHONE,
        {
            BEGINS: {"alle": ""},
            "2026-04-30 23:59:59": {"alle": ""},
            "2026-05-01 00:00:00": {"alle": "k01"},
            "2026-06-15 10:00:00": {"alle": "k01"},
            "2026-09-30 23:59:59": {"alle": "k01"},
            "2026-10-01 00:00:00": {"alle": ""},
        },
    ),
    Scenario(
        "4: the managing director sees all in books per group, without bank data",
        "chef",
        VOLL,
        {BEGINS: _CHEF, "2025-04-01 00:00:00": _CHEF, "2026-06-15 10:00:00": _CHEF, "2026-10-01 00:00:00": _CHEF},
    ),
    Scenario(
        "5: the trainee reads tenants, owners and contractors, no bank data and no applicants",
        "azra",
        STANDARD,
        {
            BEGINS: {"alle": "k01 k02 k03 k04 k05 k06 k09 k11 k12 k15"},
            "2025-04-01 00:00:00": {"alle": "k01 k02 k04 k05 k06 k09 k11 k12 k15"},
            "2026-06-15 10:00:00": {"alle": "k01 k02 k04 k05 k06 k09 k11 k12 k15"},
            "2026-10-01 10:00:00": {"alle": "k01 k02 k04 k05 k06 k09 k11 k12 k15"},
        },
    ),
    Scenario(
        "8: petra sees the one broker granted to her, until 2026-08-31",
        "petra",
        KOMMUNIKATION,
        {
            BEGINS: {"einzelfreigaben": "k14"},
            "2026-06-15 10:00:00": {"einzelfreigaben": "k14"},
            "2026-08-31 23:59:59": {"einzelfreigaben": "k14"},
            "2026-09-01 00:00:00": {"einzelfreigaben": ""},
        },
    ),
    Scenario(
        "9: team Süd manages 0900 with its applicants",
        "sued1",
        VERWALTUNG,
        {
            BEGINS: {"alle": "k15", "objekt-0900": "k15"},
            "2026-02-01 10:00:00": {"alle": "k15", "objekt-0900": "k15"},
            "2026-05-19 23:59:59": {"alle": "k15", "objekt-0900": "k15"},
            "2026-05-20 00:00:00": {"alle": "k15 k16", "objekt-0900": "k15 k16"},
            "2026-06-15 10:00:00": {"alle": "k15 k16", "objekt-0900": "k15 k16"},
        },
    ),
    Scenario(
        "10: the advisory board has the list of owners of 0816 with postal addresses; nobody agreed to more",
        "beirat0816",
        "name address",
        {
            BEGINS: {"alle": "k04 k12"},
            "2026-06-15 10:00:00": {"alle": "k04 k12"},
            "2026-10-01 10:00:00": {"alle": "k04 k12"},
        },
    ),
    Scenario(
        "11: the tax adviser sees contractors with bank data in March 2026 only",
        "stb",
        f"{STANDARD} bank",
        {
            BEGINS: {"alle": ""},
            "2026-02-28 23:59:59": {"alle": ""},
            "2026-03-01 00:00:00": {"alle": "k06 k09"},
            "2026-03-10 10:00:00": {"alle": "k06 k09"},
            "2026-03-31 23:59:59": {"alle": "k06 k09"},
            "2026-04-01 00:00:00": {"alle": ""},
            "2026-06-15 10:00:00": {"alle": ""},
        },
    ),
    Scenario(
        "12: the reception's phone knows every caller but VIPs",
        "empfang",
        MINIMAL,
        {
            BEGINS: {"alle": _ALL.replace("k04 ", "")},
            "2025-04-01 00:00:00": {"alle": _ALL.replace("k04 ", "")},
            "2026-06-15 10:00:00": {"alle": _ALL.replace("k04 ", "")},
        },
    ),
    Scenario(
        "the property manager works house by house",
        "verwalter",
        VERWALTUNG,
        {
            BEGINS: {
                "alle": "k01 k02 k03 k04 k06 k09 k11 k12 k15",
                "objekt-0815": "k01 k02 k03 k06 k09",
                "objekt-0816": "k04 k06 k09 k12",
                "objekt-0817": "k09 k11",
                "objekt-0900": "k15",
            },
            "2025-04-01 00:00:00": {
                "alle": "k01 k02 k04 k06 k09 k11 k12 k15",
                "objekt-0815": "k01 k02 k06 k09",
                "objekt-0816": "k04 k06 k09 k12",
                "objekt-0817": "k09 k11",
                "objekt-0900": "k15",
            },
        },
    ),
    Scenario(
        "the technician picks a house, then tenants or contractors",
        "technik",
        PHONE,
        {
            "2026-06-15 10:00:00": {
                "alle": "k01 k02 k06 k09 k11 k15",
                "objekt-0815-dienstleister": "k06 k09",
                "objekt-0815-mieter": "k01 k02",
                "objekt-0816-dienstleister": "k06 k09",
                "objekt-0816-mieter": "",
                "objekt-0817-dienstleister": "k09",
                "objekt-0817-mieter": "k11",
                "objekt-0900-dienstleister": "",
                "objekt-0900-mieter": "k15",
            },
        },
    ),
]

EVERYBODY = [scenario.login for scenario in SCENARIOS] + ["dsb", "k03"]
