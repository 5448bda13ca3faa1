"""DELETE, MOVE and COPY: links end, contacts stay."""

from __future__ import annotations

from tests.writes.test_change import card, put
from tests.writes.test_create import random_name


def test_delete_ends_the_membership_and_erases_nobody(client, world, anna, name_of) -> None:
    chef, horst = client("chef"), client("horst")
    href = "/chef/gruppe-mieter/" + name_of(anna)
    token, other = chef.sync("/chef/gruppe-mieter/").token, horst.sync("/horst/alle/").token
    _, etag = card(chef, href)
    assert chef.request("DELETE", href, headers={"If-Match": '"other"'}).status == 412
    assert chef.request("DELETE", href, headers={"If-Match": etag}).status == 204
    assert chef.sync("/chef/gruppe-mieter/", token).statuses == {href: "404"}
    assert horst.sync("/horst/alle/", other).statuses == {"/horst/alle/" + name_of(anna): "404"}
    assert chef.request("DELETE", href).status == 404
    with world.database.read() as connection:
        from radicale_propmgmt.services.contacts import get_contact

        assert get_contact(connection, anna).name.family == "Müller"


def test_a_refused_delete_is_listed_again(client, anna, name_of) -> None:
    horst = client("horst")
    token = horst.sync("/horst/alle/").token
    href = "/horst/alle/" + name_of(anna)
    answer = horst.request("DELETE", href)
    assert answer.status == 403
    assert answer.has("D:need-privileges")
    assert horst.sync("/horst/alle/", token).statuses == {href: "200"}
    unknown = horst.request("DELETE", "/horst/alle/" + random_name())
    assert (unknown.status, unknown.body) == (answer.status, answer.body)


def test_a_link_that_is_taken_away_ended_yesterday(client, world, name_of) -> None:
    from datetime import date

    from radicale_propmgmt.db.repositories.contacts import load_subjects

    contact = world.add_contact("Huber", groups=[])
    world.add_link(contact, "0815", "mieter", starts=date(2020, 1, 1))
    world.add_link(contact, "0816", "mieter")
    chef = client("chef")
    assert chef.request("DELETE", "/chef/objekt-0815-mieter/" + name_of(contact)).status == 204
    with world.database.read() as connection:
        until = {link.object_number: link.until for link in load_subjects(connection, [contact])[contact].links}
    assert until == {"0815": date(2026, 6, 14), "0816": None}
    assert card(chef, "/chef/alle/" + name_of(contact))


def test_a_move_by_put_and_delete_in_either_order_loses_nobody(client, world, name_of) -> None:
    """MOVE by DELETE and PUT is what clients do between books."""
    world.add_contact("Makler", groups=["makler"])
    chef = client("chef")
    for order in ("put first", "delete first"):
        contact = world.add_contact("Wanderer", groups=["mieter"], email=f"{order[:3]}@example.org")
        name = name_of(contact)
        body, _ = card(chef, "/chef/gruppe-mieter/" + name)
        for step in ("put", "delete") if order == "put first" else ("delete", "put"):
            if step == "put":
                assert put(chef, "/chef/gruppe-makler/" + name, body).status == 201, order
            else:
                assert chef.request("DELETE", "/chef/gruppe-mieter/" + name).status == 204, order
        assert "CATEGORIES:Makler" in card(chef, "/chef/alle/" + name)[0], order


def test_move_and_copy_between_books(client, world, anna, name_of) -> None:
    world.add_contact("Makler", groups=["makler"])
    chef = client("chef")
    name = name_of(anna)
    copied = chef.request("COPY", "/chef/gruppe-mieter/" + name, headers={"Destination": "/chef/gruppe-makler/" + name})
    assert copied.status == 201
    assert "CATEGORIES:Makler,Mieter" in card(chef, "/chef/alle/" + name)[0]
    moved = chef.request(
        "MOVE", "/chef/gruppe-mieter/" + name,
        headers={"Destination": "http://dav.example.org/chef/gruppe-makler/" + name, "Overwrite": "F"},
    )  # fmt: skip
    assert moved.status == 412
    moved = chef.request("MOVE", "/chef/gruppe-mieter/" + name, headers={"Destination": "/chef/gruppe-makler/" + name})
    assert moved.status == 204
    assert "CATEGORIES:Makler\r\n" in card(chef, "/chef/alle/" + name)[0]


def test_a_move_elsewhere_is_refused(client, anna, name_of) -> None:
    chef, horst = client("chef"), client("horst")
    name = name_of(anna)
    for destination in ("/horst/alle/x.vcf", "/chef/unknown/x.vcf", "/chef/x.vcf"):
        answer = chef.request("MOVE", "/chef/gruppe-mieter/" + name, headers={"Destination": destination})
        assert answer.status == 403, destination
    answer = horst.request("MOVE", "/horst/gruppe-mieter/" + name, headers={"Destination": "/horst/alle/" + name})
    assert answer.status == 403
    assert card(chef, "/chef/gruppe-mieter/" + name)
