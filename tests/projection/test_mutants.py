"""The property tests are themselves tested: each named fault, planted into a copy of the code, must be found."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.projection.mutants import MUTANTS, Mutant

ROOT = Path(__file__).parents[2]
COPIED = ["radicale_propmgmt", "storage_plugin", "auth_plugin", "rights_plugin", "tests", "pyproject.toml"]
SECONDS = 120


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the code and its tests, sound; each test plants its fault and takes it out again."""
    folder = tmp_path_factory.mktemp("copy")
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "data"))
        else:
            shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_property_tests_find(mutant: Mutant, copy: Path) -> None:
    """A test that cannot fail proves nothing. The verdict must be an invariant's, not a crash or a time-out."""
    file = copy / "radicale_propmgmt" / mutant.file
    sound = file.read_text()
    assert sound.count(mutant.old) == 1, "the mutant no longer fits the code: write it anew"
    try:
        file.write_text(sound.replace(mutant.old, mutant.new))
        found = subprocess.run(
            [sys.executable, "-B", "-m", "pytest", "-x", "-q", "--tb=short", "-k", "sqlite", mutant.found_by],
            cwd=copy,
            env={**os.environ, "PROPMGMT_HYPOTHESIS_PROFILE": "ci", "PROPMGMT_MUTANT": "1"},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    finally:
        file.write_text(sound)
    assert found.returncode == 1, f"not found:\n{found.stdout[-2000:]}"
    assert "\nE   AssertionError" in found.stdout, found.stdout[-3000:]
