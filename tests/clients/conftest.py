"""The demo behind the real application, and the demo behind a real server on a real socket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from radicale_propmgmt.db.unit_of_work import Database
from tests.clients.demo_world import RULES, DemoWorld
from tests.server.running import Installation


@pytest.fixture
def world(database: Database, tmp_path: Path) -> DemoWorld:
    """The demo on 2026-06-15, once per engine."""
    return DemoWorld.load(database, tmp_path)


@pytest.fixture
def sqlite_world(sqlite_database: Database, tmp_path: Path) -> DemoWorld:
    """The demo on 2026-06-15, where the engine makes no difference."""
    return DemoWorld.load(sqlite_database, tmp_path)


@pytest.fixture(scope="session")
def demo_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """``propmgmt serve`` with the demo of 2026-06-15, on that day; tests leave it as it was."""
    folder = tmp_path_factory.mktemp("demo")
    (folder / "config").mkdir()
    (folder / "config" / "shares.toml").write_text(RULES, encoding="utf-8")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PROPMGMT_CLOCK", "2026-06-15T10:00:00+02:00")
        server = Installation(folder, init=("init", "--demo", "--today", "2026-06-15"))
        server.start("--workers", "1")
        yield server
        server.stop()
