"""Logs hold ids and codes; what libraries say about requests stays out."""

from __future__ import annotations

import io
import json
import logging

import pytest

from radicale_propmgmt.logging_setup import configure_logging


@pytest.fixture
def stream():
    saved = [(log, log.handlers[:], log.level, log.propagate) for log in map(logging.getLogger, (None, "radicale"))]
    found = io.StringIO()
    configure_logging("debug", found)
    yield found
    for log, handlers, level, propagate in saved:
        log.handlers[:], log.propagate = handlers, propagate
        log.setLevel(level)


def lines(stream):
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_our_lines_pass_as_they_are(stream):
    logging.getLogger("radicale_propmgmt.dav").info("put_card contact=%d", 981)
    (line,) = lines(stream)
    assert (line["event"], line["level"]) == ("put_card contact=981", "info")


def test_of_other_libraries_only_the_place_remains(stream):
    """F9: Radicale logs the line it could not parse, IBAN included."""
    logging.getLogger("radicale").error("Failed to parse line: %s", "NOTE:IBAN DE89370400440532013000")
    logging.getLogger("sqlalchemy.engine").warning("Mustermann")
    assert not [word for word in ("DE89", "Failed", "Mustermann") if word in stream.getvalue()]
    assert {line["logger"] for line in lines(stream)} == {"radicale", "sqlalchemy.engine"}


def test_of_an_exception_only_class_and_place_remain(stream):
    """Messages of parsers and drivers quote what they were given."""
    try:
        int("Erika Mustermann")
    except ValueError:
        logging.getLogger("radicale_propmgmt.x").exception("request_failed")
    (line,) = lines(stream)
    assert line["error"] == "ValueError"
    assert "Mustermann" not in stream.getvalue()


def test_a_line_break_in_a_message_is_escaped(stream):
    """ASVS 16.4.1: one record, one line."""
    logging.getLogger("radicale_propmgmt").info("a\nb\u2028c")
    assert len(stream.getvalue().splitlines()) == 1
