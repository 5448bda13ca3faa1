"""Imports run one way, and each foreign library has its places."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGES, PLUGINS, Module, is_within, modules

CORE = "radicale_propmgmt"
#: Foreign library → the only places that may import it. A type that is only named (``TYPE_CHECKING``) does no harm.
PLACES: dict[str, tuple[str, ...]] = {
    "vobject": (),  # its line pattern is exponential and it loses photos and nicknames: decisions/0001
    "radicale": (f"{CORE}.dav", f"{CORE}.server", *PLUGINS),
    "sqlalchemy": (f"{CORE}.db", f"{CORE}.projection"),
    "alembic": (f"{CORE}.db",),
    "click": (f"{CORE}.cli",),
    "granian": (f"{CORE}.server", f"{CORE}.cli"),
    "passlib": (f"{CORE}.accounts",),
}
#: (module, library) → why it may all the same.
EXCEPTIONS: dict[tuple[str, str], str] = {}
#: Everything that may lie directly in the core; whoever adds a name decides its layer in pyproject.toml.
TOP_LEVEL = {
    *("cli", "server", "runtime", "settings", "logging_setup"),
    *("dav", "services", "projection", "transfer", "accounts", "ledger", "db", "vcard", "shares", "domain"),
}


def test_the_import_contracts_of_pyproject_hold(repository: Path) -> None:
    """``cli > server > runtime > dav > services > projection … > db … > domain``; the domain stands alone.

    In a process of its own: the linter switches off every logger it finds.
    """
    linter = Path(sys.executable).parent / "lint-imports"
    answer = subprocess.run(
        [linter, "--no-cache"], cwd=repository, capture_output=True, text=True, timeout=60, check=False
    )
    assert answer.returncode == 0, answer.stdout


@pytest.mark.parametrize("library", PLACES)
def test_a_library_is_imported_only_in_its_places(library: str) -> None:
    strangers = {
        module.name
        for module in modules()
        if any(is_within(name, library) for name in module.imports(typing_only=False))
        and not any(is_within(module.name, place) for place in PLACES[library])
        and (module.name, library) not in EXCEPTIONS
    }
    assert strangers == set()


def test_every_exception_is_still_needed() -> None:
    found = {
        (module.name, library)
        for module in modules()
        for library in PLACES
        for name in module.imports()
        if is_within(name, library)
    }
    assert set(EXCEPTIONS) <= found


@pytest.mark.parametrize("name", ["settings", "logging_setup"])
def test_settings_and_logging_import_nothing_of_ours_but_values(name: str) -> None:
    """They are read first, before anything else can be broken; ``domain`` holds only values and errors."""
    for module in modules():
        if is_within(module.name, f"{CORE}.{name}"):
            ours = {n for n in module.imports() if any(is_within(n, package) for package in PACKAGES)}
            assert {n for n in ours if not is_within(n, f"{CORE}.domain") and not is_within(n, module.name)} <= {CORE}


def test_nothing_lies_in_the_core_without_a_layer() -> None:
    """A new ``utils.py`` fails here until someone says which layer it belongs to."""
    found = {module.name.split(".")[1] for module in modules() if module.name.startswith(f"{CORE}.")}
    assert found <= TOP_LEVEL


def test_plugins_do_not_know_each_other() -> None:
    """Each translates one contract of Radicale; what they share belongs to the core."""
    for plugin in PLUGINS:
        others = [other for other in PLUGINS if other != plugin]
        for module in modules():
            if is_within(module.name, plugin):
                assert not [name for name in module.imports() for other in others if is_within(name, other)]


def test_passlib_comes_from_libpass_alone() -> None:
    """The two distributions share one folder: installing both corrupts both."""
    assert distribution("libpass").version
    with pytest.raises(PackageNotFoundError):
        distribution("passlib")


def test_relative_imports_are_seen_as_what_they_mean() -> None:
    """The checks above read syntax: they would be blind if they resolved ``from ..db import x`` wrongly."""
    inner = Module(f"{CORE}/db/tables/contacts.py", "from . import accounts\nfrom ..base import Id\n")
    package = Module(f"{CORE}/db/tables/__init__.py", "from .accounts import Account\n")
    assert {f"{CORE}.db.tables.accounts", f"{CORE}.db.base.Id"} <= set(inner.imports())
    assert f"{CORE}.db.tables.accounts.Account" in set(package.imports())
