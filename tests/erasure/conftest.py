from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.erasure.place import Place, without_recycled_log


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """A fresh installation, once per engine."""
    folder = tmp_path / "installation"
    if request.param == "sqlite":
        yield Place(folder, "sqlite:///var/propmgmt.db")
        return
    url: str = request.getfixturevalue("empty_postgres_url")
    with without_recycled_log(url):
        yield Place(folder, url)
