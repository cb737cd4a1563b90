"""How a statistic of the scores becomes estimates: for the mean over tasks, for each task, against the baseline.

Every quantity of the score matrix is a difference of terms (arm, metric, sign). Terms of arms that share their
seeds are paired seed by seed; otherwise their seed variances add up.
"""

from __future__ import annotations

from dataclasses import dataclass

from toolkit.analyses.estimates import Terms, change_of, change_terms, named, not_comparable, value_bounds
from toolkit.analyses.evidence import Evidence, items_of
from toolkit.analyses.families import beside, flagged
from toolkit.cube import Scores
from toolkit.inference.ladder import interval
from toolkit.inference.pooled import interval_by_task
from toolkit.inference.statistic import ColumnMetric, column_statistics, mean_of
from toolkit.results import Change, Estimate
from toolkit.results.estimate import Axis


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

    @property
    def is_difference(self) -> bool:
        """Whether it is a difference of scores, for which zero means no effect."""
        return self.difference or self.against is not None


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
    base = Estimate(quantity=what.quantity, axis=what.axis, arm=what.arm, against=what.against,
                    level=evidence.level, unit=what.unit)  # fmt: skip
    if reason is not None or scores is None:
        return (base.model_copy(update={"reason": reason}),)
    old, problem = _baseline_terms(evidence, what)
    bounds = value_bounds(evidence, difference=what.is_difference)
    level = evidence.level
    mean = interval(mean_terms(by_task), level=level, bounds=bounds, binary=scores.binary)
    overall = named(base, mean)
    overall = overall.model_copy(update={"n": {**overall.n, "tasks": len(by_task)}})
    results = interval_by_task(by_task, level=level, bounds=bounds, binary=scores.binary)
    each = []
    for task, result in results.items():
        one = named(base, result, task=task, simultaneous=len(by_task) > 1)
        each.append(_with_change(evidence, one, {task: by_task[task]}, old, problem))
    found = [_with_change(evidence, overall, by_task, old, problem), *flagged(each, list(results.values()))]
    if what.is_difference:
        rest = beside(by_task, level=level, bounds=bounds)
        found += [named(base, result, group=group, task=task) for group, task, result in rest]
    return tuple(found)


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
