"""Named faults, each of which the property tests must find: the source text it changes, and into what."""

from __future__ import annotations

from typing import NamedTuple

HISTORIES = "tests/projection/test_incremental_equals_fresh.py"
ONE_ANSWER = "tests/invariants/test_i4_one_answer.py"


class Mutant(NamedTuple):
    """One fault: the text must stand exactly once in the file; ``found_by`` is the property that fails."""

    name: str
    file: str
    old: str
    new: str
    found_by: str = HISTORIES


MUTANTS = [
    Mutant(
        "a delta lists what changed at the token, not after it",
        "projection/statements.py",
        "tuple_(Card.seq, Card.contact_id) > cursor,",
        'Card.seq >= bindparam("seq"),',
    ),
    Mutant(
        "a card that the device first got with its token is not told to be gone",
        "projection/statements.py",
        "or_(Card.etag.is_not(None), Card.first_seq <= since),",
        "or_(Card.etag.is_not(None), Card.first_seq < since),",
    ),
    Mutant(
        "the book of the old group is forgotten",
        "projection/project.py",
        "if live != place.live or (live and moved):",
        "if live and (moved or not place.live):",
    ),
    Mutant(
        "a place does not move with its card",
        "projection/project.py",
        "if live != place.live or (live and moved):",
        "if live != place.live:",
    ),
    Mutant(
        "the ETag does not depend on the profile",
        "projection/wanted.py",
        "(etag_of(self.secrets, contact.id, body), body)",
        "(etag_of(self.secrets, contact.id, repr(contact).encode()), body)",
    ),
    Mutant(
        "a block does not count",
        "domain/visibility.py",
        "if subject.state is not ContactState.ACTIVE:",
        "if subject.state is ContactState.ERASED:",
    ),
    Mutant(
        "a listing does not look at the state",
        "projection/statements.py",
        ".join(Wire, and_(Wire.contact_id == Card.contact_id, _ACTIVE))",
        ".join(Wire, Wire.contact_id == Card.contact_id)",
    ),
    Mutant(
        "the delta of a slice does not look at the state",
        "projection/statements.py",
        "alive = case((and_(_ACTIVE, Place.live.is_(True)), Card.etag), else_=null())",
        "alive = case((Place.live.is_(True), Card.etag), else_=null())",
    ),
    Mutant(
        "a delta drops what the state hides (M11)",
        "projection/statements.py",
        "        .join(Wire, Wire.contact_id == Card.contact_id)\n        .where(\n            Card",
        "        .join(Wire, and_(Wire.contact_id == Card.contact_id, _ACTIVE))\n        .where(\n            Card",
    ),
    Mutant(
        "a card found by its name does not look at the state",
        "projection/statements.py",
        ".where(wanted, _ACTIVE)",
        ".where(wanted)",
    ),
    Mutant(
        "until is off by one day",
        "domain/links.py",
        "(self.until is None or today <= self.until)",
        "(self.until is None or today < self.until)",
    ),
    Mutant(
        "a right ends a day late",
        "domain/windows.py",
        "return None if until is None or until == date.max else until + _DAY",
        "return None if until is None or until == date.max else until + 2 * _DAY",
    ),
    Mutant(
        "due work is skipped until somebody writes",
        "projection/due.py",
        "if head.next_due is None or head.next_due > effective_now(database, head):",
        "if head.next_due is None or head.next_due > head.now:",
    ),
    Mutant(
        "due work of a second later is done",
        "projection/due.py",
        "if head.next_due is None or head.next_due > effective_now(database, head):",
        "if head.next_due is None or head.next_due >= effective_now(database, head):",
    ),
    Mutant(
        "the window of a rule is skipped",
        "projection/due.py",
        "project_audience(uow, due_audience)",
        "uow.connection.execute(Due.__table__.delete().where(Due.audience_id == due_audience))",
    ),
    Mutant(
        "the tombstone is dropped",
        "projection/project.py",
        'values(seq=bindparam("n"), rendition_id=None, etag=None)',
        "values(rendition_id=None, etag=None)",
    ),
    Mutant(
        "first_seq is reset when a card returns (M3)",
        "projection/project.py",
        'values(seq=bindparam("n"), rendition_id=bindparam("r"), etag=bindparam("e"))',
        'values(seq=bindparam("n"), first_seq=bindparam("n"), rendition_id=bindparam("r"), etag=bindparam("e"))',
    ),
    Mutant(
        "a paged answer has no contact in its cursor (M4)",
        "projection/reading.py",
        "SyncToken(whole.epoch, whole.book, last.seq, last.contact_id)",
        "SyncToken(whole.epoch, whole.book, last.seq)",
    ),
    Mutant(
        "a deny that names fields is ignored",
        "domain/visibility.py",
        "if fields and deny_matches(deny, subject, today):",
        "if fields and not deny.fields and deny_matches(deny, subject, today):",
    ),
    Mutant(
        "neighbours keep the name of a blocked person (M5)",
        "projection/project.py",
        "    ids |= related_ids(uow.connection, ids)\n",
        "",
    ),
    Mutant(
        "a card that the new audience never had stays on the device",
        "projection/reading.py",
        "rows = list_cards(connection, book) + _gone_with_audience(connection, origin, book, token)",
        "rows = list_cards(connection, book)",
    ),
    Mutant(
        "every write moves the card, whether its bytes differ or not (M9)",
        "projection/project.py",
        "if now is not None and now.etag is not None and now.rendition_id == rendition_id:",
        "if now is not None and now.etag is None and now.rendition_id == rendition_id:",
    ),
    Mutant(
        "a relation tells the name of a person who is blocked",
        "projection/wanted.py",
        "if FieldClass.NAME in fields:",
        "if FieldClass.NAME in fields or self.subjects[other.id].state == 'restricted':",
        ONE_ANSWER,
    ),
]
