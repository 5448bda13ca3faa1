"""``devices add --groups`` and what tells of it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from radicale_propmgmt.cli.main import root
from tests.groups.styled import STYLES


@pytest.fixture
def demo(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    found = CliRunner().invoke(root, ["demo", "--no-serve", "--today", "2026-06-15", "--bind", "127.0.0.1:0", "--json"])
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)


def test_the_demo_has_an_iphone_and_devices_are_listed_with_their_style(demo) -> None:
    """Whoever tries the demo on iOS sees the managing director's groups."""

    def run(*words):
        done = CliRunner().invoke(root, ["--config", f"{demo['folder']}/propmgmt.toml", *words, "--json"])
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    assert demo["group_cards"]["login"] == "chef"
    for style in STYLES:
        run("devices", "add", "horst", "--label", style, "--groups", style)
    listed = run("devices", "list", "--account", "horst")
    assert {device["label"]: device["groups_mode"] for device in listed} == {
        "demo": "categories",
        **{style: style for style in STYLES},
    }
    assert [device["groups_mode"] for device in run("devices", "list", "--account", "chef")] == ["categories", "cards"]
    assert run("doctor") == []
