"""How do estimates read in a pull request or a wiki? A Markdown table, names escaped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from toolkit.language.markdown import escaped
from toolkit.notebook.export.printed import IntervalAs, printed

if TYPE_CHECKING:
    from toolkit.notebook.estimates import Estimates


def as_markdown(estimates: Estimates, *, interval: IntervalAs = "cell") -> str:
    """A table with pipes, as GitHub, GitLab and JupyterLab read it."""
    table = printed(estimates, interval=interval)
    rule = ["---:" if place in table.numeric else "---" for place in range(len(table.heads))]
    return "\n".join([_row(table.heads), f"|{'|'.join(rule)}|", *map(_row, table.rows)]) + "\n"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(_cell, cells))} |"


def _cell(text: str) -> str:
    # Parentheses make a link only after brackets, which are escaped, and a colon only before an address: what is
    # our own, intervals and reasons, stays readable as it is.
    return escaped(text).replace(r"\(", "(").replace(r"\)", ")").replace(r"\: ", ": ")
