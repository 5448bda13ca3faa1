"""What the fixtures promise, because every other test rests on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, insert, select

from radicale_propmgmt.db.base import Base
from radicale_propmgmt.db.tables import GroupRow, LedgerHead
from radicale_propmgmt.db.unit_of_work import Database
from radicale_propmgmt.domain.labels import GROUPS
from tests.support.clock import TestClock
from tests.support.engines import open_database


def _add_group(database: Database, slug: str) -> int:
    with database.write("test") as uow:
        return uow.connection.execute(
            insert(GroupRow).values(slug=slug, name=slug, system=False).returning(GroupRow.id)
        ).scalar_one()


def test_a_fresh_database_holds_what_every_new_one_holds(new_database: Callable[[], Database]) -> None:
    """Two tests never see each other's rows, ids or revisions."""
    for _ in range(3):
        database = new_database()
        with database.read() as connection:
            counts = {
                table.name: connection.scalar(select(func.count()).select_from(table))
                for table in Base.metadata.sorted_tables
            }
            rev = connection.scalar(select(LedgerHead.rev))
        assert {name: count for name, count in counts.items() if count} == {
            "ledger_head": 1,
            "contact_group": len(GROUPS),
        }
        assert rev == 0
        assert _add_group(database, "eigene") == len(GROUPS) + 1


@given(slug=st.sampled_from("ab"))
def test_a_property_gets_a_fresh_database_per_example(new_database: Callable[[], Database], slug: str) -> None:
    assert _add_group(new_database(), slug) == len(GROUPS) + 1


def test_a_unit_of_work_lives_at_the_test_clock(database: Database, clock: TestClock) -> None:
    with database.write("test") as uow:
        assert (uow.now, uow.today) == (clock.now(), date(2026, 6, 15))
    clock.advance(days=400)
    with database.write("test") as uow:
        assert uow.today == date(2027, 7, 20)


def test_a_second_process_sees_what_the_first_committed(database: Database, clock: TestClock) -> None:
    other = open_database(database.engine.url, clock)
    added = _add_group(database, "eigene")
    with other.read() as connection:
        assert connection.scalar(select(GroupRow.slug).where(GroupRow.id == added)) == "eigene"
    other.engine.dispose()
