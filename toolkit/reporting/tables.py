"""How do the estimates read as one flat table for a spreadsheet?"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit.results import Estimate

_COLUMNS = (
    "id", "quantity", "axis", "arm", "against", "task", "stage", "group", "value", "low", "high", "level",
    "unit", "n", "scope", "method", "se", "df", "p_value", "p_adjusted", "adjustment", "settled_by", "simultaneous",
    "anytime", "margin", "margin_provisional", "finding", "verdict",
    "reason",
    "change_against", "change_value", "change_low", "change_high",
)  # fmt: skip


def estimates_csv(estimates: Iterable[Estimate]) -> str:
    """One row an estimate; numbers in full, absent ones empty; text that looks like a formula is quoted."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for e in estimates:
        row = e.model_dump() | {"n": _counts(e.n), "settled_by": _counts(e.settled_by)}
        change = row.pop("change") or {}
        row |= {f"change_{k}": change.get(k) for k in ("against", "value", "low", "high")}
        writer.writerow([_cell(row[name]) for name in _COLUMNS])
    return text.getvalue()


def _counts(n: dict[str, int]) -> str:
    return " ".join(f"{kind}={count}" for kind, count in n.items())


def _cell(value: object) -> object:
    """Text that starts a formula gets an apostrophe: names come from logs."""
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return "" if value is None else value
