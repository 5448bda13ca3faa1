"""What each family of clients can hold and show of a card: what it cannot show, it never means to delete.

A client that writes a card back leaves out what its own data model has no room for. Taken as it stands, that would
delete the fourth e-mail address of everybody who is edited in Outlook. So a missing property counts as deleted only
if the client would have shown it, and held that very value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Slot:
    """Room for ``count`` values of a property that are of these ``types``, no more and no less (None = of any).

    Types that no slot of the property names do not matter. ``or_any``: where no value has these types, the first one
    that is left takes the place.
    """

    name: str
    types: frozenset[str] | None
    count: int
    or_any: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """One client family.

    ``shows`` are the properties its user can see and remove, by name in upper case. ``holds_all`` is a store of texts:
    whatever is missing was removed. ``slots`` limit how many values of a property it has room for; a property without
    a slot has no limit. ``types`` are the TYPE values it tells apart (None = any); a type outside them gets lost on
    the way. ``own`` are starts of property names that it writes on its own account: they are no edit.
    """

    name: str
    shows: frozenset[str] = frozenset()
    holds_all: bool = False
    shows_labels: bool = False
    slots: tuple[Slot, ...] = ()
    types: frozenset[str] | None = None
    own: tuple[str, ...] = ()

    def can_show(self, name: str) -> bool:
        """Tell whether a missing property of this name was removed by the user."""
        return self.holds_all or name in self.shows

    def is_own(self, name: str) -> bool:
        """Tell whether the program writes this property by itself."""
        return bool(self.own) and name.startswith(self.own)

    def tells_apart(self, types: frozenset[str]) -> bool:
        """Tell whether a TYPE of these values survives in this client."""
        return self.types is None or types <= self.types

    def held(self, name: str, types: Sequence[frozenset[str]]) -> set[int]:
        """Choose which of a property's values the client has room for.

        Args:
            name: Of the property.
            types: The TYPE values of each, in the order of the card.

        Returns:
            Their indices.
        """
        slots = [slot for slot in self.slots if slot.name == name]
        if not slots:
            return set(range(len(types)))
        known = frozenset[str]().union(*(slot.types for slot in slots if slot.types))
        chosen: set[int] = set()
        for slot in slots:
            free = [at for at in range(len(types)) if at not in chosen]
            fitting = [at for at in free if slot.types is None or types[at] & known == slot.types]
            chosen.update((fitting or (free if slot.or_any else []))[: slot.count])
        return chosen


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _slots(name: str, *rooms: tuple[str, int]) -> tuple[Slot, ...]:
    return tuple(Slot(name, _names(types), count) for types, count in rooms)


#: What every program with a contact form shows.
_USUAL = _names("N ORG TITLE TEL EMAIL ADR URL BDAY NOTE NICKNAME")
_PHONETIC = _names("X-PHONETIC-FIRST-NAME X-PHONETIC-MIDDLE-NAME X-PHONETIC-LAST-NAME")
_RELATIONS_OF_OUTLOOK = _names("X-SPOUSE X-MANAGER X-ASSISTANT")

#: Nothing that is missing was removed: who asks is not known, or what it can do is not.
UNKNOWN = Capabilities(name="unknown")

# clients.md §1.6, traces.md §4.3: a store of files or texts that syncs what it has, byte for byte.
VDIRSYNCER = Capabilities(name="vdirsyncer", holds_all=True, shows_labels=True)

# clients.md §1.5, domain.md §5 (TB): keeps the vCard's text and edits in place; typed TEL, ADR, EMAIL, URL and
# X-CUSTOM1–4 are shown, labels are not. Of TYPE it offers these.
THUNDERBIRD = Capabilities(
    name="Thunderbird",
    shows=_USUAL | _names("ROLE ANNIVERSARY IMPP PHOTO TZ X-CUSTOM1 X-CUSTOM2 X-CUSTOM3 X-CUSTOM4"),
    types=_names("HOME WORK CELL FAX PAGER"),
)

# clients.md §1.1, §1.5: an add-on to Thunderbird with a form of its own; groups are CATEGORIES.
CARDBOOK = Capabilities(
    name="CardBook",
    shows=THUNDERBIRD.shows | {"CATEGORIES"},
    types=THUNDERBIRD.types,
)

# clients.md §1.2, domain.md §5 (A): unknown properties are kept; SORT-STRING, SOURCE and LABEL dropped, several NOTEs
# joined, LOGO and SOUND dropped over 25 KB: none of these is ever a deletion. Custom labels are shown. Groups by
# default are cards of their own, so a missing CATEGORIES says nothing. It writes LABEL of an ADR by itself.
DAVX5 = Capabilities(
    name="DAVx5",
    shows=_USUAL | _PHONETIC | _names("ROLE ANNIVERSARY IMPP PHOTO RELATED X-ABRELATEDNAMES"),
    shows_labels=True,
    own=("X-DAVDROID-", "LABEL"),
)

# clients.md §1.3, §1.4, domain.md §5 (i), W3: 3.0 with item groups and X-ABLabel; CATEGORIES, ROLE and ANNIVERSARY are
# not shown; a missing X- property of others is never a deletion. Newer systems add what they keep about pictures.
APPLE = Capabilities(
    name="Apple",
    shows=_USUAL | _PHONETIC | _names("IMPP PHOTO X-SOCIALPROFILE X-ABRELATEDNAMES X-ABSHOWAS"),
    shows_labels=True,
    types=_names("HOME WORK CELL MAIN FAX PAGER IPHONE"),
    own=("X-ABUID", "X-IMAGE", "X-SHARED-PHOTO-", "X-WALLPAPER", "X-ADDRESSING-GRAMMAR"),
)

# clients.md §1.7, domain.md §5 (O), W3: three e-mail addresses (the first at home, the first at work, one more), fixed
# places for numbers, one address each of home, work and other; the first NOTE only; relations as X-SPOUSE and the like.
OUTLOOK = Capabilities(
    name="Outlook CalDav Synchronizer",
    shows=_USUAL | _RELATIONS_OF_OUTLOOK | _names("ROLE PHOTO CATEGORIES"),
    slots=(
        Slot("EMAIL", _names("HOME"), 1, or_any=True),
        Slot("EMAIL", _names("WORK"), 1, or_any=True),
        Slot("EMAIL", None, 1),
        *_slots("TEL", ("FAX HOME", 1), ("FAX WORK", 1), ("FAX", 1), ("PAGER", 1), ("CAR", 1), ("ISDN", 1)),
        *_slots("TEL", ("CELL", 1), ("MAIN", 1), ("WORK", 2), ("HOME", 2), ("", 1)),
        *_slots("ADR", ("HOME", 1), ("WORK", 1), ("", 1)),
        *_slots("URL", ("HOME", 1), ("WORK", 1), ("", 1)),
        Slot("IMPP", None, 1),
    ),
    types=_names("HOME WORK CELL FAX PAGER CAR ISDN MAIN"),
)

# clients.md §1.6, traces.md §4.2: vCard text edited in place; its own X-EVOLUTION- properties and parameters, and a
# LABEL beside each ADR, are written with every change.
EVOLUTION = Capabilities(
    name="Evolution",
    shows=_USUAL | _RELATIONS_OF_OUTLOOK | _names("ROLE ANNIVERSARY IMPP PHOTO CATEGORIES"),
    slots=_slots("ADR", ("HOME", 1), ("WORK", 1), ("", 1)),
    own=("X-EVOLUTION-", "LABEL"),
)

# clients.md §1.6: KAddressBook through KDAV; groups by CATEGORIES; other custom fields are kept.
KDAV = Capabilities(
    name="KDAV",
    shows=_USUAL | _names("ROLE ANNIVERSARY IMPP PHOTO CATEGORIES"),
    own=("X-KADDRESSBOOK-",),
)

# traces.md §4.3: syncs the address book of whatever it runs on, through a field list of its own.
SYNCEVOLUTION = Capabilities(
    name="SyncEvolution",
    shows=_names("N ORG TITLE TEL EMAIL ADR URL BDAY NOTE"),
    slots=_slots("ADR", ("HOME", 1), ("WORK", 1), ("", 1)),
    own=("X-EVOLUTION-", "X-SYNCEVOLUTION-"),
)

# clients.md §1.8: a telephone: names and numbers, written back; everything else is out of its sight.
FRITZBOX = Capabilities(
    name="FRITZ!Box",
    shows=_names("TEL"),
    slots=_slots("TEL", ("CELL", 1), ("FAX", 1), ("WORK", 1), ("HOME", 1)),
    types=_names("HOME WORK CELL FAX"),
)

# clients.md §1.1: Roundcube's contact form; groups by CATEGORIES or as cards, so a missing CATEGORIES says nothing.
RCMCARDDAV = Capabilities(
    name="rcmcarddav",
    shows=_USUAL | _names("ANNIVERSARY PHOTO"),
)

#: Text in the User-Agent (lower case) → family; the first that fits counts.
_BY_USER_AGENT: tuple[tuple[str, Capabilities], ...] = (
    ("cardbook", CARDBOOK),
    ("thunderbird/", THUNDERBIRD),
    ("davx5/", DAVX5),
    ("caldavsynchronizer/", OUTLOOK),
    ("syncevolution", SYNCEVOLUTION),
    ("evolution/", EVOLUTION),
    ("kde dav groupware client", KDAV),
    ("vdirsyncer/", VDIRSYNCER),
    ("fritz!", FRITZBOX),
    ("rcm carddav plugin", RCMCARDDAV),
    ("rcmcarddav", RCMCARDDAV),
    ("dataaccessd/", APPLE),
    ("accountsd/", APPLE),
    ("addressbookcore/", APPLE),
    ("addressbooksourcesync/", APPLE),
    (" addressbook/", APPLE),
)


def capabilities_of(user_agent: str) -> Capabilities:
    """Name what the client can hold and show; whoever is not known deletes nothing by leaving it out."""
    text = user_agent.lower()
    return next((family for start, family in _BY_USER_AGENT if start in text), UNKNOWN)
