"""The plugins keep Radicale's whole contract by themselves, and show nothing to nobody."""

from __future__ import annotations

import inspect
from itertools import count
from pathlib import Path

import pytest
from radicale import config
from radicale.app import Application
from radicale.auth import AuthContext, BaseAuth
from radicale.rights import BaseRights
from radicale.storage import BaseCollection, BaseStorage

from auth_plugin import Auth
from radicale_propmgmt.accounts import context
from radicale_propmgmt.accounts.context import NoViewerError, Session
from radicale_propmgmt.runtime import Core
from rights_plugin import Rights
from storage_plugin import Storage, replies
from storage_plugin.collection import AddressBook, Collection
from storage_plugin.item import Card
from tests.plugins.client import Client
from tests.plugins.conftest import stock_application
from tests.support.world import World

MUST_OVERRIDE: dict[type, str] = {
    Storage: "discover acquire_lock create_collection move verify",
    Collection: "path get_all get_multi upload delete get_meta set_meta last_modified tag get_filtered has_uid",
    AddressBook: "tag etag sync get_all get_multi get_filtered serialize",
    Auth: "_login_ext get_external_login",
    Rights: "authorization",
    Card: "serialize uid vobject_item",
}


@pytest.mark.parametrize(("ours", "names"), MUST_OVERRIDE.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_every_method_of_the_contract_is_our_own(ours: type, names: str) -> None:
    """Radicale's defaults read every card in full, or refuse every token."""
    assert set(names.split()) <= set(vars(ours))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [(Storage, BaseStorage), (Collection, BaseCollection), (AddressBook, BaseCollection), (Auth, BaseAuth),
     (Rights, BaseRights)],
    ids=lambda cls: cls.__name__,
)  # fmt: skip
def test_every_override_is_called_as_radicale_calls_it(ours: type, theirs: type) -> None:
    for name, value in vars(ours).items():
        known = getattr(theirs, name, None)
        if inspect.isfunction(value) and inspect.isfunction(known) and name != "__init__":
            assert _shape(value) == _shape(known), name


def _shape(function: object) -> list[tuple[object, ...]]:
    parameters = inspect.signature(function).parameters.values()
    return [(p.name, p.kind, p.default is p.empty) for p in parameters]


@pytest.fixture
def storage() -> Storage:
    return Storage(config.load())


@pytest.fixture
def chef(world: World) -> Session:
    return Session(database=world.database, viewer=world.viewer("chef"))


def test_storage_without_a_viewer_raises(storage: Storage) -> None:
    """Fail closed: nothing is shown to nobody, not even the root."""
    context.leave()
    for path in ("/", "/chef/", "/chef/alle/"):
        with pytest.raises(NoViewerError):
            next(iter(storage.discover(path)))


def test_storage_serves_nobody_but_the_viewer(storage: Storage, chef: Session) -> None:
    with context.acting(chef):
        with pytest.raises(NoViewerError), storage.acquire_lock("r", "emil"):
            pass
        with storage.acquire_lock("r", "chef"):
            assert list(storage.discover("/emil/", "1")) == []
            assert list(storage.discover("/emil/alle/", "1")) == []


@pytest.mark.parametrize(
    "path", ["/chef/nichts/", "/chef/alle/nichts.vcf", "/chef/alle/x/y", "/chef/\0", "/chef/alle/\0"]
)
def test_what_is_not_there_is_nothing(storage: Storage, chef: Session, path: str) -> None:
    with context.acting(chef):
        assert list(storage.discover(path, "1")) == []


def test_the_root_names_nobody(storage: Storage, chef: Session) -> None:
    with context.acting(chef):
        assert [found.path for found in storage.discover("/", "1")] == [""]


def test_finding_the_principal_asks_the_database_nothing(storage: Storage, chef: Session) -> None:
    """Radicale looks it up on every request and takes the first of all that discover yields."""
    chef.database.engine.dispose()
    unreachable = Session(database=None, viewer=chef.viewer)  # type: ignore[arg-type]
    with context.acting(unreachable):
        assert next(iter(storage.discover("/chef/", depth="1"))).is_principal


def test_what_was_found_is_complete_after_the_lock_is_gone(storage: Storage, chef: Session) -> None:
    """PROPFIND renders after it has released storage, and after the viewer is forgotten."""
    with context.acting(chef):
        found = list(storage.discover("/chef/alle/", "1"))
    book, cards = found[0], found[1:]
    assert book.get_meta("D:displayname") == "Alle Kontakte"
    assert book.sync()[0] in book.etag
    assert book.owner == "chef"
    assert len(cards) == 7
    for card in cards:
        assert card.serialize().startswith("BEGIN:VCARD\r\n")
        assert f"UID:{card.uid}\r\n" in card.serialize()
        assert card.last_modified.endswith("GMT")
        assert card.etag[0] == card.etag[-1] == '"'


def test_a_book_listing_costs_the_same_whatever_its_length(storage: Storage, chef: Session, world: World) -> None:
    def cost() -> int:
        calls = count()
        with context.acting(chef):
            from sqlalchemy import event

            listener = lambda *_: next(calls)  # noqa: E731
            event.listen(world.database.engine, "before_cursor_execute", listener)
            for card in storage.discover("/chef/alle/", "1"):
                card.etag  # noqa: B018
            event.remove(world.database.engine, "before_cursor_execute", listener)
        return next(calls)

    few = cost()
    for number in range(20):
        world.add_contact(f"Neu {number}", groups=["mieter"])
    assert cost() == few


def test_get_multi_consumes_names_even_where_nothing_is(chef: Session) -> None:
    """The core's generator notes requests for the whole book as it is consumed."""
    names = iter(["a", "a", "b"])
    assert list(Collection(chef, "chef").get_multi(names)) == [("a", None), ("b", None)]
    assert next(names, None) is None


def test_a_strange_token_is_refused_before_anything_is_returned(storage: Storage, chef: Session) -> None:
    with context.acting(chef):
        book = next(iter(storage.discover("/chef/alle/")))
    for token in ("http://radicale.org/ns/sync/1", f"{book.sync()[0]}9"):
        with pytest.raises(ValueError, match="token"):
            book.sync(token)


def test_has_uid_knows_what_the_viewer_sees_there(storage: Storage, chef: Session, world: World) -> None:
    with context.acting(chef):
        book, card, *_ = storage.discover("/chef/objekt-0815/", "1")
        other = next(iter(storage.discover("/chef/objekt-0816/")))
    assert book.has_uid(card.uid)
    assert not other.has_uid(card.uid)


ALL_RIGHTS = "RrWwDO"
CARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:new\r\nN:A;B;;;\r\nFN:B A\r\nEND:VCARD\r\n"


@pytest.fixture
def permitted(core: Core, passwords: dict[str, str]) -> Client:
    """A client of Radicale whose rights permit everything."""

    class Everything(BaseRights):
        def authorization(self, user: str, user_groups: set[str], path: str) -> str:
            return ALL_RIGHTS

    return Client(stock_application(core, rights={"type": Everything}), "chef", passwords["chef"])


def test_storage_refuses_writes_even_if_rights_permit_them(permitted: Client, world: World) -> None:
    before = world.contents("chef")
    card = f"/chef/alle/{next(iter(world.listing('chef')))}"
    refused = replies.REPLIES[replies.NeedPrivilegesError].status
    assert permitted.request("PUT", "/chef/alle/new.vcf", CARD).status == refused
    assert permitted.request("MKCOL", "/chef/neu/").status == refused
    assert permitted.request("MOVE", card, Destination="https://localhost:5232/chef/alle/b.vcf").status == refused
    patch = '<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><D:displayname>x</D:displayname></D:prop></D:set></D:propertyupdate>'
    assert permitted.request("PROPPATCH", "/chef/alle/", patch).status == refused
    assert permitted.request("DELETE", card).status == 500
    assert permitted.request("DELETE", "/chef/alle/").status == 500
    assert permitted.request("PUT", "/chef/neu/", CARD).status == 400
    assert world.contents("chef") == before


def test_a_database_that_is_away_is_500_and_nothing_else(
    stock: dict[str, Client], world: World, tmp_path: Path
) -> None:
    """401 would make a phone forget its password, 404 its contacts."""
    from radicale_propmgmt.db.engine import make_engine

    whole = world.database.engine
    world.database.engine = make_engine(f"sqlite:///{tmp_path}/missing/there.db")
    try:
        answer = stock["chef"].propfind("/chef/alle/", "1", "D:getetag")
    finally:
        world.database.engine = whole
    assert answer.status == replies.REPLIES[replies.UnavailableError].status == 500


def test_verify_compares_the_cards_with_the_rules(core: Core, tmp_path: Path) -> None:
    _write_installation(core, tmp_path)
    configuration = config.load()
    configuration.update(
        {"storage": {"type": "storage_plugin", "propmgmt_config": str(tmp_path / "propmgmt.toml")}}, "test"
    )
    assert Storage(configuration).verify()


def _write_installation(core: Core, folder: Path) -> Path:
    secrets = folder / "secrets.toml"
    secrets.write_text(f'master = "{b"x".hex() * 32}"\n', encoding="ascii")
    secrets.chmod(0o600)
    settings = folder / "propmgmt.toml"
    url = core.database.engine.url.render_as_string(hide_password=False)
    settings.write_text(f'[database]\nurl = "{url}"\n[secrets]\nfile = "{secrets}"\n', encoding="ascii")
    return settings


def test_stock_radicale_opens_an_installation_by_its_settings_file(
    core: Core, passwords: dict[str, str], tmp_path: Path
) -> None:
    settings = _write_installation(core, tmp_path)
    application = stock_application(core, auth={"type": "auth_plugin", "propmgmt_config": str(settings)})
    assert Client(application, "chef", passwords["chef"]).propfind("/chef/", "1", "D:displayname").status == 207
    assert Client(application, "chef", "wrong").propfind("/chef/", "1", "D:displayname").status == 401


def test_a_wrong_settings_file_ends_the_start(tmp_path: Path) -> None:
    (tmp_path / "propmgmt.toml").write_text("[databse]\n", encoding="ascii")
    configuration = config.load()
    configuration.update(
        {"auth": {"type": "auth_plugin", "propmgmt_config": str(tmp_path / "propmgmt.toml")},
         "storage": {"type": "storage_plugin"}},
        "test",
    )  # fmt: skip
    with pytest.raises(Exception, match="databse"):
        Application(configuration)


def test_a_wrong_password_is_401_and_a_right_one_names_the_account(core: Core, passwords: dict[str, str]) -> None:
    auth = Auth(config.load(), core)
    assert auth.login("chef", "wrong", _from("192.0.2.1"))[0] == ""
    with pytest.raises(NoViewerError):
        context.current()
    assert auth.login("Chef", passwords["chef"], _from("192.0.2.1"))[0] == "chef"
    assert context.current("chef").viewer.device_id is not None


def test_the_next_request_forgets_the_viewer_before_it(core: Core, passwords: dict[str, str]) -> None:
    """A thread serves one request after another; an anonymous one calls no login."""
    auth = Auth(config.load(), core)
    auth.login("chef", passwords["chef"], _from("192.0.2.1"))
    auth.get_external_login({})
    with pytest.raises(NoViewerError):
        context.current()


def _from(address: str, header: str | None = None) -> AuthContext:
    found = AuthContext()
    found.remote_addr, found.x_remote_addr = address, header
    return found


def test_guesses_count_for_the_address_they_come_from(core: Core) -> None:
    """A header counts from a trusted proxy only: else every guess could name a fresh address."""
    from auth_plugin import _address

    assert _address(_from("192.0.2.1", "198.51.100.7"), ["10.0.0.0/8"]) == "192.0.2.1"
    assert _address(_from("10.1.2.3", "198.51.100.7"), ["10.0.0.0/8"]) == "198.51.100.7"
    assert _address(_from("10.1.2.3"), ["10.0.0.0/8"]) == "10.1.2.3"
    assert _address(_from("/run/socket"), ["10.0.0.0/8"]) == "/run/socket"


@pytest.mark.parametrize(
    ("user", "path", "expected"),
    [("chef", "/", "R"), ("chef", "/chef/", "R"), ("chef", "/chef", "R"), ("chef", "/chef/alle/", "r"),
     ("chef", "/chef/nichts/x.vcf", "r"), ("chef", "/emil/", ""), ("chef", "/chefin/alle/", ""), ("", "/", ""),
     ("", "/chef/", ""), ("chef", "/.token/v1/x/", "")],
)  # fmt: skip
def test_rights_follow_from_the_path(user: str, path: str, expected: str) -> None:
    assert Rights(config.load()).authorization(user, set(), path) == expected
