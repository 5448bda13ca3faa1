"""Decisions are written down, found where they are cited, and kept."""

from __future__ import annotations

import re
from pathlib import Path

from radicale_propmgmt.vcard.card import PRODID, RENDERER_VERSION
from tests.architecture.source import REPOSITORY, modules

FOLDER = REPOSITORY / "radicale_propmgmt" / "decisions"


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = sorted(int(path.name[:4]) for path in FOLDER.glob("*.md"))
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_cited_decision_exists() -> None:
    known = {path.name[:4] for path in FOLDER.glob("*.md")}
    cited = {
        number
        for text in [*(module.text for module in modules()), (FOLDER.parent / "README.md").read_text(encoding="utf-8")]
        for number in re.findall(r"decisions/(\d{4})", text)
    }
    assert cited <= known


def test_the_map_of_the_code_names_only_what_is_there() -> None:
    """A map that is not kept true is worse than none."""
    named = re.findall(r"`((?:\w+/)+\w+\.py)`", (FOLDER.parent / "README.md").read_text(encoding="utf-8"))
    missing = [name for name in named if not any((root / name).exists() for root in (FOLDER.parent, REPOSITORY))]
    assert missing == []


def test_every_invariant_is_told_to_whoever_reads_a_clone() -> None:
    """Code and tests cite them by number."""
    told = set(re.findall(r"\*\*([IM]\d+)\*\*", (FOLDER.parent / "README.md").read_text(encoding="utf-8")))
    sources = [*Path(REPOSITORY / "tests").rglob("*.py"), *(REPOSITORY / module.path for module in modules())]
    cited = {word for path in sources for word in re.findall(r"\b[IM]\d{1,2}\b", path.read_text(encoding="utf-8"))}
    assert cited <= told


def test_a_changed_renderer_changes_every_etag() -> None:
    """Both versions of a card share one ETag over the 3.0 bytes: decisions/0006."""
    assert f"propmgmt {RENDERER_VERSION}//" in PRODID
