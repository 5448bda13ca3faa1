"""Measure the speed that the README states: ours, the floor of any Python server, and stock Radicale in one run.

    make bench ARGS="--davbench FOLDER"

FOLDER holds the package ``davbench``. Everything happens in a throw-away folder and on the loopback.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench.figures import FLOOR, RADICALE, US, Figures, tables, verdicts
from tests.bench.instance import MEASURED, Instance
from tests.bench.machine import children_of, describe, say
from tests.bench.peers import Davbench, start_radicale, stop


def main() -> int:
    """Run the benchmark; 1 if a target is missed."""
    options = _options()
    sizes = sorted({int(size) for size in options.sizes.split(",")})
    figures = Figures()
    with tempfile.TemporaryDirectory(prefix="propmgmt-bench-") as name:
        folder = Path(name)
        davbench = Davbench(options.davbench.resolve(), options.out or folder / "results.json")
        for size in sizes:
            say(f"{size:,} contacts")
            _measure_ours(davbench, size, folder, figures)
            _measure_floor(davbench, size, folder)
            if size <= options.radicale_up_to:
                _measure_radicale(davbench, size, folder)
        figures.add(davbench.results)
    return _report(figures, sizes)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--davbench", type=Path, default=os.environ.get("DAVBENCH"), help="default: $DAVBENCH")
    parser.add_argument("--sizes", default="1000,25000,100000", help="contacts, separated by commas")
    parser.add_argument("--radicale-up-to", type=int, default=25_000, help="largest book that Radicale is asked for")
    parser.add_argument("--out", type=Path, help="keep the figures in this file, and add to what it holds")
    options = parser.parse_args()
    if options.davbench is None or not (options.davbench / "davbench" / "__main__.py").is_file():
        parser.error("--davbench FOLDER (or $DAVBENCH): the folder that holds the package davbench")
    return options


def _measure_ours(davbench: Davbench, size: int, folder: Path, figures: Figures) -> None:
    cards = folder / "cards.vcf"
    davbench.write_cards(size, cards)
    instance = Instance(folder / f"ours-{size}")
    figures.imports[size] = instance.fill(cards)
    workers = children_of(instance.start())
    try:
        login = ("--user", MEASURED, "--password", instance.password)
        change = ("--listed", "--change-command", instance.change_command())
        davbench.measure(US, size, instance.book, workers, *login, *change)
    finally:
        instance.stop()


def _measure_floor(davbench: Davbench, size: int, folder: Path) -> None:
    process, url = davbench.start_floor(size, folder / f"floor-{size}")
    try:
        davbench.measure(FLOOR, size, url, [process.pid])
    finally:
        stop(process)


def _measure_radicale(davbench: Davbench, size: int, folder: Path) -> None:
    process, url = start_radicale(davbench, size, folder / f"radicale-{size}")
    try:
        davbench.measure(RADICALE, size, url, [process.pid], "--user", MEASURED, "--password", "-")
    finally:
        stop(process)


def _report(figures: Figures, sizes: list[int]) -> int:
    lines = ["Processor time of the server; in brackets the time that a client waits. Medians.", ""]
    lines += tables(figures, sizes)
    for size, took in figures.imports.items():
        parts = [f"{name} {took[name]:.0f} s" for name in ("import", "import again", "new rules")]
        lines.append(f"{size:,} contacts, ten audiences: {', '.join(parts)}.")
    lines += ["", f"Measured on {describe()}.", ""]
    found = verdicts(figures, sizes)
    for holds, what, measured, limit in ((v.holds, v.what, v.measured, v.limit) for v in found):
        lines.append(f"{'ok  ' if holds else 'MISS'} {what}: {measured} (at most {limit})")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0 if all(verdict.holds for verdict in found) else 1


if __name__ == "__main__":
    sys.exit(main())
