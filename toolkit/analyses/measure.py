"""How a statistic of the scores becomes estimates: for the mean over tasks, for each task, against the baseline.

Every quantity of the score matrix is a difference of terms (arm, metric, sign). Terms of arms that share their
seeds are paired seed by seed; otherwise their seed variances add up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from toolkit.analyses.evidence import Evidence, items_of
from toolkit.cube import Cube, Scores
from toolkit.inference.ladder import Interval, interval
from toolkit.inference.statistic import ColumnMetric, Statistic, column_statistics, mean_of
from toolkit.results import Change, Estimate
from toolkit.results.estimate import Axis

Terms = tuple[Statistic, ...]


@dataclass(frozen=True)
class Measure:
    """A quantity of the score matrix: `metric` in `arm`, minus `other` in `against` where given.

    difference: whether the metric itself is already a difference of two scores
    """

    quantity: str
    axis: Axis
    metric: ColumnMetric
    arm: str = "stream"
    against: str | None = None
    other: ColumnMetric | None = None
    difference: bool = True
    unit: str = "score"


def terms_by_task(measure: Measure, scores: Scores, items: dict[str, int], *, shared: bool) -> dict[str, Terms]:
    """The statistic of each task: one term where arms share seeds, two where they do not."""
    difference = measure.difference
    first = column_statistics(scores, measure.arm, measure.metric, items=items, difference=difference)
    if measure.against is None:
        return {task: (statistic,) for task, statistic in first.items()}
    metric = measure.other or measure.metric
    second = column_statistics(scores, measure.against, metric, items=items, difference=difference)
    both = [task for task in first if task in second]
    if shared:
        return {task: (first[task] - second[task],) for task in both}
    return {task: (first[task], -second[task]) for task in both}


def mean_terms(by_task: dict[str, Terms]) -> Terms:
    """The mean over tasks, term by term."""
    columns = zip(*by_task.values(), strict=True)
    return tuple(mean_of(list(column)) for column in columns)


def missing_arm(measure: Measure, scores: Scores | None) -> str | None:
    """Why the measure has nothing to work on, or None."""
    if scores is None:
        return "needs evaluations: a table of scored items by stage and task"
    wanted = [measure.arm, *([measure.against] if measure.against else [])]
    return next((needs_arm(arm) for arm in wanted if arm not in scores.arms), None)


def needs_arm(arm: str) -> str:
    """What to log where an arm is missing."""
    what = {
        "stream": "the student that learns task after task",
        "isolated": "each task learned alone with the same budget",
        "joint": "all tasks learned at once",
        "fresh": "a student started anew at each task",
    }.get(arm, "a further condition")
    return f'needs the arm "{arm}" ({what})'


def measure(evidence: Evidence, what: Measure, *, undefined: str) -> tuple[Estimate, ...]:
    """Estimates of one measure: the mean over tasks first, then each task with simultaneous intervals.

    undefined: the reason to give where the log has the arms but no task for which the metric is defined.
    """
    scores = evidence.scores
    reason = missing_arm(what, scores)
    by_task: dict[str, Terms] = {}
    if reason is None and scores is not None:
        by_task = terms_by_task(what, scores, evidence.items, shared=evidence.config.review.seeds_shared)
        if not by_task:
            reason = undefined
    if reason is not None or scores is None:
        return (Estimate(quantity=what.quantity, axis=what.axis, arm=what.arm, against=what.against,
                         level=evidence.level, unit=what.unit, reason=reason),)  # fmt: skip
    old, problem = _baseline_terms(evidence, what)
    overall = _estimate(evidence, what, mean_terms(by_task), tasks=len(by_task), stage=len(scores.stages) - 1)
    overall = _with_change(evidence, overall, by_task, old, problem)
    # Bonferroni over the tasks of this quantity: intervals that hold for all of them together.
    level = 1 - (1 - evidence.level) / len(by_task)
    each = []
    for task, terms in by_task.items():
        one = _estimate(evidence, what, terms, task=task, tasks=1, level=level)
        one = one.model_copy(update={"simultaneous": len(by_task) > 1})
        each.append(_with_change(evidence, one, {task: terms}, old, problem))
    return (overall, *each)


def _estimate(
    evidence: Evidence,
    what: Measure,
    terms: Terms,
    *,
    tasks: int,
    task: str | None = None,
    stage: int | None = None,
    level: float | None = None,
) -> Estimate:
    scores = evidence.scores
    binary = scores is not None and scores.binary
    bounds = value_bounds(evidence, difference=what.difference or what.against is not None)
    result = interval(terms, level=level or evidence.level, bounds=bounds, binary=binary)
    estimate = estimate_of(
        result, quantity=what.quantity, axis=what.axis, arm=what.arm, against=what.against, task=task,
        unit=what.unit, level=evidence.level,
    )  # fmt: skip
    return estimate.model_copy(update={"n": {**estimate.n, "tasks": tasks}}) if task is None else estimate


def estimate_of(result: Interval, *, quantity: str, axis: Axis, level: float, **fields: object) -> Estimate:
    """An `Estimate` from an interval; a value that is not finite is missing."""
    value = result.value if np.isfinite(result.value) else None
    return Estimate.model_validate({
        "quantity": quantity, "axis": axis, "value": value, "low": result.low, "high": result.high,
        "level": level, "n": result.n, "scope": result.scope, "method": result.method,
        "reason": result.reason, **fields,
    })  # fmt: skip


def value_bounds(evidence: Evidence, *, difference: bool) -> tuple[float, float]:
    """Smallest and largest possible value of a score, or of a difference of two."""
    low, high = evidence.bounds
    return (low - high, high - low) if difference else (low, high)


def _baseline_terms(evidence: Evidence, what: Measure) -> tuple[dict[str, Terms], str | None]:
    if evidence.baseline is None:
        return {}, None
    reason = not_comparable(evidence.cube, evidence.baseline)
    scores = evidence.baseline_scores
    reason = reason or missing_arm(what, scores)
    if reason is not None or scores is None:
        return {}, reason
    shared = evidence.baseline.config.review.seeds_shared
    return terms_by_task(what, scores, items_of(evidence.baseline), shared=shared), None


def not_comparable(new: Cube, old: Cube) -> str | None:
    """Why two releases' scores cannot be subtracted, or None."""
    if new.config.score_range != old.config.score_range:
        return "not comparable: the score range differs"
    if new.config.higher_is_better != old.config.higher_is_better:
        return "not comparable: the direction of the scores differs"
    return None


def _with_change(
    evidence: Evidence, estimate: Estimate, new: dict[str, Terms], old: dict[str, Terms], problem: str | None
) -> Estimate:
    """Add the difference to the baseline: items paired where they are the same, seeds never."""
    if evidence.baseline is None or evidence.baseline_release is None:
        return estimate
    against = evidence.baseline_release
    if problem is None and set(new) - set(old):
        problem = f"not comparable: {against} has no value for {', '.join(sorted(set(new) - set(old)))}"
    if problem is None and estimate.task is None and set(old) - set(new):
        problem = f"not comparable: {against} averages other tasks"
    if problem is not None:
        return estimate.model_copy(update={"change": Change(against=against, reason=problem)})
    terms = change_terms(mean_terms(new), mean_terms({task: old[task] for task in new}))
    return estimate.model_copy(update={"change": change_of(terms, against, evidence)})


def change_terms(new: Sequence[Statistic], old: Sequence[Statistic]) -> Terms:
    """The terms of new - old; releases are trained separately, so no seeds are paired."""
    return (*new, *(-term for term in old))


def change_of(terms: Terms, against: str, evidence: Evidence) -> Change:
    """The difference to the baseline with its interval."""
    width = 2 * (evidence.bounds[1] - evidence.bounds[0])
    result = interval(terms, level=evidence.level, bounds=(-width, width))
    value = result.value if np.isfinite(result.value) else None
    return Change(against=against, value=value, low=result.low, high=result.high, reason=result.reason)
