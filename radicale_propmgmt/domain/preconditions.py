"""Conditional requests as values: which representation a client says it starts from (RFC 9110 §13.1)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EntityTags:
    """An If-Match or If-None-Match field: ``*``, or entity tags without quotes, each with whether it is weak."""

    is_any: bool = False
    tags: tuple[tuple[str, bool], ...] = ()

    def names(self, etag: str | None, *, weak: bool) -> bool:
        """Tell whether the field names a representation (None: there is none), by strong or weak comparison."""
        if etag is None:
            return False
        return self.is_any or any(tag == etag and (weak or not is_weak) for tag, is_weak in self.tags)

    @property
    def strong(self) -> tuple[str, ...]:
        """The strong tags: what If-Match compares."""
        return tuple(tag for tag, is_weak in self.tags if not is_weak)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preconditions:
    """The preconditions of one request; None = the field was not sent."""

    if_match: EntityTags | None = None
    if_none_match: EntityTags | None = None

    def fail(self, etag: str | None) -> bool:
        """Tell whether a write must be refused with 412, given the current ETag; None = nothing is there.

        If-Match compares strongly, If-None-Match weakly (RFC 9110 §13.1.1, §13.1.2).
        """
        if self.if_match is not None and not self.if_match.names(etag, weak=False):
            return True
        return self.if_none_match is not None and self.if_none_match.names(etag, weak=True)


UNCONDITIONAL = Preconditions()
