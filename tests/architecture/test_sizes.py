"""A module stays under about 300 lines and a function under about 40: what outgrows that is two things."""

from __future__ import annotations

import ast

from tests.architecture.source import modules

MODULE_LINES = 330
FUNCTION_LINES = 45
#: Path → (lines, why it is one thing all the same).
LARGER_MODULES: dict[str, tuple[int, str]] = {}
#: "path:function" → (lines, why).
_COLUMNS = "one query per table of a contact, gathered into one value"
LARGER_FUNCTIONS: dict[str, tuple[int, str]] = {
    "radicale_propmgmt/db/repositories/contacts.py:_contacts": (60, _COLUMNS),
    "radicale_propmgmt/db/repositories/contacts.py:_subjects": (60, _COLUMNS),
}


MIGRATIONS = "/migrations/versions/"  # lists of statements, written once


def test_a_module_is_one_thing() -> None:
    too_long = {
        module.path: lines
        for module in modules()
        if MIGRATIONS not in module.path
        and (lines := module.text.count("\n")) > LARGER_MODULES.get(module.path, (MODULE_LINES, ""))[0]
    }
    assert too_long == {}


def test_a_function_is_one_thing() -> None:
    """Counted without its docstring."""
    too_long = {
        f"{module.path}:{node.name}": _lines(node)
        for module in modules()
        if MIGRATIONS not in module.path
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and _lines(node) > LARGER_FUNCTIONS.get(f"{module.path}:{node.name}", (FUNCTION_LINES, ""))[0]
    }
    assert too_long == {}


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    docstring = node.body[0] if ast.get_docstring(node) is not None else None
    own = (docstring.end_lineno or 0) - docstring.lineno + 1 if docstring is not None else 0
    return (node.end_lineno or node.lineno) - node.lineno + 1 - own


def test_every_larger_one_is_still_larger() -> None:
    """An entry that is no longer needed goes."""
    lines = {module.path: module.text.count("\n") for module in modules()}
    assert {path for path in LARGER_MODULES if lines.get(path, 0) <= MODULE_LINES} == set()
