"""How do estimates read in a paper? A tabular with booktabs, safe whatever the names in the log are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.language.numbers import MINUS, NBSP
from toolkit.notebook.export.printed import IntervalAs, Printed, printed

if TYPE_CHECKING:
    from toolkit.notebook.estimates import Estimates

_SIGNS = {MINUS: "$-$", "∞": r"$\infty$", NBSP: "~", "–": "--", "…": r"\ldots{}"}


def as_latex(estimates: Estimates, *, interval: IntervalAs = "cell") -> str:
    r"""A `tabular` that needs \usepackage{booktabs}; numbers to the right, text to the left."""
    return _tabular(printed(estimates, interval=interval))


def _tabular(table: Printed) -> str:
    import pandas as pd

    # Without rows pandas drops the columns, and with them their heads.
    frame = pd.DataFrame(list(table.rows), columns=list(table.heads), dtype=object)
    style = frame.style.hide(axis="index")
    style = style.format(_cell, escape="latex").format_index(_cell, escape="latex", axis="columns")
    columns = "".join("r" if place in table.numeric else "l" for place in range(len(table.heads)))
    return str(style.to_latex(hrules=True, column_format=columns))


def _cell(escaped: object) -> str:
    r"""A cell whose special characters are escaped already; `\\[` and `\\*` would be commands of the row before."""
    text = str(escaped)
    for sign, command in _SIGNS.items():
        text = text.replace(sign, command)
    return "{}" + text if text.startswith(("[", "*")) else text
