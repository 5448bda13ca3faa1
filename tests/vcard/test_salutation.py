"""Letter salutations: the golden table."""

from __future__ import annotations

import pytest

from radicale_propmgmt.domain.contacts import Contact, Name
from radicale_propmgmt.vcard.names import formatted_name
from radicale_propmgmt.vcard.salutation import EVERYBODY, letter_salutation
from tests.vcard.people import household, organisation, person

HEIDE = Name(given="Elke Freifrau", family="von der Heide", sort_as="Heide")
GOLDEN: list[tuple[Contact, str, str]] = [
    (
        person("Anna", "Müller-Lüdenscheidt", "frau", prefix="Dr."),
        "Dr. Anna Müller-Lüdenscheidt",
        "Sehr geehrte Frau Dr. Müller-Lüdenscheidt,",
    ),
    (
        person("Karl", "Groß", "herr", prefix="Prof. Dr. med."),
        "Prof. Dr. med. Karl Groß",
        "Sehr geehrter Herr Professor Groß,",
    ),
    (person("Eva", "Groß", "frau", prefix="Prof.Dr."), "Prof.Dr. Eva Groß", "Sehr geehrte Frau Professorin Groß,"),
    (person(name=HEIDE, salutation="frau"), "Elke Freifrau von der Heide", "Sehr geehrte Freifrau von der Heide,"),
    (
        person("Otto", "Graf Berg", "herr", prefix="Dr."),
        "Dr. Otto Graf Berg",
        "Sehr geehrter Dr. Graf Berg,",
    ),
    (person("Elke", "von der Heide", "frau"), "Elke von der Heide", "Sehr geehrte Frau von der Heide,"),
    (person("Max", "Ring", "herr", prefix="Dipl.-Ing."), "Dipl.-Ing. Max Ring", "Sehr geehrter Herr Ring,"),
    (
        person(name=Name(given="Ute", family="Lahm", suffix="LL.M."), salutation="frau"),
        "Ute Lahm LL.M.",
        "Sehr geehrte Frau Lahm,",
    ),
    (person("Kim", "Sander"), "Kim Sander", "Guten Tag Kim Sander,"),
    (person("Kim", "Sander", "divers"), "Kim Sander", "Guten Tag Kim Sander,"),
    (person("", "Suharto"), "Suharto", "Guten Tag Suharto,"),
    (person("Cher", "", "frau"), "Cher", "Guten Tag Cher,"),
    (person("Ñuño", "Yıldız-Łęcki", "herr"), "Ñuño Yıldız-Łęcki", "Sehr geehrter Herr Yıldız-Łęcki,"),
    (organisation("WEG Lindenhof 1–9, c/o Verwaltung"), "WEG Lindenhof 1–9, c/o Verwaltung", EVERYBODY),
    (organisation("Müller & Öztürk GbR"), "Müller & Öztürk GbR", EVERYBODY),
    (organisation("Erbengemeinschaft nach Jürgen Erbe"), "Erbengemeinschaft nach Jürgen Erbe", EVERYBODY),
    (
        organisation("Ines Licht e. K.", name=Name(given="Ines", family="Licht"), salutation="frau"),
        "Ines Licht e. K.",
        "Sehr geehrte Frau Licht,",
    ),
    (person(), "Kontakt", EVERYBODY),
    (person(organisation=("Firma",)), "Firma", EVERYBODY),
    (household(name=Name(formatted="Familie Süd")), "Familie Süd", EVERYBODY),
]


@pytest.mark.parametrize(("contact", "name", "salutation"), GOLDEN)
def test_a_contact_is_called_and_greeted_like_this(contact: Contact, name: str, salutation: str) -> None:
    assert formatted_name(contact) == name
    assert letter_salutation(contact) == salutation


ANNA, BERND = person("Anna", "Müller", "frau"), person("Bernd", "Müller", "herr")
TOM, JAN = person("Tom", "Bauer", "herr"), person("Jan", "Kühn", "herr")
KIM = person("Kim", "Sander")


@pytest.mark.parametrize(
    ("members", "name", "salutation"),
    [
        ([ANNA, BERND], "Anna und Bernd Müller", "Sehr geehrte Frau Müller, sehr geehrter Herr Müller,"),
        ([TOM, JAN], "Tom Bauer und Jan Kühn", "Sehr geehrter Herr Bauer, sehr geehrter Herr Kühn,"),
        ([BERND], "Bernd Müller", "Sehr geehrter Herr Müller,"),
        ([TOM, KIM], "Tom Bauer und Kim Sander", "Guten Tag Tom Bauer und Kim Sander,"),
        ([KIM], "Kim Sander", "Guten Tag Kim Sander,"),
        ([ANNA, BERND, person("Carla", "Müller", "frau", prefix="Dr.")], "Anna, Bernd und Dr. Carla Müller", None),
        ([ANNA, organisation("Erben GbR")], "Anna Müller und Erben GbR", EVERYBODY),
        ([], "Kontakt", EVERYBODY),
    ],
)
def test_a_household_is_called_and_greeted_by_its_members(
    members: list[Contact], name: str, salutation: str | None
) -> None:
    assert formatted_name(household(), members) == name
    if salutation:
        assert letter_salutation(household(), members) == salutation


def test_what_is_set_by_hand_wins() -> None:
    chosen = person("Anna", "Müller", "frau", letter_salutation="Liebe Anna,")
    assert letter_salutation(chosen) == "Liebe Anna,"
    assert formatted_name(person(name=Name(given="Anna", formatted="Änne M."))) == "Änne M."


def test_a_name_never_falls_back_to_an_email_address_unasked() -> None:
    """The name of a related contact stands on cards of people who may not see its e-mail."""
    from tests.vcard.people import ANNA as FULL

    assert formatted_name(person(values=FULL.values)) == "Kontakt"
