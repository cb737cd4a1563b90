"""How do estimates become a file that other programs read, and where may it lie?"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.errors import UsageError
from toolkit.notebook.export.printed import IntervalAs, printed

if TYPE_CHECKING:
    from toolkit.notebook.estimates import Estimates

FORMATS = {"csv": ".csv", "json": ".json", "latex": ".tex", "markdown": ".md", "parquet": ".parquet"}
"""Formats by name, each with the ending of its files."""


def as_csv(estimates: Estimates, *, rounded: bool = False, interval: IntervalAs = "cell") -> str:
    """All columns with full numbers; or `rounded`, the table as it is read."""
    from toolkit.reporting.tables import estimates_csv, spreadsheet_cell

    if not rounded:
        return estimates_csv(estimates)
    table, text = printed(estimates, interval=interval), io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([spreadsheet_cell(cell) for cell in row] for row in (table.heads, *table.rows))
    return text.getvalue()


def as_json(estimates: Estimates) -> str:
    """A list of estimates, each as in results.json."""
    found = [json.loads(estimate.model_dump_json()) for estimate in estimates]
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def write_parquet(estimates: Estimates, path: str | Path) -> None:
    """All columns with full numbers, into a file. UsageError where it cannot be written."""
    from toolkit.reporting import tables

    try:
        tables.write_parquet(estimates, Path(path))
    except OSError as error:
        raise _cannot(path, error) from None


def hand_over(text: str, path: str | Path | None) -> str | None:
    """The text, or None where it went into the file `path`. UsageError where that cannot be written."""
    if path is None:
        return text
    try:
        Path(path).write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise _cannot(path, error) from None
    return None


def _cannot(path: str | Path, error: OSError) -> UsageError:
    return UsageError(f"{path}: cannot be written ({error.strerror or error}); name another file")
