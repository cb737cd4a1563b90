"""What stands in a table cell or a sentence of a block: text, marked numbers, names, chips?

All values are JSON; macros/parts.html.j2 prints them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from toolkit.language import Chip, Name, Number, Part, Parts, Quoted, clean, joined, quoted, short, text_of
from toolkit.results import Estimate

Cell = dict[str, Any]


def number_view(shown: Number) -> Cell:
    """A number with its mark; an infinite value is spelt, since JSON has none."""
    value = shown.value if math.isfinite(shown.value) else str(shown.value)
    return {"text": shown.text, "value": value} | _mark(shown)


def _mark(part: Number | Quoted) -> Cell:
    source = {} if part.source == "estimate" else {"source": part.source}
    return {"id": part.id, "field": part.field} | source


def part_view(part: Part) -> str | Cell:
    """A part of a sentence as a template prints it: text, a marked number, a name, a marked quotation."""
    if isinstance(part, str):
        return part
    if isinstance(part, Number):
        return number_view(part)
    if isinstance(part, Name):
        return {"text": clean(part.text), "full": clean(part.full or part.text), "tag": part.tag}
    inner = [part_view(each) for each in part.parts if each]
    return {"text": part.text, "parts": inner} | _mark(part)


def said(parts: Parts | str) -> Cell:
    """A sentence or a printed number."""
    parts = (parts,) if isinstance(parts, str) else parts
    return {"parts": [part_view(part) for part in parts if part]}


def words(text: Parts | str) -> Cell:
    """A sentence where a number would stand, such as the reason for a missing one: it wraps as text does."""
    return said(clean(text) if isinstance(text, str) else text) | {"words": True}


def missing(estimate: Estimate, otherwise: str) -> Cell:
    """Why an estimate lacks a number, quoted; `otherwise` where it says nothing."""
    if not estimate.reason:
        return said(otherwise)
    return words((quoted(clean(estimate.reason), estimate.id, "reason"),))


def shown_name(name: str, longest: int | None = None) -> Name:
    """A name from the log as a part of a sentence, short, the whole one in its title."""
    return Name(short(name) if longest is None else short(name, longest), full=clean(name))


def name_cell(name: str) -> Cell:
    """A name from the log, short, the whole one in its title."""
    return {"name": name_view(name)}


def name_view(name: str) -> dict[str, str]:
    """A name as shown and in full."""
    return {"short": short(name), "full": clean(name)}


def chip_cell(made: Chip, remark: Parts = ()) -> Cell:
    """A verdict chip, and a remark under it."""
    return {"chip": chip_view(made)} | ({"small": said(remark)["parts"]} if remark else {})


def chip_view(made: Chip) -> dict[str, str]:
    """A verdict chip's words, shape and tone."""
    return {"text": made.text, "shape": made.shape, "tone": made.tone}


def column(title: Parts | str, *, numeric: bool = False) -> Cell:
    """A column's head."""
    return text_view("title", title) | {"numeric": numeric}


def text_view(key: str, text: Parts | str) -> Cell:
    """A text under `key`, and its parts under `key`_parts where it has any that are marked or named."""
    if isinstance(text, str):
        return {key: text}
    return {key: text_of(text), f"{key}_parts": said(text)["parts"]}


def sentences(texts: Iterable[Parts | str]) -> Parts:
    """Sentences one after the other, without the empty ones."""
    return joined(((text,) if isinstance(text, str) else text for text in texts if text), " ")


def table_view(
    caption: Parts | str,
    columns: Sequence[Cell],
    rows: Iterable[Sequence[Cell]],
    *,
    note: Parts | str = "",
    empty: str = "",
    fold: int | None = None,
    found: bool = True,
) -> Cell:
    """A table: the first cell of each row names it. ValueError where a row does not fit its head.

    found: whether each row is one finding, under whose id it can be linked to.
    empty: what stands in a table without rows; fold: rows in sight where there are a good many more, the rest below.
    A table without rows is bare: a page leaves out sections of nothing but bare blocks.
    """
    body = [list(row) for row in rows]
    if any(len(row) != len(columns) for row in body):
        raise ValueError(f"table {caption!r}: a row does not have the {len(columns)} cells of its head")
    first = None if fold is None or len(body) <= fold + fold // 3 else fold
    return {
        **text_view("caption", caption), "columns": list(columns), "rows": body, **text_view("note", note),
        "empty": empty or "Nothing to show.", "bare": not body, "first": first,
        "ids": [_finding(row) if found else "" for row in body],
    }  # fmt: skip


def _finding(row: Sequence[Cell]) -> str:
    """The estimate that a row's first number is of; empty where there is none."""
    numbers = (part for cell in row for part in cell.get("parts", ()) if isinstance(part, dict) and "value" in part)
    return next((str(part["id"]) for part in numbers if "source" not in part), "")


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
