"""Golden files: all that a server said to one client program, byte for byte.

An exchange is a line ``>>> METHOD PATH``, what the program sent in headers of its own, a line ``<<< STATUS``, the
headers that count, an empty line, and the body with its length, so that a body may hold anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.clients.wire import Exchange

FOLDER = Path(__file__).parents[1] / "data" / "golden"
#: Headers that a client acts on and that belong to this answer alone. Lengths are told by the bodies.
_KEPT = ("content-type", "location", "www-authenticate")
_HEAD = re.compile(rb">>> (?P<request>[^\n]*)\n(?P<sent>(?:[^\n]+\n)*)<<< (?P<status>\d+)\n(?P<got>(?:[^\n]+\n)*)\n")
_LENGTH = re.compile(rb"^body: (\d+)$", re.MULTILINE)


@dataclass(frozen=True)
class Told:
    """One exchange as a golden file holds it."""

    request: str
    status: int
    body: bytes


def write(exchanges: list[Exchange]) -> bytes:
    return b"".join(_exchange(one) for one in exchanges)


def _exchange(one: Exchange) -> bytes:
    sent = {name.replace("_", "-"): value for name, value in one.headers.items()}
    if not one.is_known:
        sent["Authorization"] = "none"
    got = {name: one.answer.headers[name] for name in _KEPT if name in one.answer.headers}
    lines = [f">>> {one.method} {one.path}", *(f"{name}: {value}" for name, value in sent.items())]
    lines += [f"<<< {one.answer.status}", *(f"{name}: {value}" for name, value in got.items())]
    lines += [f"body: {len(one.answer.body)}", "", ""]
    return "\n".join(lines).encode() + one.answer.body + b"\n\n"


def read(data: bytes) -> Iterator[Told]:
    """Take a golden file apart again."""
    position = 0
    while position < len(data):
        head = _HEAD.match(data, position)
        assert head, data[position : position + 80]
        length = int(_LENGTH.search(head["got"])[1])
        yield Told(head["request"].decode(), int(head["status"]), data[head.end() : head.end() + length])
        position = head.end() + length + 2
