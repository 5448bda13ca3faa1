"""Answers to every read, from rows alone: nothing here computes visibility (DESIGN §2.3–2.5).

Each statement carries the audience; as second line of defence each joins the contact's state. In a delta the state
turns a row into a 404 and never drops it (M11). A book's newest seq is read first and bounds the rows (M2).
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from sqlalchemy import Connection, Select, null, select
from sqlalchemy.orm import aliased

from radicale_propmgmt.db.repositories import restores
from radicale_propmgmt.db.repositories.contacts import CHUNK
from radicale_propmgmt.db.tables import AccountAudience, AudienceRow, BookRow, Card, Place, Wire
from radicale_propmgmt.domain.changes import NO_CONTACT, SyncToken
from radicale_propmgmt.domain.errors import InvalidSyncTokenError
from radicale_propmgmt.projection import statements
from radicale_propmgmt.projection.statements import book_values, list_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from radicale_propmgmt.domain.books import Book
    from radicale_propmgmt.domain.viewers import Viewer


class CardRow(NamedTuple):
    """One card of a listing or delta; ``etag`` without quotes, None = gone (a 404 on the wire)."""

    href: str
    etag: str | None
    rendition_id: int | None
    contact_id: int
    seq: int


#: Makes a CardRow of a row without a call into Python: a book has many.
_as_card_row = cast("Callable[[Any], CardRow]", partial(tuple.__new__, CardRow))


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
    statement = statements.head(of_audience=audience_id is not None)
    return Head._make(connection.execute(statement, {"audience": audience_id}).one())


def newest_seq(connection: Connection, book: Book) -> int:
    """Return the book's newest seq: its sync token and getctag. Cost: one statement, two index seeks."""
    return max(_newest(connection, book))


def _newest(connection: Connection, book: Book) -> tuple[int, int]:
    """Return the newest seq of the book's cards, and of the names that are gone for this account."""
    of_cards, of_names = connection.execute(
        statements.newest(in_slot=book.slot_id is not None), book_values(book)
    ).one()
    return of_cards or 0, of_names or 0


def current_token(connection: Connection, book: Book, epoch: int) -> SyncToken:
    """Return the token that a fresh listing of the book stands at."""
    return SyncToken(epoch, book.token_id, newest_seq(connection, book))


def list_cards(connection: Connection, book: Book) -> list[CardRow]:
    """List the live cards of a book in one statement."""
    return _card_rows(connection, statements.live(in_slot=book.slot_id is not None), book_values(book))


def _card_rows(connection: Connection, statement: Select[*tuple[Any, ...]], values: dict[str, Any]) -> list[CardRow]:
    return list(map(_as_card_row, _tuples(connection, statement, values)))


def _tuples(connection: Connection, statement: Select[*tuple[Any, ...]], values: dict[str, Any]) -> Sequence[Any]:
    """Fetch rows as the driver makes them, which for a whole book costs half; no column of these needs converting."""
    cursor = connection.execute(statement, values).cursor
    return () if cursor is None else cursor.fetchall()


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
    of_cards, of_names = _newest(connection, book)
    newest = max(of_cards, of_names)
    whole = SyncToken(epoch, book.token_id, newest)
    if token is None:
        return _page(connection, book, (0, NO_CONTACT), 0, whole, limit)
    if token.book == book.token_id:
        _check_issued(connection, book.audience_id, token, newest, epoch)
        names = _gone_names(connection, book, token.seq) if of_names > token.seq else []
        return _page(connection, book, (token.seq, token.contact), token.seq, whole, limit, names)
    origin = _find_origin(connection, viewer, book, token, epoch)
    rows = list_cards(connection, book) + _gone_with_audience(connection, origin, book, token)
    names = _gone_names(connection, replace(book, id=origin.book_id), token.seq)
    return SyncPage(_with_names(rows, names), whole, truncated=False)


def _gone_names(connection: Connection, book: Book, since: int) -> list[CardRow]:
    """List names that this account put and that never were there, as gone; each has a seq of its own."""
    found = connection.execute(statements.gone_names(), book_values(book) | {"seq": since}).all()
    return [CardRow(name, None, None, 0, seq) for name, seq in found]


def _with_names(rows: list[CardRow], names: Sequence[CardRow]) -> list[CardRow]:
    """Add names that are gone, in their order, unless a card tells what became of the name."""
    if not names:
        return rows
    told = {row.href for row in rows}
    latest = {name.href: name for name in names if name.href not in told}
    return sorted([*rows, *latest.values()], key=lambda row: (row.seq, row.contact_id))


def _check_issued(connection: Connection, audience_id: int, token: SyncToken, newest: int, epoch: int) -> None:
    if token.epoch == epoch and token.seq <= newest:
        return
    if token.epoch >= epoch or token.seq > restores.good_until(connection, "audience", audience_id, token.epoch):
        raise InvalidSyncTokenError


def _page(
    connection: Connection,
    book: Book,
    cursor: tuple[int, int],
    since: int,
    whole: SyncToken,
    limit: int | None,
    names: Sequence[CardRow] = (),
) -> SyncPage:
    in_slot = book.slot_id is not None
    values = book_values(book) | {"seq": cursor[0], "contact": cursor[1], "since": since, "newest": whole.seq}
    if limit is None:
        rows = _card_rows(connection, statements.delta(in_slot=in_slot), values)
        return SyncPage(_with_names(rows, names), whole, truncated=False)
    rows = _card_rows(connection, statements.delta_page(in_slot=in_slot), values | {"limit": limit + 1})
    rows = _with_names(rows, names)
    if len(rows) <= limit:
        return SyncPage(rows, whole, truncated=False)
    rows = rows[:limit]
    last = rows[-1]
    return SyncPage(rows, SyncToken(whole.epoch, whole.book, last.seq, last.contact_id), truncated=True)


class _Origin(NamedTuple):
    book_id: int
    audience_id: int
    slot_id: int | None


def _find_origin(connection: Connection, viewer: Viewer, book: Book, token: SyncToken, epoch: int) -> _Origin:
    """Find the book of an earlier audience of this account that a token was issued for."""
    row = connection.execute(
        select(BookRow.id, BookRow.audience_id, BookRow.slot_id)
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
    live_here = statements.live(in_slot=book.slot_id is not None).where(Card.contact_id == shown.contact_id)
    statement = (
        select(Wire.href, null(), null(), shown.contact_id, shown.seq)
        .select_from(shown)
        .join(Wire, Wire.contact_id == shown.contact_id)
        .where(
            shown.audience_id == origin.audience_id,
            shown.first_seq <= token.seq,
            ~live_here.with_only_columns(Card.contact_id).order_by(None).correlate(shown).exists(),
        )
    )
    if isinstance(origin.slot_id, int):
        statement = statement.where(shown.slot_id == origin.slot_id)
    return _card_rows(connection, statement.order_by(shown.seq, shown.contact_id), book_values(book))


def all_and_tombstones(connection: Connection, book: Book, epoch: int) -> SyncPage:
    """List all live cards and every tombstone of a book: for a client that never recovers from a refused token."""
    whole = current_token(connection, book, epoch)
    return _page(connection, book, (0, 0), NO_CONTACT, whole, None, _gone_names(connection, book, 0))


def find_cards(connection: Connection, book: Book, hrefs: Iterable[str]) -> dict[str, CardRow]:
    """Find live cards of a book by name; what is absent never existed, is not yours, blocked or erased."""
    names = list(dict.fromkeys(hrefs))
    found: dict[str, CardRow] = {}
    for start in range(0, len(names), CHUNK):
        found.update(find_whole_cards(connection, book, names[start : start + CHUNK])[0])
    return found


def find_whole_cards(
    connection: Connection, book: Book, names: Sequence[str]
) -> tuple[dict[str, CardRow], dict[int, bytes]]:
    """Find live cards of a book by a few names, and their bodies by rendition: one statement, O(names), in no order."""
    values, dialect, single = book_values(book), connection.dialect.name, len(names) == 1
    statement = statements.named(in_slot=book.slot_id is not None, single=single, dialect=dialect)
    values |= {"name": names[0]} if single else {"names": list_value(names, dialect)}
    rows: dict[str, CardRow] = {}
    found: dict[int, bytes] = {}
    for row in _tuples(connection, statement, values):
        card, body = _as_card_row(row[:5]), row[5]
        if card[1] is not None and card[4] is not None and body is not None:
            rows[card[0]] = card
            found[row[2]] = body
    return rows, found


def bodies(connection: Connection, rendition_ids: Sequence[int]) -> dict[int, bytes]:
    """Fetch the bytes of renditions; one whose contact was blocked meanwhile is absent (M12)."""
    found: dict[int, bytes] = {}
    dialect = connection.dialect.name
    for start in range(0, len(rendition_ids), CHUNK):
        chunk = list_value(rendition_ids[start : start + CHUNK], dialect)
        found.update(_tuples(connection, statements.bodies(dialect), {"ids": chunk}))
    return found


def search(connection: Connection, book: Book, needles: Sequence[str]) -> list[CardRow]:
    """List live cards whose folded visible text contains every needle (already folded): a superset to be tested."""
    statement = statements.search(
        in_slot=book.slot_id is not None, needles=len(needles), dialect=connection.dialect.name
    )
    values = {f"needle{number}": needle for number, needle in enumerate(needles)}
    return _card_rows(connection, statement, book_values(book) | values)


def in_chunks(rows: Sequence[CardRow], size: int = CHUNK) -> Iterator[Sequence[CardRow]]:
    """Cut rows for streaming: no transaction stays open while a chunk is sent."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
