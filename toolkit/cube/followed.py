"""What became of single items since their task arrived, for tasks with scores of 0 or 1: sums, pairs, recurrence.

One grouped scan packs all answers of an item into a few 64-bit numbers (`toolkit.cube.runs`): `seen`, whether there
is an answer, and `ones`, whether its score is 1. Everything else follows from these by shifts and masks, and by
counting how often each bit is set in the items of a bucket; no answer is looked at twice.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from toolkit.cube.bits import Counted
from toolkit.cube.engine import Engine
from toolkit.cube.lanes import Lanes
from toolkit.cube.queries import SCALE
from toolkit.cube.runs import Layout
from toolkit.logs.profile import ID

# `base` is that of the run less the first stage, so that a stage is added to it as it is.
MASKS = f"""
select word, id, bit_or(bit) as seen, bit_or(case when score = 1 then bit else 0 end) as ones
from (
    select r.word, {ID.format(item="e.item")} as id, e.score,
           cast(1 as bigint) << cast(r.base + e.stage - {{first}} as integer) as bit
    from matrix_rows e
    join runs r on e.arm = r.arm and e.seed = r.seed and e.task = r.task{{orders}}
    where e.item is not null
) as answers
group by word, id
"""

# One row a run and item: bit 0 is the first stage of the log. `correct` is where the answer was right.
HISTORIES = """
select r.run, b.bucket, m.id, r.arrival, r.partner,
       (m.seen >> r.base) & {full} as seen,
       ({correct} >> r.base) & {full} as correct,
       (m.ones >> r.base) & {full} as ones
from masks m join runs r on m.word = r.word join buckets b on r.number = b.number and m.id = b.id
where r.run between {start} and {end} and (m.seen >> r.base) & {full} <> 0
"""

# Bit 0 is the stage of arrival from here on.
_ALIGNED = (
    "select run, bucket, id, partner, seen >> arrival as seen, correct >> arrival as correct from {} where arrival >= 0"
)

# Arrival against each later stage.
_PAIRS = f"""
select run, bucket,
       case when correct & 1 = 1 then later & correct else 0 end as "both",
       case when correct & 1 = 1 then later & ~correct else 0 end as lost,
       case when correct & 1 = 0 then later & correct else 0 end as gained,
       case when correct & 1 = 0 then later & ~correct else 0 end as neither
from (
    select run, bucket, correct, seen & ~1 as later from ({_ALIGNED.format("histories")}) as aligned where seen & 1 = 1
) as started
"""

# How the isolated student of the same seed answered the same items when the task arrived.
_ALONE = """
select r.run, b.bucket, m.id, (({correct} >> r.base) >> r.arrival) & 1 as correct
from masks m join runs r on m.word = r.word join buckets b on r.number = b.number and m.id = b.id
where r.run in (select partner from runs where run between {start} and {end})
  and r.arrival >= 0 and ((m.seen >> r.base) >> r.arrival) & 1 = 1
"""

_RECURRENCE = """
select run, bucket,
       risk & ~fixed as never_risk, risk & ~fixed & wrong as never_wrong, risk & ~fixed & alone as never_alone,
       risk & fixed as fixed_risk, risk & fixed & wrong as fixed_wrong, risk & fixed & alone as fixed_alone
from (
    select h.run, h.bucket, h.wrong, h.seen & h.before & ~3 as risk, h.fixed,
           case when a.correct = 1 then 0 else {full} end as alone
    from ({traced}) as h join alone a on h.partner = a.run and h.id = a.id
) as compared
where risk <> 0
"""

_LARGEST = "select max(n) as items from (select count(*) as n from buckets group by number, bucket) as sizes"

PAIRED = ("both", "lost", "gained", "neither")


def leave_masks(engine: Engine, layout: Layout, numbers: Mapping[str, int]) -> None:
    """Leave the layout as `runs` and the answers in `matrix_rows` as `masks`, for `followed`."""
    engine.put("runs", layout.table(numbers))
    several = len({run.order for run in layout.runs}) > 1
    orders = " and e.task_order = r.task_order" if several else ""
    engine.keep("masks", MASKS.format(first=layout.first, orders=orders))


def followed(engine: Engine, layout: Layout, right: int, buckets: int) -> dict[str, pa.Table]:
    """The tables `sums`, `pairs` and `recurrence` of the tasks of the layout, in no order.

    The engine has `buckets` (`toolkit.cube.queries`), and `runs` and `masks`, which go. right: the score of a right
    answer, 0 or 1. buckets: at most, of a task.
    """
    full = (1 << layout.width) - 1
    correct = "m.ones" if right == 1 else "(m.seen & ~m.ones)"
    most = engine.rows(_LARGEST)["items"][0].as_py()
    sums, pairs, fixed, never = (Counted(layout, Lanes.of(most or 1)) for _ in range(4))
    risks = {"fixed": fixed, "never": never}
    for start, end in layout.batches(buckets, masks=6):
        span = {"full": full, "correct": correct, "start": start, "end": end}
        engine.keep("histories", HISTORIES.format(**span))
        sums.add(engine, "histories", ("seen", "ones"))
        pairs.add(engine, f"({_PAIRS})", PAIRED, arrived=True)
        if any(run.partner is not None for run in layout.runs[start : end + 1]):
            engine.keep("alone", _ALONE.format(**span))
            engine.keep("risks", _RECURRENCE.format(full=full, traced=_traced(layout.width)))
            for group, counted in risks.items():
                counted.add(engine, "risks", (f"{group}_risk", f"{group}_wrong", f"{group}_alone"), arrived=True)
    engine.drop("histories", "alone", "risks", "masks", "runs")
    recurrence = pa.concat_tables([
        counted.table(("at_risk", "wrong_again", "isolated_wrong")).append_column(
            "group", pa.repeat(pa.scalar(group), counted.rows)
        )
        for group, counted in risks.items()
    ])  # fmt: skip
    summed = sums.table(("n", "ones"))
    total = pc.multiply(summed["ones"], SCALE)  # the square of a score of 1 is 1
    return {
        "sums": summed.drop_columns("ones").append_column("total", total).append_column("total_sq", total),
        "pairs": pairs.table(PAIRED),
        "recurrence": recurrence,
    }


def _traced(width: int) -> str:
    """SQL for the histories of arm `stream` with what was known of each item before each stage.

    wrong: answered wrongly. before: right when it was last asked. fixed: wrong at an earlier stage. Both are spread
    over the later bits by doubling (a parallel prefix, as carries are in an adder).
    """
    full = (1 << width) - 1

    def up(mask: str, by: int) -> str:
        return f"(({mask} & {full >> by}) << {by})"

    aligned = _ALIGNED.format("histories")
    rows = (
        f"select run, bucket, id, partner, seen, seen & ~correct as wrong, seen & ~correct as was, "
        f"correct as held, {full} & ~seen as silent from ({aligned}) as aligned where partner is not null"
    )
    by = 1
    while by < width:
        rows = (
            f"select run, bucket, id, partner, seen, wrong, was | {up('was', by)} as was, "
            f"held | (silent & {up('held', by)}) as held, silent & {up('silent', by)} as silent "
            f"from ({rows}) as step{by}"
        )
        by *= 2
    return (
        f"select run, bucket, id, partner, seen, wrong, {up('held', 1)} as before, {up('was', 1)} as fixed "
        f"from ({rows}) as last"
    )
