"""What is left of a contact in the traces of clients: erasing it takes all of them (GDPR Art. 17, DESIGN §7).

The contact's own rows and cards are not here: whoever erases those calls ``forget`` in the same unit of work, before
the contact's fingerprints are gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from radicale_propmgmt.db.repositories import identities
from radicale_propmgmt.ledger import bases
from radicale_propmgmt.services import history, inbox, proposals

if TYPE_CHECKING:
    from radicale_propmgmt.db.unit_of_work import UnitOfWork


def forget(uow: UnitOfWork, contact_id: int) -> None:
    """Leave nothing that a client sent, was given or changed: proposals, bases of merges, inbox, history, moves."""
    inbox.forget(uow, contact_id)
    proposals.forget(uow.connection, contact_id)
    history.forget(uow.connection, contact_id)
    identities.forget_moves(uow.connection, contact_id)
    bases.forget(uow, contact_id)
