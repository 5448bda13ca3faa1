"""The command line on a fresh installation."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from radicale_propmgmt.cli.main import root


class Shell:
    """Runs ``propmgmt`` in the process and keeps the settings file."""

    def __init__(self, folder):
        self.folder = folder
        self.config = folder / "config" / "propmgmt.toml"
        self.config.parent.mkdir(parents=True)

    def __call__(self, *args, stdin=None, code=0):
        done = CliRunner().invoke(root, ["--config", str(self.config), *args], input=stdin)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == code, done.output
        return done

    def json(self, *args):
        return json.loads(self(*args, "--json").stdout)


@pytest.fixture
def fresh(tmp_path):
    return Shell(tmp_path)


@pytest.fixture
def shell(fresh):
    fresh("init")
    return fresh
