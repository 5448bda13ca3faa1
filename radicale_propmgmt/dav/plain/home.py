"""What a home's own listing adds for collections of one's own, and for properties that the account set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from radicale_propmgmt.dav.multistatus import response
from radicale_propmgmt.dav.properties import select
from radicale_propmgmt.db.repositories import collections as rows

from .resources import plain_resource

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection

    from radicale_propmgmt.dav.handling import Handling
    from radicale_propmgmt.dav.xml_request import Propfind

    from .stored import Stored


def list_collections(
    handling: Handling, connection: Connection, asked: Propfind, stored: Mapping[str, Stored], epoch: int
) -> Iterator[bytes]:
    """Write the responses of all collections of the viewer."""
    for collection in rows.list_collections(connection, handling.request.viewer.account_id):
        resource = plain_resource(handling, collection, stored.get(collection.segment, {}), epoch)
        yield response(resource.href, select(asked, resource, resource.table), minimal=handling.request.wants_minimal)
