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
PACKAGES = ["radicale_propmgmt", "storage_plugin", "auth_plugin", "rights_plugin", "tests", "pyproject.toml"]


@pytest.mark.slow
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_property_tests_find(mutant: Mutant, tmp_path: Path) -> None:
    """A test that cannot fail proves nothing."""
    for name in PACKAGES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        elif source.exists():
            shutil.copy(source, tmp_path / name)
    file = tmp_path / "radicale_propmgmt" / mutant.file
    text = file.read_text()
    assert text.count(mutant.old) == 1, "the mutant no longer fits the code: write it anew"
    file.write_text(text.replace(mutant.old, mutant.new))
    found = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-x",
            "-q",
            "-k",
            "sqlite",
            "tests/projection/test_incremental_equals_fresh.py",
        ],
        cwd=tmp_path,
        env={**os.environ, "PROPMGMT_MACHINE": "ci", "PYTHONPATH": str(tmp_path), "PROPMGMT_MUTANT": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert found.returncode == 1, f"not found:\n{found.stdout[-2000:]}"
    assert "AssertionError" in found.stdout or "IntegrityError" in found.stdout, found.stdout[-2000:]
