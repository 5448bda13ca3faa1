"""One unit of work per request or command; it commits at its end or not at all; nothing else commits."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.architecture.source import Module, is_within, modules

#: Path → why it opens or ends a transaction itself.
COMMITTERS = {
    "radicale_propmgmt/db/unit_of_work.py": "the unit of work",
    "radicale_propmgmt/db/side_writes.py": "``aside``: failed logins, last-seen and deliveries, which nobody syncs",
    "radicale_propmgmt/db/migrations/env.py": "alembic's own transaction around the migrations",
}
#: Who may write beside the ledger: without a revision, an audit line or a projection.
ASIDE = {
    "radicale_propmgmt.db.repositories.logins",
    "radicale_propmgmt.db.schema",
    "radicale_propmgmt.accounts",
    "radicale_propmgmt.ledger",
}


def _transactions(module: Module) -> Iterator[str]:
    """Name what in a module begins or ends a database transaction, as its source says it."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = ast.unparse(node.func.value)
            begins = node.func.attr in {"begin", "begin_nested"} and not owner[:1].isupper()  # not UnitOfWork.begin
            if begins or node.func.attr in {"commit", "begin_transaction"}:
                yield f"{module.path}:{node.lineno}: {owner}.{node.func.attr}()"
        elif isinstance(node, ast.Constant) and str(node.value).upper().strip(" ;") in {"COMMIT", "AUTOCOMMIT"}:
            yield f"{module.path}:{node.lineno}: {node.value!r}"


def test_only_the_unit_of_work_commits() -> None:
    """A second committer splits check and act over two transactions: M1, and I7 falls with it."""
    found = [line for module in modules() if module.path not in COMMITTERS for line in _transactions(module)]
    assert found == []


def test_only_logins_deliveries_and_the_schema_are_written_beside_the_counter() -> None:
    """What a card may depend on needs a revision: ``aside`` gives none."""
    users = {module.name for module in modules() if any(name.endswith(".aside") for name in module.imports())}
    assert {user for user in users if not any(is_within(user, place) for place in ASIDE)} == set()


def test_every_committer_still_is_one() -> None:
    """If the check saw nothing there, it would see nothing anywhere."""
    by_path = {module.path: module for module in modules()}
    assert {path for path in COMMITTERS if path not in by_path or not list(_transactions(by_path[path]))} == set()
