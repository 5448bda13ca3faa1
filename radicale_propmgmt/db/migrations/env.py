"""Alembic's entry: the connection comes from ``db.schema``, or from ``-x url=…`` when a migration is written."""

from __future__ import annotations

from alembic import context

from radicale_propmgmt.db.base import Base
from radicale_propmgmt.db.engine import make_engine


def run() -> None:
    given = context.config.attributes.get("connection")
    if given is not None:
        _migrate(given)
        return
    with make_engine(context.get_x_argument(as_dictionary=True)["url"]).begin() as connection:
        _migrate(connection)


def _migrate(connection: object) -> None:
    context.configure(
        connection=connection,  # type: ignore[arg-type]
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
