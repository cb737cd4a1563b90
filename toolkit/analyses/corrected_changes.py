"""What did learning on cost, and experience bring, by people's measure, where a judge scored the answers?

The difference of two corrected means, with items linked: where people labelled the same answers' items on both
sides, it is PPI++ of the differences (Angelopoulos et al. 2023), clusters by item.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from toolkit.analyses.estimates import estimate_of
from toolkit.analyses.evidence import Evidence
from toolkit.analyses.judged import (
    FEWEST_CLUSTERS,
    SEEN_ONLY,
    Judged,
    Side,
    Terms,
    corrected_by_task,
    corrected_interval,
    corrected_terms,
    judged,
    seeds_known,
    side_of,
)
from toolkit.inference.interval import Interval
from toolkit.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

    from toolkit.results.estimate import Axis

Rows = tuple["pd.DataFrame", "pd.DataFrame"]
Sides = tuple[Side, Side]
UNIT = "points of the feedback scale"
GROUP = "part=human-corrected"


def corrected_changes(evidence: Evidence, arm: str, found: Judged) -> list[Estimate]:
    """backward_transfer and forward_transfer (against isolated), by task and over tasks; none without judgements."""
    order = [task.name for task in evidence.config.tasks]
    arrival = {task: j + 1 for j, task in enumerate(order)}
    rows = found.rows
    last = int(rows["stage"].max())
    kept = {
        task: (_at(rows, task, last), _at(rows, task, stage)) for task, stage in arrival.items() if stage < last
    }  # fmt: skip
    estimates = _differences(evidence, arm, "backward_transfer", "forgetting", kept, found.remark, paired=True)
    alone = judged(evidence.cube, "isolated") if arm != "isolated" else ""
    if isinstance(alone, str):
        return estimates
    compared = {task: (_at(rows, task, k), _at(alone.rows, task, k)) for task, k in arrival.items()}
    remark = found.remark if alone.probability else f"; {SEEN_ONLY}"
    paired = evidence.config.review.seeds_shared
    return estimates + _differences(
        evidence, arm, "forward_transfer", "transfer", compared, remark, paired=paired, against="isolated"
    )


def _at(rows: pd.DataFrame, task: str, stage: int) -> pd.DataFrame:
    return rows[(rows["task"] == task) & (rows["stage"] == stage)]


def _differences(
    evidence: Evidence, arm: str, quantity: str, axis: Axis, by_task: Mapping[str, Rows], remark: str,
    *, paired: bool, against: str | None = None,
) -> list[Estimate]:  # fmt: skip
    """First less second by task, and the mean over the tasks where people labelled both."""
    there = {task: both for task, both in by_task.items() if all(len(side) for side in both)}
    if not there:
        return []
    by_seed = all(seeds_known(side) for both in there.values() for side in both)
    sides: dict[str, Sides] = {}
    for task, (one, other) in there.items():
        a, b = side_of(one, by_seed=by_seed), side_of(other, by_seed=by_seed)
        if a is not None and b is not None and set(a.people.seeds) & set(b.people.seeds):
            sides[task] = (a, b)
    scale = evidence.config.feedback.range or evidence.config.score_range
    bounds = (scale[0] - scale[1], scale[1] - scale[0])
    several = any(side["seed"].nunique() > 1 for both in there.values() for side in both)
    over = ", pooled over seeds" if several and not by_seed else ""

    terms = {task: corrected_terms([a], [b], paired=paired or not by_seed) for task, (a, b) in sides.items()}
    results = corrected_by_task(terms, level=evidence.level, bounds=bounds)

    def estimate(task: str | None, terms: Terms, result: Interval) -> Estimate:
        parts = list(sides.values()) if task is None else [sides[task]]
        counts = {"labels": sum(len(side.y) for both in parts for side in both), "clusters": terms.drawn}
        counts |= {"seeds": result.n["seeds"]} if by_seed else {}
        counts |= {"tasks": len(parts)} if task is None else {}
        used = "PPI++" if terms.weight else "human labels alone"
        partly = f"; {len(parts)} of {len(by_task)} tasks" if task is None and len(parts) < len(by_task) else ""
        method = f"{used}, {result.method}{over}{partly}{remark}" if result.method else None
        return estimate_of(
            result, quantity=quantity, axis=axis, arm=arm, against=against, unit=UNIT, level=evidence.level,
            group=GROUP, task=task, simultaneous=task is not None and len(sides) > 1,
        ).model_copy(update={"n": counts, "method": method})  # fmt: skip

    found = []
    if sides:
        first, second = [a for a, _ in sides.values()], [b for _, b in sides.values()]
        whole = corrected_terms(first, second, paired=paired or not by_seed)
        found.append(estimate(None, whole, corrected_interval(whole, level=evidence.level, bounds=bounds)))
    reason = f"needs human labels of {FEWEST_CLUSTERS} items or more on both sides of the comparison"
    for task in there:
        if task in sides:
            found.append(estimate(task, terms[task], results[task]))
        else:
            found.append(Estimate(
                quantity=quantity, axis=axis, arm=arm, against=against, task=task, group=GROUP, unit=UNIT,
                level=evidence.level, reason=reason,
            ))  # fmt: skip
    return found
