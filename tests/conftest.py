"""Fixtures of all tests: a clock that stands still, and real databases on both engines."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from radicale_propmgmt.db.unit_of_work import Database
from tests.support.clock import TestClock
from tests.support.engines import (
    PostgresSupply,
    SqliteSupply,
    Supply,
    create_postgres_database,
    drop_postgres_database,
)
from tests.support.postgres import VARIABLE, NoPostgresError, find_programs, running_cluster

# A fixture may serve all examples of one property: what changes is made anew by ``new_database``.
_COMMON = settings(deadline=None, print_blob=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
settings.register_profile("dev", _COMMON, max_examples=25, stateful_step_count=25)
settings.register_profile("ci", _COMMON, max_examples=100, derandomize=True, database=None)
settings.register_profile("nightly", _COMMON, max_examples=2000, stateful_step_count=60)
settings.load_profile(os.environ.get("PROPMGMT_HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev"))


@pytest.fixture
def clock() -> TestClock:
    """The clock of the test's databases: Monday 2026-06-15, 10:00 in Berlin."""
    return TestClock()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server where databases may be made; the tests that want one are skipped where there is none."""
    if given := os.environ.get(VARIABLE):
        if given == "none":
            pytest.skip(f"{VARIABLE}=none")
        yield given
        return
    try:
        programs = find_programs()
    except NoPostgresError as reason:
        pytest.skip(str(reason))
    with running_cluster(programs) as url:
        yield url


@pytest.fixture
def empty_postgres_url(postgres_url: str) -> Iterator[str]:
    """A PostgreSQL database without tables: what migrations start from."""
    url = create_postgres_database(postgres_url)
    yield url.render_as_string(hide_password=False)
    drop_postgres_database(postgres_url, url)


@pytest.fixture(scope="session")
def sqlite_supply(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Supply]:
    supply = SqliteSupply(tmp_path_factory.mktemp("sqlite"))
    yield supply
    supply.end()


@pytest.fixture(scope="session")
def postgres_supply(postgres_url: str) -> Iterator[Supply]:
    supply = PostgresSupply(postgres_url)
    yield supply
    supply.end()


@pytest.fixture(params=["sqlite", "postgres"])
def new_database(request: pytest.FixtureRequest, clock: TestClock) -> Iterator[Callable[[], Database]]:
    """A function that gives a fresh database per call, once per engine: for properties and state machines."""
    supply: Supply = request.getfixturevalue(f"{request.param}_supply")
    yield lambda: supply.fresh(clock)
    supply.close()


@pytest.fixture
def database(new_database: Callable[[], Database]) -> Database:
    """A fresh database as `init` leaves it, for tests; the test runs once per engine."""
    return new_database()


@pytest.fixture
def sqlite_database(sqlite_supply: Supply, clock: TestClock) -> Iterator[Database]:
    """A fresh SQLite database, where the engine makes no difference."""
    yield sqlite_supply.fresh(clock)
    sqlite_supply.close()


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder of the clone."""
    return Path(__file__).parent.parent
