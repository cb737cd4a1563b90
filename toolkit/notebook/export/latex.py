"""How do estimates read in a paper? A tabular with booktabs, safe whatever the names in the log are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.notebook.export.printed import IntervalAs, Printed, printed
from toolkit.notebook.export.tex import DEFINITION, TYPESETOR, tex

if TYPE_CHECKING:
    from toolkit.notebook.estimates import Estimates


def as_latex(estimates: Estimates, *, interval: IntervalAs = "cell") -> str:
    r"""A `tabular` that needs \usepackage{booktabs}; numbers to the right, text to the left."""
    return _tabular(printed(estimates, interval=interval))


def _tabular(table: Printed) -> str:
    import pandas as pd

    # Without rows pandas drops the columns, and with them their heads.
    frame = pd.DataFrame(list(table.rows), columns=list(table.heads), dtype=object)
    style = frame.style.hide(axis="index").format(_cell).format_index(_cell, axis="columns")
    columns = "".join("r" if place in table.numeric else "l" for place in range(len(table.heads)))
    text = str(style.to_latex(hrules=True, column_format=columns))
    return f"{DEFINITION}\n{text}" if TYPESETOR in text else text


def _cell(text: object) -> str:
    return tex(str(text))
