"""How do docstrings become a page? `name: what it is` becomes a field of that parameter; nothing else changes."""

from __future__ import annotations

import inspect
import re
from typing import Any

from sphinx.application import Sphinx

_NAMES = re.compile(r"(?:^|(?<=\n)|(?<=; )|(?<=\. ))((?:\w+, )*\w+): ")


def with_fields(lines: list[str], parameters: set[str]) -> list[str]:
    """The lines of a docstring, paragraphs that begin with a parameter's name as fields."""
    paragraphs = "\n".join(lines).split("\n\n")
    return "\n\n".join(_fields(paragraph, parameters) for paragraph in paragraphs).split("\n")


def _fields(paragraph: str, parameters: set[str]) -> str:
    marks = [m for m in _NAMES.finditer(paragraph) if set(m[1].split(", ")) <= parameters]
    if not marks or marks[0].start() != 0:
        return paragraph
    ends = [*(mark.start() for mark in marks[1:]), len(paragraph)]
    told = [(mark[1].split(", "), paragraph[mark.end() : end]) for mark, end in zip(marks, ends, strict=True)]
    return "\n".join(f":param {name}: {' '.join(text.split()).rstrip(';')}" for names, text in told for name in names)


def _process(app: Sphinx, what: str, name: str, found: Any, options: Any, lines: list[str]) -> None:
    if what in ("function", "method"):
        lines[:] = with_fields(lines, set(inspect.signature(found).parameters))


def setup(app: Sphinx) -> dict[str, bool]:
    """Let autodoc read docstrings so."""
    app.connect("autodoc-process-docstring", _process)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
