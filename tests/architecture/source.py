"""Our own source as syntax trees: what the rules of the house are checked on."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
PLUGINS = ("storage_plugin", "auth_plugin", "rights_plugin")
PACKAGES = ("radicale_propmgmt", *PLUGINS)


@dataclass(frozen=True)
class Module:
    """One file of ours."""

    path: str  # relative to the clone
    text: str

    @property
    def name(self) -> str:
        """Dotted name, a package by its own name."""
        return self.path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    def imports(self, *, typing_only: bool = True) -> Iterator[str]:
        """Name every module imported anywhere in the file, inside functions too.

        Args:
            typing_only: With those under ``if TYPE_CHECKING``, which never run.
        """
        skipped = () if typing_only else _under_type_checking(self.tree)
        for node in ast.walk(self.tree):
            if node in skipped:
                continue
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = self._absolute(node)
                yield base
                yield from (f"{base}.{alias.name}" for alias in node.names)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = self.name.split(".") if self.path.endswith("__init__.py") else self.name.split(".")[:-1]
        package = package[: len(package) - node.level + 1]
        return ".".join([*package, *filter(None, [node.module])])


def _under_type_checking(tree: ast.Module) -> list[ast.stmt]:
    return [
        statement
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for statement in node.body
    ]


@cache
def modules() -> tuple[Module, ...]:
    """Read all files of the product."""
    return tuple(
        Module(str(path.relative_to(REPOSITORY)), path.read_text(encoding="utf-8"))
        for package in PACKAGES
        for path in sorted((REPOSITORY / package).rglob("*.py"))
    )


def is_within(name: str, package: str) -> bool:
    """Tell whether a module is a package or lies in it."""
    return name == package or name.startswith(f"{package}.")
