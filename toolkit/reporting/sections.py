"""Which sections of a notebook have nothing to show on this log, and can be named in one line?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from toolkit.figures.blocks import MIME

Cell = Any


def with_something(cells: Sequence[Cell]) -> list[Cell]:
    """The cells without the sections whose every block is bare; where the first of them stood, their titles.

    A section is a heading with what follows up to the next one. Its titles are one entry {"left_out": [...]}. What a
    section lacks stands on the page anyway, among what could not be measured.
    """
    starts = [place for place, cell in enumerate(cells) if _title(cell)]
    shown: list[Cell] = list(cells[: starts[0]]) if starts else list(cells)
    titles: list[str] = []
    for start, end in pairwise([*starts, len(cells)]):
        if _is_bare(cells[start + 1 : end]):
            if not titles:
                shown.append({"left_out": titles})
            titles.append(_title(cells[start]))
        else:
            shown += cells[start:end]
    return shown


def _title(cell: Cell) -> str:
    """The heading that a cell starts with; empty where it starts with none."""
    if cell["cell_type"] != "markdown":
        return ""
    first = str(cell["source"]).strip().partition("\n")[0]
    return first.lstrip("#").strip() if first.startswith("#") else ""


def _is_bare(cells: Iterable[Cell]) -> bool:
    outputs = [output for cell in cells for output in cell.get("outputs", ())]
    blocks = [output["data"][MIME].data for output in outputs if MIME in output.get("data", {})]
    return bool(blocks) and len(blocks) == len(outputs) and all(block["data"].get("bare") for block in blocks)
