"""The statements of reading, each built once: two requests differ in their parameters only.

Building a statement costs several times what SQLite needs to answer it. Parameters: ``book_values`` of a
book, and those that each function names. ``in_slot`` is False for the book of all contacts.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    ColumnElement,
    Select,
    and_,
    any_,
    bindparam,
    case,
    func,
    null,
    or_,
    select,
    true,
    tuple_,
)

from radicale_propmgmt.db.tables import Card, Due, GoneName, LedgerHead, Place, Rendition, RenditionSearch, Wire

if TYPE_CHECKING:
    from collections.abc import Sequence

    from radicale_propmgmt.domain.books import Book

Statement = Select[*tuple[Any, ...]]

_ACTIVE = Wire.state == 0
_AUDIENCE: BindParameter[int] = bindparam("audience")
_SLOT: BindParameter[int] = bindparam("slot")
_IN_PLACE = and_(
    Place.audience_id == _AUDIENCE,
    Place.contact_id == Card.contact_id,
    Place.slot_id == _SLOT,
    Place.live.is_(True),
)
_OWN_NAME = and_(
    GoneName.book_id == bindparam("book"),
    GoneName.account_id == bindparam("account"),
)


def book_values(book: Book) -> dict[str, Any]:
    """Return the parameters by which statements know a book."""
    return {"audience": book.audience_id, "slot": book.slot_id, "book": book.id, "account": book.account_id}


@cache
def head(*, of_audience: bool) -> Statement:
    """Read the counter row and the next due instant, of one audience or of any."""
    mine = or_(Due.contact_id.is_not(None), Due.audience_id == _AUDIENCE) if of_audience else true()
    next_due = select(Due.at).where(mine).order_by(Due.at).limit(1).scalar_subquery()
    return select(LedgerHead.rev, LedgerHead.now, LedgerHead.epoch, LedgerHead.rules_version, LedgerHead.demo, next_due)


@cache
def newest(*, in_slot: bool) -> Statement:
    """Read the newest seq of a book's cards, and of the names that are gone for its account: two index seeks."""
    of_cards = select(func.max(Card.seq)).where(Card.audience_id == _AUDIENCE)
    if in_slot:
        of_cards = select(func.max(Place.seq)).where(Place.audience_id == _AUDIENCE, Place.slot_id == _SLOT)
    of_names = select(func.max(GoneName.seq)).where(_OWN_NAME)
    return select(of_cards.scalar_subquery(), of_names.scalar_subquery())


@cache
def gone_names() -> Statement:
    """List names that are gone for a book's account, past ``seq``."""
    statement = select(GoneName.name, GoneName.seq).where(
        _OWN_NAME, GoneName.name.is_not(None), GoneName.seq > bindparam("seq")
    )
    return statement.order_by(GoneName.seq)


@cache
def live(*, in_slot: bool) -> Statement:
    """List the live cards of a book, columns as in ``CardRow``, in the order of its delta.

    Without an order PostgreSQL lists as rows lie in its files, and that differs with what is hidden (I4).
    """
    seq = Place.seq if in_slot else Card.seq
    statement = (
        select(Wire.href, Card.etag, Card.rendition_id, Card.contact_id, seq)
        .select_from(Card)
        .join(Wire, and_(Wire.contact_id == Card.contact_id, _ACTIVE))
        .where(Card.audience_id == _AUDIENCE, Card.etag.is_not(None))
        .order_by(seq, Card.contact_id)
    )
    return statement.join(Place, _IN_PLACE) if in_slot else statement


@cache
def search(*, in_slot: bool, needles: int, dialect: str) -> Statement:
    """List the live cards whose folded text contains ``needle0``, ``needle1``, …."""
    position = func.instr if dialect == "sqlite" else func.strpos
    found = (position(RenditionSearch.text, bindparam(f"needle{number}")) > 0 for number in range(needles))
    statement = live(in_slot=in_slot).join(RenditionSearch, RenditionSearch.rendition_id == Card.rendition_id)
    return statement.where(*found)


def list_value(values: Sequence[Any], dialect: str) -> Any:
    """Return a list as one parameter, as ``_is_among`` reads it."""
    return json.dumps(values) if dialect == "sqlite" else list(values)


def _is_among(column: Any, name: str, dialect: str) -> ColumnElement[bool]:
    """Compare with a list in one parameter: hundreds of single ones cost more than what they find."""
    if dialect == "sqlite":
        found: ColumnElement[bool] = column.in_(select(func.json_each(bindparam(name)).table_valued("value").c.value))
        return found
    return cast("ColumnElement[bool]", column == any_(bindparam(name, type_=ARRAY(column.type))))


@cache
def named(*, in_slot: bool, single: bool, dialect: str) -> Statement:
    """Find cards by name (``name``, or a list of them as ``names``), each with its body as a sixth column.

    A name without a live card gives no row, or one whose etag or seq is NULL. The outer joins fix the order, names
    first: without statistics SQLite would rather walk through the whole book.
    """
    own = and_(Card.contact_id == Wire.contact_id, Card.audience_id == _AUDIENCE, Card.etag.is_not(None))
    columns = (Wire.href, Card.etag, Card.rendition_id, Card.contact_id, Place.seq if in_slot else Card.seq)
    statement = select(*columns, Rendition.body)
    if dialect == "sqlite" and not single:
        listed = func.json_each(bindparam("names")).table_valued("value")
        statement = statement.select_from(listed).outerjoin(Wire, and_(Wire.href == listed.c.value, _ACTIVE))
    else:
        wanted = Wire.href == bindparam("name") if single else _is_among(Wire.href, "names", dialect)
        statement = statement.select_from(Wire).where(wanted, _ACTIVE)
    statement = statement.outerjoin(Card, own).outerjoin(Rendition, Rendition.id == Card.rendition_id)
    return statement.outerjoin(Place, _IN_PLACE) if in_slot else statement


@cache
def bodies(dialect: str) -> Statement:
    """Fetch the bodies of the renditions ``ids`` whose contacts are active."""
    return (
        select(Rendition.id, Rendition.body)
        .join(Wire, and_(Wire.contact_id == Rendition.contact_id, _ACTIVE))
        .where(_is_among(Rendition.id, "ids", dialect))
    )


@cache
def delta(*, in_slot: bool) -> Statement:
    """List cards past (``seq``, ``contact``) up to ``newest``; gone ones only if they were there at ``since`` (M3, M4).

    ``first_seq`` is the first time ever and is never reset: a card that came and went after the token was never
    served under it. Inside a paged answer ``since`` is the cursor's seq, at which the device had seen everything older.
    The contact's state turns a row into a 404 and never drops it (M11).
    """
    cursor = tuple_(bindparam("seq", type_=BigInteger), bindparam("contact", type_=BigInteger))
    newest: BindParameter[int] = bindparam("newest")
    since: BindParameter[int] = bindparam("since")
    if in_slot:
        alive = case((and_(_ACTIVE, Place.live.is_(True)), Card.etag), else_=null())
        return (
            select(Wire.href, alive, Card.rendition_id, Place.contact_id, Place.seq)
            .select_from(Place)
            .join(Wire, Wire.contact_id == Place.contact_id)
            .join(Card, and_(Card.audience_id == Place.audience_id, Card.contact_id == Place.contact_id))
            .where(
                Place.audience_id == _AUDIENCE,
                Place.slot_id == _SLOT,
                tuple_(Place.seq, Place.contact_id) > cursor,
                Place.seq <= newest,
                or_(and_(Place.live.is_(True), Card.etag.is_not(None)), Place.first_seq <= since),
            )
            .order_by(Place.seq, Place.contact_id)
        )
    alive = case((_ACTIVE, Card.etag), else_=null())
    return (
        select(Wire.href, alive, Card.rendition_id, Card.contact_id, Card.seq)
        .select_from(Card)
        .join(Wire, Wire.contact_id == Card.contact_id)
        .where(
            Card.audience_id == _AUDIENCE,
            tuple_(Card.seq, Card.contact_id) > cursor,
            Card.seq <= newest,
            or_(Card.etag.is_not(None), Card.first_seq <= since),
        )
        .order_by(Card.seq, Card.contact_id)
    )


@cache
def delta_page(*, in_slot: bool) -> Statement:
    """List as ``delta`` does, at most ``limit`` rows."""
    return delta(in_slot=in_slot).limit(bindparam("limit", type_=BigInteger))
