"""I5 and I6 through the server, over small alphabets: hidden stays, unknown stays, nothing sent becomes a line."""

from __future__ import annotations

import uuid
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from radicale_propmgmt.db.repositories import contact_writes
from radicale_propmgmt.domain.contacts import ContactData, Name, PropertyValue
from radicale_propmgmt.domain.fields import PROFILES, FieldClass
from radicale_propmgmt.projection.project import project
from radicale_propmgmt.services import contacts as service
from radicale_propmgmt.services.contacts import get_contact
from radicale_propmgmt.transfer.merging import own_data
from radicale_propmgmt.vcard.card import to_version_4
from tests.support.dav import Client
from tests.support.world import World
from tests.vcard.merging import contacts, hidden_part, served
from tests.writes.test_change import card, put
from tests.writes.test_hostile import check_harmless
from tests.writes.writing_doubles import WRITERS

#: A quarter of the profile's: each example is some requests.
FEW = settings(max_examples=max(15, settings().max_examples // 4))
AGENTS = st.sampled_from([kind.kind.HEADERS["User-Agent"] for kind in WRITERS] + ["somebody/1.0"])
VOLL = PROFILES["voll"]
SEEN, WRITTEN = frozenset({FieldClass.NAME, FieldClass.PHONE, FieldClass.EMAIL}), frozenset({FieldClass.PHONE})


def storable(data: ContactData) -> ContactData:
    """What the office can enter: somebody with a name, and account numbers that are some."""
    accounts = tuple(account for account in data.bank_accounts if len(account.iban) > 20)
    return replace(data, name=replace(data.name, family=data.name.family or "Z"), bank_accounts=accounts)


def store(world: World, data: ContactData) -> tuple[int, str]:
    with world.database.write("test") as uow:
        new = service.new_contact(uow.secrets, data)
        (contact_id,) = service.insert(uow, [new])
        contact_writes.add_memberships(uow, [(contact_id, world.groups["mieter"])])
        project(uow, [contact_id])
    return contact_id, new.href


def stored(world: World, contact_id: int) -> ContactData:
    with world.database.read() as connection:
        return own_data(get_contact(connection, contact_id))


def sender(world: World, login: str, agent: str) -> Client:
    return Client(world, login, user_agent=agent, is_linted=False)


@FEW
@given(
    st.tuples(contacts(), contacts()),
    AGENTS,
    st.booleans(),
    st.sampled_from(["current", "none", "any", "stale"]),
    st.sampled_from(["PUT", "DELETE"]),
)
def test_a_masked_write_never_changes_a_hidden_field(world, states, agent, newer, condition, method) -> None:
    """I5: whatever is sent, by whatever program, under whatever condition, and however it is answered."""
    before, wanted = (storable(own_data(state)) for state in states)
    contact_id, name = store(world, before)
    azra = sender(world, "azra", agent)
    href = f"/azra/alle/{name}"
    _, etag = card(azra, href)
    if condition == "stale":
        world.set_columns(contact_id, nickname=before.name.nickname + "x")
        before = stored(world, contact_id)
    body = served(replace(states[1], name=wanted.name, uid=""))  # all that there is, not only what is seen
    body = to_version_4(body) if newer else body
    body = b"\r\n".join(line for line in body.split(b"\r\n") if not line.startswith(b"UID"))
    tag = {"current": etag, "none": None, "any": "*", "stale": etag}[condition]
    answer = put(azra, href, body.decode(), tag) if method == "PUT" else azra.request("DELETE", href)
    assert answer.status < 500
    after = stored(world, contact_id)
    assert hidden_part(after, WRITTEN) == hidden_part(before, WRITTEN)
    if method == "DELETE":
        assert after == before


_UNKNOWN = st.lists(
    st.builds(
        PropertyValue,
        st.sampled_from(["X-U", "X-V", "CALURI", "SOURCE"]),
        st.sampled_from(["1", "a;b", "a\\, b", "ü 😀", "x" * 90]),
        st.sampled_from([(), (("X-P", ("q",)),), (("X-P", ('a"b', "c,d;e:f\ng")),)]),
        st.sampled_from([None, "Abends"]),
    ),
    min_size=1,
    max_size=4,
)


@FEW
@given(contacts(), _UNKNOWN, AGENTS.filter(lambda agent: "vdirsyncer" not in agent), st.booleans(), st.booleans())
def test_properties_nobody_knows_survive_every_program(world, state, unknown, agent, keeps, newer) -> None:
    """I6: sent back or left out, with their parameters; only a store of texts deletes what it leaves out."""
    data = storable(own_data(state))
    data = replace(data, values=(*(v for v in data.values if not v.name.startswith("X-")), *unknown))
    contact_id, name = store(world, data)
    chef = sender(world, "chef", agent)
    href = f"/chef/alle/{name}"
    body, etag = card(chef, href)
    lines = body.replace("\r\n", "\n").replace("\n ", "").split("\n")
    if not keeps:
        lines = [line for line in lines if not line.partition(".")[2].startswith(("X-U", "X-V"))]
        lines = [line for line in lines if not line.startswith(("X-U", "X-V", "CALURI", "SOURCE"))]
    lines.insert(-2, "EMAIL;TYPE=HOME:new@example.org")
    sent = "\r\n".join(lines).encode()
    answer = put(chef, href, (to_version_4(sent) if newer else sent).decode(), etag)
    assert answer.status == 204
    after = stored(world, contact_id)
    assert [value for value in after.values if value in unknown] == list(unknown)
    assert any(value.value == "new@example.org" for value in after.values)


_PIECES = st.lists(
    st.sampled_from(
        ["a", "\n", "\r", "\r\n", "\\n", "^n", "^'", '"', ";", ":", ",", "\\", "=0D=0A", " ", "X-EVIL:1", "\u2028"]
    ),
    max_size=7,
).map("".join)
_SHAPES = st.sampled_from(
    [
        "NOTE:{}",
        "X-A;X-P={}:v",
        'X-A;X-P="{}":v',
        "TEL;TYPE={}:1",
        "item1.TEL:1\r\nitem1.X-ABLabel:{}",
        "{}.TEL:1",
        "NOTE;ENCODING=QUOTED-PRINTABLE:{}",
        "ADR;LABEL={}:;;Weg;;;;",
        "ORG:{};b",
        "CATEGORIES:{}",
        "X-PROPMGMT-NAME;X-KEY={}:v",
    ]
)


@FEW
@given(
    st.lists(st.tuples(_SHAPES, _PIECES), min_size=1, max_size=3), st.sampled_from(["2.1", "3.0", "4.0"]), st.booleans()
)
def test_nothing_that_is_sent_becomes_a_line(world, inner, version, is_new) -> None:
    """I6: a line of its own a client may send; none may come out of a value, a parameter or a group."""
    chef, horst = sender(world, "chef", "vdirsyncer/0.21"), sender(world, "horst", "vdirsyncer/0.21")
    world.database.clock.advance(minutes=2)  # 60 refused writes an hour are answered
    name = f"{uuid.uuid4()}.vcf"
    if not is_new:
        _, name = store(world, ContactData(name=Name(family="Z", given="A")))
    lines = "\r\n".join(shape.format(piece) for shape, piece in inner).replace("\r\n", "\n").split("\n")
    lines = [line for line in lines if not line.lstrip().startswith("X-EVIL")]
    body = "\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", "FN:A Z", "N:Z;A;;;", *lines, "END:VCARD", ""])
    answer = put(chef, f"/chef/gruppe-mieter/{name}", body)
    assert answer.status in {201, 204, 403}
    if answer.status == 403:
        return
    for client in (chef, horst):
        href = f"/{client.login}/gruppe-mieter/{name}"
        answer = client.multiget(f"/{client.login}/gruppe-mieter/", [href])
        if answer.statuses[href] == "200":  # else it waits in the inbox
            check_harmless(answer.prop(href, "CR:address-data").text)
