"""Sizes a reader enjoys: module 300 lines, function 40, page view 25, template 150.

A function's size is that of its body: parameters by name and docstrings are there to be long enough.
"""

import ast
from pathlib import Path

import pytest

from config import env

PACKAGES = ("accounts", "common", "config", "marketplace", "providers", "vouchers")
MODULE, FUNCTION, VIEW, TEMPLATE = 300, 40, 25, 150
TABLES = {
    "marketplace/demo/packages.py": "rows of the demonstration's bundles",
}
"""Modules that are data and read like a table."""
ALONE = {"vouchers/ledger/verify.py": 399}
"""Programs that must be one file, with the lines they may have: an auditor runs them by themselves."""


def files(suffix: str) -> list[Path]:
    return [
        path.relative_to(env.ROOT)
        for package in PACKAGES
        for path in sorted((env.ROOT / package).rglob(f"*.{suffix}"))
        if "migrations" not in path.parts
    ]


def is_view_module(path: Path) -> bool:
    return "views" in {part.removesuffix(".py") for part in path.parts}


def functions(path: Path) -> list[tuple[str, int, bool]]:
    """Name, lines of the body, and whether it is a page view."""
    tree = ast.parse((env.ROOT / path).read_text(encoding="utf-8"))
    views = is_view_module(path)
    return [
        (node.name, _body_lines(node), views and _takes_request(node))
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def _body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return (node.end_lineno or 0) - body[0].lineno + 1 if body else 0


def _takes_request(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    first = node.args.args[:1]
    return bool(first and first[0].arg == "request" and node.decorator_list)


@pytest.mark.parametrize("path", files("py"), ids=str)
def test_module_is_short(path: Path) -> None:
    lines = len((env.ROOT / path).read_text(encoding="utf-8").splitlines())

    name = path.as_posix()
    assert lines <= ALONE.get(name, MODULE) or name in TABLES, "look for the second noun in it"


@pytest.mark.parametrize("path", files("py"), ids=str)
def test_functions_are_short(path: Path) -> None:
    long = {
        name: lines
        for name, lines, is_view in functions(path)
        if lines > (VIEW if is_view else FUNCTION)
    }

    assert long == {}


@pytest.mark.parametrize("path", files("html"), ids=str)
def test_template_is_short(path: Path) -> None:
    lines = len((env.ROOT / path).read_text(encoding="utf-8").splitlines())

    assert lines <= TEMPLATE


def test_something_was_looked_at() -> None:
    assert len(files("py")) > 100
    assert len(files("html")) > 20
    assert any(is_view for path in files("py") for _name, _lines, is_view in functions(path))
