"""Share rules, compiled: what ``shares.toml`` says, as frozen values (DESIGN §5)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

from .books import BookKind
from .fields import PROFILES, FieldClass, Fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """The ``only`` table of a rule."""

    tenancy: str = "current"  # current | former | any; speaks of the matched link's window
    disclosure: str | None = None
    consent: str | None = None
    tags: frozenset[str] = frozenset()

    @property
    def asks_the_contact(self) -> bool:
        """Tell whether anything but the link is asked."""
        return bool(self.tags or self.disclosure or self.consent)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareRule:
    """One ``[[share]]``. ``objects`` and ``groups`` None mean "*"; dates are inclusive local days."""

    name: str
    subjects: frozenset[str]  # "account:LOGIN", "team:NAME"
    fields: Fields
    objects: frozenset[str] | None = None
    groups: frozenset[str] | None = None
    only: Condition = field(default_factory=Condition)
    consent_fields: tuple[tuple[str, Fields], ...] = ()
    books: frozenset[BookKind] = frozenset({BookKind.ALL})
    write: str | Fields = "none"  # none | visible | field classes
    create: str = "no"  # no | inbox | yes
    delete: str = "refuse"  # refuse | unlink
    on_refused: str = "refuse"  # refuse | propose
    inbox: bool = False
    starts: date | None = None
    until: date | None = None
    external: bool = False
    purpose: str = ""
    legal_basis: str = ""
    line: int = 0

    def is_current(self, today: date) -> bool:
        """Tell whether the rule's window holds today."""
        return (self.starts is None or self.starts <= today) and (self.until is None or today <= self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class DenyRule:
    """One ``[[deny]]``: with ``fields`` it hides those classes, without it hides the contact.

    Selectors that are None do not restrict; a deny matches by one link like a share, whatever the link's window.
    """

    name: str
    subjects: frozenset[str]
    objects: frozenset[str] | None = None
    groups: frozenset[str] | None = None
    tags: frozenset[str] = frozenset()
    fields: Fields = frozenset()
    starts: date | None = None
    until: date | None = None
    line: int = 0

    def is_current(self, today: date) -> bool:
        """Tell whether the deny's window holds today."""
        return (self.starts is None or self.starts <= today) and (self.until is None or today <= self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """All rules of one version; ``version`` 0 is the empty set of a new database (default deny)."""

    version: int = 0
    shares: tuple[ShareRule, ...] = ()
    denies: tuple[DenyRule, ...] = ()
    profiles: dict[str, Fields] = field(default_factory=lambda: dict(PROFILES))

    def shares_for(self, names: frozenset[str]) -> tuple[ShareRule, ...]:
        """List the shares that mean any of these subjects, in file order."""
        return tuple(rule for rule in self.shares if rule.subjects & names)

    def denies_for(self, names: frozenset[str]) -> tuple[DenyRule, ...]:
        """List the denies that mean any of these subjects, in file order."""
        return tuple(rule for rule in self.denies if rule.subjects & names)

    def says_the_same(self, other: RuleSet, names: frozenset[str]) -> bool:
        """Tell whether two versions cannot differ in what these subjects see; where a rule stands does not count."""
        return self.profiles == other.profiles and self._said_of(names) == other._said_of(names)

    def _said_of(self, names: frozenset[str]) -> list[ShareRule | DenyRule]:
        shares, denies = self.shares_for(names), self.denies_for(names)
        return [*(replace(rule, line=0) for rule in shares), *(replace(rule, line=0) for rule in denies)]

    def named_accounts(self) -> frozenset[str]:
        """List the logins that any rule names."""
        subjects = frozenset[str]().union(*(r.subjects for r in self.shares), *(r.subjects for r in self.denies))
        return frozenset(s.removeprefix("account:") for s in subjects if s.startswith("account:"))

    def profile_fields(self, profile: str) -> Fields:
        """Return a profile's field classes; an unknown one shows nothing."""
        return self.profiles.get(profile, frozenset())


__all__ = ["Condition", "DenyRule", "FieldClass", "RuleSet", "ShareRule"]
