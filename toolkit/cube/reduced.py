"""What is kept of a reduction for the day when the log is larger: bits of items, sums by cluster, sums by step.

Bits of new rows and kept ones are joined here; `toolkit.cube.parts` joins the sums.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from toolkit.logs.earlier import CannotJoin

if TYPE_CHECKING:
    from toolkit.cube.engine import Engine
    from toolkit.cube.runs import Layout

RUN = ("arm", "task_order", "seed", "task")
CELL = ("arm", "task_order", "seed", "stage", "task")
Cell = tuple[str, str, int, int, str]


@dataclass(frozen=True)
class Reduced:
    """What is kept of the evaluations of a log besides `toolkit.logs.earlier.Earlier`.

    runs: (arm, task_order, seed, task) -> word, base: its stages first, first + 1, ... are bits base, base + 1, ... of
    number `word`, `width` of them. masks: (word, id) -> seen, ones, see `toolkit.cube.followed`. sums: of tasks that
    are not followed, (arm, task_order, seed, stage, task, unit) -> n, total, total_sq; unit: the lower 64 bits of the
    cluster's MD5, or as many as tell buckets apart where there are more clusters. curves: (arm, task_order, seed,
    stage, task, step) -> n, total, total_sq of rows with an item.
    """

    first: int
    width: int
    runs: pa.Table
    masks: pa.Table
    sums: pa.Table
    curves: pa.Table


# The masks of earlier files as bits of today's layout.
_MOVED = """
select r.word, m.id, bit_or((((m.seen >> r.base) & r.kept) >> r.down) << r.up) as seen,
       bit_or((((m.ones >> r.base) & r.kept) >> r.down) << r.up) as ones
from earlier_masks m join earlier_runs r on m.word = r.earlier_word
where ((m.seen >> r.base) & r.kept) <> 0
group by r.word, m.id
"""
_TWICE = """
select count(*) as n from masks m join moved_masks e on m.word = e.word and m.id = e.id where (m.seen & e.seen) <> 0
"""
_BOTH = """
select word, id, bit_or(seen) as seen, bit_or(ones) as ones
from (select word, id, seen, ones from new_masks union all select word, id, seen, ones from moved_masks) as masks
group by word, id
"""


def replaced(earlier: pa.Table, cells: pa.Table) -> set[Cell]:
    """Cells (arm, task_order, seed, stage, task) of which the score matrix used another step than it does today."""
    today = {cell_of(row): row["step"] for row in cells.to_pylist()}
    steps: dict[Cell, float | None] = {}
    for row in earlier.to_pylist():
        cell, step = cell_of(row), row["step"]
        chosen = steps.get(cell, step)
        steps[cell] = None if chosen is None or step is None else max(chosen, step)
    return {cell for cell, step in steps.items() if today[cell] != step}


def join_masks(engine: Engine, layout: Layout, gone: set[Cell], reduced: Reduced) -> None:
    """Make `masks`, those of new rows, the masks of all rows, without those of cells that are gone.

    Raises CannotJoin where an item of a cell is in both.
    """
    place = {(run.arm, run.order, run.seed, run.task): run for run in layout.runs}
    move = reduced.first - layout.first
    moves = []
    for row in reduced.runs.to_pylist():
        of_run = (row["arm"], row["task_order"], row["seed"])
        cells = [(*of_run, reduced.first + bit, row["task"]) for bit in range(reduced.width)]
        kept = sum(1 << bit for bit, cell in enumerate(cells) if cell not in gone)
        run = place.get((*of_run, row["task"]))
        if run is not None:  # else every cell it had is gone
            moves.append((row["word"], row["base"], kept, max(-move, 0), run.word, run.base + max(move, 0)))
    names = ("earlier_word", "base", "kept", "down", "word", "up")
    columns = [pa.array([move[i] for move in moves], pa.int64()) for i in range(len(names))]
    engine.put("earlier_runs", pa.table(columns, names=list(names)))
    engine.put("earlier_masks", reduced.masks)
    engine.keep("moved_masks", _MOVED)
    if engine.rows(_TWICE)["n"][0].as_py():
        raise CannotJoin("an item of a cell stands in new and in earlier files")
    engine.keep("new_masks", "select * from masks")
    engine.keep("masks", _BOTH)
    engine.drop("new_masks", "moved_masks", "earlier_masks", "earlier_runs")


def cell_of(row: Mapping[str, Any]) -> Cell:
    """The cell of a row."""
    return row["arm"], row["task_order"], row["seed"], row["stage"], row["task"]


def table_of(cells: Collection[Cell]) -> pa.Table:
    """Cells as a table."""
    kinds = (pa.string(), pa.string(), pa.int32(), pa.int32(), pa.string())
    columns = [pa.array([cell[i] for cell in cells], kind) for i, kind in enumerate(kinds)]
    return pa.table(columns, names=list(CELL))
