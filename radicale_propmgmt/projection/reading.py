"""Answers to every read, from rows alone: nothing here computes visibility (DESIGN §2.3–2.5).

Each statement carries the audience; as second line of defence each joins the contact's state. In a delta the state
turns a row into a 404 and never drops it (M11). A book's newest seq is read first and bounds the rows (M2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, Select, and_, case, func, literal, null, or_, select, tuple_
from sqlalchemy.orm import aliased

from radicale_propmgmt.db.repositories.contacts import CHUNK
from radicale_propmgmt.db.tables import (
    AccountAudience,
    AudienceRow,
    BookRow,
    Card,
    Due,
    LedgerHead,
    Place,
    Rendition,
    RenditionSearch,
    Wire,
)
from radicale_propmgmt.domain.changes import NO_CONTACT, SyncToken
from radicale_propmgmt.domain.errors import InvalidSyncTokenError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from radicale_propmgmt.domain.books import Book
    from radicale_propmgmt.domain.viewers import Viewer

_ACTIVE = 0


class CardRow(NamedTuple):
    """One card of a listing or delta; ``etag`` without quotes, None = gone (a 404 on the wire)."""

    href: str
    etag: str | None
    rendition_id: int | None
    contact_id: int
    seq: int


class SyncPage(NamedTuple):
    """One answer to sync-collection: rows, the token that now holds, and whether more is to come."""

    rows: list[CardRow]
    token: SyncToken
    truncated: bool


class Head(NamedTuple):
    """Where the database stands, and the next instant at which time changes something."""

    rev: int
    now: int
    epoch: int
    rules_version: int
    demo: bool
    next_due: int | None


def read_head(connection: Connection, audience_id: int | None = None) -> Head:
    """Read the counter row and the next due instant that concerns an audience (None: any)."""
    mine = literal(True) if audience_id is None else or_(Due.contact_id.is_not(None), Due.audience_id == audience_id)  # noqa: FBT003
    next_due = select(Due.at).where(mine).order_by(Due.at).limit(1).scalar_subquery()
    row = connection.execute(
        select(LedgerHead.rev, LedgerHead.now, LedgerHead.epoch, LedgerHead.rules_version, LedgerHead.demo, next_due)
    ).one()
    return Head(*row)


def newest_seq(connection: Connection, book: Book) -> int:
    """Return the book's newest seq: its sync token and getctag. Cost: one index seek."""
    return connection.scalar(_newest(book)) or 0


def _newest(book: Book) -> Select[*tuple[Any, ...]]:
    if book.slot_id is None:
        return select(func.max(Card.seq)).where(Card.audience_id == book.audience_id)
    return select(func.max(Place.seq)).where(Place.audience_id == book.audience_id, Place.slot_id == book.slot_id)


def current_token(connection: Connection, book: Book, epoch: int) -> SyncToken:
    """Return the token that a fresh listing of the book stands at."""
    return SyncToken(epoch, book.token_id, newest_seq(connection, book))


def list_cards(connection: Connection, book: Book) -> list[CardRow]:
    """List the live cards of a book in one statement."""
    return [CardRow(*row) for row in connection.execute(_live(book))]


def _live(book: Book) -> Select[*tuple[Any, ...]]:
    seq = Card.seq if book.slot_id is None else Place.seq
    statement = (
        select(Wire.href, Card.etag, Card.rendition_id, Card.contact_id, seq)
        .select_from(Card)
        .join(Wire, and_(Wire.contact_id == Card.contact_id, Wire.state == _ACTIVE))
        .where(Card.audience_id == book.audience_id, Card.etag.is_not(None))
    )
    return statement if book.slot_id is None else _in_slot(statement, book)


def _in_slot(statement: Select[*tuple[Any, ...]], book: Book) -> Select[*tuple[Any, ...]]:
    return statement.join(
        Place,
        and_(
            Place.audience_id == book.audience_id,
            Place.contact_id == Card.contact_id,
            Place.slot_id == book.slot_id,
            Place.live.is_(True),
        ),
    )


def changes_since(
    connection: Connection, viewer: Viewer, book: Book, token: SyncToken | None, epoch: int, limit: int | None = None
) -> SyncPage:
    """List what a device must refetch or drop since a token; None is the initial sync, without tombstones.

    Args:
        connection: A read transaction.
        viewer: Who asks; a token of another audience this account had is answered as a change of audience.
        book: The book of the request.
        token: Point in the book's history; unit: seq of the audience.
        epoch: The database's epoch, for the token that is returned.
        limit: At most so many rows.

    Returns:
        Rows without duplicates and the token that then holds. Cost: one index range scan, O(changes).

    Raises:
        InvalidSyncTokenError: A token we never issued (RFC 6578 §3.2). One we issued is always answered.
    """
    newest = newest_seq(connection, book)
    whole = SyncToken(epoch, book.token_id, newest)
    if token is None:
        return _page(connection, book, (0, NO_CONTACT), 0, whole, limit)
    if token.book == book.token_id:
        _check_issued(connection, book.audience_id, token, newest, epoch)
        return _page(connection, book, (token.seq, token.contact), token.seq, whole, limit)
    origin = _find_origin(connection, viewer, book, token, epoch)
    rows = list_cards(connection, book) + _gone_with_audience(connection, origin, book, token)
    return SyncPage(rows, whole, truncated=False)


def _check_issued(connection: Connection, audience_id: int, token: SyncToken, newest: int, epoch: int) -> None:
    if token.epoch == epoch and token.seq <= newest:
        return
    restored = connection.scalar(select(AudienceRow.restored_seq).where(AudienceRow.id == audience_id)) or 0
    if token.epoch >= epoch or token.seq > restored:
        raise InvalidSyncTokenError


def _page(
    connection: Connection, book: Book, cursor: tuple[int, int], since: int, whole: SyncToken, limit: int | None
) -> SyncPage:
    statement = _delta(book, cursor, since, whole.seq)
    if limit is not None:
        statement = statement.limit(limit + 1)
    rows = [CardRow(*row) for row in connection.execute(statement)]
    if limit is None or len(rows) <= limit:
        return SyncPage(rows, whole, truncated=False)
    rows = rows[:limit]
    last = rows[-1]
    return SyncPage(rows, SyncToken(whole.epoch, whole.book, last.seq, last.contact_id), truncated=True)


def _delta(book: Book, cursor: tuple[int, int], since: int, newest: int) -> Select[*tuple[Any, ...]]:
    """Build the delta: cards past the cursor, gone ones only if they were there at ``since`` (M3, M4, M11).

    ``first_seq`` is the first time ever and is never reset: a card that came and went after the token was never
    served under it. Inside a paged answer ``since`` is the cursor's seq, at which the device had seen everything older.
    """
    if book.slot_id is None:
        alive = case((Wire.state == _ACTIVE, Card.etag), else_=null())
        return (
            select(Wire.href, alive, Card.rendition_id, Card.contact_id, Card.seq)
            .select_from(Card)
            .join(Wire, Wire.contact_id == Card.contact_id)
            .where(
                Card.audience_id == book.audience_id,
                tuple_(Card.seq, Card.contact_id) > tuple_(literal(cursor[0]), literal(cursor[1])),
                Card.seq <= newest,
                or_(Card.etag.is_not(None), Card.first_seq <= since),
            )
            .order_by(Card.seq, Card.contact_id)
        )
    alive = case((and_(Wire.state == _ACTIVE, Place.live.is_(True)), Card.etag), else_=null())
    return (
        select(Wire.href, alive, Card.rendition_id, Place.contact_id, Place.seq)
        .select_from(Place)
        .join(Wire, Wire.contact_id == Place.contact_id)
        .join(Card, and_(Card.audience_id == Place.audience_id, Card.contact_id == Place.contact_id))
        .where(
            Place.audience_id == book.audience_id,
            Place.slot_id == book.slot_id,
            tuple_(Place.seq, Place.contact_id) > tuple_(literal(cursor[0]), literal(cursor[1])),
            Place.seq <= newest,
            or_(and_(Place.live.is_(True), Card.etag.is_not(None)), Place.first_seq <= since),
        )
        .order_by(Place.seq, Place.contact_id)
    )


class _Origin(NamedTuple):
    audience_id: int
    slot_id: int | None


def _find_origin(connection: Connection, viewer: Viewer, book: Book, token: SyncToken, epoch: int) -> _Origin:
    """Find the book of an earlier audience of this account that a token was issued for."""
    row = connection.execute(
        select(BookRow.audience_id, BookRow.slot_id)
        .join(AccountAudience, AccountAudience.audience_id == BookRow.audience_id)
        .where(
            BookRow.token_id == token.book,
            BookRow.segment == book.segment,
            AccountAudience.account_id == viewer.account_id,
        )
    ).first()
    if row is None:
        raise InvalidSyncTokenError
    seq = connection.scalar(select(AudienceRow.seq).where(AudienceRow.id == row.audience_id)) or 0
    _check_issued(connection, row.audience_id, token, seq, epoch)
    return _Origin(*row)


def _gone_with_audience(connection: Connection, origin: _Origin, book: Book, token: SyncToken) -> list[CardRow]:
    """List, as gone, every card the earlier audience had been shown by then and that is not live here."""
    shown: Any = aliased(Card) if origin.slot_id is None else aliased(Place)
    live_here = _live(book).where(Card.contact_id == shown.contact_id)
    statement = (
        select(Wire.href, null(), null(), shown.contact_id, shown.seq)
        .select_from(shown)
        .join(Wire, Wire.contact_id == shown.contact_id)
        .where(
            shown.audience_id == origin.audience_id,
            shown.first_seq <= token.seq,
            ~live_here.with_only_columns(Card.contact_id).correlate(shown).exists(),
        )
    )
    if isinstance(origin.slot_id, int):
        statement = statement.where(shown.slot_id == origin.slot_id)
    return [CardRow(*row) for row in connection.execute(statement)]


def all_and_tombstones(connection: Connection, book: Book, epoch: int) -> SyncPage:
    """List all live cards and every tombstone of a book: for a client that never recovers from a refused token."""
    whole = current_token(connection, book, epoch)
    return _page(connection, book, (0, 0), NO_CONTACT, whole, None)


def find_cards(connection: Connection, book: Book, hrefs: Sequence[str]) -> dict[str, CardRow]:
    """Find live cards of a book by name; what is absent never existed, is not yours, blocked or erased."""
    found: dict[str, CardRow] = {}
    statement = _live(book)
    names = list(dict.fromkeys(hrefs))
    for start in range(0, len(names), CHUNK):
        chunk = names[start : start + CHUNK]
        for row in connection.execute(statement.where(Wire.href.in_(chunk))):
            found[row.href] = CardRow(*row)
    return found


def bodies(connection: Connection, rendition_ids: Sequence[int]) -> dict[int, bytes]:
    """Fetch the bytes of renditions; one whose contact was blocked meanwhile is absent (M12)."""
    found: dict[int, bytes] = {}
    for start in range(0, len(rendition_ids), CHUNK):
        chunk = rendition_ids[start : start + CHUNK]
        statement = (
            select(Rendition.id, Rendition.body)
            .join(Wire, and_(Wire.contact_id == Rendition.contact_id, Wire.state == _ACTIVE))
            .where(Rendition.id.in_(chunk))
        )
        found.update(connection.execute(statement).all())
    return found


def search(connection: Connection, book: Book, needles: Sequence[str]) -> list[CardRow]:
    """List live cards whose folded visible text contains every needle (already folded): a superset to be tested."""
    statement = _live(book).join(RenditionSearch, RenditionSearch.rendition_id == Card.rendition_id)
    position = func.instr if connection.dialect.name == "sqlite" else func.strpos
    for needle in needles:
        statement = statement.where(position(RenditionSearch.text, needle) > 0)
    return [CardRow(*row) for row in connection.execute(statement)]


def in_chunks(rows: Sequence[CardRow], size: int = CHUNK) -> Iterator[Sequence[CardRow]]:
    """Cut rows for streaming: no transaction stays open while a chunk is sent."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
