"""How do the estimates read as one flat table for a spreadsheet?"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

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
        row = _row(e)
        writer.writerow([spreadsheet_cell(row[name]) for name in _COLUMNS])
    return text.getvalue()


def write_parquet(estimates: Iterable[Estimate], path: Path) -> None:
    """The same columns with their types: numbers as numbers, flags as flags, absent ones null."""
    import pyarrow.parquet as pq

    pq.write_table(arrow_table(estimates), path, compression="zstd")


def arrow_table(estimates: Iterable[Estimate]) -> pa.Table:
    """The columns of estimates.parquet as an Arrow table."""
    import pyarrow as pa

    rows = [_row(e) for e in estimates]
    return pa.table({name: pa.array([row[name] for row in rows], _type(name, pa)) for name in _COLUMNS})


_NUMBERS = frozenset({"value", "low", "high", "level", "se", "df", "p_value", "p_adjusted", "margin",
                      "change_value", "change_low", "change_high"})  # fmt: skip
_FLAGS = frozenset({"simultaneous", "anytime", "margin_provisional"})


def _type(name: str, pa: Any) -> Any:
    if name in _NUMBERS:
        return pa.float64()
    return pa.int32() if name == "stage" else pa.bool_() if name in _FLAGS else pa.string()


def _row(e: Estimate) -> dict[str, Any]:
    row = e.model_dump() | {"n": _counts(e.n), "settled_by": _counts(e.settled_by)}
    change = row.pop("change") or {}
    return row | {f"change_{k}": change.get(k) for k in ("against", "value", "low", "high")}


def _counts(n: dict[str, int]) -> str:
    return " ".join(f"{kind}={count}" for kind, count in n.items())


def spreadsheet_cell(value: object) -> object:
    """Text that starts a formula gets an apostrophe: names come from logs."""
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return "" if value is None else value
