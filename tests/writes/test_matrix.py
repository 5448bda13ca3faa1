"""Who may do what where: every role, every method, every kind of path, against rules written by hand (security.md E1)."""

from __future__ import annotations

from typing import NamedTuple

from tests.support.dav import DECLARED
from tests.support.world import World

HIDDEN = """
[[deny]]
name = "nobody sees who is vip"
for = ["account:chef", "account:azra", "account:horst", "account:petra"]
tags = ["vip"]
"""
#: Role → the account's login; the last ones are not let in.
ROLES = {
    "writes all": "chef",
    "writes some fields": "azra",
    "reads": "horst",
    "proposes": "petra",
    "has no rules": "rolf",
    "anonymous": None,
    "disabled": "dora",
    "revoked device": "chef",
}
STRANGERS = {"anonymous", "disabled", "revoked device"}
READS = ["OPTIONS", "GET", "HEAD", "PROPFIND", "REPORT"]
CHANGES = ["PUT", "POST", "DELETE", "MOVE", "COPY"]
OTHERS = ["MKCOL", "MKCALENDAR", "PROPPATCH", "PATCH", "LOCK", "UNLOCK", "ACL"]
METHODS = [*READS, *CHANGES, *OTHERS]
#: Names that no card of the viewer's has; what they answer must not differ.
ABSENT = ["hidden card", "blocked card", "random name"]

SYNC = f"<D:sync-collection {DECLARED}><D:sync-token/><D:sync-level>1</D:sync-level><D:prop/></D:sync-collection>"
PATCH = f"<D:propertyupdate {DECLARED}><D:set><D:prop><D:resourcetype/></D:prop></D:set></D:propertyupdate>"


class House(NamedTuple):
    world: World
    names: dict[str, str]
    passwords: dict[str, str]
    card: str  # as the boss is served it


def paths(house: House, login: str) -> dict[str, str]:
    book = f"/{login}/alle/"
    return {
        "root": "/",
        "home": f"/{login}/",
        "book": book,
        "unknown book": f"/{login}/garten/",
        "visible card": book + house.names["anna"],
        "hidden card": book + house.names["hidden"],
        "blocked card": book + house.names["blocked"],
        "random name": book + house.names["random"],
        "card once served": book + house.names["served"],
        "card of an unknown book": f"/{login}/garten/{house.names['random']}",
        "deeper": f"{book}a/b",
        "foreign home": "/olga/",
        "foreign book": "/olga/alle/",
        "foreign card": f"/olga/alle/{house.names['anna']}",
        "nobody's home": "/niemand/",
        "documents": "/documents/",
        "a document": "/documents/a/b.pdf",
        "interface": "/api/v1/contacts",
        "web": "/ui/",
        "inside": "/.web/",
    }
