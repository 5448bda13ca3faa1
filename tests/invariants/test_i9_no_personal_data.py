"""I9: no personal data in logs, URLs, error bodies, nor in any answer to somebody who is not entitled (GDPR Art. 32)."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from radicale_propmgmt.cli.main import root
from radicale_propmgmt.runtime import open_core, read_settings
from radicale_propmgmt.server import make_application
from tests.cli.conftest import Shell
from tests.invariants import birds
from tests.invariants.birds import BAD_FILES, CARD, MAPPING, everything_logged, found_in
from tests.support.dav import DECLARED, Answer, Client, basic

RULES = """
[[share]]
name = "all"
for = ["account:chef"]
objects = "*"
groups = "*"
profile = "dsb"
books = ["all", "group"]

[[share]]
name = "brokers"
for = ["account:horst"]
objects = "*"
groups = ["makler"]
profile = "voll"
books = ["all", "group"]
"""


class Server:
    """The whole application in this process, and requests to it as a client sends them."""

    def __init__(self, shell: Shell) -> None:
        self.core = open_core(read_settings(shell.config))
        self.client = Client.__new__(Client)
        self.client.__dict__.update(login=None, user_agent="test", is_linted=False)
        self.client.application = make_application(self.core)

    def ask(
        self, method: str, path: str, body: str = "", user: tuple[str, str] | None = None, **headers: str
    ) -> Answer:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if user:
            given["Authorization"] = basic(*user)
        return self.client.request(method, path, body, given)


@pytest.fixture(params=["sqlite", "postgres"])
def office(request: pytest.FixtureRequest, tmp_path) -> Shell:
    """An installation whose database is full of birds, with an account that may see them and one that may not."""
    shell = Shell(tmp_path)
    if request.param == "postgres":
        shell.config.write_text(f'[database]\nurl = "{request.getfixturevalue("empty_postgres_url")}"\n')
    shell("init")
    for login in ("chef", "horst"):
        shell("accounts", "add", login, "--name", login.title())
    (shell.config.parent / "shares.toml").write_text(RULES)
    shell("shares", "apply", "--yes")
    return shell


def run(shell: Shell, *args: str) -> Result:
    """Run a command that may fail."""
    done = CliRunner().invoke(root, ["--config", str(shell.config), *args])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def _fill(shell: Shell) -> None:
    """Put birds into every kind of field by the command line."""
    shell("objects", "add", "0815", "--name", "Haus")
    fields = [
        *("--family", birds.FAMILY, "--given", birds.GIVEN, "--phone", f"cell:{birds.PHONE}", "--email", birds.EMAIL),
        *("--note", birds.NOTE, "--internal-note", birds.INTERNAL, "--street", birds.STREET, "--iban", birds.IBAN),
        *("--account-holder", birds.FAMILY, "--key", "k01", "--group", "sonstige", "--reason", birds.REASON),
    ]
    shell("contacts", "add", *fields)
    shell("contacts", "add", "--family", "Harmlos", "--key", "k02", "--group", "makler")
    shell("contacts", "add", "--family", birds.FAMILY, "--key", "k03", "--group", "sonstige")
    shell("contacts", "edit", "k01", "--note", birds.NOTE + "!")
    shell("links", "add", "k01", "--object", "0815", "--group", "mieter", "--role", "hauptmieter")
    shell("consents", "give", "k01", "--purpose", "weg_kontakt", "--proof", birds.PROOF)
    shell("grants", "add", "k01", "--to", "chef", "--profile", "voll", "--reason", birds.REASON)
    shell("gdpr", "block", "k03", "--code", "art18-1a", "--record", f"contested={birds.PROOF}")
    good = shell.folder / "good.vcf"
    good.write_text(CARD)
    shell("contacts", "import", str(good), "--group", "sonstige")


def test_what_is_rejected_is_told_without_its_values(office: Shell) -> None:
    """A report names line, field and reason: it is pasted into tickets and mails."""
    mapping = office.folder / "mapping.toml"
    mapping.write_text(MAPPING)
    with everything_logged() as lines:
        for name, content in BAD_FILES.items():
            file = office.folder / name
            file.write_text(content)
            more = ["--mapping", str(mapping)] if name.endswith("csv") else []
            done = run(office, "contacts", "import", str(file), "--group", "sonstige", *more)
            assert done.exit_code in {0, 1, 2}, (name, done.output)
            assert not found_in(done.output), (name, done.output)
    assert not found_in("\n".join(lines))


def test_nothing_done_in_the_office_reaches_a_log(office: Shell) -> None:
    with everything_logged() as lines:
        _fill(office)
        for refused in (
            ["contacts", "show", birds.FAMILY],
            ["contacts", "edit", "k01", "--birthday", birds.FAMILY],
            ["contacts", "add", "--family", birds.FAMILY, "--iban", birds.IBAN + "1"],
            ["contacts", "add", "--family", birds.FAMILY, "--group", birds.UNKNOWN],
            ["contacts", "add", "--family", birds.FAMILY, "--key", "k01", "--group", "sonstige"],
            ["gdpr", "block", "k01", "--code", birds.UNKNOWN],
            ["gdpr", "unblock", "k03", "--reason", birds.REASON],
            ["links", "add", birds.FAMILY, "--object", "0815", "--group", "mieter"],
        ):
            assert run(office, *refused).exit_code != 0, refused
    assert len(lines) > 20, "the libraries were heard"
    assert not found_in("\n".join(lines))


def _requests(own: str) -> list[tuple[str, str, str, dict[str, str]]]:
    """Requests good and bad that carry birds wherever a client can put one."""
    bird = birds.SEARCHED
    card = f"{own}alle/{bird}.vcf"
    query = (
        f"<CR:addressbook-query {DECLARED}><D:prop><D:getetag/><CR:address-data/></D:prop><CR:filter><CR:prop-filter "
        f"name='{{}}'><CR:text-match>{birds.FAMILY}</CR:text-match></CR:prop-filter></CR:filter></CR:addressbook-query>"
    )
    listing = f"<D:propfind {DECLARED}><D:prop><D:getetag/><D:displayname/><X:{bird} xmlns:X='{bird}:'/></D:prop></D:propfind>"
    sync = f"<D:sync-collection {DECLARED}><D:sync-token>{{}}</D:sync-token><D:sync-level>1</D:sync-level><D:prop><CR:address-data/></D:prop></D:sync-collection>"
    return [
        ("PROPFIND", own, listing, {"Depth": "1"}),
        ("PROPFIND", f"{own}alle/", listing, {"Depth": "1"}),
        ("PROPFIND", f"{own}alle/", f"<!DOCTYPE {bird}>", {}),
        ("PROPFIND", f"{own}alle/", listing, {"Depth": bird}),
        ("REPORT", f"{own}alle/", query.format("FN"), {}),
        ("REPORT", f"{own}alle/", query.format(bird), {}),
        ("REPORT", f"{own}alle/", query.replace("text-match", f"text-match-{bird}").format("N"), {}),
        (
            "REPORT",
            f"{own}alle/",
            query.replace("<CR:text-match", f"<CR:text-match collation='{bird}'").format("N"),
            {},
        ),
        ("REPORT", f"{own}alle/", sync.format(""), {}),
        ("REPORT", f"{own}alle/", sync.format(bird), {}),
        ("REPORT", f"{own}alle/", f"<{bird}/>", {}),
        ("GET", f"{own}alle/", "", {}),
        ("GET", card, "", {"Accept": bird, "If-None-Match": bird}),
        ("GET", f"/{bird}/alle/", "", {}),
        ("GET", f"{own}alle/?{bird}={bird}", "", {"User-Agent": bird, "Cookie": bird, "X-Forwarded-For": bird}),
        ("PUT", card, CARD, {"If-Match": f'"{bird}"'}),
        ("PUT", card, CARD.replace("END", "BEGIN"), {}),
        ("PUT", card, CARD, {"Content-Type": f"text/vcard; charset={bird}"}),
        ("PUT", f"{own}gruppe-{bird}/x.vcf", CARD, {}),
        ("POST", f"{own}alle/", CARD, {}),
        ("MKCOL", f"{own}{bird}/", "", {}),
        ("MOVE", card, "", {"Destination": f"{own}alle/{birds.FAMILY}.vcf"}),
        (
            "PROPPATCH",
            f"{own}alle/",
            f"<D:propertyupdate {DECLARED}><D:set><D:prop><D:displayname>{bird}</D:displayname></D:prop></D:set></D:propertyupdate>",
            {},
        ),
        ("DELETE", card, "", {}),
        (bird.upper(), own, "", {}),
        ("GET", f"{own}%ff{bird}", "", {}),
        ("GET", f"{own}alle/x", "", {"Content-Length": bird}),
        ("OPTIONS", "/", "", {}),
        ("GET", "/healthz", "", {}),
        ("GET", "/readyz", "", {}),
    ]


def test_no_answer_to_a_stranger_and_no_error_to_anybody_holds_personal_data(office: Shell) -> None:
    """Through the whole application: front, login, DAV. An answer may repeat a name only where the client sent it."""
    _fill(office)
    users = {login: _device(office, login) for login in ("chef", "horst")}
    server = Server(office)
    seen = {login: server.ask("GET", f"/{login}/alle/", user=user).body for login, user in users.items()}
    assert len(found_in(seen["chef"])) > 5, "somebody who is entitled sees them"
    assert b"Harmlos" in seen["horst"]
    with everything_logged() as lines:
        for login, user in users.items():
            for method, path, body, headers in _requests(f"/{login}/"):
                answer = server.ask(method, path, body, user, **{k.replace("-", "_"): v for k, v in headers.items()})
                _check_answer(answer, path, is_entitled=login == "chef")
        for user in (("chef", birds.MISTYPED), (birds.MISTYPED, "x"), (f"{birds.FAMILY}:{birds.MISTYPED}", "x")):
            refused = server.ask("PROPFIND", "/chef/", user=user)
            assert refused.status in {401, 429}
            assert not found_in(refused.body + str(refused.headers).encode())
        refused = server.ask("GET", "/chef/", Authorization=f"Basic {birds.MISTYPED}")
        assert not found_in(refused.body + str(refused.headers).encode())
    assert not found_in("\n".join(lines))
    assert users["chef"][1] not in "\n".join(lines)


def _device(shell: Shell, login: str) -> tuple[str, str]:
    made = shell.json("devices", "add", login, "--label", "Telefon")
    return made["login"], made["password"]


def _check_answer(answer: Answer, path: str, *, is_entitled: bool) -> None:
    told = answer.body
    assert answer.status < 500, (answer.status, path)
    if answer.status == 207:
        assert not any(map(found_in, _hrefs(answer, path))), "a URL of ours names a person"
        told = re.sub(rb"<D:href>[^<]*</D:href>|<X:[^>]*>", b"", told)  # what this client has just said itself
    elif answer.status >= 400:
        told = re.sub(rb"<D:href>[^<]*</D:href>", b"", told)  # need-privileges names the resource asked for
    else:
        assert not found_in(str(answer.headers)), (path, answer.headers)
    if not (is_entitled and answer.status in {200, 207}):
        assert not found_in(told), (path, answer.status, told)
    assert not found_in(str(answer.headers)), (path, answer.headers)


def _hrefs(answer: Answer, path: str) -> list[str]:
    return [found.text or "" for found in answer.xml.iter("{DAV:}href") if found.text != path]


def test_a_failure_inside_says_nothing_of_what_was_asked(office: Shell) -> None:
    """Drivers quote statements and values in their messages; the client gets a constant, the log class and place."""
    _fill(office)
    user = _device(office, "chef")
    server = Server(office)
    with server.core.database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE rendition_search RENAME TO rendition_lost"))
        connection.execute(text("ALTER TABLE rendition RENAME COLUMN body TO verloren"))
    with everything_logged() as lines:
        answers = [
            server.ask(*request[:3], user, **{k.replace("-", "_"): v for k, v in request[3].items()})
            for request in _requests("/chef/")
        ]
    assert {answer.status for answer in answers} & {500, 503}, "it did fail"
    for answer in answers:
        if answer.status >= 500:
            assert not found_in(answer.body + str(answer.headers).encode()), answer
    assert not found_in("\n".join(lines))


def test_a_bad_rule_file_is_reported_by_its_place(office: Shell) -> None:
    """Names of shares are names of people ("Hausmeister Krause"): the log says file, line and key."""
    server = Server(office)
    rules = office.config.parent / "shares.toml"
    with everything_logged() as lines:
        for bad in (
            f'[[share]]\nname = "{birds.FAMILY}"\nfor = ["account:{birds.UNKNOWN}"]\nobjects = "*"\ngroups = "*"\n',
            f'[[share]]\nname = "{birds.FAMILY}"\nwenn = "{birds.UNKNOWN}"\n',
            f'[[share]]\nname = "{birds.FAMILY}"\nfor = ["{birds.UNKNOWN}"]\nprofile = "{birds.UNKNOWN}"\n',
            f'[[share]]\nname = "{birds.FAMILY}\n',
        ):
            rules.write_text(RULES + bad)
            server.core._watch.looked_at = -1e9
            server.ask("GET", "/chef/")
    if server.core.database.is_sqlite:  # on PostgreSQL only `shares apply` applies
        assert any("shares_kept" in line for line in lines), lines
    assert not found_in("\n".join(lines))
