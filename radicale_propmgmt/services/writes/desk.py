"""One write at the desk: who writes into which book, what is there, and how a refusal is left."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from radicale_propmgmt.db.repositories import proposals as proposal_rows
from radicale_propmgmt.db.repositories.audit import record_audit
from radicale_propmgmt.db.repositories.contacts import load_subjects
from radicale_propmgmt.domain.errors import DavError, NeedPrivilegesError, NotVisibleError, TooManyRefusedError
from radicale_propmgmt.domain.preconditions import UNCONDITIONAL, Preconditions
from radicale_propmgmt.domain.visibility import NOTHING, Subject, Visibility
from radicale_propmgmt.domain.writing import NO_CREATION, BookRights, book_rights, creation, proposes, write_rights
from radicale_propmgmt.ledger import bases
from radicale_propmgmt.ledger.refusals import HOUR, count_refused, key_of
from radicale_propmgmt.projection import bookshelf, reading
from radicale_propmgmt.projection.nudge import nudge, nudge_gone
from radicale_propmgmt.projection.rules import rules_of
from radicale_propmgmt.vcard.errors import ParseError
from radicale_propmgmt.vcard.sent import read_sent

if TYPE_CHECKING:
    from collections.abc import Callable

    from radicale_propmgmt.db.unit_of_work import Database, UnitOfWork
    from radicale_propmgmt.domain.books import Book
    from radicale_propmgmt.domain.fields import Fields
    from radicale_propmgmt.domain.rules import RuleSet
    from radicale_propmgmt.domain.viewers import Viewer
    from radicale_propmgmt.domain.visibility import View
    from radicale_propmgmt.domain.writing import Creation, WriteRights
    from radicale_propmgmt.projection.reading import CardRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One write as it was asked for.

    ``proposes`` tells that what is refused is kept and answered as done, whatever the rules say: the default for
    programs that stop syncing at a refusal. ``book_href`` is the encoded path of the book, for refusals. Without
    ``is_named`` the server chose the name (POST): the client knows none that could be told as gone.
    """

    viewer: Viewer
    segment: str
    name: str
    book_href: str
    card_href: str
    is_named: bool = True
    preconditions: Preconditions = UNCONDITIONAL
    user_agent: str = ""
    proposes: bool = False
    country: str = "DE"
    photo_bytes: int = 512 * 1024

    def href_of(self, name: str) -> str:
        """Write the encoded path of another card, found in this book."""
        return self.book_href + name


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a write ended. ``name`` is set if the card has another name than the one sent."""

    refusal: DavError | None = None
    is_new: bool = False
    etag: str | None = None
    name: str | None = None
    segment: str | None = None


@dataclass(frozen=True, slots=True)
class SeenCard:
    """A card as it stands in the book of the write."""

    row: CardRow
    body: bytes
    subject: Subject
    view: View

    @property
    def id(self) -> int:
        """The contact; negative for the card of a group."""
        return self.row.contact_id


class Desk:
    """What a write needs to decide, read in its own unit of work, behind the counter (M1)."""

    def __init__(self, uow: UnitOfWork, write: Write) -> None:
        uow.device_id = write.viewer.device_id
        self.uow = uow
        self.write = write
        self.viewer = write.viewer
        self.book = bookshelf.find_book(uow.connection, write.viewer, write.segment)

    @property
    def own_book(self) -> Book:
        """The book of the write, where one was found."""
        if self.book is None:
            raise NotVisibleError
        return self.book

    @property
    def rules(self) -> RuleSet:
        """The rules that hold."""
        return rules_of(self.uow)

    @cached_property
    def visibility(self) -> Visibility:
        """What the writer's audience sees."""
        return Visibility(self.viewer.audience, self.rules, self.uow.today)

    @cached_property
    def rights(self) -> BookRights:
        """What may be done in the book; nothing where there is none."""
        return self.rights_in(self.book)

    def rights_in(self, book: Book | None) -> BookRights:
        """Tell what may be done in a book."""
        if book is None:
            return BookRights()
        return book_rights(self.viewer.audience, book, self.rules, self.uow.today)

    def creation_in(self, book: Book | None) -> Creation:
        """Tell what becomes of a new card in a book."""
        if book is None:
            return NO_CREATION
        return creation(self.viewer.audience, book, self.rules, self.uow.today)

    def find(self, name: str, book: Book | None = None) -> SeenCard | None:
        """Find a card by its name where the writer sees it now."""
        within = book or self.book
        if within is None:
            return None
        rows, bodies = reading.find_whole_cards(self.uow.connection, within, [name])
        row = rows.get(name)
        if row is None or row.rendition_id is None:
            return None
        body = bodies[row.rendition_id]
        subject = load_subjects(self.uow.connection, [row.contact_id]).get(row.contact_id)
        if subject is None:  # the card of a group
            return SeenCard(row, body, Subject(id=row.contact_id), NOTHING)
        return SeenCard(row, body, subject, self.visibility.of(subject))

    def may(self, card: SeenCard) -> WriteRights:
        """Tell what may be done to a card."""
        return write_rights(self.viewer.audience, card.subject, card.view, self.rules, self.uow.today)

    @property
    def keeps_proposals(self) -> bool:
        """Tell whether what is refused here is kept as a proposal and answered as done."""
        if self.write.proposes:
            return True
        return self.book is not None and proposes(self.viewer.audience, self.book, self.rules, self.uow.today)

    def lacks(self, privilege: str, *, of_book: bool = True) -> NeedPrivilegesError:
        """Make the refusal that names a missing privilege (RFC 3744 §7.1.1)."""
        return NeedPrivilegesError(self.write.book_href if of_book else self.write.card_href, privilege)

    def refuse(self, refusal: DavError, card: SeenCard | None = None, *, kind: str = "edit", body: bytes | None = None,
               fields: Fields = frozenset()) -> Outcome:  # fmt: skip
        """Refuse, and leave behind what heals: the nudge, and where proposals are kept, the proposal.

        The answer is the same whether or not a card of this name is or ever was visible. Without a ``kind`` there is
        nothing that the office could decide.
        """
        if count_refused(self.uow, key_of(self.viewer), self.uow.now):
            return Outcome(refusal=TooManyRefusedError(HOUR - self.uow.now % HOUR))
        if card is not None or self.write.is_named:
            self.heal(card)
        if not kind or not self.keeps_proposals or not isinstance(refusal, NeedPrivilegesError):
            return Outcome(refusal=refusal)
        if card is not None and card.id > 0:
            self.propose(card, kind, body, fields, self._base_of(card))
        return Outcome()

    def heal(self, card: SeenCard | None) -> None:
        """Move the card for this account, or tell the device that the name it sent is gone."""
        if card is not None:
            nudge(self.uow, self.viewer.account_id, self.viewer.audience_id, card.id)
        elif self.book is not None and self.write.name:
            nudge_gone(self.uow, self.viewer, self.book, self.write.name)

    def _base_of(self, card: SeenCard) -> int | None:
        """Find what the client edited, for a write that nobody merged yet (M7)."""
        tags = self.write.preconditions.if_match
        named = next(iter(tags.strong), None) if tags is not None and not tags.is_any else None
        base = bases.find_base(self.uow.connection, self.viewer, self.own_book, card.id, named)
        return None if base is None else base.rendition_id

    def propose(self, card: SeenCard, kind: str, body: bytes | None, fields: Fields, base_id: int | None) -> None:
        """Keep what was asked for until the office decides; an equal open proposal counts once.

        What is no card proposes nothing. Without a base, accepting deletes nothing.
        """
        if kind == "edit" and not _is_card(body):
            return
        proposal_id = proposal_rows.add(
            self.uow,
            contact_id=card.id,
            account_id=self.viewer.account_id,
            segment=self.write.segment,
            kind=kind,
            user_agent=self.write.user_agent[:200],
            body=body,
            base_id=base_id,
            fields=sorted(field.value for field in fields or card.view.fields),
        )
        if proposal_id is not None:
            record_audit(self.uow, "proposal.made", contact_id=card.id, facts={"proposal": proposal_id, "kind": kind})


def _is_card(body: bytes | None) -> bool:
    try:
        return body is not None and bool(read_sent(body))
    except ParseError:
        return False


def at_desk(database: Database, write: Write, work: Callable[[Desk], Outcome]) -> Outcome:
    """Do a write in one unit of work; a refusal that left something behind is committed with it.

    Raises:
        DavError: A refusal that leaves nothing behind.
        UnavailableError: The database is away or busy.
    """
    with database.write(f"account:{write.viewer.login}") as uow:
        return work(Desk(uow, write))
