"""Rules as data: which version holds, compiled once per process (DESIGN §2.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, insert, select, update

from radicale_propmgmt.db.tables import LedgerHead, RuleVersion
from radicale_propmgmt.domain.rules import RuleSet
from radicale_propmgmt.shares.rule_file import load_rules

if TYPE_CHECKING:
    from radicale_propmgmt.db.unit_of_work import Database, UnitOfWork


def rules_of(uow: UnitOfWork) -> RuleSet:
    """Return the rules that hold in this unit of work."""
    return rules_at(uow.database, uow.connection, uow.rules_version)


def current_rules(database: Database, connection: Connection) -> RuleSet:
    """Return the rules that hold in this transaction."""
    version = connection.scalar(select(LedgerHead.rules_version)) or 0
    return rules_at(database, connection, version)


def rules_at(database: Database, connection: Connection, version: int) -> RuleSet:
    """Return one applied version, compiled; version 0 shows nothing to anybody."""
    if version == 0:
        return RuleSet()
    compiled = database.compiled_rules.get(version)
    if compiled is None:
        text = connection.scalar(select(RuleVersion.text).where(RuleVersion.version == version))
        compiled = load_rules(text or "", f"shares.toml (version {version})", version=version)
        database.compiled_rules[version] = compiled
    return compiled


def current_hash(connection: Connection) -> str | None:
    """Return the hash of the rule file that holds now."""
    return connection.scalar(select(RuleVersion.hash).join(LedgerHead, LedgerHead.rules_version == RuleVersion.version))


def was_ever_applied(connection: Connection, file_hash: str) -> bool:
    """Tell whether a file of this hash was applied before; going back needs ``shares apply``."""
    return connection.scalar(select(RuleVersion.version).where(RuleVersion.hash == file_hash).limit(1)) is not None


def store_version(uow: UnitOfWork, text: str, file_hash: str) -> RuleSet:
    """Store a rule file as the next version and make it hold in this unit of work."""
    version = (uow.connection.scalar(select(func.max(RuleVersion.version))) or 0) + 1
    rules = load_rules(text, "shares.toml", version=version)
    uow.connection.execute(
        insert(RuleVersion).values(version=version, hash=file_hash, text=text, applied_at=uow.now, applied_by=uow.actor)
    )
    uow.connection.execute(update(LedgerHead).values(rules_version=version))
    uow.rules_version = version
    uow.database.compiled_rules[version] = rules
    return rules
