"""How are evaluations reduced when files are added to a log, without reading the others again?

Rows of new files are reduced like any others and added to what was kept (`toolkit.cube.reduced`). The relations are
those that `toolkit.logs.earlier.join_earlier` leaves. Where adding would not give what reading all files gives,
`CannotJoin` says why.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from toolkit.cube import queries
from toolkit.cube.reduced import CELL, RUN, Cell, Reduced, cell_of, join_masks, replaced, table_of
from toolkit.logs.earlier import CannotJoin

if TYPE_CHECKING:
    from toolkit.cube.engine import Engine
    from toolkit.cube.runs import Layout

_MOST = 10_000_000  # masks that are kept: rows of about 30 bytes


@dataclass(frozen=True)
class Parts:
    """A log that may grow, and what was kept of it before.

    reduced: of files that were reduced earlier; cells: theirs, as `toolkit.logs.earlier.Earlier` has them. Both None
    where all files are new.
    """

    reduced: Reduced | None = None
    cells: pa.Table | None = None

    @property
    def key(self) -> str:
        """SQL for the key of a cluster in `evaluation_items` (`queries.BUCKETS_BY`)."""
        return queries.OWN_KEY if self.reduced is None else "i.unit"


_FEW = "s.clusters <= $max_buckets"
_SIZES = "(select task, count(distinct cluster) as clusters from evaluation_items group by task)"
_UNITS = f"""
select i.task, t.number, i.id,
       case when {_FEW} then {{key}} else cast({{key}} & ($max_buckets - 1) as ubigint) end as unit
from evaluation_items i join {_SIZES} s on i.task = s.task join task_numbers t on i.task = t.task
"""
_UNIT_SUMS = f"""
select u.arm, u.task_order, u.seed, u.stage, u.task,
       case when {_FEW} then u.unit else cast(u.unit & ($max_buckets - 1) as ubigint) end as unit,
       sum(u.n)::bigint as n, sum(u.total)::bigint as total, sum(u.total_sq)::bigint as total_sq
from ({{rows}}) u join {_SIZES} s on u.task = s.task
group by all
"""
_EARLIER_SUMS = """
select e.arm, e.task_order, e.seed, e.stage, e.task, e.unit, e.n, e.total, e.total_sq from earlier_sums e
anti join replaced_cells c on e.arm = c.arm and e.task_order = c.task_order and e.seed = c.seed
    and e.stage = c.stage and e.task = c.task
"""
_SUMS = f"""
select u.arm, u.task_order, u.seed, u.stage, u.task,
       case when {_FEW} then cast(u.unit >> 1 as bigint) else cast(u.unit as bigint) end as bucket,
       sum(u.n)::bigint as n, sum(u.total)::bigint as total, sum(u.total_sq)::bigint as total_sq
from unit_sums u join {_SIZES} s on u.task = s.task
group by all
"""
_CURVES = """
select arm, task_order, seed, stage, task, step,
       sum(n)::bigint as n, sum(total)::bigint as total, sum(total_sq)::bigint as total_sq
from ({parts}) as parts group by all order by all
"""


def why_not(engine: Engine, cells: pa.Table, layout: Layout, plain: Collection[str], parts: Parts) -> str | None:
    """Why the reduction of a log cannot be kept; None where it can.

    cells: those of the score matrix. plain: see `toolkit.cube.queries.PLAIN_TASKS`. Raises CannotJoin where what was
    kept before is of no use.
    """
    rows = [row for row in cells.to_pylist() if row["items"]]
    tasks = {row["task"] for row in rows}
    summed = {row["task"] for row in rows if not row["binary"]}
    why = None
    if tasks - set(plain):
        why = "an item has several clusters in one task"
    elif tasks - summed - layout.tasks:
        why = "there are more than 62 stages"
    if parts.reduced is None or parts.cells is None:
        return why
    if why is not None:
        raise CannotJoin(why)
    gone = replaced(parts.cells, cells)
    known = parts.reduced.sums.group_by(list(CELL)).aggregate([]).to_pylist()
    was_summed = {row["task"] for row in known if cell_of(row) not in gone}
    was_followed = set(parts.reduced.runs["task"].to_pylist())
    if was_summed & layout.tasks or was_followed & summed:
        raise CannotJoin("scores of a task are no longer all 0 or 1, or have become so")
    followed = {(*cell_of(row), row["step"]) for row in rows if row["task"] in layout.tasks}
    shared = engine.rows("select * from shared_cells").to_pylist()
    if not all((*cell_of(row), row["step"]) in followed for row in shared):
        raise CannotJoin("a cell whose items are not followed one by one has rows in new and in earlier files")
    return None


def reduce_parts(
    engine: Engine, cells: pa.Table, layout: Layout, numbers: Mapping[str, int], max_buckets: int, parts: Parts
) -> tuple[pa.Table, pa.Table, Reduced | None]:
    """Sums by bucket of the tasks that are not followed, `curves`, and what is kept; `masks` become those of all rows.

    The engine has what `toolkit.cube.followed.leave_masks` leaves; numbers: of the tasks. Nothing is kept where that
    would be very much. Raises CannotJoin where an item stands in new and in earlier files.
    """
    gone: set[Cell] = set()
    if parts.reduced is not None and parts.cells is not None:
        gone = replaced(parts.cells, cells)
        join_masks(engine, layout, gone, parts.reduced)
    others = [number for task, number in numbers.items() if task not in layout.tasks]
    by_bucket, by_unit = _sums(engine, others, gone, max_buckets, parts)
    curves, of_items = _curves(engine, parts.reduced)
    if engine.rows("select count(*) as n from masks")["n"][0].as_py() > _MOST:
        return by_bucket, curves, None
    masks = engine.rows("select * from masks order by word, id")
    runs = layout.table(numbers).select([*RUN, "word", "base"])
    return by_bucket, curves, Reduced(layout.first, layout.width, runs, masks, by_unit, of_items)


def _sums(
    engine: Engine, numbers: Collection[int], gone: set[Cell], max_buckets: int, parts: Parts
) -> tuple[pa.Table, pa.Table]:
    """Sums by bucket and by unit of the tasks with these numbers."""
    buckets = {"max_buckets": max_buckets}
    engine.keep("units", _UNITS.format(key=parts.key), buckets)
    listed = ", ".join(str(number) for number in numbers)
    rows = queries.SUMS_BY.replace("{bucket}", "unit").format(same=queries.SAME_ID, numbers=listed or "null")
    if not listed:
        rows = f"select * from ({rows}) as none where false"
    if parts.reduced is not None:
        engine.put("replaced_cells", table_of(gone))
        engine.put("earlier_sums", parts.reduced.sums)
        rows = f"{rows} union all {_EARLIER_SUMS}"
    engine.keep("unit_sums", _UNIT_SUMS.format(rows=rows), buckets)
    found = engine.rows(_SUMS, buckets), engine.rows("select * from unit_sums order by all")
    engine.drop("units", "unit_sums", "earlier_sums", "replaced_cells")
    return found


def _curves(engine: Engine, earlier: Reduced | None) -> tuple[pa.Table, pa.Table]:
    """Sums by step of all rows, and of those with an item alone."""
    there = "select count(step) > 0 as steps, sum(n) > sum(items) as means from evaluation_cells"
    every = engine.rows(there).to_pylist()[0]
    parts = queries.CURVES_OF.format(chosen="step is not null and item is not null" if every["steps"] else "false")
    if earlier is not None:
        engine.put("earlier_curves", earlier.curves)
        parts = f"select * from ({parts}) union all select * from earlier_curves"
    engine.keep("item_curves", _CURVES.format(parts=parts))
    chosen = "step is not null and item is null" if every["steps"] and every["means"] else "false"
    both = f"select * from ({queries.CURVES_OF.format(chosen=chosen)}) union all select * from item_curves"
    found = engine.rows(_CURVES.format(parts=both)), engine.rows("select * from item_curves order by all")
    engine.drop("item_curves", "earlier_curves")
    return found
