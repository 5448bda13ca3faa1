"""Figures as tables, and what they must keep to."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

US, FLOOR, RADICALE = "propmgmt", "floor", "Radicale 3.9"
SERVERS = (US, FLOOR, RADICALE)
#: The size that the targets speak of.
SIZE = 25_000
OPERATIONS = {
    "poll": "poll, nothing changed (PROPFIND 0)",
    "get": "GET one card",
    "delta": "sync-collection after one change",
    "multiget100": "multiget of 100 cards",
    "propfind": "PROPFIND 1, all ETags",
    "sync_initial": "first sync-collection",
    "query_fn": "query, FN contains",
    "query_email": "query, EMAIL contains",
    "query_all": "query, all cards with data",
    "download": "first download (sync + multigets)",
}


class Verdict(NamedTuple):
    """One target: what was measured, what it must not exceed, and whether it holds."""

    what: str
    measured: str
    limit: str
    holds: bool


@dataclass
class Figures:
    """All that was measured: cells by (server, size), and what imports took by size."""

    cells: dict[tuple[str, int], dict[str, dict[str, Any]]] = field(default_factory=dict)
    imports: dict[int, dict[str, float]] = field(default_factory=dict)

    def add(self, results: Path) -> None:
        """Take the figures of a result file of davbench."""
        for run in json.loads(results.read_text(encoding="utf-8"))["runs"]:
            self.cells.setdefault((run["server"], run["count"]), {}).update(run["ops"])

    def value(self, server: str, size: int, operation: str, kind: str) -> float | None:
        """Return seconds of a cell, ``cpu`` or ``median``; None where it was not measured or went wrong."""
        cell = self.cells.get((server, size), {}).get(operation, {})
        found = cell.get(kind) if "median" in cell else None
        return None if found is None else float(found)

    def resolution(self, server: str, size: int, operation: str) -> float:
        """Return how finely the processor time of a cell is known: the kernel counts hundredths of a second."""
        return 0.01 / len(self.cells[server, size][operation]["runs"])

    def peak(self, size: int, operations: Iterable[str]) -> float:
        """Return the largest resident memory of our worker in these operations. Unit: MB."""
        cells = self.cells.get((US, size), {})
        return max((cells[name].get("rss_peak") or 0 for name in operations if name in cells), default=0) / 1e6


def tables(figures: Figures, sizes: Iterable[int]) -> Iterator[str]:
    """Write one table per size: processor time of the server, and in brackets the time a client waits."""
    for size in sizes:
        servers = [server for server in SERVERS if (server, size) in figures.cells]
        yield f"| {size:,} contacts | " + " | ".join(servers) + " |"
        yield "|---|" + "---:|" * len(servers)
        for operation, title in OPERATIONS.items():
            yield f"| {title} | " + " | ".join(_cell(figures, server, size, operation) for server in servers) + " |"
        yield ""


def _cell(figures: Figures, server: str, size: int, operation: str) -> str:
    cpu, wall = (figures.value(server, size, operation, kind) for kind in ("cpu", "median"))
    if wall is None:
        note = figures.cells[server, size].get(operation, {}).get("note", "")
        return "gave up" if note.startswith("gave up") else "–"
    finest = figures.resolution(server, size, operation)
    told = "?" if cpu is None else _time(cpu) if cpu >= finest else f"< {_time(finest)}"
    return f"{told} ({_time(wall)})"


def _time(seconds: float) -> str:
    if seconds >= 1:
        return f"{seconds:.1f} s"
    return f"{seconds * 1000:.0f} ms" if seconds >= 0.01 else f"{seconds * 1000:.1f} ms"


def verdicts(figures: Figures, sizes: Iterable[int]) -> list[Verdict]:
    """Compare with the targets, as far as they were measured."""
    sizes = sorted(sizes)
    found = [verdict for size in sizes for verdict in _everyday(figures, size)]
    if len(sizes) > 1:
        found += [_flat(figures, operation, sizes[0], sizes[-1]) for operation in ("poll", "get", "delta")]
    if SIZE in sizes:
        found += [_beside_floor(figures, name) for name in ("propfind", "sync_initial", "query_all", "download")]
        found += [_at_most(figures, SIZE, name, 0.100) for name in ("query_fn", "query_email")]
        peak = figures.peak(SIZE, ("download", "query_all"))
        found.append(Verdict("memory of the worker that sends 25,000 cards", f"{peak:.0f} MB", "250 MB", peak <= 250))
        took = figures.imports.get(SIZE, {}).get("import", 0.0)
        found.append(Verdict("import of 25,000 contacts, ten audiences", _time(took), "120 s", 0 < took <= 120))
    return found


def _everyday(figures: Figures, size: int) -> list[Verdict]:
    return [_at_most(figures, size, operation, 0.003) for operation in ("poll", "get", "delta")]


def _at_most(figures: Figures, size: int, operation: str, limit: float) -> Verdict:
    cpu = figures.value(US, size, operation, "cpu")
    what = f"{OPERATIONS[operation]}, {size:,} contacts, processor time"
    return Verdict(what, "–" if cpu is None else _time(cpu), _time(limit), cpu is not None and cpu <= limit)


def _flat(figures: Figures, operation: str, small: int, large: int) -> Verdict:
    """Flat: the larger book costs at most half as much again, or what the kernel's clock cannot tell apart."""
    few, many = (figures.value(US, size, operation, "cpu") for size in (small, large))
    what = f"{OPERATIONS[operation]}, {large:,} beside {small:,} contacts"
    if few is None or many is None:
        return Verdict(what, "–", "flat", holds=False)
    slack = 2 * max(figures.resolution(US, size, operation) for size in (small, large))
    return Verdict(what, f"{_time(many)} : {_time(few)}", "flat", many <= 1.5 * few + slack)


def _beside_floor(figures: Figures, operation: str) -> Verdict:
    ratios = []
    for kind in ("cpu", "median"):
        ours, floor = (figures.value(server, SIZE, operation, kind) for server in (US, FLOOR))
        ratios.append(ours / floor if ours is not None and floor else float("inf"))
    told = f"{ratios[0]:.1f} × of processor time, {ratios[1]:.1f} × of time waited"
    return Verdict(f"{OPERATIONS[operation]}, 25,000 contacts, beside floor", told, "3 ×", max(ratios) <= 3)
