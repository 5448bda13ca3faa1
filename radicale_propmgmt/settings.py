"""Settings: ``propmgmt.toml``, every key of it, its default and its errors as ``file:line: key: problem``."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, ValidationInfo

CONFIG_VARIABLE = "PROPMGMT_CONFIG"
DEFAULT_FILE = Path("config/propmgmt.toml")
_SQLITE = "sqlite:///"


class SettingsError(ValueError):
    """The file is wrong; ``problems`` are complete lines ``file:line: key: what to do``."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def _from_base(path: Path, info: ValidationInfo) -> Path:
    return (info.context["base"] / path.expanduser()).resolve() if info.context else path


def _from_folder(path: Path, info: ValidationInfo) -> Path:
    return (info.context["folder"] / path.expanduser()).resolve() if info.context else path


def _database_url(url: str, info: ValidationInfo) -> str:
    scheme = url.partition(":")[0].partition("+")[0]
    if scheme not in {"sqlite", "postgresql", "postgres"}:
        raise ValueError("use sqlite:///path/to/file.db or postgresql://user@host/database")
    if not url.startswith(_SQLITE) or url.startswith(f"{_SQLITE}/") or url.removeprefix(_SQLITE) in {"", ":memory:"}:
        return url.replace("postgres://", "postgresql://", 1)
    return f"{_SQLITE}{_from_base(Path(url.removeprefix(_SQLITE)), info)}"


def split_bind(bind: str) -> tuple[str, int]:
    """Split ``HOST:PORT``; an IPv6 address stands in brackets.

    Raises:
        ValueError: There is no port, or it is no number below 65536.
    """
    host, _, port = bind.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535 or (":" in host and not host.startswith("[")):
        raise ValueError("write HOST:PORT, such as 127.0.0.1:5232 or [::1]:5232")
    return host.strip("[]"), int(port)


def _bind(bind: str) -> str:
    split_bind(bind)
    return bind


def _public_url(url: str) -> str:
    parts = urlsplit(url)
    if url and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment):
        raise ValueError("write the address clients use, such as https://contacts.example.de")
    return url.rstrip("/")


def _network(text: str) -> str:
    return str(ip_network(text, strict=False))


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        raise ValueError("no such zone; write a name such as Europe/Berlin") from None
    return name


BasePath = Annotated[Path, AfterValidator(_from_base)]
FolderPath = Annotated[Path, AfterValidator(_from_folder)]
Days = Annotated[int, Field(ge=0, le=36500)]
Bytes = Annotated[int, Field(ge=1024, le=1 << 30)]


class _Section(BaseModel):
    """A table of the file: frozen, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True, strict=False)


class DatabaseSettings(_Section):
    """``[database]``."""

    url: Annotated[str, AfterValidator(_database_url)] = Field("sqlite:///var/propmgmt.db", repr=False)


class ServerSettings(_Section):
    """``[server]``."""

    bind: Annotated[str, AfterValidator(_bind)] = "127.0.0.1:5232"
    workers: Annotated[int, Field(ge=1, le=64)] = 2
    threads: Annotated[int, Field(ge=1, le=256)] = 16
    public_url: Annotated[str, AfterValidator(_public_url)] = ""
    tls_cert: BasePath | None = None
    tls_key: BasePath | None = None
    max_request_bytes: Bytes = 16 * 1024 * 1024
    trusted_proxies: tuple[Annotated[str, AfterValidator(_network)], ...] = ()


class LocaleSettings(_Section):
    """``[locale]``."""

    language: Literal["de", "en"] = "de"
    timezone: Annotated[str, AfterValidator(_timezone)] = "Europe/Berlin"
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")] = "DE"


class FilesSettings(_Section):
    """``[files]``."""

    shares: FolderPath = Path("shares.toml")
    retention: FolderPath = Path("retention.toml")
    blobs: BasePath = Path("var/blobs")


class AccountsSettings(_Section):
    """``[accounts]``."""

    personal_books: bool = False
    password_login: bool = False
    propose_for_apple: bool = True


class NamesSettings(_Section):
    """``[names]``."""

    parts: tuple[Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$")], ...] = ()
    templates: dict[Literal["person", "organisation", "household"], str] = Field(default_factory=dict)


class LimitsSettings(_Section):
    """``[limits]``."""

    card_bytes: Bytes = 1024 * 1024
    card_properties: Annotated[int, Field(ge=10, le=100_000)] = 2000
    photo_bytes: Bytes = 512 * 1024


class GdprSettings(_Section):
    """``[gdpr]``."""

    blocked_book: bool = False
    blocked_purpose: str = ""
    journal: BasePath = Path("var/journal/erasures.jsonl")
    audit_head: BasePath = Path("var/journal/audit-head.jsonl")
    notice_days: Days = 14
    drain_days: Days = 90
    stale_days: Days = 60
    batch: Annotated[int, Field(ge=1, le=10_000)] = 200
    suppression: bool = False


class SecretsSettings(_Section):
    """``[secrets]``."""

    file: BasePath = Path("var/secrets.toml")


class Settings(_Section):
    """All settings of one installation; paths are absolute.

    ``source`` is the file they come from, whether or not it exists.
    """

    database: DatabaseSettings
    server: ServerSettings
    locale: LocaleSettings
    files: FilesSettings
    accounts: AccountsSettings
    names: NamesSettings
    limits: LimitsSettings
    gdpr: GdprSettings
    secrets: SecretsSettings
    source: Path = Field(DEFAULT_FILE, exclude=True)

    @property
    def zone(self) -> ZoneInfo:
        """The zone of legal dates."""
        return ZoneInfo(self.locale.timezone)

    @property
    def base(self) -> Path:
        """The folder that relative paths of data start from."""
        return base_of(self.source)


SECTIONS = tuple(name for name in Settings.model_fields if name != "source")


def base_of(source: Path) -> Path:
    """Return where relative paths of data start: the folder of the file, or that above it if it is named config."""
    folder = source.absolute().parent
    return folder.parent if folder.name == "config" else folder


def chosen_file(given: str | None = None) -> Path:
    """Return the file to read: what was given, else ``$PROPMGMT_CONFIG``, else ``config/propmgmt.toml``."""
    return Path(given or os.environ.get(CONFIG_VARIABLE) or DEFAULT_FILE)


def load_settings(path: Path | str | None = None) -> Settings:
    """Read the settings file; without one, all defaults hold.

    Raises:
        SettingsError: The file is no TOML, or a key is unknown, missing or out of range.
    """
    source = Path(path) if path is not None else chosen_file()
    data, text = _read(source)
    problems = [
        f"{source}:{_line_of(text, (name,))}: {name}: unknown table{_hint(name, SECTIONS)}"
        for name in data
        if name not in SECTIONS
    ]
    context = {"base": base_of(source), "folder": source.absolute().parent}
    known = {name: data.get(name, {}) for name in SECTIONS}
    try:
        settings = Settings.model_validate({**known, "source": source.absolute()}, context=context)
    except ValidationError as error:
        problems += [_problem(source, text, detail) for detail in error.errors(include_url=False)]
        raise SettingsError(*problems) from None
    problems += _across(settings, source, text)
    if problems:
        raise SettingsError(*problems)
    return settings


def _read(source: Path) -> tuple[dict[str, Any], str]:
    try:
        text = source.read_text(encoding="utf-8")
        return tomllib.loads(text), text
    except FileNotFoundError:
        return {}, ""
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        raise SettingsError(f"{source}:{line[1] if line else 1}: -: no valid TOML: {error}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{source}:1: -: cannot be read: {type(error).__name__}") from None


def _across(settings: Settings, source: Path, text: str) -> list[str]:
    server = settings.server
    if (server.tls_cert is None) != (server.tls_key is None):
        key = "tls_cert" if server.tls_key is None else "tls_key"
        return [f"{source}:{_line_of(text, ('server', key))}: server.{key}: tls_cert and tls_key belong together"]
    return []


def _problem(source: Path, text: str, detail: Any) -> str:
    place = tuple(str(part) for part in detail["loc"])
    message = detail["msg"].removeprefix("Value error, ")
    if detail["type"] == "extra_forbidden":
        section = Settings.model_fields[place[0]].annotation
        message = f"unknown key{_hint(place[-1], getattr(section, 'model_fields', {}))}"
    return f"{source}:{_line_of(text, place)}: {'.'.join(place)}: {message}"


def _hint(word: str, known: Any) -> str:
    close = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _line_of(text: str, place: tuple[str, ...]) -> int:
    """Find the line of a key, or of its table, or the first."""
    found, table = 1, ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[+\s*([^\]\s]+)\s*\]+", line):
            table = header[1]
            found = number if table == place[0] else found
        elif key := re.match(r"\s*[\"']?([\w.-]+)[\"']?\s*=", line):
            full = f"{table}.{key[1]}" if table else key[1]
            if full == ".".join(place[:2]) or full == ".".join(place[:3]):
                return number
    return found
