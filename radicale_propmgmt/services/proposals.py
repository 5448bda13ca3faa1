"""Proposals: edits and deletions that clients asked for, may not make themselves, and the office decides on.

An edit is merged again at the moment of the decision, from the card the client started from into the contact as it
is; so what the office changed meanwhile stays, and what both changed is a conflict that somebody must look at.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from radicale_propmgmt.db.repositories import proposals as rows
from radicale_propmgmt.db.repositories.audit import record_audit, record_event
from radicale_propmgmt.domain.audiences import Audience
from radicale_propmgmt.domain.books import BookKind
from radicale_propmgmt.domain.errors import NotFoundError, RefusedError, UsageError
from radicale_propmgmt.domain.fields import FieldClass
from radicale_propmgmt.domain.viewers import Viewer
from radicale_propmgmt.domain.visibility import Visibility
from radicale_propmgmt.projection import bookshelf
from radicale_propmgmt.projection.due import current_day
from radicale_propmgmt.projection.rules import current_rules
from radicale_propmgmt.projection.wanted import Facts
from radicale_propmgmt.services.contacts import edit_contact, require_unlocked
from radicale_propmgmt.services.writes.places import end_places, within
from radicale_propmgmt.transfer.merging import by_field_class, own_data
from radicale_propmgmt.vcard import limits
from radicale_propmgmt.vcard.capabilities import capabilities_of
from radicale_propmgmt.vcard.card import CardInput, render_card
from radicale_propmgmt.vcard.errors import ParseError
from radicale_propmgmt.vcard.merge import merge
from radicale_propmgmt.vcard.sent import read_sent

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection

    from radicale_propmgmt.db.repositories.proposals import Proposal
    from radicale_propmgmt.db.unit_of_work import Database, UnitOfWork
    from radicale_propmgmt.domain.contacts import Contact, ContactData
    from radicale_propmgmt.domain.links import Link
    from radicale_propmgmt.vcard.merge import Merged
    from radicale_propmgmt.vcard.sent import SentCard

_OURS = limits.Caps(64 * limits.CARD_BYTES, 64 * limits.CARD_PROPERTIES)


@dataclass(frozen=True, slots=True)
class FieldComparison:
    """One field class of a proposed edit; None = empty, or not shown to that client.

    ``result`` is what accepting writes, with ``--force`` where there is a conflict: the contact changed meanwhile.
    """

    field: str
    base: dict[str, Any] | None
    proposed: dict[str, Any] | None
    current: dict[str, Any] | None
    result: dict[str, Any] | None
    conflict: bool


@dataclass(frozen=True, slots=True)
class Accepted:
    """What accepting did: the field classes that changed, or how many places of the contact ended."""

    contact_id: int
    kind: str
    fields: list[str]
    ended: int = 0


@dataclass(frozen=True, slots=True)
class _Edit:
    """A proposed edit laid over the contact as it is: carefully, and with conflicts decided for the proposal."""

    sent: SentCard
    clean: Merged
    forced: ContactData


def list_proposals(connection: Connection, *, only_open: bool = True) -> list[Proposal]:
    """List proposals, oldest first."""
    return rows.list_proposals(connection, only_open=only_open)


def get_proposal(connection: Connection, proposal_id: int) -> Proposal:
    """Get an open proposal.

    Raises:
        NotFoundError: There is none, or it is decided.
    """
    found = rows.list_proposals(connection, proposal_id=proposal_id)
    if not found:
        raise NotFoundError(f"no open proposal {proposal_id} (see `propmgmt contacts proposals list`)")
    return found[0]


def compare(
    database: Database, connection: Connection, proposal: Proposal, country: str = "DE"
) -> list[FieldComparison]:
    """Tell field class by field class what an edit started from, proposes, meets and would leave.

    Raises:
        NotFoundError: The contact does not exist.
        RefusedError: The card cannot be merged.
    """
    if proposal.kind != "edit":
        return []
    facts = _facts(database, connection, proposal, current_day(database, connection))
    contact = _contact(facts, proposal)
    edit = _merge(facts, proposal, contact, country)
    base = {} if proposal.base is None else by_field_class(read_sent(proposal.base, _OURS).data)
    proposed, current, result = (by_field_class(data) for data in (edit.sent.data, contact, edit.forced))
    lost = edit.clean.conflicts
    return [
        FieldComparison(name, base.get(name), proposed.get(name), current.get(name), result.get(name), name in lost)
        for name in sorted(edit.clean.edited)
    ]


def accept(uow: UnitOfWork, proposal_id: int, *, force: bool = False, country: str = "DE") -> Accepted:
    """Do what a client proposed; it reaches everyone.

    Args:
        uow: The unit of work.
        proposal_id: The proposal.
        force: Also where the contact changed meanwhile; the proposal's field class then replaces it whole.
        country: Country of phone numbers that name none.

    Raises:
        NotFoundError: No such open proposal.
        ContactLockedError: The contact is restricted or erased meanwhile.
        RefusedError: It changed meanwhile in the same fields and nobody forced it, or the card cannot be merged.
    """
    proposal = get_proposal(uow.connection, proposal_id)
    require_unlocked(uow, proposal.contact_id)
    uow.device_id = proposal.device_id
    done = _accept_edit(uow, proposal, country, force=force) if proposal.kind == "edit" else _accept_end(uow, proposal)
    uow.device_id = None
    _decide(uow, proposal, rows.ACCEPTED, fields=done.fields, forced=force)
    return done


def reject(uow: UnitOfWork, proposal_id: int) -> None:
    """Drop a proposal; nothing else changes.

    Raises:
        NotFoundError: No such open proposal.
    """
    _decide(uow, get_proposal(uow.connection, proposal_id), rows.REJECTED)


def _decide(uow: UnitOfWork, proposal: Proposal, state: str, **facts: Any) -> None:
    rows.decide(uow, proposal.id, state)
    about = {"proposal": proposal.id, "kind": proposal.kind, **facts}
    record_audit(uow, f"proposal.{state}", contact_id=proposal.contact_id, facts=about, personal=uow.reason)
    record_event(uow, f"proposal.{state}", proposal.contact_id, {"proposal": proposal.id})


def _accept_edit(uow: UnitOfWork, proposal: Proposal, country: str, *, force: bool) -> Accepted:
    facts = _facts(uow.database, uow.connection, proposal, uow.today)
    edit = _merge(facts, proposal, _contact(facts, proposal), country)
    if edit.clean.conflicts and not force:
        fields = ", ".join(sorted(edit.clean.conflicts))
        raise RefusedError(
            f"proposal {proposal.id}: {fields} changed meanwhile: look at `contacts proposals show {proposal.id}`,"
            " then accept it with --force"
        )
    try:
        changed = edit_contact(uow, proposal.contact_id, edit.forced)
    except UsageError as error:
        raise RefusedError(f"proposal {proposal.id} cannot be stored: {error}") from None
    return Accepted(proposal.contact_id, proposal.kind, changed)


def _accept_end(uow: UnitOfWork, proposal: Proposal) -> Accepted:
    """End the links by which the contact stands in the book from which it was deleted."""
    links = _places(uow, proposal)
    ended = sum(end_places(uow, proposal.contact_id, [link]) for link in links)
    return Accepted(proposal.contact_id, proposal.kind, [], ended)


def _places(uow: UnitOfWork, proposal: Proposal) -> list[Link]:
    audience = Audience.from_key(proposal.audience)
    viewer = Viewer(
        account_id=proposal.account_id, login=proposal.login, audience_id=proposal.audience_id, audience=audience
    )
    book = bookshelf.find_book(uow.connection, viewer, proposal.segment)
    if book is None:
        return []
    if book.kind is BookKind.GRANTS:
        raise RefusedError("it stands in that book by a grant: end it with `grants revoke`, then reject the proposal")
    facts = _facts(uow.database, uow.connection, proposal, uow.today)
    view = Visibility(audience, facts.rules, uow.today).of(facts.subjects[proposal.contact_id])
    return within(book, view.links)


def _facts(database: Database, connection: Connection, proposal: Proposal, today: date) -> Facts:
    rules = current_rules(database, connection)
    return Facts.load(connection, [proposal.contact_id], rules=rules, secrets=database.secrets, today=today)


def _contact(facts: Facts, proposal: Proposal) -> Contact:
    found = facts.contacts.get(proposal.contact_id)
    if found is None:
        raise NotFoundError(f"no contact {proposal.contact_id}")
    return found


def _merge(facts: Facts, proposal: Proposal, contact: Contact, country: str) -> _Edit:
    """Merge an edit once more, writing the field classes that were proposed and no others.

    Where the contact changed meanwhile, ``forced`` first takes those classes whole as they were sent.

    Raises:
        RefusedError: The contact would have more values than a card may have.
    """
    fields = frozenset(FieldClass(name) for name in proposal.fields)
    card = facts.cards_for(Audience.from_key(proposal.audience)).get(contact.id)
    seen_as = render_card(CardInput(contact=contact, fields=fields)) if card is None else card.body
    try:
        sent = read_sent(proposal.body or b"")
        onto = partial(
            merge,
            sent=sent,
            visible=fields,
            capabilities=capabilities_of(proposal.user_agent),
            seen_as=seen_as,
            region=country,
        )
        clean = onto(base=proposal.base, current=own_data(contact), writable=fields)
        if not clean.conflicts:
            return _Edit(sent, clean, clean.data)
        taken = onto(base=seen_as, current=own_data(contact), writable=clean.conflicts)
        rest = onto(base=proposal.base, current=taken.data, writable=fields - clean.conflicts)
    except ParseError as error:
        raise RefusedError(f"proposal {proposal.id} cannot be merged: {error}") from None
    return _Edit(sent, clean, rest.data)


def forget(connection: Connection, contact_id: int) -> None:
    """Forget what was ever proposed about a contact (GDPR Art. 17)."""
    rows.forget_proposals(connection, contact_id)
