"""Which value of one card is which value of another: the same, the same with another type, or one that was edited."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Container, Hashable, Sequence

from .meaning import Row

#: What two rows must share to be paired; None = this row does not take part.
Likeness = Callable[[Row], Hashable | None]

#: The value stayed; its parameters, label or types may not have.
SAME_VALUE: tuple[Likeness, ...] = (
    lambda row: row.meaning,
    lambda row: (row.name, row.key, row.types, row.label),
    lambda row: (row.name, row.key, row.types),
    lambda row: (row.name, row.key),
    lambda row: row.key,
)
#: The value was edited in its place.
SAME_PLACE: tuple[Likeness, ...] = (
    lambda row: (row.name, row.types, row.label),
    lambda row: (row.name, row.label) if row.label else None,
)
#: The same, by a client that has no labels.
SAME_TYPES: tuple[Likeness, ...] = (lambda row: (row.name, row.types),)
#: Of these a contact has one.
SINGLE = frozenset({"PHOTO", "GENDER", "X-GENDER"})
ONLY_ONE: tuple[Likeness, ...] = (lambda row: row.name if row.name in SINGLE else None,)


class Pairs:
    """A growing one-to-one assignment of ``left`` rows to ``right`` ones; linear in both."""

    def __init__(self, left: Sequence[Row], right: Sequence[Row]) -> None:
        self.left, self.right = left, right
        self.of: dict[int, int] = {}  # left index → right index
        self._taken: set[int] = set()

    def add(self, likenesses: Sequence[Likeness], among: Container[int] | None = None) -> Pairs:
        """Pair what is still alone, one likeness after the other, each in the order of the cards."""
        for likeness in likenesses:
            if len(self.of) == min(len(self.left), len(self.right)):
                break
            waiting: dict[Hashable, deque[int]] = defaultdict(deque)
            for at, row in enumerate(self.right):
                if at not in self._taken and (shared := likeness(row)) is not None:
                    waiting[shared].append(at)
            for at, row in enumerate(self.left):
                if at in self.of or (among is not None and at not in among):
                    continue
                queue = waiting.get(likeness(row))
                if queue:
                    self.of[at] = queue.popleft()
                    self._taken.add(self.of[at])
        return self

    @property
    def alone(self) -> list[int]:
        """The right rows that nobody was paired with."""
        return [at for at in range(len(self.right)) if at not in self._taken]
