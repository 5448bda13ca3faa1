"""Audiences: all accounts to which exactly the same rules, grants and rights apply (DESIGN §2.2)."""

from __future__ import annotations

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Audience:
    """Who asks. Its key never changes when a rule is edited.

    ``login`` is set once any rule, deny or grant ever named the account; until then the account shares the
    audience of all unnamed accounts with the same teams and rights.
    """

    teams: frozenset[str] = frozenset()
    rights: frozenset[str] = frozenset()
    login: str | None = None

    @property
    def key(self) -> str:
        """Canonical text of the audience, unique in the database."""
        return json.dumps([self.login, sorted(self.teams), sorted(self.rights)], ensure_ascii=False)

    @property
    def names(self) -> frozenset[str]:
        """The subjects of rules that mean this audience: ``account:LOGIN`` and ``team:NAME``."""
        own = {f"account:{self.login}"} if self.login is not None else set()
        return frozenset(own | {f"team:{team}" for team in self.teams})

    @classmethod
    def from_key(cls, key: str) -> Audience:
        """Read an audience back from its key."""
        login, teams, rights = json.loads(key)
        return cls(teams=frozenset(teams), rights=frozenset(rights), login=login)
