"""What stands in a table cell or a sentence of a block: text, marked numbers, names, chips?

All values are JSON; macros/parts.html.j2 prints them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from toolkit.language import Chip, Number, clean, short
from toolkit.language.phrases import Parts

Cell = dict[str, Any]


def number_view(shown: Number) -> Cell:
    """A number with its mark; an infinite value is spelt, since JSON has none."""
    value = shown.value if math.isfinite(shown.value) else str(shown.value)
    return {"text": shown.text, "value": value, "id": shown.id, "field": shown.field}


def said(parts: Parts | str) -> Cell:
    """A sentence or a printed number."""
    parts = (parts,) if isinstance(parts, str) else parts
    return {"parts": [part if isinstance(part, str) else number_view(part) for part in parts if part]}


def words(text: str) -> Cell:
    """A sentence where a number would stand, such as the reason for a missing one: it wraps as text does."""
    return said(clean(text)) | {"words": True}


def name_cell(name: str) -> Cell:
    """A name from the log, short, the whole one in its title."""
    return {"name": name_view(name)}


def name_view(name: str) -> dict[str, str]:
    """A name as shown and in full."""
    return {"short": short(name), "full": clean(name)}


def chip_cell(made: Chip, remark: str = "") -> Cell:
    """A verdict chip, and a remark under it."""
    return {"chip": chip_view(made)} | ({"small": [remark]} if remark else {})


def chip_view(made: Chip) -> dict[str, str]:
    """A verdict chip's words, shape and tone."""
    return {"text": made.text, "shape": made.shape, "tone": made.tone}


def column(title: str, *, numeric: bool = False) -> Cell:
    """A column's head."""
    return {"title": title, "numeric": numeric}


def table_view(
    caption: str,
    columns: Sequence[Cell],
    rows: Iterable[Sequence[Cell]],
    *,
    note: str = "",
    empty: str = "",
    fold: int | None = None,
) -> Cell:
    """A table: the first cell of each row names it. ValueError where a row does not fit its head.

    empty: what stands in a table without rows; fold: rows in sight where there are a good many more, the rest below.
    """
    body = [list(row) for row in rows]
    if any(len(row) != len(columns) for row in body):
        raise ValueError(f"table {caption!r}: a row does not have the {len(columns)} cells of its head")
    first = None if fold is None or len(body) <= fold + fold // 3 else fold
    return {
        "caption": caption, "columns": list(columns), "rows": body, "note": note,
        "empty": empty or "Nothing to show.", "first": first,
    }  # fmt: skip


def plain_cell(cell: Cell) -> str:
    """A cell as plain text."""
    if "name" in cell:
        return str(cell["name"]["short"])
    if "chip" in cell:
        return " ".join(text for text in (str(cell["chip"]["text"]), _joined(cell.get("small", []))) if text)
    return _joined(cell["parts"])


def _joined(parts: Iterable[Any]) -> str:
    return "".join(part if isinstance(part, str) else part["text"] for part in parts)


def plain_table(table: Cell) -> str:
    """A table as plain text, columns separated by a bar."""
    head = [str(item["title"]) for item in table["columns"]]
    lines = [head, *([plain_cell(cell) for cell in row] for row in table["rows"])]
    told = [] if table["rows"] else [str(table["empty"])]
    return "\n".join([str(table["caption"]), *(" | ".join(line) for line in lines), *told])
