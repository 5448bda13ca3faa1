"""From which day a contact is to be blocked, and its ``comm`` and ``core`` fields to be erased.

Each link or membership of a contact is a strand with its own profile. The contact's days are the latest of all its
strands, so one purpose that still holds keeps it. Records that the law wants kept (vouchers, proofs) and holds defer
erasure, never the block. All is computed from facts alone: it is the same on whatever day it is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from .links import Link
from .periods import day_after
from .retention import (
    BOOKINGS,
    CONSENT_BLOCK,
    CONSENT_RECORD,
    DEFERRING_BLOCKS,
    OPEN_ITEM,
    POSTING_KINDS,
    TERM_BLOCK,
    Anchor,
    Person,
    Posting,
    Profile,
    Profiles,
    Start,
    Step,
)

_BY_EVENTS = frozenset({Start.LAST_EVENT, Start.LAST_CONTACT})


class Term(NamedTuple):
    """A last day up to which something keeps data, None if no day is known yet, and why."""

    last: date | None
    why: str


@dataclass(frozen=True, slots=True)
class Decision:
    """From which day something is to be done, None = no day is known; ``deferred``: but for a hold or record."""

    day: date | None = None
    because: tuple[str, ...] = ()
    deferred: bool = False

    def is_due(self, on: date) -> bool:
        """Tell whether the day has come."""
        return self.day is not None and self.day <= on


@dataclass(frozen=True, slots=True)
class Schedule:
    """What is to be done with one contact, and by which profiles."""

    block: Decision
    comm: Decision
    core: Decision
    profiles: tuple[str, ...] = ()
    unconfirmed: tuple[str, ...] = ()


def schedule(person: Person, profiles: Profiles) -> Schedule:
    """Compute the days of one contact.

    A system contact, one without a group, and one with a link or membership that no profile means has none.
    """
    strands = [(link, profiles.find(link, person.kind)) for link in counted(person.links)]
    if why := _untouchable(person, strands):
        never = Decision(None, (why,))
        return Schedule(never, never, never)
    found = [_strand(person, link, profile) for link, profile in strands if profile is not None]
    used = sorted({profile.name: profile for _, profile in strands if profile is not None}.items())
    core, comm = [strand.core for strand in found], [strand.comm for strand in found]
    if withdrawn := [block for block in person.blocks if block.code == CONSENT_BLOCK]:
        since = min(block.since for block in withdrawn)
        core = comm = [Term(since, f"consent withdrawn and no other basis, blocked on {since}")]
    holds = [*_holds(person)]
    return Schedule(
        block=_latest(strand.block for strand in found),
        comm=_latest(comm, holds),
        core=_latest(core, [*holds, *_records(person, profiles)]),
        profiles=tuple(name for name, _ in used),
        unconfirmed=tuple(name for name, profile in used if not profile.confirmed_by),
    )


def counted(links: Iterable[Link]) -> list[Link]:
    """Leave out plain memberships of groups in which the contact also has links: these say how long."""
    every = list(links)
    linked = {link.group for link in every if link.object_number is not None}
    return [link for link in every if link.object_number is not None or link.group not in linked]


def _untouchable(person: Person, strands: list[tuple[Link, Profile | None]]) -> str:
    if person.system:
        return "predefined contact"
    if not strands:
        return "in no group"
    missing = sorted({_named(link) for link, profile in strands if profile is None})
    return f"no profile for {', '.join(missing)}" if missing else ""


def _named(link: Link) -> str:
    return f"{link.group}/{link.role}" if link.role else link.group


class _Strand(NamedTuple):
    block: Term
    comm: Term
    core: Term


def _strand(person: Person, link: Link, profile: Profile) -> _Strand:
    start = _start(person, link, profile)
    block = _term(profile, profile.core_block, person, {Anchor.START: start}) if profile.core_block else None
    anchors = {Anchor.START: start, Anchor.BLOCK: block or start}
    never = Term(None, f"{profile.name}: never erased")
    core = _term(profile, profile.core_erase, person, anchors) if profile.core_erase else never
    comm = _term(profile, profile.comm_erase, person, anchors) if profile.comm_erase else core
    on_file = [*_kept_on_file(person, profile)]
    return _Strand(*(_later(term, on_file) for term in (block or core, comm, core)))


def _later(term: Term, more: Iterable[Term]) -> Term:
    terms = [term, *more]
    last = _last(terms)
    return next(term for term in terms if term.last == last)


def _term(profile: Profile, step: Step, person: Person, anchors: Mapping[Anchor, Term]) -> Term:
    begin, why = anchors.get(step.anchor, anchors[Anchor.START])
    if begin is None:
        return Term(None, why)
    bookings = [posting.day for posting in person.postings if posting.kind in BOOKINGS]
    if step.anchor is Anchor.POSTING and bookings and max(bookings) > begin:
        begin = max(bookings)
        why = f"{profile.name}: last booking on {begin}"
    return Term(step.after.last_day(begin), f"{why}, {step.after}")


def _start(person: Person, link: Link, profile: Profile) -> Term:
    """Tell when the periods of one strand start."""
    name = profile.name
    ends = [Term(posting.day, f"{name}: {posting.kind} on {posting.day}") for posting in _events(person, profile)]
    until = link.until
    if link.object_number is not None and (until or profile.start is not Start.LAST_CONTACT):
        ends.append(Term(until, f"{name}: link {link.id} {f'ended on {until}' if until else 'has no end'}"))
    elif profile.start is Start.LINK_END:
        ends.append(Term(None, f"{name}: a membership without an end"))
    if profile.start in _BY_EVENTS and not any(term.last for term in ends):
        ends.append(Term(person.added, f"{name}: added on {person.added}"))
    if profile.start is Start.RELATED_END:
        related = [last for kind, last in person.related if kind in profile.relations]
        ends += [Term(last, f"{name}: related contract {f'ended on {last}' if last else 'runs'}") for last in related]
        ends = ends or [Term(None, f"{name}: no related contract is known")]
    return _later(ends[0], ends[1:])


def _events(person: Person, profile: Profile) -> list[Posting]:
    kinds = profile.events or POSTING_KINDS.keys() - {OPEN_ITEM}
    wanted = profile.events or profile.start in _BY_EVENTS
    return [posting for posting in sorted(person.postings) if wanted and posting.kind in kinds]


def _kept_on_file(person: Person, profile: Profile) -> Iterator[Term]:
    if (on_file := profile.on_file) is None:
        return
    for consent in person.consents:
        if consent.purpose == on_file.purpose:
            longest = on_file.at_most.last_day(consent.given)
            last = min(longest, consent.ended) if consent.ended else longest
            yield Term(last, f"{profile.name}: consent {consent.purpose} until {last}")


def _records(person: Person, profiles: Profiles) -> Iterator[Term]:
    """Tell how long the law wants records of the contact kept: they keep its core."""
    for posting in person.postings:
        if rule := profiles.records.get(posting.kind):
            yield Term(rule.keep.last_day(posting.day), f"{posting.kind} of {posting.day} is kept for {rule.keep}")
    if rule := profiles.records.get(CONSENT_RECORD):
        for consent in person.consents:
            if consent.ended is not None:
                why = f"consent {consent.purpose} ended on {consent.ended}, its proof is kept for {rule.keep}"
                yield Term(rule.keep.last_day(consent.ended), why)


def _holds(person: Person) -> Iterator[Term]:
    for hold in person.holds:
        yield Term(hold.until, f"hold {hold.id} ({hold.kind}) until {hold.until or 'it is released'}")
    for block in person.blocks:
        if block.code in DEFERRING_BLOCKS:
            yield Term(None, f"block {block.code} is open")
        elif block.code == TERM_BLOCK:
            yield Term(block.until, f"block {block.code} until {block.until or 'it is lifted'}")
    if open_items := sorted(posting.day for posting in person.postings if posting.kind == OPEN_ITEM):
        yield Term(None, f"open item of {open_items[0]}")


def _last(terms: Iterable[Term]) -> date | None:
    """Return the latest day, None if one is not known."""
    days = [term.last for term in terms]
    known = [day for day in days if day is not None]
    return max(known) if len(known) == len(days) else None


def _latest(strands: Iterable[Term], deferring: Iterable[Term] = ()) -> Decision:
    """Decide for the latest of all terms, with the reasons that set it."""
    own, more = list(strands), list(deferring)
    last, alone = _last([*own, *more]), _last(own)
    because = tuple(dict.fromkeys(term.why for term in [*own, *more] if term.last == last))
    return Decision(day_after(last) if last else None, because, alone is not None and alone != last)
