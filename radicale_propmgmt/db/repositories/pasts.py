"""All queries of prior renditions: which one a device may hold, and which ones nobody needs any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import aliased

from radicale_propmgmt.db.repositories.contacts import chunks
from radicale_propmgmt.db.repositories.deliveries import REPLACED
from radicale_propmgmt.db.tables import (
    Account,
    AccountAudience,
    AudienceRow,
    BookRow,
    Card,
    CardPast,
    Delivery,
    Device,
    Fetched,
    GoneName,
    Nudge,
    ProposalRow,
    Rendition,
    RenditionSearch,
    Wire,
)

if TYPE_CHECKING:
    from collections.abc import Iterable


class Bytes(NamedTuple):
    """A rendition with its bytes."""

    id: int
    body: bytes


def find_bytes(connection: Connection, contact_id: int, rendition_id: int) -> Bytes | None:
    """Find a rendition of an active contact."""
    return _bytes(connection, contact_id, Rendition.id == rendition_id)


def find_named(connection: Connection, account_id: int, audience_id: int, contact_id: int, etag: str) -> Bytes | None:
    """Find the rendition that an ETag names, if it was ever this account's to see."""
    earlier = select(AccountAudience.audience_id).where(AccountAudience.account_id == account_id)
    shown = [
        exists().where(
            or_(table.audience_id == audience_id, table.audience_id.in_(earlier)),
            table.contact_id == contact_id,
            table.rendition_id == Rendition.id,
        )
        for table in (Card, CardPast)
    ]
    return _bytes(connection, contact_id, and_(Rendition.etag == etag, or_(*shown)))


def _bytes(connection: Connection, contact_id: int, wanted: ColumnElement[bool]) -> Bytes | None:
    row = connection.execute(
        select(Rendition.id, Rendition.body)
        .join(Wire, and_(Wire.contact_id == Rendition.contact_id, Wire.state == 0))
        .where(Rendition.contact_id == contact_id, wanted)
    ).first()
    return None if row is None else Bytes(*row)


class ShownCard(NamedTuple):
    """A card as it is: rendition (None: gone), since which seq, and the first seq ever."""

    rendition_id: int | None
    seq: int
    first_seq: int


def find_card(connection: Connection, audience_id: int, contact_id: int) -> ShownCard | None:
    """Find what an audience's card is."""
    row = connection.execute(
        select(Card.rendition_id, Card.seq, Card.first_seq).where(
            Card.audience_id == audience_id, Card.contact_id == contact_id
        )
    ).first()
    return None if row is None else ShownCard(*row)


def find_past(connection: Connection, audience_id: int, contact_id: int, seq: int) -> int | None:
    """Find the rendition that a card had at a seq, before it became what it is."""
    mine = (CardPast.audience_id == audience_id) & (CardPast.contact_id == contact_id)
    return connection.scalar(select(CardPast.rendition_id).where(mine, CardPast.seq <= seq, CardPast.until > seq))


class Past(NamedTuple):
    """One prior rendition of a card."""

    audience_id: int
    contact_id: int
    seq: int
    rendition_id: int


_PAST = (CardPast.audience_id, CardPast.contact_id, CardPast.seq, CardPast.rendition_id)


def list_older(connection: Connection, ended_by: int, limit: int) -> list[Past]:
    """List prior renditions that ended by an instant."""
    rows = connection.execute(select(*_PAST).where(CardPast.ended_at <= ended_by).limit(limit))
    return [Past(*row) for row in rows]


def list_confirmed(connection: Connection, ended_by: int, limit: int) -> list[Past]:
    """List prior renditions that ended by an instant and that no live device needs as a base.

    A device needs them as long as it has not confirmed a newer seq in every book of the audience it was ever issued.
    One that gave the book up for another audience's, and confirmed that, needs none.
    """
    live = and_(Device.revoked_at.is_(None), Account.disabled.is_(False), Delivery.whole != REPLACED)
    floors = (
        select(BookRow.audience_id, func.min(Delivery.confirmed))
        .join(Delivery, Delivery.book_id == BookRow.id)
        .join(Device, Device.id == Delivery.device_id)
        .join(Account, Account.id == Device.account_id)
        .where(live)
        .group_by(BookRow.audience_id)
    )
    floor_of: dict[int, int] = dict(connection.execute(floors).all())
    found: list[Past] = []
    for audience_id in connection.scalars(select(AudienceRow.id)).all():
        statement = select(*_PAST).where(CardPast.audience_id == audience_id, CardPast.ended_at <= ended_by)
        if audience_id in floor_of:
            statement = statement.where(CardPast.until <= floor_of[audience_id])
        found.extend(Past(*row) for row in connection.execute(statement.limit(limit - len(found))))
        if len(found) == limit:
            break
    return found


def forget_pasts(connection: Connection, pasts: Iterable[Past]) -> None:
    """Forget prior renditions, and their bytes where nothing else needs them."""
    gone = list(pasts)
    for past in gone:
        connection.execute(
            delete(CardPast).where(
                CardPast.audience_id == past.audience_id,
                CardPast.contact_id == past.contact_id,
                CardPast.seq == past.seq,
            )
        )
    forget_unneeded(connection, {past.rendition_id for past in gone})


def list_decided(connection: Connection) -> list[int]:
    """List renditions from which a proposal started that is decided, and that nothing else needs."""
    wanted = select(ProposalRow.base_id).where(ProposalRow.state != "open")
    return list(connection.scalars(select(Rendition.id).where(Rendition.id.in_(wanted), *_UNNEEDED)))


_UNNEEDED = (
    ~exists().where(Card.contact_id == Rendition.contact_id, Card.rendition_id == Rendition.id),
    ~exists().where(CardPast.contact_id == Rendition.contact_id, CardPast.rendition_id == Rendition.id),
    ~exists().where(Fetched.contact_id == Rendition.contact_id, Fetched.rendition_id == Rendition.id),
    ~exists().where(
        ProposalRow.contact_id == Rendition.contact_id,
        ProposalRow.base_id == Rendition.id,
        ProposalRow.state == "open",
    ),
)


def forget_unneeded(connection: Connection, rendition_ids: Iterable[int]) -> None:
    """Forget those of some renditions that no card, prior rendition, fetched card or open proposal needs."""
    for chunk in chunks(sorted(rendition_ids)):
        unneeded = connection.scalars(select(Rendition.id).where(Rendition.id.in_(chunk), *_UNNEEDED)).all()
        connection.execute(delete(RenditionSearch).where(RenditionSearch.rendition_id.in_(unneeded)))
        connection.execute(delete(Rendition).where(Rendition.id.in_(unneeded)))


def forget_old_fetches(connection: Connection, before: int) -> None:
    """Forget cards that devices fetched by themselves before an instant, or that are revoked, with their bytes."""
    revoked = select(Device.id).where(Device.revoked_at.is_not(None))
    old = or_(Fetched.fetched_at < before, Fetched.device_id.in_(revoked))
    ids = set(connection.scalars(select(Fetched.rendition_id).where(old)))
    connection.execute(delete(Fetched).where(old))
    forget_unneeded(connection, ids)


def forget_names(connection: Connection, ended_by: int, before: int) -> None:
    """Forget names that all live devices confirmed to be gone, or that were put before an instant."""
    waits = exists().where(
        Delivery.book_id == GoneName.book_id,
        Delivery.confirmed < GoneName.seq,
        Device.id == Delivery.device_id,
        Device.account_id == GoneName.account_id,
        Device.revoked_at.is_(None),
    )
    told = and_(GoneName.gone_at <= ended_by, ~waits)
    connection.execute(
        update(GoneName).where(GoneName.name.is_not(None), or_(told, GoneName.gone_at < before)).values(name=None)
    )
    later = aliased(GoneName)
    same = (later.book_id == GoneName.book_id) & (later.account_id == GoneName.account_id)
    connection.execute(delete(GoneName).where(GoneName.name.is_(None), exists().where(same, later.seq > GoneName.seq)))


def forget_contact(connection: Connection, contact_id: int) -> None:
    """Forget all bytes of a contact that no card shows, now."""
    for table in (CardPast, Fetched, Nudge):
        connection.execute(delete(table).where(table.contact_id == contact_id))
    shown = select(Card.rendition_id).where(Card.contact_id == contact_id, Card.rendition_id.is_not(None))
    gone = select(Rendition.id).where(Rendition.contact_id == contact_id, Rendition.id.not_in(shown))
    connection.execute(delete(RenditionSearch).where(RenditionSearch.rendition_id.in_(gone)))
    connection.execute(delete(Rendition).where(Rendition.id.in_(gone)))
