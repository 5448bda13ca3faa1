"""The lock is what ``make`` installs: it must say the same as ``pyproject.toml``, and nothing about where from."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement


def _pins(repository: Path) -> dict[str, str]:
    lines = (repository / "requirements.lock").read_text(encoding="utf-8").splitlines()
    pins = (re.match(r"([\w.-]+)==([^ ;\\]+)", line) for line in lines)
    return {_canonical(pin[1]): pin[2] for pin in pins if pin}


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _wanted(repository: Path) -> list[Requirement]:
    told = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))
    project = told["project"]
    lists = [told["build-system"]["requires"], project["dependencies"], *project["optional-dependencies"].values()]
    found = [Requirement(line) for requirements in lists for line in requirements]
    return [requirement for requirement in found if _canonical(requirement.name) != _canonical(project["name"])]


def test_the_lock_pins_what_pyproject_wants(repository: Path) -> None:
    """Otherwise: ``make lock``."""
    pins = _pins(repository)
    wrong = {
        str(wanted): pins.get(_canonical(wanted.name))
        for wanted in _wanted(repository)
        if _canonical(wanted.name) not in pins or pins[_canonical(wanted.name)] not in wanted.specifier
    }
    assert wrong == {}


def test_the_lock_pins_by_hash_alone(repository: Path) -> None:
    """Where packages come from is each machine's own matter."""
    text = (repository / "requirements.lock").read_text(encoding="utf-8")
    assert not re.search(r"://|index-url|find-links|^-", text, re.MULTILINE)
    assert [entry[:80] for entry in re.split(r"\n(?=\w)", text)[1:] if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("name", ["passlib"])
def test_the_lock_leaves_out_what_corrupts_another(repository: Path, name: str) -> None:
    assert name not in _pins(repository)
