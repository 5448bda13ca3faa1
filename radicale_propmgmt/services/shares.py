"""Share rules as a use case: check, apply, compare, explain and simulate (DESIGN §2.7, §5)."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from radicale_propmgmt.db.repositories.audiences import account_audiences, all_contact_ids, find_account, rule_names
from radicale_propmgmt.db.repositories.audit import record_audit, record_event
from radicale_propmgmt.db.repositories.contacts import chunks, load_subjects
from radicale_propmgmt.domain.audiences import Audience
from radicale_propmgmt.domain.clock import local_day
from radicale_propmgmt.domain.errors import ConfigError, NotFoundError, RefusedError
from radicale_propmgmt.projection.audiences import name_accounts
from radicale_propmgmt.projection.due import effective_now
from radicale_propmgmt.projection.project import project_everything
from radicale_propmgmt.projection.reading import read_head
from radicale_propmgmt.projection.rules import current_hash, rules_at, rules_of, store_version, was_ever_applied
from radicale_propmgmt.projection.wanted import Facts
from radicale_propmgmt.shares.diff import AccountDiff, diff, exceeds_gain
from radicale_propmgmt.shares.explain import Explanation
from radicale_propmgmt.shares.explain import explain as explain_view
from radicale_propmgmt.shares.rule_file import KnownNames, load_rules

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from sqlalchemy import Connection

    from radicale_propmgmt.db.unit_of_work import Database
    from radicale_propmgmt.domain.rules import RuleSet
    from radicale_propmgmt.domain.visibility import Subject

logger = logging.getLogger(__name__)


class GainTooLargeError(RefusedError):
    """Some accounts would gain more than a tenth of their cards: this waits for ``shares apply --yes``."""

    def __init__(self, gains: list[AccountDiff]) -> None:
        super().__init__(f"{len(gains)} accounts would gain more than 10 % of their cards")
        self.gains = gains


@dataclass(frozen=True, slots=True)
class AppliedRules:
    """What applying a file did; ``changed`` is False when exactly this file holds already."""

    version: int
    changed: bool
    diffs: list[AccountDiff]


@dataclass(frozen=True, slots=True)
class SimulatedCard:
    """One card an account would see on a day."""

    contact_id: int
    href: str
    body: bytes
    books: tuple[str, ...]


def file_hash(text: str) -> str:
    """Return the hash by which a rule file is known."""
    return sha256(text.encode()).hexdigest()


def check(database: Database, text: str, filename: str) -> RuleSet:
    """Read a rule file against the names that exist.

    Raises:
        ConfigError: Every problem as ``file:line: key: what to do``.
    """
    with database.read() as connection:
        return load_rules(text, filename, known=KnownNames(*rule_names(connection)))


def diff_file(database: Database, text: str, filename: str) -> list[AccountDiff]:
    """Tell who would gain and lose how many cards if a file were applied today."""
    new = check(database, text, filename)
    with database.read() as connection:
        head = read_head(connection)
        today = local_day(effective_now(database, head), database.zone)
        old = rules_at(database, connection, head.rules_version)
        return diff(old, new, account_audiences(connection, new), _all_subjects(connection), today)


def _all_subjects(connection: Connection) -> Iterator[Subject]:
    for chunk in chunks(all_contact_ids(connection)):
        yield from load_subjects(connection, chunk).values()


def apply(database: Database, text: str, filename: str, *, actor: str, accept_gain: bool) -> AppliedRules:
    """Store a rule file as the next version and project everything by it.

    Raises:
        ConfigError: The file is wrong.
        GainTooLargeError: It gives some account more than a tenth more cards and ``accept_gain`` is False.
    """
    diffs = diff_file(database, text, filename)
    gains = exceeds_gain(diffs)
    if gains and not accept_gain:
        raise GainTooLargeError(gains)
    digest = file_hash(text)
    with database.write(actor) as uow:
        if current_hash(uow.connection) == digest:
            return AppliedRules(uow.rules_version, changed=False, diffs=[])
        before = rules_of(uow)
        rules = store_version(uow, text, digest)
        name_accounts(uow, rules.named_accounts())
        project_everything(uow, before)
        record_audit(uow, "rules.applied", facts={"version": rules.version, "hash": digest})
        record_event(uow, "rules.changed", facts={"version": rules.version})
        return AppliedRules(rules.version, changed=True, diffs=diffs)


def apply_file_if_new(database: Database, path: Path) -> AppliedRules | None:
    """Apply a node's own file by itself, if its hash was never applied and it gives nobody much more.

    On PostgreSQL several nodes share one database, so there only ``shares apply`` applies; an empty database takes
    its first file on both. A bad file keeps the last good version and says why in the log.

    Raises:
        ConfigError: The file is bad and there is no good version yet.
    """
    with database.read() as connection:
        version = read_head(connection).rules_version
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        _keep(version, ConfigError(f"{path}:1: file: cannot be read ({type(error).__name__})"))
        return None
    digest = file_hash(text)
    with database.read() as connection:
        if was_ever_applied(connection, digest) or (version and not database.is_sqlite):
            return None
    try:
        return apply(database, text, str(path), actor="system", accept_gain=version == 0)
    except ConfigError as error:
        _keep(version, error)
    except GainTooLargeError as error:
        logger.warning("shares_wait accounts=%d do=`propmgmt shares apply --yes`", len(error.gains))
    return None


def _keep(version: int, error: ConfigError) -> None:
    if version == 0:
        raise error
    for problem in error.problems:  # file:line: key; the text after it quotes names of shares and logins
        place = ": ".join(problem.split(": ", 2)[:2])
        logger.error("shares_kept version=%d at=%s do=`propmgmt shares check`", version, place)


def explain(database: Database, login: str, contact_id: int, day: date | None = None) -> Explanation:
    """Tell why an account sees a contact, or what hides it.

    Raises:
        NotFoundError: No such account or contact.
    """
    with database.read() as connection:
        head = read_head(connection)
        rules = rules_at(database, connection, head.rules_version)
        today = day or local_day(effective_now(database, head), database.zone)
        subject = load_subjects(connection, [contact_id]).get(contact_id)
        if subject is None:
            raise NotFoundError(f"no contact {contact_id}")
        return explain_view(_audience(connection, login), subject, rules, today)


def simulate(database: Database, login: str, day: date) -> list[SimulatedCard]:
    """Compute what an account would see on a day, from scratch and without a trace."""
    found: list[SimulatedCard] = []
    with database.read() as connection:
        audience = _audience(connection, login)
        rules = rules_at(database, connection, read_head(connection).rules_version)
        for chunk in chunks(all_contact_ids(connection)):
            facts = Facts.load(connection, chunk, rules=rules, secrets=database.secrets, today=day)
            for contact_id, card in facts.cards_for(audience).items():
                books = tuple(sorted(slot.segment for slot in card.slots))
                found.append(SimulatedCard(contact_id, facts.contacts[contact_id].href, card.body, ("alle", *books)))
    return found


def _audience(connection: Connection, login: str) -> Audience:
    audience = find_account(connection, login)
    if audience is None:
        raise NotFoundError(f"no account {login!r}; `propmgmt accounts list` shows them")
    return audience
