"""The inbox: who sees what waits, and when that begins and ends."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from radicale_propmgmt.db.repositories import inbox as rows
from radicale_propmgmt.db.tables import CollectionItem
from radicale_propmgmt.domain.contacts import ContactData, Name, PropertyValue
from radicale_propmgmt.domain.errors import RefusedError, UsageError
from radicale_propmgmt.projection import due
from radicale_propmgmt.services import accounts, contacts, gdpr, inbox, shares
from tests.support.dav import clark
from tests.writes.conftest import RULES
from tests.writes.decisions import Office
from tests.writes.test_change import card, put
from tests.writes.test_create import MIETER, person, random_name

REVIEW = """
[[share]]
name = "holiday cover"
for = ["team:vertretung"]
objects = "*"
groups = ["banken"]
fields = ["name"]
inbox = true
from = 2026-06-20
until = 2026-06-21
"""


@pytest.fixture
def office(world) -> Office:
    return Office(world)


@pytest.fixture
def waiting(client, office):
    assert put(client("azra"), "/azra/gruppe-mieter/" + random_name(), person("Wartet")).status == 201
    (entry,) = office.inbox()
    return entry


def seen(world) -> dict[str, int]:
    """Login → cards in its inbox, of those who have one."""
    with world.database.read() as connection:
        shown = rows.list_shown(connection)
        return {a.login: len(shown[a.id]) for a in accounts.list_accounts(connection) if a.id in shown}


def test_new_rules_begin_and_end_a_review(world, waiting) -> None:
    assert seen(world) == {"azra": 1, "olga": 1}
    reviewer = RULES.replace('for = ["account:olga"]', 'for = ["account:horst"]')
    shares.apply(world.database, reviewer, "shares.toml", actor="test", accept_gain=True)
    assert seen(world) == {"azra": 1, "olga": 0, "horst": 1}


def test_a_window_of_a_rule_begins_and_ends_on_its_day_without_anybody_writing(world, client, waiting, clock) -> None:
    with world.database.write("test") as uow:
        accounts.add_account(uow, "vera", "Vera", teams=["vertretung"])
    world.apply(RULES + REVIEW)
    audience = world.viewer("vera").audience_id
    for day, expected in ((20, 1), (21, 1), (22, 0)):
        clock.set_day(date(2026, 6, day))
        due.ensure_current(world.database, audience)
        assert seen(world).get("vera", 0) == expected, day


def test_a_right_to_review_ends_in_the_inbox_itself_on_the_second(world, client, waiting, clock) -> None:
    with world.database.write("test") as uow:
        accounts.add_account(uow, "vera", "Vera", teams=["vertretung"])
    world.apply(RULES + REVIEW)
    clock.set_day(date(2026, 6, 21))
    vera = client("vera")
    inside = vera.sync("/vera/eingang/")
    assert [href for href, status in inside.statuses.items() if status == "200"] == [f"/vera/eingang/{waiting.name}"]
    clock.set_day(date(2026, 6, 22))
    assert vera.request("GET", f"/vera/eingang/{waiting.name}").status == 404
    assert vera.sync("/vera/eingang/", inside.token).statuses == {f"/vera/eingang/{waiting.name}": "404"}


def test_the_inbox_is_only_read(client, world, waiting) -> None:
    azra = client("azra")
    href = f"/azra/eingang/{waiting.name}"
    body, etag = card(azra, href)
    listed = azra.propfind("/azra/eingang/", "D:current-user-privilege-set", "D:displayname", "D:add-member", depth="0")
    assert listed.prop("/azra/eingang/", "D:displayname").text == "Eingang"
    assert listed.prop("/azra/eingang/", "D:add-member") is None
    privileges = listed.prop("/azra/eingang/", "D:current-user-privilege-set")
    assert not {clark(f"D:{name}") for name in ("write", "write-content", "bind", "unbind", "all")} & {
        element.tag for element in privileges.iter()
    }
    assert "/azra/eingang/" in azra.propfind("/azra/", "D:resourcetype", depth="1").responses
    for method in ("PUT", "DELETE", "MOVE", "POST", "MKCOL"):
        answer = azra.request(method, href, body, {"Destination": "/azra/alle/x.vcf", "Content-Type": "text/vcard"})
        assert answer.status == 403, method
    assert card(azra, href) == (body, etag)


def test_teams_new_accounts_and_disabled_ones_count_at_once(world, waiting) -> None:
    world.apply(RULES + REVIEW.replace("from = 2026-06-20\nuntil = 2026-06-21\n", ""))
    with world.database.write("test") as uow:
        accounts.add_account(uow, "vera", "Vera", teams=["vertretung"])
    assert seen(world)["vera"] == 1
    with world.database.write("test") as uow:
        accounts.set_teams(uow, "vera", [])
        accounts.disable_account(uow, "olga")
    assert seen(world) == {"azra": 1, "olga": 0, "vera": 0}
    with world.database.write("test") as uow:
        accounts.set_teams(uow, "horst", ["vertretung"])
        accounts.enable_account(uow, "olga")
        accounts.disable_account(uow, "azra")
    assert seen(world) == {"azra": 0, "olga": 1, "vera": 0, "horst": 1}


@pytest.mark.parametrize("accepts", [True, False])
def test_a_decision_leaves_no_copy_anywhere(world, office, waiting, accepts) -> None:
    with world.database.write("test") as uow:
        accounts.disable_account(uow, "azra")
    with office.write() as uow:
        if accepts:
            inbox.accept(uow, waiting.id)
        else:
            inbox.reject(uow, waiting.id)
    with world.database.read() as connection:
        assert rows.list_entries(connection, only_open=False)[0].body is None
        assert set(connection.scalars(select(CollectionItem.body))) == {None}
    assert seen(world) == {"azra": 0, "olga": 0}


def test_a_released_card_is_stored_like_any_new_contact(client, world, office) -> None:
    """Numbers are written as we store them, and a client's categories are no tags of ours."""
    body = person("Wartet", phone="030 2312778").replace("END:VCARD", "CATEGORIES:vip\r\nEND:VCARD")
    assert put(client("azra"), "/azra/gruppe-mieter/" + random_name(), body).status == 201
    (entry,) = office.inbox()
    contact = office.release(entry)
    assert office.fields(contact)["phone"]["values"][0][1] == "+49 30 2312778"
    assert "category" not in office.fields(contact)
    assert office.places(contact) == {("mieter", None, None, None, None, None)}


def test_a_card_without_a_group_needs_one(client, office) -> None:
    assert put(client("azra"), "/azra/alle/" + random_name(), person("Wartet")).status == 201
    (entry,) = office.inbox()
    with pytest.raises(UsageError, match="--group"):
        office.release(entry)
    assert office.places(office.release(entry, group="makler")) == {("makler", None, None, None, None, None)}


def test_who_may_be_a_blocked_person_is_released_by_force_only(client, office) -> None:
    data = ContactData(name=Name(family="Müller", given="Anna"), values=(PropertyValue("EMAIL", "anna@example.org"),))
    with office.write() as uow:
        anna = contacts.add_contact(uow, data, groups=["mieter"])
        gdpr.block(uow, anna, "art18-1a", reason="x")
    assert put(client("chef"), MIETER + random_name(), person("Müller", email="anna@example.org")).status == 201
    (entry,) = office.inbox()
    with office.world.database.read() as connection:
        assert inbox.list_matches(connection, entry) == [(anna, "restricted")]
    with pytest.raises(RefusedError, match="--force"):
        office.release(entry)
    assert office.release(entry, force=True) != anna
