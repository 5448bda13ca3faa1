"""Named faults, each of which the property tests must find: the source text it changes, and into what."""

from __future__ import annotations

from typing import NamedTuple


class Mutant(NamedTuple):
    """One fault: the text must stand exactly once in the file."""

    name: str
    file: str
    old: str
    new: str


MUTANTS = [
    Mutant(
        "at least instead of more than in the cursor of the whole",
        "projection/reading.py",
        "tuple_(Card.seq, Card.contact_id) > tuple_",
        "tuple_(Card.seq, Card.contact_id + 2**62) >= tuple_",
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
        "return mac(secrets.etag, str(contact_id).encode(), body)",
        "return mac(secrets.etag, str(contact_id).encode())",
    ),
    Mutant(
        "a block does not count",
        "domain/visibility.py",
        "if subject.state is not ContactState.ACTIVE:",
        "if subject.state is ContactState.ERASED:",
    ),
    Mutant(
        "until is off by one day",
        "domain/links.py",
        "(self.until is None or today <= self.until)",
        "(self.until is None or today < self.until)",
    ),
    Mutant(
        "due work is skipped",
        "projection/due.py",
        "if contacts:\n        project(uow, contacts)",
        "if not contacts:\n        project(uow, contacts)",
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
        "every write moves the card, whether its bytes differ or not",
        "projection/project.py",
        "if now is not None and now.etag is not None and now.rendition_id == rendition_id:",
        "if now is not None and now.etag is None and now.rendition_id == rendition_id:",
    ),
]
