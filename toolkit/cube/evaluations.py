"""How the evaluations of a log become sums: which tasks are followed item by item, and which are summed row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from toolkit.cube import queries
from toolkit.cube.followed import PAIRED, followed, leave_masks
from toolkit.cube.order import in_order
from toolkit.cube.parts import Parts, reduce_parts, why_not
from toolkit.cube.reduced import Reduced
from toolkit.cube.runs import layout_of
from toolkit.results import Notice

if TYPE_CHECKING:
    from toolkit.cube.engine import Engine
    from toolkit.logs import StreamConfig

_CELL = ("arm", "task_order", "seed", "stage", "task")
_KEYS = {
    "sums": (*_CELL, "bucket"),
    "pairs": ("arm", "task_order", "seed", "task", "stage", "bucket"),
    "recurrence": (*_CELL, "group", "bucket"),
}
_COUNTS = {
    "sums": ("n", "total", "total_sq"),
    "pairs": PAIRED,
    "recurrence": ("at_risk", "wrong_again", "isolated_wrong"),
}


@dataclass(frozen=True)
class Evaluations:
    """The tables of a cube that rest on evaluations, what to tell about them, and what is kept for a larger log.

    reduced: None where nothing is kept; why: the reason, of a log that may grow.
    """

    tables: dict[str, pa.Table]
    notices: tuple[Notice, ...]
    reduced: Reduced | None = None
    why: str | None = None


def reduce_evaluations(
    engine: Engine, config: StreamConfig, max_buckets: int, parts: Parts | None = None
) -> Evaluations:
    """Reduce the relations `evaluations`, `evaluation_cells` and `evaluation_items` (`toolkit.cube.engine`).

    parts: the log may grow, or these are joined relations (`toolkit.logs.earlier.join_earlier`); raises CannotJoin
    where what was reduced before is of no use.
    """
    cells = engine.rows(queries.MATRIX_CELLS)
    every = engine.rows(
        "select count(step) > 0 as steps, sum(n) > sum(items) as means from evaluation_cells"
    ).to_pylist()[0]
    tasks = [str(task) for task in pc.unique(cells["task"]).to_pylist()]
    numbers = {task: number for number, task in enumerate(tasks)}
    engine.view("matrix_rows", queries.MATRIX if every["steps"] else "select * from evaluations")
    known = {"task": pa.array(tasks, pa.string()), "number": pa.array(range(len(tasks)), pa.int32())}
    engine.put("task_numbers", pa.table(known))
    key = queries.OWN_KEY if parts is None else parts.key
    engine.keep("buckets", queries.BUCKETS_BY.format(key=key), {"max_buckets": max_buckets})

    plain = {str(task) for task in engine.rows(queries.PLAIN_TASKS)["task"].to_pylist()}
    layout = layout_of(cells, config, plain)
    why = None if parts is None else why_not(engine, cells, layout, plain, parts)
    if why is not None:
        parts = None
    right = 1 if config.higher_is_better else 0
    leave_masks(engine, layout, numbers)
    with_items = {row["task"] for row in cells.to_pylist() if row["items"]}
    if parts is None:
        reduced, found = None, [{"sums": table} for table in _summed(engine, numbers, plain, with_items - layout.tasks)]
    else:
        by_bucket, curves, reduced = reduce_parts(engine, cells, layout, numbers, max_buckets, parts)
        found = [{"sums": by_bucket}]
        why = None if reduced is not None else "there are very many items and runs"
    found.append(followed(engine, layout, right, max_buckets))
    found.append(_row_by_row(engine, cells, config, with_items - layout.tasks, right))
    if parts is None:
        curves = engine.rows(queries.CURVES if every["steps"] else _empty(queries.CURVES))
    units = queries.UNITS + (f" union all {queries.UNITS_OF_MEANS}" if every["means"] else "")
    tables = {
        "sums": _joined("sums", found),
        "cells": engine.rows(queries.CELLS if every["means"] else _empty(queries.CELLS)),
        "curves": curves,
        "counts": engine.rows(queries.COUNTS.format(units=units)),
        "pairs": _joined("pairs", found),
        "recurrence": _joined("recurrence", found),
    }
    engine.drop("task_numbers", "buckets")
    return Evaluations(tables, tuple(_mixed(cells)), reduced, why)


def _summed(engine: Engine, numbers: Mapping[str, int], plain: set[str], tasks: set[str]) -> Iterator[pa.Table]:
    """Sums by bucket of tasks that are not followed."""
    for same, chosen in ((queries.SAME_ID, tasks & plain), (queries.SAME_UNIT, tasks - plain)):
        if chosen:
            listed = ", ".join(str(numbers[task]) for task in sorted(chosen))
            yield engine.rows(queries.SUMS.format(same=same, numbers=listed))


def _row_by_row(
    engine: Engine, cells: pa.Table, config: StreamConfig, tasks: set[str], right: int
) -> dict[str, pa.Table]:
    """Pairs and recurrence of tasks with scores of 0 or 1 that the layout does not take: slower, for any log."""
    other = {row["task"] for row in cells.to_pylist() if row["items"] and not row["binary"]}
    rows = [
        (order, task, arrival)
        for order in dict.fromkeys(("default", *config.orders))
        for arrival, task in enumerate(config.task_order(order), start=1)
        if task in tasks - other
    ]
    if not rows:
        return {}
    orders, names, arrivals = zip(*rows, strict=True)
    positions = {
        "task_order": pa.array(orders, pa.string()),
        "task": pa.array(names, pa.string()),
        "arrival": pa.array(arrivals, pa.int32()),
    }
    engine.put("positions", pa.table(positions))
    engine.keep("since_arrival", queries.SINCE_ARRIVAL, {"right": right})
    tables = {"pairs": engine.rows(queries.PAIRS), "recurrence": engine.rows(queries.RECURRENCE)}
    engine.drop("since_arrival", "positions")  # the first is about as large as the log
    return tables


def _joined(name: str, parts: Sequence[dict[str, pa.Table]]) -> pa.Table:
    """One table of its parts, in the order of its keys."""
    keys = _KEYS[name]
    tables = [part[name].select([*keys, *_COUNTS[name]]) for part in parts if name in part]
    return in_order(pa.concat_tables(tables), keys).combine_chunks()


def _empty(query: str) -> str:
    return f"select * from ({query}) as none where false"


def _mixed(cells: pa.Table) -> Iterator[Notice]:
    """Cells that have both: their items are used, and the means beside them are not."""
    mixed = pc.sum(pc.and_(pc.greater(cells["items"], 0), pc.greater(cells["n"], cells["items"]))).as_py()
    if mixed:
        message = (
            f"{mixed} cells have rows with an item and rows without; the items are used, the means beside them are not"
        )
        yield Notice(code="mixed-cells", message=message)
