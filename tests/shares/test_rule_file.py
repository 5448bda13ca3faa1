"""Whatever is wrong with a rule file is said at once, with its file, line and key."""

from __future__ import annotations

from datetime import date

import pytest

from radicale_propmgmt.domain.books import BookKind
from radicale_propmgmt.domain.errors import ConfigError
from radicale_propmgmt.domain.fields import PROFILES, FieldClass
from radicale_propmgmt.domain.rules import Condition, DenyRule, RuleSet, ShareRule
from radicale_propmgmt.shares.rule_file import KnownNames, load_rules
from tests.shares.fixture import KNOWN

SHARE = """\
[[share]]
name = "A"
for = ["account:horst"]
objects = "*"
groups = ["mieter"]
profile = "minimal"
"""
DENY = """\
[[deny]]
name = "B"
for = ["team:azubi"]
"""
FULL = """\
[profile.phone]
fields = ["name", "phone"]

[[share]]
name = "Alles"
for = [
  "account:horst",  # der Hausmeister
  "team:azubi",
]
objects = ["0815"]
groups = "*"
only = { tenancy = "former", disclosure = "d", consent = "c", tags = ["vip"] }
profile = "phone"
fields = ["email"]
extra_fields = ["bank"]
consent_fields = { weg_kontakt = ["photo"] }
books = ["group", "object-group"]
write = ["phone"]
create = "inbox"
delete = "unlink"
on_refused = "propose"
inbox = true
from = 2026-05-01
until = 2026-05-01
external = true
purpose = "P"
legal_basis = "Art6-1a"

[[deny]]
name = "Nein"
for = ["account:empfang"]
objects = ["0900"]
groups = ["makler"]
tags = ["vip"]
fields = ["phone"]
from = 2026-01-01
until = 2026-12-31
"""


def problems(text: str, known: KnownNames | None = KNOWN) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        load_rules(text, known=known)
    return caught.value.problems


def test_every_key_of_the_language_is_read() -> None:
    rules = load_rules(FULL, known=KNOWN, version=7)
    assert rules.version == 7
    assert rules.profiles == {**PROFILES, "phone": frozenset({FieldClass.NAME, FieldClass.PHONE})}
    assert rules.shares == (
        ShareRule(
            name="Alles",
            subjects=frozenset({"account:horst", "team:azubi"}),
            fields=frozenset({FieldClass.NAME, FieldClass.PHONE, FieldClass.EMAIL, FieldClass.BANK}),
            objects=frozenset({"0815"}),
            groups=None,
            only=Condition(tenancy="former", disclosure="d", consent="c", tags=frozenset({"vip"})),
            consent_fields=(("weg_kontakt", frozenset({FieldClass.PHOTO})),),
            books=frozenset({BookKind.GROUP, BookKind.OBJECT_GROUP}),
            write=frozenset({FieldClass.PHONE}),
            create="inbox",
            delete="unlink",
            on_refused="propose",
            inbox=True,
            starts=date(2026, 5, 1),
            until=date(2026, 5, 1),
            external=True,
            purpose="P",
            legal_basis="Art6-1a",
            line=4,
        ),
    )
    assert rules.denies == (
        DenyRule(
            name="Nein",
            subjects=frozenset({"account:empfang"}),
            objects=frozenset({"0900"}),
            groups=frozenset({"makler"}),
            tags=frozenset({"vip"}),
            fields=frozenset({FieldClass.PHONE}),
            starts=date(2026, 1, 1),
            until=date(2026, 12, 31),
            line=29,
        ),
    )


def test_what_is_not_said_is_the_narrow_default() -> None:
    (rule,) = load_rules(SHARE).shares
    assert rule == ShareRule(
        name="A",
        subjects=frozenset({"account:horst"}),
        fields=PROFILES["minimal"],
        groups=frozenset({"mieter"}),
        line=1,
    )
    assert (rule.write, rule.create, rule.delete, rule.books) == ("none", "no", "refuse", {BookKind.ALL})
    assert rule.only.tenancy == "current"


def test_a_share_may_list_fields_instead_of_a_profile_and_write_what_is_visible() -> None:
    (rule,) = load_rules(SHARE.replace('profile = "minimal"', 'fields = ["name"]\nwrite = "visible"')).shares
    assert (rule.fields, rule.write) == ({FieldClass.NAME}, "visible")


def test_a_deny_may_mean_all_contacts_of_its_subjects() -> None:
    (rule,) = load_rules(DENY + 'objects = "*"\n', known=KNOWN).denies
    assert rule == DenyRule(name="B", subjects=frozenset({"team:azubi"}), line=1)


@pytest.mark.parametrize("text", ["", "# nur ein Kommentar\n", "\ufeff", "\r\n"])
def test_an_empty_file_shows_nothing_to_anybody(text: str) -> None:
    assert load_rules(text, known=KNOWN) == RuleSet()


def test_a_byte_order_mark_and_windows_line_ends_change_nothing() -> None:
    assert load_rules("\ufeff" + FULL.replace("\n", "\r\n"), known=KNOWN) == load_rules(FULL)
    broken = FULL.replace('"makler"', '"miter"')
    assert problems("\ufeff" + broken.replace("\n", "\r\n")) == problems(broken)


@pytest.mark.parametrize(
    ("line", "instead", "expected"),
    [
        (2, "", "1: share[1].name: is missing"),
        (2, 'name = ""', "2: share[1].name: write a text of one line in quotes"),
        (2, "name = 7", "2: share[1].name: write a text of one line in quotes"),
        (2, 'name = "a\\nb"', "2: share[1].name: write a text of one line in quotes"),
        (3, "", "1: share[1].for: is missing: account:LOGIN or team:NAME"),
        (3, "for = []", "3: share[1].for: write a list with at least one subject"),
        (3, 'for = "account:horst"', "3: share[1].for: write a list with at least one subject"),
        (3, "for = [7]", "3: share[1].for[1]: write each subject in quotes"),
        (
            3,
            'for = ["account:horst", ".*"]',
            '3: share[1].for[2]: ".*" names nobody; write account:LOGIN or team:NAME (no patterns)',
        ),
        (
            3,
            'for = ["account:.*"]',
            '3: share[1].for[1]: "account:.*" names nobody; write account:LOGIN or team:NAME (no patterns)',
        ),
        (
            3,
            'for = ["horst"]',
            '3: share[1].for[1]: "horst" names nobody; write account:LOGIN or team:NAME (no patterns)',
        ),
        (
            3,
            'for = ["team:azubis"]',
            '3: share[1].for[1]: unknown team "azubis"; known: azubi, buchhaltung, sued; did you mean "azubi"?',
        ),
        (4, "", '1: share[1].objects: is missing: a list of objects, or "*" for all'),
        (4, 'objects = "0815"', '4: share[1].objects: write a list of objects, or "*" without brackets for all'),
        (4, 'objects = ["*"]', '4: share[1].objects: write a list of objects, or "*" without brackets for all'),
        (4, "objects = [815]", "4: share[1].objects[1]: write each object in quotes"),
        (
            4,
            'objects = ["815"]',
            '4: share[1].objects[1]: unknown object "815"; known: 0815, 0816, 0817, 0900; did you mean "0815"?',
        ),
        (5, "", '1: share[1].groups: is missing: a list of groups, or "*" for all'),
        (5, "groups = []", "5: share[1].groups: write a list with at least one group"),
        (
            5,
            'groups = [\n  "mieter",\n  "miter",\n]',
            (
                '7: share[1].groups[2]: unknown group "miter"; known: banken, dienstleister, eigentuemer, makler, mieter,'
                ' mietinteressenten, sonstige, verwalter; did you mean "mieter"?'
            ),
        ),
        (6, "", "1: share[1].profile: is missing: name a profile, or list fields"),
        (6, 'extra_fields = ["bank"]', "1: share[1].profile: is missing: name a profile, or list fields"),
        (
            6,
            'profile = "standart"',
            (
                '6: share[1].profile: unknown value "standart"; known: bank, dsb, kommunikation, minimal, sepa, standard,'
                ' verwaltung, voll; did you mean "standard"?'
            ),
        ),
        (
            7,
            'extra_fields = ["bnak"]',
            (
                '7: share[1].extra_fields[1]: unknown field class "bnak"; known: address, bank, birthday, category,'
                " consent, document, email, function, internal_note, name, note, organisation, other, phone, photo,"
                ' relation, salutation, sepa, unit, url; did you mean "bank"?'
            ),
        ),
        (7, 'only = "current"', "7: share[1].only: write a table such as { … }"),
        (
            7,
            'only = { tenancy = "now" }',
            '7: share[1].only.tenancy: unknown value "now"; known: any, current, former',
        ),
        (7, 'only = { tag = ["vip"] }', None),
        (
            7,
            'only.consent = "Weg Kontakt"',
            "7: share[1].only.consent: a purpose is one word of a-z, 0-9 and _, such as weg_kontakt",
        ),
        (
            7,
            'consent_fields = { "weg kontakt" = ["phone"] }',
            '7: share[1].consent_fields."weg kontakt": a purpose is one word of a-z, 0-9 and _, such as weg_kontakt',
        ),
        (
            7,
            'consent_fields = { newsletter = "email" }',
            "7: share[1].consent_fields.newsletter: write a list with at least one field class",
        ),
        (
            7,
            'books = ["all", "grants"]',
            '7: share[1].books[2]: unknown kind of book "grants"; known: all, group, object, object-group',
        ),
        (7, 'write = "all"', '7: share[1].write: unknown value "all"; known: none, visible'),
        (7, "write = []", "7: share[1].write: write a list with at least one field class"),
        (7, 'create = "maybe"', '7: share[1].create: unknown value "maybe"; known: inbox, no, yes'),
        (7, "create = true", '7: share[1].create: unknown value "true"; known: inbox, no, yes'),
        (7, 'delete = "yes"', '7: share[1].delete: unknown value "yes"; known: refuse, unlink'),
        (7, 'on_refused = "eat"', '7: share[1].on_refused: unknown value "eat"; known: propose, refuse'),
        (7, 'inbox = "yes"', "7: share[1].inbox: write true or false, without quotes"),
        (
            7,
            'from = "2026-05-01"',
            "7: share[1].from: write a day such as 2026-09-30, without quotes and time",
        ),
        (
            7,
            "until = 2026-05-01T10:00:00",
            "7: share[1].until: write a day such as 2026-09-30, without quotes and time",
        ),
        (
            7,
            "from = 2026-05-02\nuntil = 2026-05-01",
            "8: share[1].until: 2026-05-01 lies before from = 2026-05-02",
        ),
        (
            7,
            'external = true\npurpose = "P"',
            "1: share[1].legal_basis: is missing: a share with external = true says why and on which legal basis",
        ),
        (
            7,
            'external = true\nlegal_basis = "Art6-1a"',
            "1: share[1].purpose: is missing: a share with external = true says why and on which legal basis",
        ),
        (
            7,
            'external = true\nlegal_basis = "Art6-1a"\npurpose = " "',
            "9: share[1].purpose: write a text of one line in quotes",
        ),
    ],
)
def test_a_problem_names_file_line_and_key(line: int, instead: str, expected: str | None) -> None:
    lines = SHARE.split("\n")
    lines[line - 1] = instead
    expected = expected or (
        '7: share[1].only.tag: unknown key "tag"; known: consent, disclosure, tags, tenancy; did you mean "tags"?'
    )
    assert problems("\n".join(lines)) == (f"shares.toml:{expected}",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '[[shares]]\nname = "A"',
            '1: shares: unknown key "shares"; known: deny, profile, share; did you mean "share"?',
        ),
        ('[share]\nname = "A"', "1: share: write [[share]]"),
        ("deny = 1", "1: deny: write [[deny]]"),
        ("deny = [1]", "1: deny: write [[deny]]"),
        ("profile = 1", "1: profile: write a table such as { … }"),
        ("[profile]\nphone = 1", None),
        ("[profile.phone]", "1: profile.phone.fields: is missing"),
        ('[profile.phone]\nfields = "name"', "2: profile.phone.fields: write a list with at least one field class"),
        (
            '[profile.phone]\nfields = ["name"]\nbooks = ["all"]',
            '3: profile.phone.books: unknown key "books"; known: fields',
        ),
        ('[profile.voll]\nfields = ["name"]', "1: profile.voll: is built in; choose another name"),
        (
            '[profile."a b"]\nfields = ["name"]',
            '1: profile."a b": a profile\'s name has letters, digits, _ and - only',
        ),
        (DENY + "inbox = true", None),
        ("\n" + DENY.replace("azubi", "azubii"), None),
    ],
)
def test_a_problem_outside_shares_is_found_too(text: str, expected: str | None) -> None:
    found = problems(text)
    if expected is not None:
        assert found == (f"shares.toml:{expected}",)
    elif "profile" in text:
        assert found == (
            "shares.toml:2: profile.phone: write a table such as { … }",
            "shares.toml:2: profile.phone.fields: is missing",
        )
    elif "inbox" in text:
        assert found[0].startswith('shares.toml:4: deny[1].inbox: unknown key "inbox"; known: fields, for, from,')
    else:
        assert found == (
            (
                'shares.toml:4: deny[1].for[1]: unknown team "azubii"; known: azubi, buchhaltung, sued;'
                ' did you mean "azubi"?'
            ),
        )


def test_a_rule_name_is_taken_once_by_shares_and_denies_together() -> None:
    text = SHARE + SHARE + DENY.replace('"B"', '"A"')
    assert problems(text) == (
        'shares.toml:8: share[2].name: "A" is the rule of line 2 already',
        'shares.toml:14: deny[1].name: "A" is the rule of line 2 already',
    )


def test_all_problems_come_at_once_in_the_order_of_the_file() -> None:
    text = SHARE.replace("mieter", "miter") + SHARE.replace('"A"', '"C"').replace("account:horst", "x") + "[oops]\n"
    assert [problem.split(": ")[0:2] for problem in problems(text)] == [
        ["shares.toml:5", "share[1].groups[1]"],
        ["shares.toml:9", "share[2].for[1]"],
        ["shares.toml:13", "oops"],
    ]


def test_names_are_checked_only_where_they_are_known() -> None:
    text = SHARE.replace("mieter", "miter").replace("horst", "nobody")
    assert load_rules(text).shares[0].groups == {"miter"}
    assert load_rules(text, known=KnownNames()).shares[0].groups == {"miter"}
    assert len(problems(text)) == 2


def test_a_long_list_of_known_names_is_cut_and_no_name_known_is_said() -> None:
    many = KnownNames(groups=frozenset(f"g{number:02}" for number in range(30)), objects=frozenset())
    text = SHARE.replace("mieter", "zzz").replace('"*"', '["1"]')
    one, two = problems(text, many)
    assert one == 'shares.toml:4: share[1].objects[1]: unknown object "1"; known: none'
    assert two.startswith('shares.toml:5: share[1].groups[1]: unknown group "zzz"; known: g00, g01,')
    assert two.endswith(", g19 and 10 more")


def test_a_value_of_the_file_stays_on_its_line_and_short() -> None:
    (problem,) = problems(SHARE.replace("account:horst", "a\\nshares.toml:1: lie" + "x" * 200))
    assert "\n" not in problem
    assert len(problem) < 200


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = 1\nb = = 2\n", "shares.toml:2: toml: Invalid value, column 5"),
        ("[[share]]\nname = 'A'\nname = 'B'\n", "shares.toml:3: toml: Cannot overwrite a value"),
        ("from = 2026-02-30\n", "shares.toml:1: toml: Invalid date or datetime, column 8"),
        ("\nx = [", "shares.toml:2: toml: Invalid value"),
        ("x = " + "[" * 100_000, "shares.toml:1: toml: nested too deep"),
        ("x = " + "9" * 5000, "shares.toml:1: toml: Exceeds the limit"),
        ("x = '\x00'", "shares.toml:1: toml: "),
        ("x = 1\ry = 2", "shares.toml:1: toml: "),
    ],
)
def test_what_is_no_toml_is_refused_with_the_line(text: str, expected: str) -> None:
    (problem,) = problems(text)
    assert problem.startswith(expected)


def test_the_file_is_called_as_the_caller_calls_it() -> None:
    with pytest.raises(ConfigError, match=r"^rules/x\.toml:1: oops: "):
        load_rules("oops = 1", "rules/x.toml")
