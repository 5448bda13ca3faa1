"""A world whose accounts have devices of all three styles, and such devices behind the real application."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

from radicale import config
from sqlalchemy import select

from radicale_propmgmt.dav.application import Application
from radicale_propmgmt.db.tables import AudienceRow, Device, GroupRow, Wire
from radicale_propmgmt.domain.audiences import GroupStyle
from radicale_propmgmt.domain.books import Layout
from radicale_propmgmt.domain.viewers import Viewer
from radicale_propmgmt.server.configuration import FIXED
from radicale_propmgmt.services import accounts, groups
from radicale_propmgmt.services.logins import log_in
from radicale_propmgmt.vcard.contentline import parse_lines
from radicale_propmgmt.vcard.group_card import is_group_card, read_members
from tests.support.dav import Answer, Client, basic
from tests.support.world import World, write

STYLES = [style.value for style in GroupStyle]


class StyledWorld(World):
    """A login may name the style of the device that asks: ``chef/cards``."""

    def viewer(self, login: str, layout: Layout = Layout.EVERYTHING) -> Viewer:
        name, _, style = login.partition("/")
        viewer = super().viewer(name, layout)
        if style in {"", "categories"}:
            return viewer
        audience = viewer.audience.styled(GroupStyle(style))
        with self.database.read() as connection:
            found = connection.scalar(select(AudienceRow.id).where(AudienceRow.key == audience.key))
        return replace(viewer, audience_id=found, audience=audience, groups_mode=style)

    def add_device(self, login: str, style: str) -> tuple[int, str]:
        with write(self.database) as uow:
            return accounts.add_device(uow, login, style, groups_mode=style)

    def rename_group(self, slug: str, name: str) -> None:
        with write(self.database) as uow:
            groups.rename_group(uow, slug, name)

    def uid(self, contact_id: int) -> str:
        with self.database.read() as connection:
            return connection.scalar(select(Wire.uid).where(Wire.contact_id == contact_id))

    def group_name(self, slug: str) -> str:
        """The name of a group's card in every book that holds it."""
        with self.database.read() as connection:
            number = connection.scalar(select(GroupRow.id).where(GroupRow.slug == slug))
            return connection.scalar(select(Wire.href).where(Wire.contact_id == -number))


@dataclass
class Phone(Client):
    """A device with an app password of its own, from login to answer; it keeps cards and a token."""

    style: str = "cards"
    password: str = ""
    cards: dict[str, str] = field(default_factory=dict)
    at: str = ""

    def __post_init__(self) -> None:
        if not self.password:
            _, self.password = self.world.add_device(self.login, self.style)
        configuration = config.load()
        configuration.update(FIXED, "test", privileged=True)
        self.application: Any = Application(
            self.world.database,
            authenticate=lambda environ: log_in(self.world.database, environ["HTTP_AUTHORIZATION"], "127.0.0.1"),
            public_url="",
            language="de",
            configuration=configuration,
            limits=SimpleNamespace(card_bytes=1024 * 1024, photo_bytes=512 * 1024),
        )

    @property
    def book(self) -> str:
        return f"/{self.login}/alle/"

    def request(self, method: str, path: str, body: Any = b"", headers: Any = None, **environ: Any) -> Answer:
        given = {"Authorization": basic(self.login, self.password), **(headers or {})}
        return super().request(method, path, body, given, **environ)

    def pull(self) -> dict[str, str]:
        """Sync once; returns href → status of what the delta said."""
        answer = self.sync(self.book, self.at)
        assert answer.status == 207, answer.text
        told = {href: status for href, status in answer.statuses.items() if href != self.book}
        etags = answer.texts("D:getetag")
        for href, status in told.items():
            if status == "404":
                self.cards.pop(href, None)
            else:
                self.cards[href] = etags[href]
        self.at = answer.token
        return told

    def bodies(self) -> dict[str, bytes]:
        """Href → body of all cards, by multiget."""
        hrefs = list(self.propfind(self.book, "D:getetag", depth="1").texts("D:getetag"))
        found = self.multiget(self.book, hrefs).texts("CR:address-data")
        return {href: text.encode() for href, text in found.items()}

    def groups(self) -> dict[str, list[str]]:
        """What the phone shows as groups: name → UIDs."""
        cards = [parse_lines(body) for body in self.bodies().values()]
        return dict(read_members(card) for card in cards if is_group_card(card))


def live_devices(world: World) -> list[int]:
    with world.database.read() as connection:
        return list(connection.scalars(select(Device.id).where(Device.revoked_at.is_(None))))
