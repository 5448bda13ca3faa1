"""Whose request it is: the socket tells, and proxies only if they are trusted."""

from __future__ import annotations

import pytest

from radicale_propmgmt.server.front import Front, is_exposed, length_problem, read_address


def environ(peer="192.0.2.7", scheme="http", **more):
    return {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "REMOTE_ADDR": peer, "wsgi.url_scheme": scheme, **more}


def cleaned(trusted=(), **more):
    return Front(trusted).clean(environ(**more))


def test_a_stranger_cannot_speak_for_others():
    """A7: spoofed headers are dropped, and the limiter still counts the socket's address."""
    spoofed = {
        "HTTP_X_FORWARDED_FOR": "127.0.0.1",
        "HTTP_X_FORWARDED_PROTO": "https",
        "HTTP_X_FORWARDED_HOST": "evil.example",
        "HTTP_FORWARDED": "for=127.0.0.1;proto=https",
        "HTTP_X_REMOTE_USER": "chef",
        "HTTP_X_SCRIPT_NAME": "//evil.example",
        "REMOTE_USER": "chef",
        "SCRIPT_NAME": "/x",
    }
    found = cleaned(["10.0.0.0/8"], **spoofed)
    assert (found["REMOTE_ADDR"], found["wsgi.url_scheme"], found["SCRIPT_NAME"]) == ("192.0.2.7", "http", "")
    assert not set(found) & (set(spoofed) - {"SCRIPT_NAME"})


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("127.0.0.1, 203.0.113.5", "203.0.113.5"),
        ("203.0.113.5 , 10.0.0.9", "203.0.113.5"),
        ("203.0.113.5:4711", "203.0.113.5"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("203.0.113.5, unknown", ""),
        ("10.0.0.9", "10.0.0.9"),
        ("", "10.0.0.1"),
    ],
)
def test_behind_trusted_proxies_the_client_is_the_rightmost_address_that_is_none(forwarded, client):
    """What stands further left was written by the client."""
    assert cleaned(["10.0.0.0/8"], peer="10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)["REMOTE_ADDR"] == client


def test_the_scheme_of_a_trusted_proxy_counts_in_both_directions():
    def scheme(**more):
        return cleaned(["10.0.0.1"], peer="10.0.0.1", **more)["wsgi.url_scheme"]

    assert scheme(HTTP_X_FORWARDED_PROTO="https") == "https"
    assert scheme(HTTP_X_FORWARDED_PROTO="http", scheme="https") == "http"
    assert scheme(HTTP_X_FORWARDED_PROTO="gopher", scheme="https") == "https"
    assert scheme() == "http"


def test_the_environment_of_the_process_does_not_reach_a_handler(monkeypatch):
    """Granian copies all of it into every request; secrets would be one log line away (I8)."""
    monkeypatch.setenv("PGPASSWORD", "geheim")
    monkeypatch.setenv("HTTP_PROXY", "http://proxy")
    monkeypatch.setenv("HTTP_SECRET", "geheim")
    found = cleaned(PGPASSWORD="geheim", HTTP_SECRET="geheim", HTTP_PROXY="http://proxy", HTTP_DEPTH="0")
    assert "geheim" not in found.values()
    assert "HTTP_PROXY" not in found
    assert found["HTTP_DEPTH"] == "0"


@pytest.mark.parametrize(
    ("peer", "scheme", "exposed"),
    [
        ("192.0.2.7", "http", True),
        ("192.0.2.7", "https", False),
        ("127.0.0.1", "http", False),
        ("127.8.0.1", "http", False),
        ("::1", "http", False),
        ("::ffff:127.0.0.1", "http", False),
        ("::ffff:192.0.2.7", "http", True),
        ("", "http", True),
    ],
)
def test_passwords_in_clear_are_exposed_unless_they_stay_on_the_machine(peer, scheme, exposed):
    """D8."""
    request = Front([]).clean(environ(peer, scheme, HTTP_AUTHORIZATION="Basic eDp5"))
    assert is_exposed(request) is exposed
    del request["HTTP_AUTHORIZATION"]
    assert not is_exposed(request)


def test_a_client_behind_a_local_proxy_without_tls_is_exposed():
    """The proxy is on loopback, its client is not."""
    front = Front(["127.0.0.1"])
    client = {"HTTP_AUTHORIZATION": "Basic eDp5", "HTTP_X_FORWARDED_FOR": "203.0.113.5"}
    assert is_exposed(front.clean(environ("127.0.0.1", **client)))
    assert not is_exposed(front.clean(environ("127.0.0.1", **client, HTTP_X_FORWARDED_PROTO="https")))


@pytest.mark.parametrize(
    ("length", "status"),
    [
        ("", None),
        ("0", None),
        ("100", None),
        ("101", "413"),
        ("1" * 400, "413"),
        ("-1", "400"),
        ("+5", "400"),
        ("abc", "400"),
        ("٣", "400"),
        ("5, 5", "400"),
    ],
)
def test_a_length_that_cannot_be_meant_is_refused(length, status):
    """RFC 9110 §8.6; A2."""
    problem = length_problem({"CONTENT_LENGTH": length}, 100)
    assert (problem and problem[:3]) == status


def test_addresses_are_read_with_port_brackets_and_zone():
    assert str(read_address("192.0.2.7:80")) == "192.0.2.7"
    assert str(read_address("[fe80::1%eth0]:80")) == "fe80::1"
    assert read_address("localhost") is None
