"""vdirsyncer's own tests of a CardDAV server, from its source distribution, against a personal book.

The suite is not in its wheel, so the sdist is fetched; where no package index can be reached the test is skipped.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.plain.conftest import add_account
from tests.server.running import Installation

pytestmark = pytest.mark.client

#: A UID with a newline is none (RFC 6350 §6.7.6, §3.4): vdirsyncer lets servers fail here and marks it so.
MAY_FAIL = {"test_newline_in_uid"}
_MIXIN = """
import os
import pytest


class ServerMixin:
    @pytest.fixture
    def get_storage_args(self, slow_create_collection, aio_connector):
        async def inner(collection="test"):
            args = {
                "url": os.environ["PROPMGMT_URL"],
                "username": os.environ["PROPMGMT_LOGIN"],
                "password": os.environ["PROPMGMT_PASSWORD"],
                "connector": aio_connector,
            }
            return args if collection is None else await slow_create_collection(self.storage_class, args, collection)

        return inner
"""


def _pip(*args: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q", *args]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=90)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"no package index can be reached: {type(error).__name__}")


@pytest.fixture(scope="session")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked sdist, with a server for its tests, and what they import beside it."""
    folder = tmp_path_factory.mktemp("vdirsyncer")
    _pip("download", "--no-binary", "vdirsyncer", "--no-deps", "-d", str(folder), "vdirsyncer==0.21.*")
    _pip("install", "--target", str(folder / "extra"), "--no-deps", "pytest-asyncio>=1.3,<2", "aioresponses>=0.7,<0.8")
    (archive,) = folder.glob("vdirsyncer-*.tar.gz")
    with tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
    (root,) = (found for found in folder.iterdir() if (found / "tests" / "storage").is_dir())
    mixin = root / "tests" / "storage" / "servers" / "propmgmt"
    mixin.mkdir()
    (mixin / "__init__.py").write_text(_MIXIN)
    return root


@pytest.fixture
def account(server: Installation) -> tuple[str, str]:
    """One for each suite: both make collections of the same names."""
    return add_account(server)


def _run(suite: Path, server: Installation, account: tuple[str, str], module: str) -> str:
    login, password = account
    environment = {
        **os.environ,
        "PYTHONPATH": f"{suite.parent / 'extra'}{os.pathsep}{suite}",
        "DAV_SERVER": "propmgmt",
        "DETERMINISTIC_TESTS": "true",
        "PROPMGMT_URL": f"http://127.0.0.1:{server.port}/",
        "PROPMGMT_LOGIN": login,
        "PROPMGMT_PASSWORD": password,
    }
    command = [sys.executable, "-m", "pytest", "-c", os.devnull, "--rootdir", str(suite), "-p", "no:cacheprovider"]
    command += ["-o", "asyncio_default_fixture_loop_scope=function", "-rfEs", "--tb=line", "-q", str(suite / module)]
    done = subprocess.run(command, cwd=suite, env=environment, capture_output=True, text=True, timeout=150, check=False)
    return done.stdout + done.stderr


def test_a_personal_book_passes_the_carddav_suite(suite: Path, server: Installation, account: tuple[str, str]) -> None:
    """All of it but a UID with a line break in it."""
    said = _run(suite, server, account, "tests/storage/dav/test_carddav.py")
    failed = set(re.findall(r"^(?:FAILED|ERROR) \S+::(\w+)", said, re.MULTILINE))
    assert failed <= MAY_FAIL, said
    passed = re.search(r"(\d+) passed", said)
    assert passed is not None, said
    assert int(passed[1]) >= 33, said


def test_a_calendar_passes_the_caldav_suite(suite: Path, server: Installation, account: tuple[str, str]) -> None:
    said = _run(suite, server, account, "tests/storage/dav/test_caldav.py")
    failed = set(re.findall(r"^(?:FAILED|ERROR) \S+::(\w+)", said, re.MULTILINE))
    assert failed <= MAY_FAIL, said
    passed = re.search(r"(\d+) passed", said)
    assert passed is not None, said
    assert int(passed[1]) >= 60, said
