"""Probes, refusals before any look at a password, and answers when something is wrong behind."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from radicale_propmgmt.db import schema
from radicale_propmgmt.domain.errors import UnavailableError
from radicale_propmgmt.runtime import Core, make_secrets, open_core
from radicale_propmgmt.server.dispatcher import Dispatcher
from radicale_propmgmt.settings import load_settings


@pytest.fixture
def core(tmp_path):
    settings = load_settings(tmp_path / "config" / "propmgmt.toml")
    make_secrets(settings.secrets.file)
    opened = open_core(settings)
    schema.make_folder(opened.database)
    schema.upgrade(opened.database)
    schema.seed(opened.database, renderer=1)
    yield opened
    opened.database.engine.dispose()


def ask(core, path="/", method="GET", dav=None, **more):
    answer = {}

    def start_response(status, headers, _exc_info=None):
        answer.update(status=status, headers=dict(headers))

    def echo(environ, start):
        start("207 Multi-Status", [])
        return [json.dumps({k: v for k, v in environ.items() if isinstance(v, str)}).encode()]

    request = {"REQUEST_METHOD": method, "PATH_INFO": path, "REMOTE_ADDR": "192.0.2.7", "wsgi.url_scheme": "http"}
    body = b"".join(Dispatcher(core, dav or echo)({**request, **more}, start_response))
    return answer["status"][:3], answer["headers"], body


def test_healthz_says_that_the_process_lives_and_nothing_else(core):
    assert ask(core, "/healthz")[::2] == ("200", b"ok\n")
    assert ask(core, "/healthz", "HEAD")[::2] == ("200", b"")
    assert ask(core, "/healthz", "POST")[0] == "405"


def test_readyz_is_green_on_a_database_at_head(core):
    status, _, body = ask(core, "/readyz")
    assert (status, json.loads(body)) == ("200", {"ready": True, "problems": []})


def test_readyz_is_red_on_another_schema(core):
    with core.database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'other'"))
    status, _, body = ask(core, "/readyz")
    assert (status, json.loads(body)["problems"]) == ("503", ["schema"])


def test_readyz_is_red_when_the_database_is_away(core, tmp_path, monkeypatch):
    monkeypatch.delenv("PROPMGMT_CLOCK", raising=False)  # with it, a database is asked whether it is a demo
    (tmp_path / "file").touch()
    url = f"sqlite:///{tmp_path}/file/x.db"  # below a file there is nothing, not even for root
    settings = core.settings.model_copy(update={"database": core.settings.database.model_copy(update={"url": url})})
    away = open_core(settings)
    status, _, body = ask(Core(settings=settings, database=away.database), "/readyz")
    assert (status, json.loads(body)["problems"]) == ("503", ["database"])


def test_a_database_away_is_503_with_retry_after(core):
    """Never 404 or 401: a client would take it for a deletion, or ask for the password."""

    def dav(_environ, _start_response):
        raise UnavailableError("away", retry_after=5)

    status, headers, body = ask(core, "/anna/alle/", dav=dav)
    assert (status, headers["Retry-After"]) == ("503", "5")
    assert b"away" not in body


def test_an_error_behind_is_500_and_quotes_nothing(core, caplog):
    def dav(_environ, _start_response):
        raise ValueError("Erika Mustermann")

    status, _, body = ask(core, "/anna/alle/", dav=dav)
    assert status == "500"
    assert b"Mustermann" not in body


def test_a_password_in_clear_is_refused_before_it_is_looked_at(core):
    """D8: right or wrong, the answer is the same."""
    seen = []
    status, _, _ = ask(core, "/", dav=lambda *_: seen.append(1) or [], HTTP_AUTHORIZATION="Basic eDp5")
    assert (status, seen) == ("403", [])
    assert ask(core, "/", HTTP_AUTHORIZATION="Basic eDp5", REMOTE_ADDR="127.0.0.1")[0] == "207"
    assert ask(core, "/", HTTP_AUTHORIZATION="Basic eDp5", **{"wsgi.url_scheme": "https"})[0] == "207"


def test_a_body_too_large_is_413_before_it_is_read(core):
    assert ask(core, "/", "PUT", CONTENT_LENGTH=str(1 << 40))[0] == "413"
    assert ask(core, "/", "PUT", CONTENT_LENGTH="abc")[0] == "400"


def test_dav_gets_a_clean_environ(core):
    _, _, body = ask(core, "/x", HTTP_DEPTH="1", HTTP_X_SCRIPT_NAME="/evil", PGPASSWORD="geheim")
    assert b"geheim" not in body
    assert json.loads(body)["HTTP_DEPTH"] == "1"
    assert b"evil" not in body


def test_a_bad_rule_file_does_not_stop_answers(core):
    """The last good version holds; with none, nothing is shown to anybody."""
    core.settings.files.shares.parent.mkdir(exist_ok=True)
    core.settings.files.shares.write_text("[[share]\n")
    assert ask(core, "/")[0] == "207"
