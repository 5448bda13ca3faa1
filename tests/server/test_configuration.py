"""Radicale's own switches, and those that are not to be changed."""

from __future__ import annotations

import pytest

from radicale_propmgmt.domain.errors import ConfigError
from radicale_propmgmt.server.configuration import FIXED, radicale_configuration


def test_the_shipped_file_is_understood(repository):
    assert radicale_configuration(repository / "config/radicale.ini").get("encoding", "request") == "utf-8"


def test_what_the_server_rests_on_cannot_be_changed(tmp_path):
    """A delay sleeps in the worker, a hook sees whole cards, another auth type lets everybody in."""
    file = tmp_path / "radicale.ini"
    file.write_text(
        "[auth]\ntype = none\ndelay = 5\n[storage]\ntype = multifilesystem\nhook = rm -rf /\n[web]\ntype = internal\n"
    )
    found = radicale_configuration(file)
    assert found.get("auth", "type") is FIXED["auth"]["type"]
    assert found.get("storage", "type") is FIXED["storage"]["type"]
    assert (found.get("auth", "delay"), found.get("storage", "hook"), found.get("web", "type")) == (0, "", "none")


def test_a_file_radicale_does_not_understand_is_told(tmp_path):
    file = tmp_path / "radicale.ini"
    file.write_text("[auth]\nno_such_option = 1\n")
    with pytest.raises(ConfigError, match=r"radicale\.ini"):
        radicale_configuration(file)


def test_without_a_file_the_defaults_hold(tmp_path):
    assert radicale_configuration(tmp_path / "radicale.ini").get("web", "type") == "none"
