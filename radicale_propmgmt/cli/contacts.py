"""``propmgmt contacts``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from radicale_propmgmt.cli import history, inbox, proposals
from radicale_propmgmt.cli.context import Work, emit, emit_one, json_option, mutating, reading
from radicale_propmgmt.cli.imports import import_contacts
from radicale_propmgmt.cli.options import PAIR, blocked_option, contact_argument, require_shown
from radicale_propmgmt.db.repositories import listings
from radicale_propmgmt.db.repositories.contacts import load_contacts, load_subjects
from radicale_propmgmt.domain.contacts import Contact, ContactData, ContactKind
from radicale_propmgmt.runtime import Core
from radicale_propmgmt.services import contacts, exports
from radicale_propmgmt.services.entry import entered, find_contacts
from radicale_propmgmt.transfer.json_export import to_record
from radicale_propmgmt.transfer.merging import own_data
from radicale_propmgmt.vcard.card import formatted_name
from radicale_propmgmt.vcard.values import split_structured, unescape


@click.group(name="contacts")
def command() -> None:
    """Contacts. CONTACT is an id, a UID or a key; `id:17` and `key:17` say which."""


def _entry(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command one option for each field that a person enters."""
    texts = (
        *("--prefix", "--given", "--additional", "--family", "--suffix", "--nickname", "--formatted", "--sort-as"),
        *("--salutation", "--letter-salutation", "--organisation", "--department", "--title", "--expertise"),
        *("--street", "--postal-code", "--city", "--country", "--birthday", "--anniversary", "--deathdate"),
        *("--note", "--internal-note", "--iban", "--bic", "--account-holder"),
    )
    for option in reversed(texts):
        command = click.option(option, metavar="TEXT")(command)
    lists = {"--phone": "phones", "--email": "emails", "--url": "urls", "--tag": "tags"}
    for option, name in lists.items():
        command = click.option(option, name, multiple=True, metavar="[TYPE:]VALUE", help="May be repeated.")(command)
    command = click.option("--part", "parts", multiple=True, type=PAIR, help="A free part of the name.")(command)
    return click.option("--kind", type=click.Choice([kind.value for kind in ContactKind]))(command)


@command.command("add")
@click.option("--group", "groups", multiple=True, metavar="SLUG", help="At least one; may be repeated.")
@click.option("--key", metavar="KEY", help="Stable external key, such as an ERP number.")
@click.option("--uid", metavar="UID", help="Kept if it looks random.")
@_entry
@json_option
@mutating
def add(work: Work, *, groups: tuple[str, ...], key: str | None, uid: str | None, as_json: bool, **fields: Any) -> None:
    """Add a contact."""
    data = entered(ContactData(), fields, work.core.settings.locale.country)
    with work.write() as uow:
        contact_id = contacts.add_contact(uow, data, key=key, uid=uid, groups=groups)
        found = contacts.get_contact(uow.connection, contact_id)
    emit_one({"id": contact_id, "key": found.key, "uid": found.uid, "href": found.href}, as_json)


@command.command("edit")
@contact_argument
@_entry
@click.option("--untag", "untags", multiple=True, metavar="TAG", help="Clear a tag; may be repeated.")
@json_option
@mutating
def edit(work: Work, *, contact: str, as_json: bool, **fields: Any) -> None:
    """Change what is named; an empty text clears. Phones, e-mails and urls replace all there were."""
    with work.write() as uow:
        contact_id = contacts.find_contact(uow.connection, contact)
        contacts.require_unlocked(uow, contact_id)
        stored = own_data(contacts.get_contact(uow.connection, contact_id))
        data = entered(stored, fields, work.core.settings.locale.country)
        changed = contacts.edit_contact(uow, contact_id, data)
    emit_one({"id": contact_id, "changed": changed}, as_json)


@command.command("show")
@contact_argument
@blocked_option
@reading
def show(core: Core, as_json: bool, contact: str, *, blocked: bool) -> None:  # noqa: FBT001 - given by the decorator
    """Show one contact whole."""
    with core.database.read() as connection:
        contact_id = contacts.find_contact(connection, contact)
        found = contacts.get_contact(connection, contact_id)
        require_shown(found, blocked=blocked)
        subject = load_subjects(connection, [contact_id])[contact_id]
        relations = listings.list_relations(connection, contact_id=contact_id)
    record = {"id": contact_id, "href": found.href, "state": found.state.value, "display_name": formatted_name(found)}
    record |= to_record(found, subject.links)
    record["protected"] = found.protected
    record["relations"] = [{"type": relation.type, "contact": relation.other} for relation in relations]
    emit_one(record if as_json else _readable(record), as_json)


def _readable(record: dict[str, Any]) -> dict[str, Any]:
    """Write values as ``TEL (CELL): +49 …``, and lists of records one a line."""
    plain = {key: value for key, value in record.items() if key not in {"values", "name"}}
    for number, value in enumerate(record.get("values", []), start=1):
        types = ",".join(kind for name, kinds in value["params"] if name == "TYPE" for kind in kinds)
        about = value["label"] or types
        text = ", ".join(filter(None, split_structured(value["value"])))
        plain[f"{number}. {value['name']}" + (f" ({about})" if about else "")] = text
    for key in ("bank_accounts", "mandates", "links", "relations"):
        for number, entry in enumerate(plain.pop(key, []), start=1):
            plain[f"{key} {number}"] = ", ".join(f"{name} {value}" for name, value in entry.items() if value)
    return plain


@command.command("find")
@click.argument("text", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@blocked_option
@reading
def find(
    core: Core,
    as_json: bool,  # noqa: FBT001 - given by the decorator
    text: tuple[str, ...],
    limit: int,
    *,
    blocked: bool,
) -> None:
    """Find contacts by words of name, company, address or e-mail, or by a phone number however written."""
    with core.database.read() as connection:
        ids = find_contacts(connection, " ".join(text), limit=limit, blocked=blocked)
        found = load_contacts(connection, ids)
    emit([_line(found[i]) for i in ids], as_json)


@command.command("list")
@click.option("--group", metavar="SLUG")
@click.option("--object", "object_number", metavar="NUMBER")
@click.option("--limit", type=click.IntRange(1), help="Default: all.")
@blocked_option
@reading
def list_all(
    core: Core,
    as_json: bool,  # noqa: FBT001 - given by the decorator
    group: str | None,
    object_number: str | None,
    limit: int | None,
    *,
    blocked: bool,
) -> None:
    """List contacts, of one group, one object, or all."""
    with core.database.read() as connection:
        ids = exports.select_contacts(connection, group=group, object_number=object_number, blocked=blocked)[:limit]
        found = load_contacts(connection, ids)
    emit([_line(found[i]) for i in ids], as_json)


def _line(contact: Contact) -> dict[str, Any]:
    phone = next((unescape(value.value) for value in contact.values if value.name == "TEL"), None)
    return {
        "id": contact.id,
        "key": contact.key,
        "name": formatted_name(contact),
        "phone": phone,
        "state": contact.state.value,
        "uid": contact.uid,
    }


@command.command("export")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, allow_dash=True), default="-")
@click.option("--format", "file_format", type=click.Choice(exports.FORMATS), help="Default: by the file's ending.")
@click.option("--group", metavar="SLUG")
@click.option("--object", "object_number", metavar="NUMBER")
@click.pass_obj
def export(invocation: Any, file: str, file_format: str | None, group: str | None, object_number: str | None) -> None:
    """Export contacts, of one group, one object, or all; restricted ones never. Without FILE to the terminal."""
    core: Core = invocation.core
    chosen = file_format or exports.format_of(file)
    with core.database.read() as connection:
        ids = exports.select_contacts(connection, group=group, object_number=object_number)
        with click.open_file(file, "w", encoding="utf-8", atomic=file != "-") as target:
            for piece in exports.export(connection, ids, chosen):
                target.write(piece)
    if file != "-":
        click.echo(f"{len(ids)} contacts written to {file}", err=True)


command.add_command(import_contacts)
command.add_command(history.command)
command.add_command(history.undo)
command.add_command(inbox.command)
command.add_command(proposals.command)
