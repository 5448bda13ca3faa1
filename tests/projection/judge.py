"""A plain-dict model of who sees what, written a second time and as simply as possible: the judge of the projection."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

ALWAYS_FROM = date.min
ALWAYS_UNTIL = date.max


@dataclass
class Person:
    """What the judge knows about one contact."""

    memberships: set[str] = field(default_factory=set)
    links: dict[int, list] = field(default_factory=dict)  # id → [object, group, from, until]
    grants: dict[int, tuple] = field(default_factory=dict)  # id → (to, fields, until)
    consents: dict[int, date] = field(default_factory=dict)  # id → valid until
    disclosure_until: date | None = None
    tags: set[str] = field(default_factory=set)
    state: int = 0
    spouse: int | None = None
    phone: str = ""
    email: str = ""
    family: str = ""


def rule_text(rules: list[dict]) -> str:
    """Write rules as the file an admin would write."""
    blocks = []
    for number, rule in enumerate(rules):
        lines = [f"[[{rule['kind']}]]", f'name = "r{number}"', f"for = {rule['for']}"]
        if rule["kind"] == "share":
            lines.append(f"fields = {rule['fields']}")
            lines.append('objects = "*"' if rule["objects"] is None else f"objects = {rule['objects']}")
            lines.append('groups = "*"' if rule["groups"] is None else f"groups = {rule['groups']}")
            only = [f'tenancy = "{rule["tenancy"]}"']
            only += ['disclosure = "handwerker"'] if rule["disclosure"] else []
            lines.append(f"only = {{ {', '.join(only)} }}")
            lines.append(f"books = {rule['books']}")
            if rule["consent_fields"]:
                lines.append(f"consent_fields = {{ weg_kontakt = {rule['consent_fields']} }}")
        else:
            lines.append('tags = ["vip"]')
            if rule["fields"]:
                lines.append(f"fields = {rule['fields']}")
        if rule["from"]:
            lines.append(f"from = {rule['from']}")
        if rule["until"]:
            lines.append(f"until = {rule['until']}")
        blocks.append("\n".join(lines).replace("'", '"'))
    return "\n\n".join(blocks) + "\n"


def _in_time(rule: dict, today: date) -> bool:
    return (rule["from"] or ALWAYS_FROM) <= today <= (rule["until"] or ALWAYS_UNTIL)


def sees(names: set[str], person: Person, rules: list[dict], today: date) -> tuple[set[str], set[tuple]]:
    """Return the field classes and the (object, group) pairs by which they are seen."""
    if person.state:
        return set(), set()
    fields: set[str] = set()
    pairs: set[tuple] = set()
    everything = [(None, group, ALWAYS_FROM, ALWAYS_UNTIL) for group in person.memberships]
    everything += [(o, g, a or ALWAYS_FROM, z or ALWAYS_UNTIL) for o, g, a, z in person.links.values()]
    for rule in rules:
        if rule["kind"] != "share" or not set(rule["for"]) & names or not _in_time(rule, today):
            continue
        if rule["disclosure"] and (person.disclosure_until is None or person.disclosure_until < today):
            continue
        hits = set()
        for o, g, a, z in everything:
            fits = rule["tenancy"] == "any" or (z < today if rule["tenancy"] == "former" else a <= today <= z)
            object_fits = rule["objects"] is None or o in rule["objects"]
            if fits and object_fits and (rule["groups"] is None or g in rule["groups"]):
                hits.add((o, g))
        if hits:
            pairs |= hits
            fields |= set(rule["fields"])
            if any(until >= today for until in person.consents.values()):
                fields |= set(rule["consent_fields"])
    for to, granted, until in person.grants.values():
        if to in names and until >= today:
            fields |= set(granted)
            pairs.add(("granted", "granted"))
    for rule in rules:
        if rule["kind"] == "deny" and set(rule["for"]) & names and _in_time(rule, today) and "vip" in person.tags:
            fields -= set(rule["fields"]) if rule["fields"] else fields
    return fields, pairs if fields else set()


def books_of(pairs: set[tuple], names: set[str], rules: list[dict]) -> set[str]:
    """Name the book segments that hold a contact seen through these pairs."""
    kinds = {k for r in rules if r["kind"] == "share" and set(r["for"]) & names for k in r["books"]}
    segments = {"alle"} if pairs else set()
    for number, group in pairs:
        if number == "granted":
            segments.add("einzelfreigaben")
            continue
        if "group" in kinds:
            segments.add(f"gruppe-{group}")
        if number and "object" in kinds:
            segments.add(f"objekt-{number}")
        if number and "object-group" in kinds:
            segments.add(f"objekt-{number}-{group}")
    return segments
