"""Devices of several styles on one account, devices that change, and accounts that change their audience."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import event, select, update

from radicale_propmgmt.accounts.authentication import authenticate
from radicale_propmgmt.accounts.errors import BooksMissingError
from radicale_propmgmt.db.repositories.audiences import used_audiences
from radicale_propmgmt.db.tables import AudienceRow, Device
from radicale_propmgmt.domain.audiences import Audience, GroupStyle
from radicale_propmgmt.projection import doctor
from radicale_propmgmt.services import accounts
from radicale_propmgmt.services.logins import log_in
from tests.groups.styled import STYLES, Phone, StyledWorld
from tests.support.dav import basic
from tests.support.world import write


def test_the_key_of_an_audience_tells_its_style_and_never_changes() -> None:
    """Tokens and rows of existing audiences hang on their keys."""
    base = Audience(frozenset({"sued", "azubi"}), frozenset({"gdpr"}), "horst")
    assert base.key == '["horst", ["azubi", "sued"], ["gdpr"]]'
    variant = base.styled(GroupStyle.CARDS)
    assert variant.key == '["horst", ["azubi", "sued"], ["gdpr"], "cards"]'
    assert variant.names == base.names
    for audience in (base, variant, base.styled(GroupStyle.NONE)):
        assert Audience.from_key(audience.key) == audience
    assert variant.styled(GroupStyle.CATEGORIES) == base


@pytest.mark.parametrize(("old", "new"), list(permutations(STYLES, 2)))
def test_a_device_set_up_again_in_another_style_needs_no_new_start(
    world: StyledWorld, people: list[int], old: str, new: str
) -> None:
    """The phone keeps its cards and its token and gets another app password: the delta leads to the listing (I1)."""
    before = Phone(world, "chef", style=old)
    before.pull()
    world.set_values(people[0], phone="+49 30 9", email=None)
    after = Phone(world, "chef", style=new, cards=dict(before.cards), at=before.at)
    after.pull()
    fresh = Phone(world, "chef", style=new, password=after.password)
    fresh.pull()
    assert after.cards == fresh.cards
    assert after.pull() == {}


def test_a_token_of_an_audience_that_an_account_left_stays_good(
    world: StyledWorld, people: list[int], phone: Phone
) -> None:
    """Who joins a team reads other books; its devices hear of it as of any change (RFC 6578 §3.2)."""
    old = world.viewer("chef/cards").audience_id
    world.set_teams("chef", ["sued"])
    assert world.viewer("chef/cards").audience_id not in {old, None}
    phone.pull()
    assert phone.cards == phone.propfind(phone.book, "D:getetag", depth="1").texts("D:getetag")
    world.set_teams("chef", [])
    world.set_memberships(people[2], ["mieter"])
    phone.pull()
    assert len(phone.cards) == 4
    assert doctor.check(world.database) == []


def test_a_variant_is_kept_up_only_while_a_device_reads_it(world: StyledWorld, people: list[int]) -> None:
    """Each variant costs every change of a contact: no device, no cost; the next device finds it in line."""

    def styles() -> set[str]:
        with world.database.read() as connection:
            return {audience.style.value for audience, _ in used_audiences(connection).values()}

    def newest() -> int:
        with world.database.read() as connection:
            return connection.scalar(select(AudienceRow.seq).where(AudienceRow.style == "cards"))

    assert styles() == {"categories"}
    device_id, password = world.add_device("chef", "cards")
    phone = Phone(world, "chef", password=password)
    phone.pull()
    assert styles() == {"categories", "cards"}
    with write(world.database) as uow:
        accounts.revoke_device(uow, device_id)
    assert styles() == {"categories"}
    seq = newest()
    world.add_contact("Neu", groups=["mieter"])
    world.rename_group("makler", "Vermittler")
    assert newest() == seq
    again = Phone(world, "chef", cards=phone.cards, at=phone.at)
    again.pull()
    assert {name: len(members) for name, members in again.groups().items()} == {"Mieter": 3, "Vermittler": 1}
    assert len(again.cards) == 6
    assert doctor.check(world.database) == []


def test_an_account_of_the_same_audience_shares_the_variant(world: StyledWorld, people: list[int]) -> None:
    """Cards are kept per audience, not per account or device."""
    for login in ("lea", "tim"):
        world.add_account(login, ["azubi"])
        world.add_device(login, "cards")
    with world.database.read() as connection:
        assert len(connection.scalars(select(AudienceRow.id).where(AudienceRow.style == "cards")).all()) == 1
    assert world.viewer("lea/cards").audience_id == world.viewer("tim/cards").audience_id


def test_logging_in_costs_one_statement_in_every_style(world: StyledWorld, people: list[int]) -> None:
    devices = {style: world.add_device("chef", style)[1] for style in STYLES}
    for password in devices.values():
        log_in(world.database, basic("chef", password), "127.0.0.1")
    found = {}
    for style, password in devices.items():
        statements: list[str] = []

        def listen(*args: Any, seen: list[str] = statements) -> None:
            seen.append(args[2])

        event.listen(world.database.engine, "before_cursor_execute", listen)
        viewer = log_in(world.database, basic("chef", password), "127.0.0.1")
        event.remove(world.database.engine, "before_cursor_execute", listen)
        assert [text for text in statements if text != "BEGIN"] == statements[-1:]
        assert (viewer.groups_mode, viewer.audience.style.value) == (style, style)
        found[style] = viewer.audience_id
    assert len(set(found.values())) == len(STYLES)


def test_a_device_whose_books_nobody_made_gets_them_at_its_login(world: StyledWorld, people: list[int]) -> None:
    """Its row may be older than variants, or set by hand. Another style would double or hide what the phone shows."""
    old = Phone(world, "chef", style="categories")
    old.pull()
    with write(world.database) as uow:
        uow.connection.execute(update(Device).values(groups_mode="cards"))
    header = basic("chef", old.password)
    with pytest.raises(BooksMissingError):
        authenticate(world.database, header, "127.0.0.1")
    old.pull()
    assert set(old.groups()) == {"Mieter", "Makler"}
    assert len(old.cards) == 5
    assert authenticate(world.database, header, "127.0.0.1").audience.style is GroupStyle.CARDS
    assert doctor.check(world.database) == []
