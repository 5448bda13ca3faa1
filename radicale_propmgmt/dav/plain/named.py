"""Items by their hrefs: what both multigets answer (RFC 6352 §8.7, RFC 4791 §7.9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from radicale_propmgmt.dav.hrefs import find_name
from radicale_propmgmt.dav.multistatus import gone
from radicale_propmgmt.db.repositories import collections as rows

from .pages import write_items

if TYPE_CHECKING:
    from collections.abc import Iterator

    from radicale_propmgmt.dav.multistatus import CardTemplate
    from radicale_propmgmt.dav.xml_request import Multiget

    from .context import Plain


def write_named(plain: Plain, template: CardTemplate, report: Multiget) -> Iterator[bytes]:
    """Write the responses of hrefs, chunk by chunk."""
    names = {href: find_name(href, plain.href, plain.request) for href in report.hrefs}
    if plain.names_item:  # then the one href is to be that item's
        names = {href: name if name == plain.name else None for href, name in names.items()}
    with plain.database.read() as connection:
        found = rows.find_items(connection, plain.get(connection), [name for name in names.values() if name])
    items = list({name: found[name] for name in names.values() if name in found}.values())
    yield from write_items(plain.database, template, items, report.address_data)
    if missing := [href for href, name in names.items() if name not in found]:
        yield gone(missing)
