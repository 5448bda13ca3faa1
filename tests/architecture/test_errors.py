"""Every refusal has an answer on the wire and an exit code, in one table each."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
from collections.abc import Iterator, Mapping
from types import ModuleType

import pytest

from radicale_propmgmt.domain import errors
from radicale_propmgmt.domain.errors import DavError, PropmgmtError
from tests.architecture.source import PACKAGES, modules


def _tree(root: type[PropmgmtError]) -> Iterator[type[PropmgmtError]]:
    for child in root.__subclasses__():
        if child.__module__.split(".")[0] in PACKAGES:
            yield child
            yield from _tree(child)


for _source in modules():  # an error class may live beside what raises it
    if _source.name.endswith(".errors"):
        importlib.import_module(_source.name)
ALL = sorted(set(_tree(PropmgmtError)), key=lambda cls: cls.__name__)
DAV = [cls for cls in ALL if issubclass(cls, DavError) and cls is not DavError]


def _module(name: str) -> ModuleType:
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} is not written yet")
    return importlib.import_module(name)


def _table(module: ModuleType) -> dict[type[PropmgmtError], object]:
    """Find the module's table: the mappings it holds from our error classes to anything."""
    table: dict[type[PropmgmtError], object] = {}
    for value in vars(module).values():
        if isinstance(value, Mapping) and value and all(_is_refusal(key) for key in value):
            table.update(value)
    assert table, f"{module.__name__} holds no table of error classes"
    return table


def _is_refusal(key: object) -> bool:
    return inspect.isclass(key) and issubclass(key, PropmgmtError)


@pytest.mark.parametrize("error", DAV, ids=lambda cls: cls.__name__)
def test_every_dav_refusal_has_its_own_answer_on_the_wire(error: type[PropmgmtError]) -> None:
    """An answer inherited from ``DavError`` would be the wrong precondition for it (RFC 4918 §16)."""
    assert error in _table(_module("radicale_propmgmt.dav.errors"))


def test_the_database_being_away_has_an_answer_on_the_wire() -> None:
    """503 with Retry-After, never 404: a client would take that for a deletion."""
    assert errors.UnavailableError in _table(_module("radicale_propmgmt.dav.errors"))


@pytest.mark.parametrize("error", ALL, ids=lambda cls: cls.__name__)
def test_every_refusal_has_an_exit_code(error: type[PropmgmtError]) -> None:
    """0 done · 1 findings · 2 usage or configuration · 3 refused · 4 unavailable; a parent's code holds for a child."""
    table = _table(_module("radicale_propmgmt.cli.exits"))
    codes = [table[cls] for cls in error.__mro__ if cls in table and cls is not PropmgmtError]
    assert codes
    assert codes[0] in {1, 2, 3, 4}


def test_the_tree_in_the_docstring_is_the_tree_in_the_code() -> None:
    drawn = {word for line in (errors.__doc__ or "").splitlines() for word in line.split() if word.endswith("Error")}
    assert drawn == {cls.__name__ for cls in ALL if cls.__module__ == errors.__name__} | {"PropmgmtError"}


@pytest.mark.parametrize("error", ALL, ids=lambda cls: cls.__name__)
def test_no_refusal_knows_http(error: type[PropmgmtError]) -> None:
    """Codes belong to the tables: the same refusal also ends a command."""
    assert not {name for name in vars(error) if name in {"status", "code", "http_status"}}
