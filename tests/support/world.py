"""A small world for projection tests: writes rows directly and keeps a plain model of them as judge."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from radicale_propmgmt.db.repositories.audiences import find_account
from radicale_propmgmt.db.tables import (
    Account,
    AccountTeam,
    AudienceRow,
    ConsentRow,
    ContactRow,
    ContactTag,
    ContactValue,
    Device,
    DisclosureRow,
    GrantRow,
    GroupRow,
    LinkRow,
    Membership,
    ObjectRow,
    RelationRow,
    Team,
    UnitRow,
    Wire,
)
from radicale_propmgmt.domain.audiences import Audience
from radicale_propmgmt.domain.books import Book, Layout
from radicale_propmgmt.domain.viewers import Viewer
from radicale_propmgmt.projection import audiences, bookshelf, due, reading
from radicale_propmgmt.projection.project import project, project_everything
from radicale_propmgmt.projection.rules import rules_of, store_version

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from radicale_propmgmt.db.unit_of_work import Database, UnitOfWork
    from radicale_propmgmt.domain.changes import SyncToken
    from radicale_propmgmt.projection.reading import SyncPage


def write(database: Database) -> UnitOfWork:
    return database.write("test")


@dataclass
class World:
    """Writes through the tables and ``project``; names of things are their ids."""

    database: Database
    groups: dict[str, int] = field(default_factory=dict)
    objects: dict[str, int] = field(default_factory=dict)
    units: dict[tuple[str, str], int] = field(default_factory=dict)

    def add_group(self, slug: str, name: str | None = None) -> None:
        with write(self.database) as uow:
            found = uow.connection.scalar(select(GroupRow.id).where(GroupRow.slug == slug))
            self.groups[slug] = (
                found
                or uow.connection.execute(
                    insert(GroupRow)
                    .values(slug=slug, name=name or slug.capitalize(), system=False)
                    .returning(GroupRow.id)
                ).scalar_one()
            )

    def add_object(self, number: str, name: str = "Haus") -> None:
        with write(self.database) as uow:
            self.objects[number] = uow.connection.execute(
                insert(ObjectRow)
                .values(number=number, name=name, street="", postal_code="", city="", controller="")
                .returning(ObjectRow.id)
            ).scalar_one()

    def rename_object(self, number: str, name: str) -> None:
        with write(self.database) as uow:
            uow.connection.execute(update(ObjectRow).where(ObjectRow.number == number).values(name=name))
            ids = uow.connection.scalars(
                select(LinkRow.contact_id).where(LinkRow.object_id == self.objects[number])
            ).all()
            project(uow, ids)

    def add_account(self, login: str, teams: Iterable[str] = ()) -> int:
        with write(self.database) as uow:
            account_id = uow.connection.execute(
                insert(Account)
                .values(
                    login=login,
                    name=login.capitalize(),
                    disabled=False,
                    external=False,
                    named=False,
                    audience_id=audiences.ensure(uow, Audience()),
                    created_at=uow.now,
                )
                .returning(Account.id)
            ).scalar_one()
            self._set_teams(uow, account_id, teams)
            audiences.assign(uow, account_id)
            return account_id

    def set_teams(self, login: str, teams: Iterable[str]) -> None:
        with write(self.database) as uow:
            account_id = uow.connection.scalar(select(Account.id).where(Account.login == login))
            self._set_teams(uow, account_id, teams)
            audiences.assign(uow, account_id)

    def _set_teams(self, uow: UnitOfWork, account_id: int, teams: Iterable[str]) -> None:
        uow.connection.execute(delete(AccountTeam).where(AccountTeam.account_id == account_id))
        for name in teams:
            team_id = (
                uow.connection.scalar(select(Team.id).where(Team.name == name))
                or uow.connection.execute(insert(Team).values(name=name).returning(Team.id)).scalar_one()
            )
            uow.connection.execute(insert(AccountTeam).values(account_id=account_id, team_id=team_id))

    def add_contact(
        self,
        family: str,
        *,
        given: str = "Anna",
        groups: Iterable[str] = (),
        phone: str | None = "+49 30 23125000",
        email: str | None = "anna@example.org",
        tags: Iterable[str] = (),
        key: str | None = None,
        contact_id: int | None = None,
        **wire: object,
    ) -> int:
        """Add a contact; its number, and columns of its wire row (href, uid, state), are made up unless given."""
        fixed = {} if contact_id is None else {"id": contact_id}
        with write(self.database) as uow:
            contact_id = uow.connection.execute(
                insert(ContactRow)
                .values(
                    **fixed,
                    key=key,
                    kind="person",
                    protected=False,
                    system=False,
                    family=family,
                    given=given,
                    name_extra=[],
                    organisation=[],
                    created_at=uow.now,
                    changed_at=uow.now,
                    **dict.fromkeys(
                        [
                            "additional",
                            "prefix",
                            "suffix",
                            "nickname",
                            "formatted",
                            "sort_as",
                            "phonetic_given",
                            "phonetic_family",
                            "salutation",
                            "letter_salutation",
                            "title",
                            "role",
                            "expertise",
                            "birthday",
                            "anniversary",
                            "deathdate",
                            "note",
                            "internal_note",
                            "search_key",
                            "source_hash",
                        ],
                        "",
                    ),
                )
                .returning(ContactRow.id)
            ).scalar_one()
            uow.connection.execute(
                insert(Wire).values(
                    {
                        "contact_id": contact_id,
                        "href": f"{uuid.uuid4()}.vcf",
                        "uid": str(uuid.uuid4()),
                        "uid_mac": "",
                        "state": 0,
                        **wire,
                    }
                )
            )
            self._set_values(uow, contact_id, phone, email)
            for slug in groups:
                uow.connection.execute(insert(Membership).values(contact_id=contact_id, group_id=self.groups[slug]))
            for tag in tags:
                uow.connection.execute(insert(ContactTag).values(contact_id=contact_id, tag=tag))
            project(uow, [contact_id])
            return contact_id

    def _set_values(self, uow: UnitOfWork, contact_id: int, phone: str | None, email: str | None) -> None:
        uow.connection.execute(delete(ContactValue).where(ContactValue.contact_id == contact_id))
        rows = []
        if phone:
            rows.append(("TEL", phone, [["TYPE", ["CELL"]]]))
        if email:
            rows.append(("EMAIL", email, []))
        for position, (name, value, params) in enumerate(rows):
            uow.connection.execute(
                insert(ContactValue).values(
                    contact_id=contact_id, position=position, name=name, value=value, params=params, label=None
                )
            )

    def set_values(self, contact_id: int, *, phone: str | None, email: str | None) -> None:
        with write(self.database) as uow:
            self._set_values(uow, contact_id, phone, email)
            project(uow, [contact_id])

    def set_columns(self, contact_id: int, **columns: object) -> None:
        with write(self.database) as uow:
            uow.connection.execute(update(ContactRow).where(ContactRow.id == contact_id).values(**columns))
            project(uow, [contact_id])

    def set_tags(self, contact_id: int, tags: Iterable[str]) -> None:
        with write(self.database) as uow:
            uow.connection.execute(delete(ContactTag).where(ContactTag.contact_id == contact_id))
            for tag in tags:
                uow.connection.execute(insert(ContactTag).values(contact_id=contact_id, tag=tag))
            project(uow, [contact_id])

    def add_link(
        self,
        contact_id: int,
        number: str,
        group: str,
        *,
        unit: str | None = None,
        starts: date | None = None,
        until: date | None = None,
        role: str | None = None,
    ) -> int:
        with write(self.database) as uow:
            unit_id = None
            if unit is not None:
                unit_id = self.units.get((number, unit))
                if unit_id is None:
                    unit_id = self.units[number, unit] = uow.connection.execute(
                        insert(UnitRow).values(object_id=self.objects[number], name=unit).returning(UnitRow.id)
                    ).scalar_one()
            link_id = uow.connection.execute(
                insert(LinkRow)
                .values(
                    contact_id=contact_id,
                    object_id=self.objects[number],
                    unit_id=unit_id,
                    group_id=self.groups[group],
                    role=role,
                    starts=starts,
                    until=until,
                )
                .returning(LinkRow.id)
            ).scalar_one()
            project(uow, [contact_id])
            return link_id

    def end_link(self, link_id: int, until: date) -> None:
        with write(self.database) as uow:
            uow.connection.execute(update(LinkRow).where(LinkRow.id == link_id).values(until=until))
            project(uow, [uow.connection.scalar(select(LinkRow.contact_id).where(LinkRow.id == link_id))])

    def set_memberships(self, contact_id: int, groups: Iterable[str]) -> None:
        with write(self.database) as uow:
            uow.connection.execute(delete(Membership).where(Membership.contact_id == contact_id))
            for slug in groups:
                uow.connection.execute(insert(Membership).values(contact_id=contact_id, group_id=self.groups[slug]))
            project(uow, [contact_id])

    def set_state(self, contact_id: int, state: int) -> None:
        """0 active, 1 restricted, 2 erased."""
        with write(self.database) as uow:
            uow.connection.execute(update(Wire).where(Wire.contact_id == contact_id).values(state=state))
            project(uow, [contact_id])

    def grant(
        self, contact_id: int, to: str, profile: str, *, starts: date | None = None, until: date | None = None
    ) -> int:
        with write(self.database) as uow:
            if to.startswith("account:"):
                audiences.name_account(uow, to.removeprefix("account:"))
            grant_id = uow.connection.execute(
                insert(GrantRow)
                .values(
                    {
                        "contact_id": contact_id,
                        "subject": to,
                        "profile": profile,
                        "starts": starts,
                        "until": until,
                        "reason": "",
                        "granted_at": uow.now,
                        "revoked_at": None,
                    }
                )
                .returning(GrantRow.id)
            ).scalar_one()
            project(uow, [contact_id])
            return grant_id

    def revoke(self, grant_id: int) -> None:
        with write(self.database) as uow:
            uow.connection.execute(update(GrantRow).where(GrantRow.id == grant_id).values(revoked_at=uow.now))
            project(uow, [uow.connection.scalar(select(GrantRow.contact_id).where(GrantRow.id == grant_id))])

    def consent(self, contact_id: int, purpose: str, given_on: date, valid_until: date | None = None) -> int:
        with write(self.database) as uow:
            consent_id = uow.connection.execute(
                insert(ConsentRow)
                .values(
                    contact_id=contact_id,
                    purpose=purpose,
                    text_version="",
                    channel="",
                    proof="",
                    given_on=given_on,
                    valid_until=valid_until,
                    withdrawn_at=None,
                )
                .returning(ConsentRow.id)
            ).scalar_one()
            project(uow, [contact_id])
            return consent_id

    def withdraw(self, consent_id: int) -> None:
        with write(self.database) as uow:
            uow.connection.execute(update(ConsentRow).where(ConsentRow.id == consent_id).values(withdrawn_at=uow.now))
            project(uow, [uow.connection.scalar(select(ConsentRow.contact_id).where(ConsentRow.id == consent_id))])

    def disclose(self, contact_id: int, purpose: str, until: date | None = None) -> None:
        with write(self.database) as uow:
            uow.connection.execute(
                insert(DisclosureRow).values(
                    contact_id=contact_id,
                    purpose=purpose,
                    recipient="",
                    basis="",
                    starts=None,
                    until=until,
                    ended_at=None,
                )
            )
            project(uow, [contact_id])

    def relate(self, contact_id: int, other_id: int, kind: str = "ehepartner") -> None:
        with write(self.database) as uow:
            for one, two in ((contact_id, other_id), (other_id, contact_id)):
                uow.connection.execute(insert(RelationRow).values(contact_id=one, other_id=two, type=kind))
            project(uow, [contact_id])

    def apply(self, text: str) -> None:
        with write(self.database) as uow:
            before = rules_of(uow)
            rules = store_version(uow, text, sha256(text.encode()).hexdigest())
            audiences.name_accounts(uow, rules.named_accounts())
            project_everything(uow, before)

    def add_device(self, login: str) -> int:
        """An app password; nobody logs in with it here."""
        with write(self.database) as uow:
            account_id = uow.connection.scalar(select(Account.id).where(Account.login == login))
            return uow.connection.execute(
                insert(Device)
                .values(account_id=account_id, label="", secret_mac=uuid.uuid4().bytes, created_at=uow.now)
                .returning(Device.id)
            ).scalar_one()

    def revoke_device(self, device_id: int) -> None:
        with write(self.database) as uow:
            uow.connection.execute(update(Device).where(Device.id == device_id).values(revoked_at=uow.now))

    def viewer(self, login: str, layout: Layout = Layout.EVERYTHING, device_id: int | None = None) -> Viewer:
        with self.database.read() as connection:
            audience = find_account(connection, login)
            row = connection.execute(
                select(Account.id, Account.audience_id)
                .join(AudienceRow, AudienceRow.id == Account.audience_id)
                .where(Account.login == login)
            ).one()
        return Viewer(
            account_id=row.id,
            login=login,
            audience_id=row.audience_id,
            audience=audience,
            device_id=device_id,
            layout=layout,
        )

    def books(self, login: str, layout: Layout = Layout.EVERYTHING) -> dict[str, Book]:
        viewer = self.viewer(login, layout)
        with self.database.read() as connection:
            return {book.segment: book for book in bookshelf.list_books(connection, viewer)}

    def find_book(self, login: str, segment: str) -> Book | None:
        with self.database.read() as connection:
            return bookshelf.find_book(connection, self.viewer(login), segment)

    def listing(self, login: str, segment: str = "alle") -> dict[str, str]:
        """What a fresh PROPFIND would list: href → ETag."""
        due.ensure_current(self.database, self.viewer(login).audience_id)
        book = self.find_book(login, segment)
        if book is None:
            return {}
        with self.database.read() as connection:
            return {row.href: row.etag for row in reading.list_cards(connection, book)}

    def contents(self, login: str, segment: str = "alle") -> dict[int, bytes]:
        """Contact id → bytes as served."""
        due.ensure_current(self.database, self.viewer(login).audience_id)
        book = self.find_book(login, segment)
        if book is None:
            return {}
        with self.database.read() as connection:
            rows = reading.list_cards(connection, book)
            found = reading.bodies(connection, [row.rendition_id for row in rows])
        return {row.contact_id: found[row.rendition_id] for row in rows}

    def token(self, login: str, segment: str = "alle") -> SyncToken | None:
        viewer = self.viewer(login)
        head = due.ensure_current(self.database, viewer.audience_id)
        book = self.find_book(login, segment)
        if book is None:
            return None
        with self.database.read() as connection:
            return reading.current_token(connection, book, head.epoch)


@dataclass
class DeviceDouble:
    """A client that knows only hrefs, ETags and a token, and syncs one book."""

    world: World
    login: str
    segment: str
    cards: dict[str, str] = field(default_factory=dict)
    token: SyncToken | None = None

    def copy(self) -> DeviceDouble:
        return replace(self, cards=dict(self.cards))

    def ask(self, limit: int | None = None) -> SyncPage | None:
        """What a sync would answer now; None where there is no such book yet."""
        viewer = self.world.viewer(self.login)
        head = due.ensure_current(self.world.database, viewer.audience_id)
        with self.world.database.read() as connection:
            book = bookshelf.find_book(connection, viewer, self.segment)
            if book is None:
                return None
            return reading.changes_since(connection, viewer, book, self.token, head.epoch, limit)

    def sync(self, limit: int | None = None, pages: int | None = None) -> None:
        """Sync until nothing is truncated, or for so many pages."""
        count = 0
        while page := self.ask(limit):
            assert page.token != self.token or not page.truncated, "a cut page leads nowhere"
            for row in page.rows:
                if row.etag is None:
                    self.cards.pop(row.href, None)
                else:
                    self.cards[row.href] = row.etag
            self.token = page.token
            count += 1
            if not page.truncated or count == pages:
                return
