"""What devices see of groups, over the real application."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, func, select, update

from radicale_propmgmt.db.tables import Card, Membership, Rendition
from radicale_propmgmt.domain.clock import local_day
from radicale_propmgmt.projection import doctor
from radicale_propmgmt.projection.project import project
from radicale_propmgmt.services import shares
from radicale_propmgmt.vcard import limits
from tests.groups.conftest import RULES
from tests.groups.styled import Phone, StyledWorld
from tests.support.world import write


def test_an_iphone_sees_one_card_per_group_that_lists_its_members(
    world: StyledWorld, people: list[int], phone: Phone
) -> None:
    """iOS and macOS show groups from X-ADDRESSBOOKSERVER-KIND cards only, and ignore CATEGORIES."""
    anna, bernd, cem = (world.uid(contact) for contact in people)
    assert phone.groups() == {"Mieter": sorted([anna, bernd]), "Makler": [cem]}
    assert not any(b"CATEGORIES" in body for body in phone.bodies().values())
    assert len(phone.bodies()) == 5


@pytest.mark.parametrize(("style", "categories"), [("categories", 3), ("none", 0)])
def test_other_devices_see_contacts_only(
    world: StyledWorld, people: list[int], phone: Phone, style: str, categories: int
) -> None:
    """To DAVx5 with "categories" and to Thunderbird a group card would be one more contact."""
    device = Phone(world, "chef", style=style)
    bodies = device.bodies().values()
    assert len(bodies) == len(people)
    assert sum(b"CATEGORIES:" in body for body in bodies) == categories
    assert device.groups() == {}


def test_members_are_those_whose_group_is_visible(world: StyledWorld, people: list[int], phone: Phone) -> None:
    """Horst sees Anna by her link with her group, and Cem without; Bernd does not exist for him."""
    horst = Phone(world, "horst")
    assert len(horst.bodies()) == 3
    assert horst.groups() == {"Mieter": [world.uid(people[0])]}


def test_a_group_has_one_name_for_everybody(world: StyledWorld, people: list[int], phone: Phone) -> None:
    """The same card name and UID in every book and account (DESIGN §3), and no word of it in its address."""
    horst, name = Phone(world, "horst"), world.group_name("mieter")
    uids = set()
    for device in (phone, horst):
        answer = device.request("GET", device.book + name)
        assert answer.status == 200
        uids |= {line for line in answer.text.splitlines() if line.startswith("UID:")}
    assert len(uids) == 1
    assert "mieter" not in name


def test_group_cards_stand_in_the_book_of_all_contacts_only(world: StyledWorld, phone: Phone) -> None:
    name = world.group_name("mieter")
    assert phone.book + name in phone.cards
    in_group = phone.propfind("/chef/gruppe-mieter/", "D:getetag", depth="1")
    assert len(in_group.responses) == 3
    assert phone.request("GET", f"/chef/gruppe-mieter/{name}").status == 404
    home = phone.propfind("/chef/", "D:displayname", depth="1")
    assert not any("members" in href for href in home.responses)
    assert phone.propfind("/chef/members:mieter/", "D:displayname").status == 404


def test_every_report_knows_group_cards(world: StyledWorld, people: list[int], phone: Phone) -> None:
    href, anna = phone.book + world.group_name("mieter"), world.uid(people[0])
    found = phone.multiget(phone.book, [href], '<CR:address-data content-type="text/vcard" version="4.0"/>')
    assert f"MEMBER:urn:uuid:{anna}" in found.texts("CR:address-data")[href]
    listing = phone.query(
        phone.book,
        f'<CR:filter><CR:prop-filter name="X-ADDRESSBOOKSERVER-MEMBER"><CR:text-match>{anna}</CR:text-match>'
        "</CR:prop-filter></CR:filter>",
    )
    assert list(listing.responses) == [href]


def test_a_page_may_end_at_a_group_card(world: StyledWorld, phone: Phone) -> None:
    """A token inside a paged answer names the last card sent, and a group's number is negative (M4)."""
    seen, token = set(), ""
    for _ in range(9):
        answer = phone.sync(phone.book, token, limit=1)
        seen |= set(answer.statuses) - {phone.book}
        token = answer.token
    assert seen == set(phone.cards)


def test_a_block_empties_the_lists_too(world: StyledWorld, people: list[int], phone: Phone) -> None:
    """A member list is not to name whom a block hides (GDPR Art. 18): in the delta that takes his card."""
    href = phone.book + world.group_name("mieter")
    world.set_state(people[0], 1)
    told = phone.pull()
    assert told[href] == "200"
    assert sorted(told.values()) == ["200", "404"]
    assert phone.groups()["Mieter"] == [world.uid(people[1])]
    world.set_state(people[0], 0)
    assert set(phone.pull().values()) == {"200"}
    assert len(phone.groups()["Mieter"]) == 2


def test_the_card_goes_with_its_last_member_and_comes_back_under_its_name(
    world: StyledWorld, people: list[int], phone: Phone
) -> None:
    """The reference's edge case: an empty group is none on a phone, whatever emptied it."""
    href = phone.book + world.group_name("makler")
    world.set_memberships(people[2], ["mieter"])
    assert phone.pull()[href] == "404"
    assert phone.request("GET", href).status == 404
    world.set_memberships(people[0], ["makler"])
    assert phone.pull()[href] == "200"
    assert phone.groups()["Makler"] == [world.uid(people[0])]


def test_what_is_not_about_membership_moves_no_group_card(world: StyledWorld, people: list[int], phone: Phone) -> None:
    """I3: an edit moves the contact's card alone; what an audience does not see moves nothing of its."""
    horst = Phone(world, "horst")
    horst.pull()
    world.set_values(people[1], phone="+49 30 7", email=None)
    told = list(phone.pull())
    assert len(told) == 1
    assert told[0] not in {phone.book + world.group_name(slug) for slug in ("mieter", "makler")}
    world.add_contact("Neu", groups=["mieter"])
    world.set_memberships(people[1], ["mieter", "makler"])
    before = horst.at
    assert [href for href in horst.pull() if href == horst.book + world.group_name("mieter")] == []
    assert len(phone.groups()["Mieter"]) == 3
    assert horst.at != before, "Bernd came as a broker"
    assert horst.groups() == {"Mieter": [world.uid(people[0])]}


def test_a_new_name_moves_the_group_card_alone(world: StyledWorld, people: list[int], phone: Phone) -> None:
    """Its members' cards do not carry the name for this device; for others they do."""
    other = Phone(world, "chef", style="categories")
    other.pull()
    world.rename_group("mieter", "Mietparteien")
    assert list(phone.pull()) == [phone.book + world.group_name("mieter")]
    assert set(phone.groups()) == {"Mietparteien", "Makler"}
    assert len(other.pull()) == 2


def test_one_unit_of_work_moves_a_group_once(world: StyledWorld, people: list[int], phone: Phone) -> None:
    """However many contacts an import adds in one unit of work, each group is written once, at its end."""

    def renditions() -> int:
        with world.database.read() as connection:
            return connection.scalar(select(func.count()).where(Rendition.contact_id < 0))

    before = renditions()
    with write(world.database) as uow:
        for contact in people[:2]:
            uow.connection.execute(delete(Membership).where(Membership.contact_id == contact))
            project(uow, [contact])
    assert renditions() == before + 1


def test_a_group_too_large_for_a_card_is_left_out_and_told(
    world: StyledWorld, people: list[int], phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Above a mebibyte (14,000 members) no phone could send it back; the contacts stay, and doctor says why."""
    assert doctor.groups_left_out(world.database) == []
    href = phone.book + world.group_name("mieter")
    monkeypatch.setattr(limits, "CARD_BYTES", 400)
    world.add_contact("Dritter", groups=["mieter"])
    told = phone.pull()
    assert told.pop(href) == "404"
    assert list(told.values()) == ["200"]
    assert [group for _, group in doctor.groups_left_out(world.database)] == ["mieter"]
    assert doctor.check(world.database) == []


def test_doctor_finds_and_repairs_a_wrong_list(world: StyledWorld, people: list[int], phone: Phone) -> None:
    assert doctor.check(world.database) == []
    with write(world.database) as uow:
        uow.connection.execute(update(Card).where(Card.contact_id < 0).values(etag=None, rendition_id=None))
    found = doctor.check(world.database)
    assert {difference.kind for difference in found} == {"card missing"}
    assert all(difference.contact_id < 0 for difference in found)
    doctor.repair(world.database, "test")
    assert doctor.check(world.database) == []


def test_what_rules_are_asked_about_is_contacts(world: StyledWorld, people: list[int], phone: Phone) -> None:
    """``shares simulate`` and ``shares diff`` count persons; groups are no subjects of rules."""
    today = local_day(world.database.clock.now(), world.database.zone)
    cards = shares.simulate(world.database, "chef", today)
    assert sorted(card.contact_id for card in cards) == people
    assert {book for card in cards for book in card.books} == {"alle", "gruppe-mieter", "gruppe-makler"}
    diffs = {diff.login: diff.before for diff in shares.diff_file(world.database, RULES, "shares.toml")}
    assert diffs == {"chef": 3, "horst": 2}
