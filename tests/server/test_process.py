"""The real server process on a real socket."""

from __future__ import annotations

import json
import signal
import subprocess
import time

import pytest

from tests.server.running import COMMAND, Installation

ROOT = {"Depth": "0", "Content-Type": "application/xml"}


@pytest.fixture
def installation(tmp_path):
    found = Installation(tmp_path)
    yield found
    found.stop()


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One server for the tests that leave it as it was; each has its own account."""
    found = Installation(tmp_path_factory.mktemp("shared")).start()
    yield found
    found.stop()


@pytest.fixture
def running(installation):
    installation.propmgmt("accounts", "add", "anna", "--name", "Anna")
    return installation.start()


def propfind(running, user=None, path="/"):
    return running.ask("PROPFIND", path, user=user, headers=ROOT)


def stable(answer):
    status, headers, body = answer
    return status, {name: value for name, value in headers.items() if name != "date"}, body


def add_device(server, login):
    server.propmgmt("accounts", "add", login, "--name", login)
    return server.device(login)


def test_it_answers_probes_asks_for_credentials_and_lets_a_device_in(shared):
    assert shared.ask("GET", "/healthz")[::2] == (200, b"ok\n")
    status, _, body = shared.ask("GET", "/readyz")
    assert (status, json.loads(body)["problems"]) == (200, [])
    status, headers, _ = propfind(shared)
    assert status == 401
    assert headers["www-authenticate"].lower().startswith("basic")
    device = add_device(shared, "anna")
    assert propfind(shared, ("anna", device["password"]))[0] == 207
    assert propfind(shared, ("Anna", device["password"].upper()))[0] == 207


def test_a_revoked_device_is_out_at_its_next_request_on_every_worker(shared):
    """D5: no cache, on keep-alive connections neither."""
    device = add_device(shared, "bert")
    user = ("bert", device["password"])
    assert propfind(shared, user)[0] == 207
    shared.propmgmt("devices", "revoke", str(device["device"]))
    assert {propfind(shared, user)[0] for _ in range(8)} == {401}


def test_an_unknown_login_and_a_wrong_password_are_the_same_bytes(shared):
    """D2: whoever guesses learns no logins."""
    add_device(shared, "carl")
    answers = [stable(propfind(shared, (login, "falsch"))) for login in ("carl", "nobody")]
    assert answers[0] == answers[1]
    assert answers[0][0] == 401


def test_guesses_end_in_429_with_retry_after_and_a_right_password_still_works(shared):
    """Counted over both workers, answered without holding a thread."""
    device = add_device(shared, "dora")
    answers = [propfind(shared, ("dora", f"guess {number}")) for number in range(8)]
    assert [status for status, _, _ in answers[:6]] == [401] * 6
    headers = next(headers for status, headers, _ in answers if status == 429)
    assert int(headers["retry-after"]) >= 1
    assert propfind(shared, ("dora", device["password"]))[0] == 207


def test_forged_proxy_headers_change_nothing(shared):
    device = add_device(shared, "emil")
    forged = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "X-Script-Name": "//evil.example"}
    user = ("emil", device["password"])
    plain = stable(propfind(shared, user))
    assert stable(shared.ask("PROPFIND", "/", user=user, headers={**ROOT, **forged})) == plain


def test_sigterm_lets_it_end_with_0(running):
    began = time.monotonic()
    code, said = running.stop(signal.SIGTERM)
    assert code == 0
    assert time.monotonic() - began < 20
    assert "Traceback" not in said


def test_sighup_starts_the_workers_anew_without_a_refused_request(running):
    running.process.send_signal(signal.SIGHUP)
    until = time.monotonic() + 3
    while time.monotonic() < until:
        assert running.ask("GET", "/healthz")[0] == 200
        time.sleep(0.05)
    assert running.process.poll() is None


def test_a_worker_that_dies_is_replaced(running):
    children = subprocess.run(
        ["pgrep", "-P", str(running.process.pid)], capture_output=True, text=True, check=True
    ).stdout.split()
    subprocess.run(["kill", "-9", children[0]], check=True)
    until = time.monotonic() + 10
    while time.monotonic() < until:
        now = subprocess.run(["pgrep", "-P", str(running.process.pid)], capture_output=True, text=True, check=False)
        if len(now.stdout.split()) >= 2 and children[0] not in now.stdout.split():
            break
        time.sleep(0.1)
    assert children[0] not in now.stdout.split()
    assert running.ask("GET", "/healthz")[0] == 200
    began = time.monotonic()
    running.stop()
    assert time.monotonic() - began < 20  # also a worker that is still starting ends at once


def test_a_self_signed_certificate_is_one_option_away(installation):
    installation.propmgmt("accounts", "add", "anna", "--name", "Anna")
    device = installation.device("anna")
    installation.start("--tls-self-signed")
    url = f"https://127.0.0.1:{installation.port}/"
    done = subprocess.run(
        [
            "curl",
            "-ksS",
            "-o",
            "/dev/null",
            "-w",
            "%{http_code}",
            "-X",
            "PROPFIND",
            "-H",
            "Depth: 0",
            "-u",
            f"anna:{device['password']}",
            url,
        ],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("207", "")
    certificate = installation.folder / "var/tls/self-signed.crt"
    trusted = subprocess.run(
        [
            "curl",
            "-sS",
            "--cacert",
            certificate,
            f"https://localhost:{installation.port}/healthz",
            "--resolve",
            f"localhost:{installation.port}:127.0.0.1",
        ],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert trusted.stdout == "ok\n"
    _, said = installation.stop()
    assert "SHA-256 of the certificate" in said


@pytest.mark.parametrize(
    ("settings", "code", "word"),
    [
        ("[server]\nworkers = 0\n", 2, "propmgmt.toml:2: server.workers"),
        ("[server]\ntls_cert='no'\ntls_key='no'\n", 2, "tls_cert"),
    ],
)
def test_it_does_not_start_on_a_mistake_and_says_where(installation, settings, code, word):
    installation.config.write_text(settings)
    done = subprocess.run(
        [*COMMAND, "--config", str(installation.config), "serve"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == code
    assert word in done.stderr


def test_it_does_not_start_before_init(tmp_path):
    config = tmp_path / "config" / "propmgmt.toml"
    done = subprocess.run(
        [*COMMAND, "--config", str(config), "serve"], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, "propmgmt init" in done.stderr) == (2, True)


def test_a_port_in_use_ends_with_4(running):
    done = subprocess.run(
        [*COMMAND, "--config", str(running.config), "serve", "--bind", f"127.0.0.1:{running.port}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, "in use" in done.stderr) == (4, True)
