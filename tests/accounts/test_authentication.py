"""Who is let in, and that nobody learns why he is not."""

from __future__ import annotations

import base64

import pytest
from sqlalchemy import event, select, update

from radicale_propmgmt.accounts import limiter
from radicale_propmgmt.accounts.authentication import authenticate, parse_basic
from radicale_propmgmt.accounts.errors import NotAuthenticatedError, TooManyFailuresError
from radicale_propmgmt.accounts.passwords import new_app_password
from radicale_propmgmt.db.tables import Account, Device, LedgerHead, LoginFailure
from radicale_propmgmt.domain.books import Layout
from radicale_propmgmt.domain.errors import UnavailableError
from radicale_propmgmt.domain.viewers import Viewer
from tests.accounts.conftest import add_person, basic
from tests.support.engines import open_database

HOME = "192.0.2.7"
ELSEWHERE = "198.51.100.9"


def fail(database, login, password, address=HOME):
    with pytest.raises((NotAuthenticatedError, TooManyFailuresError)) as refusal:
        authenticate(database, basic(login, password), address)
    return refusal.value


def seen_at(database, device_id):
    with database.read() as connection:
        return connection.scalar(select(Device.last_seen_at).where(Device.id == device_id))


def revision(database):
    with database.read() as connection:
        return connection.scalar(select(LedgerHead.rev))


def test_a_device_is_its_account_with_its_audience_and_layout(database, people):
    anna = people[0]
    viewer = authenticate(database, basic("Anna", anna.password.upper()), HOME)
    assert isinstance(viewer, Viewer)
    assert (viewer.account_id, viewer.device_id, viewer.login) == (anna.account_id, anna.device_id, "anna")
    assert viewer.audience.login == "anna"
    assert (viewer.layout, viewer.groups_mode) == (Layout.GROUPS, "cards")


def test_a_good_app_password_costs_one_statement(database, people):
    """Basic comes with every request; whatever the limiter counted, reading it costs a good device nothing."""
    header = basic("anna", people[0].password)
    authenticate(database, header, HOME)
    statements = []
    event.listen(database.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    authenticate(database, header, HOME)
    assert len([text for text in statements if not text.startswith(("BEGIN", "ROLLBACK"))]) == 1


def test_the_app_password_of_somebody_else_is_none(database, people):
    refusal = fail(database, "anna", people[1].password)
    assert isinstance(refusal, NotAuthenticatedError)


def test_a_revoked_device_is_refused_at_the_next_request_of_any_process(database, people, clock):
    """No cache of logins: the row is read each time."""
    anna = people[0]
    other = open_database(database.engine.url, clock)
    authenticate(other, basic("anna", anna.password), HOME)
    with database.write("test") as uow:
        uow.connection.execute(update(Device).where(Device.id == anna.device_id).values(revoked_at=uow.now))
    assert isinstance(fail(other, "anna", anna.password), NotAuthenticatedError)
    other.engine.dispose()


def test_a_disabled_account_is_refused_and_comes_back(database, people):
    anna = people[0]
    for disabled in (True, False):
        with database.write("test") as uow:
            uow.connection.execute(update(Account).where(Account.id == anna.account_id).values(disabled=disabled))
        if disabled:
            assert isinstance(fail(database, "anna", anna.password), NotAuthenticatedError)
    assert authenticate(database, basic("anna", anna.password), HOME).login == "anna"


def test_an_unknown_login_and_a_wrong_password_are_one_answer_for_equal_work(database, people):
    """Whoever guesses learns no logins: same refusal, same statements (D2)."""
    shapes = []
    for login in ("anna", "nobody"):
        statements = []

        def note(_connection, _cursor, statement, *_rest, to=statements):
            to.append(statement)

        event.listen(database.engine, "before_cursor_execute", note)
        refusal = fail(database, login, new_app_password())
        event.remove(database.engine, "before_cursor_execute", note)
        shapes.append((type(refusal), refusal.args, vars(refusal), statements))
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Basic",
        "Basic ",
        "Basic !!!!",
        "Bearer abc",
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Basic " + base64.b64encode(b":nobody").decode(),
        "Basic " + base64.b64encode(b"anna:").decode(),
        "Basic " + base64.b64encode(b"anna:\xff\xfe").decode(),
        "Basic " + base64.b64encode(b"an\x00na:secret").decode(),
        "Basic " + base64.b64encode(b"anna:se\r\ncret").decode(),
        "Basic " + base64.b64encode(b"anna:" + b"x" * 2000).decode(),
        "Basic " + "A" * 10_000,
        "Basic äöü",
        "Basic " + base64.b64encode(b"anna:secret").decode() + "\n",
    ],
)
def test_a_malformed_header_is_a_refusal_and_nothing_else(database, header):
    """RFC 7617; stock code answers some of these with 500 (F10)."""
    with pytest.raises(NotAuthenticatedError):
        authenticate(database, header, HOME)


def test_a_password_may_hold_colons_and_umlauts():
    assert parse_basic(basic("Anna ", "a:b:ü")) == ("anna", "a:b:ü")


def test_the_last_seen_stamp_moves_hourly_and_touches_no_revision(database, people, clock):
    """Presence is no change that anybody syncs."""
    anna, before = people[0], revision(database)
    authenticate(database, basic("anna", anna.password), HOME)
    first = seen_at(database, anna.device_id)
    assert first == clock.now()
    clock.advance(minutes=59)
    authenticate(database, basic("anna", anna.password), HOME)
    assert seen_at(database, anna.device_id) == first
    clock.advance(minutes=1)
    authenticate(database, basic("anna", anna.password), HOME)
    assert seen_at(database, anna.device_id) == clock.now()
    assert revision(database) == before


def test_a_busy_database_does_not_fail_a_good_device(sqlite_database, clock):
    """The stamp can wait; the request cannot."""
    database = sqlite_database
    anna = add_person(database, "anna")
    other = open_database(database.engine.url, clock)
    with other.write("test"):
        assert authenticate(database, basic("anna", anna.password), HOME).login == "anna"
    assert seen_at(database, anna.device_id) is None
    other.engine.dispose()


def test_guesses_are_delayed_by_all_processes_together(database, people, clock):
    """Counters are rows: two workers do not double the guesses."""
    other = open_database(database.engine.url, clock)
    for number in range(6):
        refusal = fail((database, other)[number % 2], "anna", new_app_password())
        assert isinstance(refusal, NotAuthenticatedError)
    refusal = fail(other, "anna", new_app_password())
    assert isinstance(refusal, TooManyFailuresError)
    assert refusal.retry_after == 1
    clock.advance(seconds=1)
    assert isinstance(fail(database, "anna", new_app_password()), NotAuthenticatedError)
    refusal = fail(other, "anna", new_app_password())
    assert isinstance(refusal, TooManyFailuresError)
    assert refusal.retry_after == 2
    other.engine.dispose()


def test_the_delay_grows_to_five_minutes_and_no_further(database, people, clock):
    waits = []
    while len(waits) < 12:
        refusal = fail(database, "anna", new_app_password())
        if isinstance(refusal, TooManyFailuresError):
            waits.append(refusal.retry_after)
            clock.advance(seconds=refusal.retry_after)
            clock.advance(minutes=5)
    assert waits[:4] == [1, 2, 4, 8]
    assert waits[-1] == limiter.LONGEST_DELAY


def test_nobody_is_locked_out_by_guesses_of_others_or_his_own(database, people):
    """D3: a right app password is heard however many wrong ones came, from anywhere."""
    for _ in range(40):
        fail(database, "anna", new_app_password(), ELSEWHERE)
        fail(database, "anna", new_app_password(), HOME)
    assert authenticate(database, basic("anna", people[0].password), HOME).login == "anna"
    assert authenticate(database, basic("anna", people[0].password), ELSEWHERE).login == "anna"


def test_an_address_has_thirty_guesses_in_ten_minutes_whatever_the_logins(database, people, clock):
    for number in range(limiter.ADDRESS_GUESSES):
        assert isinstance(fail(database, f"user{number}", "guess"), NotAuthenticatedError)
    refusal = fail(database, "one-more", "guess")
    assert isinstance(refusal, TooManyFailuresError)
    assert 0 < refusal.retry_after <= limiter.WINDOW
    assert isinstance(fail(database, "one-more", "guess", ELSEWHERE), NotAuthenticatedError)
    clock.advance(seconds=limiter.WINDOW)
    assert isinstance(fail(database, "one-more", "guess"), NotAuthenticatedError)


def test_the_same_wrong_password_counts_once(database, people):
    """A phone that was not told the new password polls all day; it is no attack."""
    for _ in range(50):
        assert isinstance(fail(database, "anna", "the old one"), NotAuthenticatedError)
    with database.read() as connection:
        assert set(connection.scalars(select(LoginFailure.failures))) == {1}


def test_a_success_clears_its_own_pair_and_nothing_else(database, people):
    """It never forgives guesses at another login from the same address."""
    anna, _ = people
    for login in ("anna", "horst"):
        fail(database, login, new_app_password())
    authenticate(database, basic("anna", anna.password), HOME)
    with database.read() as connection:
        kept = set(connection.scalars(select(LoginFailure.key)))
    assert limiter.pair_key(database.secrets, "anna", HOME) not in kept
    assert limiter.pair_key(database.secrets, "horst", HOME) in kept
    assert limiter.address_key(database.secrets, HOME) in kept


def test_an_ipv6_network_is_one_address_and_a_mapped_address_is_ipv4():
    assert limiter.address_prefix("2001:db8:1:2::1") == limiter.address_prefix("2001:db8:1:2:ffff::9%eth0")
    assert limiter.address_prefix("2001:db8:1:3::1") != limiter.address_prefix("2001:db8:1:2::1")
    assert limiter.address_prefix("::ffff:192.0.2.7") == "192.0.2.7"
    assert limiter.address_prefix("nonsense") == "unknown"


def test_counters_hold_neither_login_nor_address(database, people):
    """I9: a copy of the table tells nothing about who tried where."""
    fail(database, "anna", "Geheimnis")
    with database.read() as connection:
        rows = str(connection.execute(select(LoginFailure.__table__)).all())
    assert not [word for word in ("anna", HOME, "Geheimnis") if word in rows]


def test_counters_at_rest_are_forgotten(database, people, clock):
    fail(database, "anna", "guess")
    clock.advance(days=1, seconds=1)
    limiter.forget_old(database)
    with database.read() as connection:
        assert connection.scalar(select(LoginFailure.key)) is None


def test_a_human_password_is_no_dav_login_unless_configured(database, people):
    anna = people[0]
    assert isinstance(fail(database, "anna", anna.human), NotAuthenticatedError)
    viewer = authenticate(database, basic("anna", anna.human), HOME, password_login=True)
    assert (viewer.login, viewer.device_id) == ("anna", None)
    with pytest.raises(NotAuthenticatedError):
        authenticate(database, basic("horst", anna.human), HOME, password_login=True)


def test_a_database_away_is_unavailable_and_never_a_refused_password(tmp_path, clock):
    """401 would make clients ask for the password (D9)."""
    (tmp_path / "file").touch()
    broken = open_database(f"sqlite:///{tmp_path}/file/x.db", clock)
    with pytest.raises(UnavailableError):
        authenticate(broken, basic("anna", "x"), HOME)
