"""What did the cells of an executed notebook show: its blocks apart from the rest, which is small?

A block's data is most of a notebook, and nbformat and nbconvert copy and check a notebook many times over. Blocks are
this package's own and go past both; all else is read and checked as nbformat does it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from toolkit.errors import RunFailed
from toolkit.figures.blocks import MIME
from toolkit.language import clean


@dataclass(frozen=True, eq=False)
class Kept:
    """A block's data as a cell has shown it; copies of the notebook share it."""

    data: Any

    def __deepcopy__(self, memo: dict[int, Any]) -> Kept:
        return self


def read_executed(path: Path) -> nbformat.NotebookNode:
    """The notebook, with a `Kept` under `MIME` where an output is a block, and without the block's other forms.

    Raises RunFailed where the file cannot be read as a notebook.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        blocks = [_taken_out(output) for output in _with_blocks(content["cells"])]
        node = nbformat.reads(json.dumps(content), as_version=4)  # type: ignore[no-untyped-call]
        for output, block in zip(_with_blocks(node.cells), blocks, strict=True):
            output["data"][MIME] = Kept(block)
    except (OSError, ValueError, AttributeError, TypeError, KeyError) as error:
        raise RunFailed(f"{path}: not readable as a notebook ({clean(str(error))[:120]}); run it again") from None
    return node


def _with_blocks(cells: Any) -> list[Any]:
    outputs = [output for cell in cells for output in cell.get("outputs", ())]
    return [output for output in outputs if MIME in output.get("data", {})]


def _taken_out(output: Any) -> Any:
    """The output's block; a mark stays in its place."""
    block = output["data"][MIME]
    output["data"] = {MIME: True}
    return block
