"""Names that are imported when they are first used keep their meaning, whatever else is imported."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import pkgutil
from pathlib import Path
from types import ModuleType

import pytest

import toolkit

PACKAGES = ("toolkit", *(found.name for found in pkgutil.walk_packages(toolkit.__path__, "toolkit.") if found.ispkg))


def exports_lazily(package: str) -> bool:
    """Whether the package's __init__.py defines `__getattr__`, read without importing it."""
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    body = ast.parse(Path(spec.origin).read_text(encoding="utf-8")).body
    return any(isinstance(node, ast.FunctionDef) and node.name == "__getattr__" for node in body)


LAZY = [package for package in PACKAGES if exports_lazily(package)]


def test_the_packages_with_such_names_are_found() -> None:
    assert {"toolkit", "toolkit.figures", "toolkit.logs"} <= set(LAZY)


@pytest.mark.parametrize("package", LAZY)
def test_no_name_is_that_of_a_submodule_unless_it_is_the_submodule(package: str) -> None:
    """Importing `toolkit.figures.frontier` would put the module in the place of a function of that name."""
    module = importlib.import_module(package)
    for found in pkgutil.iter_modules(module.__path__):
        if found.name in module.__all__:
            assert isinstance(getattr(module, found.name), ModuleType), f"{package}.{found.name}"
