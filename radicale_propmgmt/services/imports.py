"""Import contacts: read and check a file outside any transaction, then take it in batches.

Identity is the key, else the UID. A record equal to the one last imported changes nothing, even if the contact was
edited since. Each record is taken whole or not at all; a rejected one never stops the others.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from radicale_propmgmt.db.repositories import lookups
from radicale_propmgmt.domain.errors import PropmgmtError, UnavailableError, UsageError
from radicale_propmgmt.services.contacts import checked
from radicale_propmgmt.services.import_batches import Batch
from radicale_propmgmt.transfer.csv_file import read_csv
from radicale_propmgmt.transfer.drafts import Draft, ImportReport, Rejected, folded
from radicale_propmgmt.transfer.json_file import read_json
from radicale_propmgmt.transfer.mapping import default_mapping, load_mapping
from radicale_propmgmt.transfer.values import DEFAULT_COUNTRY
from radicale_propmgmt.transfer.vcf_file import read_vcf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from radicale_propmgmt.db.unit_of_work import Database

#: Contacts in one unit of work: long enough to be fast, short enough that nobody waits long for the lock.
BATCH = 500
FORMATS = ("vcf", "csv", "json")


class _NothingKeptError(Exception):
    """Rolls the unit of work of a dry run back."""


def format_of(path: Path) -> str:
    """Name the format by the file's ending.

    Raises:
        UsageError: The ending tells nothing.
    """
    ending = path.suffix.lower().lstrip(".")
    ending = {"vcard": "vcf", "txt": "csv", "tsv": "csv", "jsonl": "json"}.get(ending, ending)
    if ending not in FORMATS:
        raise UsageError("the file's ending tells no format: say --format vcf, csv or json")
    return ending


def import_file(
    database: Database,
    path: Path,
    file_format: str,
    *,
    actor: str,
    group: str | None = None,
    mapping: Path | None = None,
    create_objects: bool | None = None,
    dry_run: bool = False,
    country: str = DEFAULT_COUNTRY,
    reason: str = "",
    progress: Callable[[int, int], None] | None = None,
) -> ImportReport:
    """Import a file of contacts.

    Args:
        database: Where to.
        path: The file.
        file_format: vcf, csv or json.
        actor: Who imports.
        group: Group of records that name none.
        mapping: A mapping file, for csv.
        create_objects: Make objects and units that do not exist; None = as the mapping says.
        dry_run: Do everything, keep nothing.
        country: Country of phone numbers written without one.
        reason: Why, for audit.
        progress: Called with (done, all) after each batch.

    Raises:
        UsageError: The file cannot be read.
        ConfigError: The mapping is wrong.
    """
    report = ImportReport()
    data = _content(path)
    if mapping is not None and file_format != "csv":
        raise UsageError("a mapping belongs to csv files")
    rules = default_mapping() if mapping is None else load_mapping(_text(mapping), str(mapping))
    if file_format == "vcf":
        records = _cards(database, data, group)
    elif file_format == "csv":
        records = read_csv(data, rules, group=group, country=country)
    else:
        records = read_json(data, group=group, country=country)
    create = rules.create_objects if create_objects is None else create_objects
    drafts = folded(list(_valid(records, report)))
    for start in range(0, len(drafts), BATCH):
        part = drafts[start : start + BATCH]
        _take(database, part, report, actor=actor, reason=reason, create=create, dry_run=dry_run)
        if progress is not None:
            progress(min(start + BATCH, len(drafts)), len(drafts))
    report.rejected.sort(key=lambda rejected: rejected.line)
    return report


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None


def _text(path: Path) -> str:
    try:
        return _content(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{path}: not UTF-8") from None


def _cards(database: Database, data: bytes, group: str | None) -> Iterator[Draft | Rejected]:
    with database.read() as connection:
        names = {slug: found.name for slug, found in lookups.groups_by_slug(connection).items()}
        numbers = lookups.objects_by_number(connection).keys()
    return read_vcf(data, group=group, group_names=names, object_numbers=numbers)


def _valid(records: Iterator[Draft | Rejected], report: ImportReport) -> Iterator[Draft]:
    """Let drafts through that can be stored; the others are reported."""
    for record in records:
        if isinstance(record, Rejected):
            report.rejected.append(record)
            continue
        try:
            yield replace(record, data=checked(record.data))
        except UsageError as error:
            field, _, why = str(error).partition(": ")
            report.rejected.append(Rejected(record.line, field, why))


def _take(
    database: Database,
    drafts: list[Draft],
    report: ImportReport,
    *,
    actor: str,
    reason: str,
    create: bool,
    dry_run: bool,
) -> None:
    """Take some drafts in one unit of work; if one of them breaks it, each in its own."""
    batch = Batch(create_objects=create)
    try:
        with database.write(actor) as uow:
            uow.reason = reason
            batch.take(uow, drafts)
            if dry_run:
                raise _NothingKeptError  # noqa: TRY301 - an exception is how a unit of work is rolled back
    except _NothingKeptError:
        pass
    except UnavailableError:
        raise
    except PropmgmtError as error:
        if len(drafts) == 1:
            report.rejected.append(Rejected(drafts[0].line, "-", str(error)))
            return
        for draft in drafts:
            _take(database, [draft], report, actor=actor, reason=reason, create=create, dry_run=dry_run)
        return
    report.added += batch.report.added
    report.changed += batch.report.changed
    report.unchanged += batch.report.unchanged
    report.rejected += batch.report.rejected
