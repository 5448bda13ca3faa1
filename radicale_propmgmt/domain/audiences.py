"""Audiences: all accounts to which exactly the same rules, grants and rights apply (DESIGN §2.2)."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from enum import StrEnum


class GroupStyle(StrEnum):
    """How a device is told of groups: no client understands all of it, so each device says what it takes."""

    CATEGORIES = "categories"  # as CATEGORIES of each contact: DAVx5, Thunderbird, Evolution
    CARDS = "cards"  # as one card per group that lists its members: iOS, macOS
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Audience:
    """Who asks. Its key never changes when a rule is edited.

    ``login`` is set once any rule, deny or grant ever named the account; until then the account shares the
    audience of all unnamed accounts with the same teams and rights. An audience of another style than ``categories``
    is a variant: the same rules show it the same contacts, on other cards.
    """

    teams: frozenset[str] = frozenset()
    rights: frozenset[str] = frozenset()
    login: str | None = None
    style: GroupStyle = GroupStyle.CATEGORIES

    @property
    def key(self) -> str:
        """Canonical text of the audience, unique in the database."""
        parts = [self.login, sorted(self.teams), sorted(self.rights)]
        return json.dumps(parts if self.is_base else [*parts, self.style.value], ensure_ascii=False)

    @property
    def is_base(self) -> bool:
        """Tell whether accounts belong to this audience; to a variant only devices do."""
        return self.style is GroupStyle.CATEGORIES

    @property
    def names(self) -> frozenset[str]:
        """The subjects of rules that mean this audience: ``account:LOGIN`` and ``team:NAME``."""
        own = {f"account:{self.login}"} if self.login is not None else set()
        return frozenset(own | {f"team:{team}" for team in self.teams})

    def styled(self, style: GroupStyle) -> Audience:
        """Return the variant of a style, or the base."""
        return replace(self, style=style)

    @classmethod
    def from_key(cls, key: str) -> Audience:
        """Read an audience back from its key."""
        login, teams, rights, *style = json.loads(key)
        found = GroupStyle(style[0]) if style else GroupStyle.CATEGORIES
        return cls(teams=frozenset(teams), rights=frozenset(rights), login=login, style=found)
