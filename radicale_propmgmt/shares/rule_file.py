"""``shares.toml`` → compiled rules; whatever cannot be understood is refused, all of it at once (DESIGN §5)."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from radicale_propmgmt.domain.books import BookKind
from radicale_propmgmt.domain.fields import PROFILES, FieldClass, Fields
from radicale_propmgmt.domain.rules import Condition, DenyRule, RuleSet, ShareRule
from radicale_propmgmt.shares.checked import Report, Table, parsed, quoted, unknown

_SUBJECT = re.compile(r"(account|team):([\w@-][\w.@-]*)")
_PURPOSE = re.compile(r"[a-z0-9_]+")
_PROFILE = re.compile(r"[\w-]+")
_FIELD_CLASSES = tuple(FieldClass)
_BOOKS = (BookKind.ALL, BookKind.GROUP, BookKind.OBJECT, BookKind.OBJECT_GROUP)
_TENANCIES = ("current", "former", "any")


@dataclass(frozen=True, slots=True)
class KnownNames:
    """The names that exist; None = this kind is not checked."""

    accounts: frozenset[str] | None = None
    teams: frozenset[str] | None = None
    objects: frozenset[str] | None = None
    groups: frozenset[str] | None = None


def load_rules(
    text: str, filename: str = "shares.toml", *, known: KnownNames | None = None, version: int = 0
) -> RuleSet:
    """Read and check a rule file.

    Args:
        text: The file; a byte order mark and CRLF line ends are tolerated.
        filename: What the problems call it.
        known: Names to check against; None = only the language is checked, as for a version that once held.
        version: The number the rules are stored under.

    Raises:
        ConfigError: Every problem as ``file:line: key: what to do``; positions count from 1.
    """
    values, lines = parsed(text, filename)
    report = Report(filename, lines)
    root = Table(values, (), report)
    reader = _Reader(known or KnownNames(), _profiles(root.table("profile")))
    shares = tuple(reader.share(table) for table in root.tables("share"))
    denies = tuple(reader.deny(table) for table in root.tables("deny"))
    root.close()
    report.close()
    return RuleSet(version=version, shares=shares, denies=denies, profiles=reader.profiles)


def _profiles(table: Table) -> dict[str, Fields]:
    """Read the ``[profile.NAME]`` tables; a built-in profile keeps its meaning."""
    profiles = dict(PROFILES)
    for name in table.values:
        profile = table.table(name)
        if name in PROFILES:
            table.add(name, "is built in; choose another name")
        elif not _PROFILE.fullmatch(name):
            table.add(name, "a profile's name has letters, digits, _ and - only")
        if profile.get("fields") is None:
            profile.add("fields", "is missing")
        fields = _fields(profile, "fields")
        profile.close()
        profiles.setdefault(name, fields)
    return profiles


def _fields(table: Table, key: str) -> Fields:
    return frozenset(FieldClass(word) for word in table.words(key, "field class", _FIELD_CLASSES))


class _Reader:
    """Compiles rules; knows the names that exist and the rule names that are taken."""

    def __init__(self, known: KnownNames, profiles: dict[str, Fields]) -> None:
        self.profiles = profiles
        self._known = known
        self._names: dict[str, int] = {}

    def share(self, table: Table) -> ShareRule:
        """Read one ``[[share]]``."""
        starts, until = _window(table)
        rule = ShareRule(
            name=self._name(table),
            subjects=self._subjects(table),
            fields=self._shown(table),
            objects=self._selector(table, "objects", "object", self._known.objects, required=True),
            groups=self._selector(table, "groups", "group", self._known.groups, required=True),
            only=_condition(table.table("only")),
            consent_fields=_consent_fields(table.table("consent_fields")),
            books=_books(table),
            write=_write(table),
            create=table.choice("create", ("no", "inbox", "yes"), "no"),
            delete=table.choice("delete", ("refuse", "unlink"), "refuse"),
            on_refused=table.choice("on_refused", ("refuse", "propose"), "refuse"),
            inbox=table.flag("inbox"),
            starts=starts,
            until=until,
            external=table.flag("external"),
            purpose=table.text("purpose"),
            legal_basis=table.text("legal_basis"),
            line=table.report.line(table.path),
        )
        if rule.external:
            for key in ("purpose", "legal_basis"):
                if table.get(key) is None:
                    table.add(key, "is missing: a share with external = true says why and on which legal basis")
        table.close()
        return rule

    def deny(self, table: Table) -> DenyRule:
        """Read one ``[[deny]]``; without any selector it means all contacts."""
        starts, until = _window(table)
        rule = DenyRule(
            name=self._name(table),
            subjects=self._subjects(table),
            objects=self._selector(table, "objects", "object", self._known.objects),
            groups=self._selector(table, "groups", "group", self._known.groups),
            tags=frozenset(table.words("tags", "tag")),
            fields=_fields(table, "fields"),
            starts=starts,
            until=until,
            line=table.report.line(table.path),
        )
        table.close()
        return rule

    def _name(self, table: Table) -> str:
        name = table.text("name", required=True)
        if name in self._names:
            table.add("name", f"{quoted(name)} is the rule of line {self._names[name]} already")
        elif name:
            self._names[name] = table.report.line((*table.path, "name"))
        return name

    def _subjects(self, table: Table) -> frozenset[str]:
        if table.get("for") is None:
            table.add("for", "is missing: account:LOGIN or team:NAME")
        found = table.words("for", "subject")
        value = table.get("for")
        for position, subject in enumerate(value if isinstance(value, list) else ()):
            if isinstance(subject, str) and subject in found:
                problem = self._subject_problem(subject)
                if problem:
                    table.report.add((*table.path, "for", position), problem)
        return frozenset(found)

    def _subject_problem(self, subject: str) -> str | None:
        match = _SUBJECT.fullmatch(subject)
        if match is None:
            return f"{quoted(subject)} names nobody; write account:LOGIN or team:NAME (no patterns)"
        known = self._known.accounts if match[1] == "account" else self._known.teams
        return None if known is None or match[2] in known else unknown(match[1], match[2], known)

    @staticmethod
    def _selector(
        table: Table, key: str, kind: str, known: Collection[str] | None, *, required: bool = False
    ) -> frozenset[str] | None:
        """Read ``"*"`` (None) or a list of names."""
        value = table.get(key)
        if value is None and required:
            table.add(key, f'is missing: a list of {key}, or "*" for all')
        if value is None or value == "*":
            return None
        if isinstance(value, str) or value == ["*"]:
            table.add(key, f'write a list of {key}, or "*" without brackets for all')
            return frozenset()
        return frozenset(table.words(key, kind, known))

    def _shown(self, table: Table) -> Fields:
        profile, fields, more = table.get("profile"), _fields(table, "fields"), _fields(table, "extra_fields")
        if profile is None and table.get("fields") is None:
            table.add("profile", "is missing: name a profile, or list fields")
        return self.profiles.get(table.choice("profile", self.profiles, ""), frozenset()) | fields | more


def _window(table: Table) -> tuple[date | None, date | None]:
    starts, until = table.day("from"), table.day("until")
    if starts is not None and until is not None and until < starts:
        table.add("until", f"{until} lies before from = {starts}")
    return starts, until


def _condition(table: Table) -> Condition:
    condition = Condition(
        tenancy=table.choice("tenancy", _TENANCIES, "current"),
        disclosure=_purpose(table, "disclosure"),
        consent=_purpose(table, "consent"),
        tags=frozenset(table.words("tags", "tag")),
    )
    table.close()
    return condition


def _purpose(table: Table, key: str) -> str | None:
    purpose = table.text(key)
    if purpose and not _PURPOSE.fullmatch(purpose):
        table.add(key, "a purpose is one word of a-z, 0-9 and _, such as weg_kontakt")
    return purpose or None


def _consent_fields(table: Table) -> tuple[tuple[str, Fields], ...]:
    for purpose in table.values:
        if not _PURPOSE.fullmatch(purpose):
            table.add(purpose, "a purpose is one word of a-z, 0-9 and _, such as weg_kontakt")
    return tuple((purpose, _fields(table, purpose)) for purpose in table.values)


def _books(table: Table) -> frozenset[BookKind]:
    named = frozenset(BookKind(word) for word in table.words("books", "kind of book", _BOOKS))
    return named or frozenset({BookKind.ALL})


def _write(table: Table) -> str | Fields:
    if isinstance(table.get("write"), list):
        return _fields(table, "write")
    return table.choice("write", ("none", "visible"), "none")
