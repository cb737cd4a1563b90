"""Which share of single items was lost, and which was won, since their task was learned?

The change of a task's mean hides what happens below it: as many items won as lost leave it where it was. Counting
items by how they were answered at arrival and at a later stage, the loss rate is lost / (both + lost), of the items
that were right at arrival, and the gain rate is gained / (gained + neither), of those that were wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.compute as pc

from toolkit.analyses.estimates import named
from toolkit.analyses.evidence import Evidence
from toolkit.analyses.families import flagged
from toolkit.analyses.judgements import weighted_mean
from toolkit.analyses.maxforgetting import TOO_SHORT
from toolkit.analyses.measure import needs_arm
from toolkit.cube import Cube, Scores
from toolkit.inference.interval import Interval
from toolkit.inference.ladder import interval
from toolkit.inference.pooled import interval_by_task
from toolkit.inference.proportions import mcnemar, wilson
from toolkit.inference.simultaneous import bonferroni, max_t_level
from toolkit.inference.statistic import Statistic
from toolkit.results import Estimate

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

NEEDS_ITEMS = "needs item-level scores with stable item ids"
NEEDS_BINARY = "needs scores of 0 or 1"
NEEDS_SAME_ITEMS = "needs the same items (ids) at arrival and later"
OLDER_CUBE = "the stored cube was made before this was counted; run again from the log"
SHARES = (0.0, 1.0)


@dataclass(frozen=True)
class Rate:
    """One of the two rates: of the items answered so at arrival (`before`), `hits` changed and `kept` did not."""

    quantity: str
    before: str
    hits: str
    kept: str


LOSS = Rate("item_loss_rate", "right", "lost", "both")
GAIN = Rate("item_gain_rate", "wrong", "gained", "neither")


def churn(evidence: Evidence, arm: str = "stream") -> list[Estimate]:
    """Item loss rate and item gain rate of one arm, as shares of the items at risk.

    Over all tasks that arrived before the last stage, from arrival to the last stage; by task; and by age, the
    stages since arrival (group `age=a`, the tasks that reached it). Over tasks the items at risk are pooled: it is
    the mean of the tasks' rates weighted by their items at risk, in the seeds that have all of the tasks; over seeds
    it is the plain mean. n: at_risk, summed over tasks and seeds; seeds; tasks.

    Intervals: Wilson's where one seed and unclustered items leave plain counts; else the sandwich over clusters for
    one seed and items x seeds for several. Those of tasks hold together, and those of ages. With one seed and
    unclustered items a task's loss rate carries the exact p-value of McNemar's test: as many items won as lost.
    """
    scores, cube = evidence.scores, evidence.cube
    bases = {
        rate: Estimate(quantity=rate.quantity, axis="forgetting", arm=arm, level=evidence.level, unit="share")
        for rate in (LOSS, GAIN)
    }
    missing: dict[str, str | None] = {"": needs_arm(arm)}
    if scores is not None and arm in scores.arms:
        early = scores.tasks[: max(0, len(scores.stages) - 2)]
        last_stage = len(scores.stages) - 1
        missing = {task: why_not_followed(cube, scores, arm, task, last_stage) for task in early} or {"": TOO_SHORT}
    if scores is None or None not in missing.values():
        return [base.model_copy(update={"reason": next(iter(missing.values()))}) for base in bases.values()]
    estimates: list[Estimate] = []
    for rate, base in bases.items():
        rows = _at_risk(cube, scores, arm, rate)
        last = rows[rows["stage"] == len(scores.stages) - 1]
        nothing = f"no item was {rate.before} at arrival"
        without = "no seed has all of the tasks" if last["weight"].any() else nothing
        estimates.append(share_estimate(base, pooled_share(last), without, tasks=last["task"].nunique()))
        parts = {task: last[last["task"] == task] for task, why in missing.items() if why is None}
        estimates += _by_task(cube, base, parts, nothing)
        estimates += [base.model_copy(update={"task": t, "reason": why}) for t, why in missing.items() if why]
        estimates += _by_age(base, rows)
    return estimates


def why_not_followed(cube: Cube, scores: Scores, arm: str, task: str, first: int) -> str | None:
    """Why a task's items cannot be followed from its arrival to the stage `first` or beyond, or None."""
    place, pairs, sums = scores.tasks.index(task), cube.table("pairs"), cube.table("sums")
    if pairs is not None:
        followed = rows_where(pairs, arm=arm, task_order=scores.order, task=task)
        if pc.any(pc.greater_equal(followed["stage"], first)).as_py():
            return None
    known = np.isfinite(scores.arm(arm)[:, :, place])  # [seed, stage]
    if not (known[:, place + 1] & known[:, first:].any(1)).any():
        return f"needs scores at arrival and at stage {first} or later"
    items = None if sums is None else rows_where(sums, arm=arm, task_order=scores.order, task=task)
    if items is None or not items.num_rows:
        return NEEDS_ITEMS
    if not pc.all(pc.equal(items["total"], items["total_sq"])).as_py():
        return NEEDS_BINARY
    return OLDER_CUBE if cube.meta.cube_version == "1" else NEEDS_SAME_ITEMS


def rows_where(table: pa.Table, **values: object) -> pa.Table:
    """The rows of a table whose columns have these values."""
    for column, value in values.items():
        table = table.filter(pc.equal(table[column], value))
    return table


def _at_risk(cube: Cube, scores: Scores, arm: str, rate: Rate) -> pd.DataFrame:
    """The pairs of one arm with age, cluster (the bucket), hits, and weight, the count at risk."""
    frame = rows_where(cube.tables["pairs"], arm=arm, task_order=scores.order).to_pandas()
    arrival = frame["task"].map({task: place for place, task in enumerate(scores.tasks, start=1)})
    return frame.rename(columns={"bucket": "cluster"}).assign(
        age=frame["stage"] - arrival, hits=frame[rate.hits], weight=frame[rate.hits] + frame[rate.kept]
    )


def _by_task(cube: Cube, base: Estimate, parts: dict[str, pd.DataFrame], nothing: str) -> list[Estimate]:
    """One estimate a task, with intervals that hold for all of them together."""
    found = {task: share_statistic(rows) for task, rows in parts.items()}
    known = {task: (statistic,) for task, statistic in found.items() if statistic is not None}
    results = interval_by_task(known, level=base.level, bounds=SHARES, binary=True)
    level = bonferroni(base.level, len(known))
    estimates = []
    for task, rows in parts.items():
        if task not in results:
            estimates.append(base.model_copy(update={"task": task, "reason": nothing}))
            continue
        result = results[task]
        if rows["seed"].nunique() == 1 and _unclustered(cube, task, rows):
            hits, at_risk, lost, gained = (int(rows[name].sum()) for name in ("hits", "weight", "lost", "gained"))
            low, high = wilson(hits, at_risk, level)
            result = replace(result, low=low, high=high, scope="items", method="Wilson score interval", reason=None)
            if base.quantity == LOSS.quantity:
                result = replace(result, p_value=mcnemar(lost, gained))
        estimates.append(_as_estimate(base, result, task=task, simultaneous=len(known) > 1))
    return flagged(estimates, [results.get(task) for task in parts])


def _unclustered(cube: Cube, task: str, rows: pd.DataFrame) -> bool:
    """Whether a task's items are their own clusters, each bucket one item or several drawn on their own."""
    if rows.groupby("cluster")[["both", "lost", "gained", "neither"]].sum().sum(axis=1).max() <= 1:
        return True
    counted = rows_where(cube.tables["counts"], task=task)
    return "clusters" in counted.column_names and counted["clusters"].to_pylist() == counted["items"].to_pylist()


def _by_age(base: Estimate, rows: pd.DataFrame) -> list[Estimate]:
    """One estimate an age, with intervals that hold for all of them together."""
    known = {}
    for age in sorted(rows["age"].unique().tolist()):
        part = rows[rows["age"] == age]
        if (statistic := pooled_share(part)) is not None:
            known[age] = (statistic, part["task"].nunique())
    level = max_t_level([statistic for statistic, _ in known.values()], base.level)
    return [
        _as_estimate(base, interval([statistic], level=level, bounds=SHARES, binary=True), tasks=tasks,
                     group=f"age={age}", simultaneous=len(known) > 1)
        for age, (statistic, tasks) in known.items()
    ]  # fmt: skip


def share_statistic(rows: pd.DataFrame) -> Statistic | None:
    """The share hits / weight in each seed, summed over rows, with the influence of each cluster (delta method).

    rows: seed, cluster, hits, and weight, the count at risk. None where nothing is at risk.
    """
    with np.errstate(invalid="ignore"):
        shares = rows["hits"].to_numpy(dtype=float) / rows["weight"].to_numpy(dtype=float)
    statistic = weighted_mean(rows, shares, difference=False)
    return None if statistic is None else replace(statistic, items=int(rows["weight"].sum()))


def pooled_share(rows: pd.DataFrame) -> Statistic | None:
    """The share over all tasks of `rows`, in the seeds that have all of them."""
    tasks = rows.groupby("seed")["task"].nunique()
    return share_statistic(rows[rows["seed"].isin(tasks.index[tasks == rows["task"].nunique()])])


def share_estimate(
    base: Estimate, statistic: Statistic | None, nothing: str, *, tasks: int | None = None, **fields: Any
) -> Estimate:
    """A share with its interval; nothing: the reason where nothing is at risk."""
    if statistic is None:
        return base.model_copy(update={"reason": nothing, **fields})
    result = interval([statistic], level=base.level, bounds=SHARES, binary=True)
    return _as_estimate(base, result, tasks=tasks, **fields)


def _as_estimate(base: Estimate, result: Interval, *, tasks: int | None = None, **fields: Any) -> Estimate:
    """An interval of a share as an estimate that counts what was at risk."""
    n = {"at_risk": result.n["items"], "seeds": result.n["seeds"]} | ({} if tasks is None else {"tasks": tasks})
    if result.low is None and result.n["seeds"] == 1:
        result = replace(result, reason="needs at least two items at risk")
    return named(base, result, **fields).model_copy(update={"n": n})
