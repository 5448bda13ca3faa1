"""The tests of the merge are themselves tested: each named fault, planted into a copy of the code, must be found."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.vcard.merge_mutants import MUTANTS, Mutant

ROOT = Path(__file__).parents[2]
#: The vCard layer and what it stands on, and its tests: a copy that starts fast.
FOLDERS = ["radicale_propmgmt/vcard", "radicale_propmgmt/domain", "tests/vcard"]
PROFILE = """from hypothesis import Phase, settings

settings.register_profile("mutants", deadline=None, derandomize=True, database=None, max_examples=100,
                          phases=[Phase.explicit, Phase.generate])
settings.load_profile("mutants")
"""


def run(folder: Path, file: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-x",
            "-q",
            "--tb=line",
            "-p",
            "no:cacheprovider",
            "-k",
            "not twice",
            f"tests/vcard/{file}",
        ],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def copied(folder: Path) -> Path:
    """Copy the code and its tests; return the folder of the code that is to be broken."""
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "radicale_propmgmt/__init__.py", folder / "radicale_propmgmt")
    (folder / "tests/conftest.py").write_text(PROFILE)
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --import-mode=importlib\npythonpath = .\nmarkers = slow\n")
    return folder / "radicale_propmgmt/vcard"


def test_they_find_nothing_where_there_is_nothing(tmp_path: Path) -> None:
    """Else the copy itself would be what the mutants' tests find."""
    copied(tmp_path)
    for file in {mutant.found_by for mutant in MUTANTS}:
        assert run(tmp_path, file).returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_tests_of_the_merge_find(mutant: Mutant, tmp_path: Path) -> None:
    """A test that cannot fail proves nothing."""
    file = copied(tmp_path) / mutant.file
    text = file.read_text()
    assert text.count(mutant.old) == 1, "the mutant no longer fits the code: write it anew"
    file.write_text(text.replace(mutant.old, mutant.new))
    found = run(tmp_path, mutant.found_by)
    assert found.returncode == 1, f"not found:\n{found.stdout[-2000:]}{found.stderr[-2000:]}"
    assert "AssertionError" in found.stdout, found.stdout[-2000:]
