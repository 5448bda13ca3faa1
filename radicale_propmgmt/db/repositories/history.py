"""What was changed about a contact, until it is erased."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select

from radicale_propmgmt.db.tables import Account, AuditPersonal, AuditRow, Device, History

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One accepted change of a contact; the device is the one that sent it, whoever accepted it."""

    rev: int
    at: int
    actor: str
    device_id: int | None
    device: str | None
    login: str | None  # whose device
    fields: list[str]
    before: dict[str, Any]
    after: dict[str, Any]

    @property
    def kind(self) -> str:
        """Tell what changed: created, link, membership, relation or fields."""
        content = {**self.before, **self.after}
        if not self.before and "name" in self.fields:
            return "created"
        return next((kind for kind, key in _KEYS.items() if key in content and key not in self.fields), "fields")


_KEYS = {"link": "link", "membership": "group", "relation": "other"}


def list_history(connection: Connection, contact_id: int) -> list[HistoryEntry]:
    """List the accepted changes of a contact, oldest first."""
    rows = connection.execute(
        select(
            History.rev,
            History.at,
            History.actor,
            History.device_id,
            Device.label,
            Account.login,
            History.fields,
            History.before,
            History.after,
        )
        .outerjoin(Device, Device.id == History.device_id)
        .outerjoin(Account, Account.id == Device.account_id)
        .where(History.contact_id == contact_id)
        .order_by(History.id)
    )
    return [HistoryEntry(*row) for row in rows]


def forget_history(connection: Connection, contact_id: int) -> None:
    """Forget what was changed, and the personal part of what the audit says of it; the chain still verifies."""
    connection.execute(delete(History).where(History.contact_id == contact_id))
    own = select(AuditRow.seq).where(AuditRow.contact_id == contact_id)
    connection.execute(delete(AuditPersonal).where(AuditPersonal.seq.in_(own)))
