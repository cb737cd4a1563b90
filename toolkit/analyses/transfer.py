"""Did earlier experience help later tasks?"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from toolkit.analyses.coverage import coverage_notices
from toolkit.analyses.evidence import Analysis, Evidence
from toolkit.analyses.measure import Measure, estimate_of, measure, missing_arm, terms_by_task, value_bounds
from toolkit.analyses.metrics import average_accuracy, learning_accuracy, zero_shot_transfer
from toolkit.analyses.moderators import similarity_to_earlier
from toolkit.cube import Scores
from toolkit.inference.ladder import interval
from toolkit.inference.metaregression import MetaRegression, meta_regression
from toolkit.inference.statistic import Statistic, cell_statistics
from toolkit.results import Estimate

Floats = npt.NDArray[np.float64]

AVERAGE = Measure("average_accuracy", "transfer", average_accuracy, difference=False)
LEARNING = Measure("learning_accuracy", "transfer", learning_accuracy, difference=False)
FORWARD = Measure("forward_transfer", "transfer", learning_accuracy, against="isolated", difference=False)
ZERO_SHOT = Measure("zero_shot_transfer", "transfer", zero_shot_transfer)

NO_ARRIVAL = "needs scores of each task right after it was learned (stage k for the k-th task)"
NO_STAGE_0 = "needs scores before a task is learned: stage 0, and the stage before its arrival"


def transfer(evidence: Evidence) -> Analysis:
    """Estimates of the transfer axis: score matrix, accuracies, forward and zero-shot transfer, next task."""
    estimates = [
        *measure(evidence, FORWARD, undefined=NO_ARRIVAL),
        *measure(evidence, ZERO_SHOT, undefined=NO_STAGE_0),
        *measure(evidence, AVERAGE, undefined=NO_ARRIVAL),
        *measure(evidence, LEARNING, undefined=NO_ARRIVAL),
        *similarity_slope(evidence),
        next_task(evidence),
        *score_cells(evidence),
        *learning_curves(evidence),
    ]
    return Analysis(tuple(estimates), coverage_notices(evidence))


def score_cells(evidence: Evidence, arm: str = "stream") -> list[Estimate]:
    """Each cell of the score matrix R[stage, task] of one arm."""
    scores = evidence.scores
    if scores is None or arm not in scores.arms:
        return []
    bounds = value_bounds(evidence, difference=False)
    estimates = []
    for (stage, task), cell in cell_statistics(scores, arm, items=evidence.items).items():
        result = interval([cell], level=evidence.level, bounds=bounds, binary=scores.binary)
        estimates.append(estimate_of(
            result, quantity="score", axis="transfer", arm=arm, task=task, stage=stage, level=evidence.level
        ))  # fmt: skip
    return estimates


def learning_curves(evidence: Evidence) -> list[Estimate]:
    """Score of a task while it is learned, by arm and step: quantity `score`, group `step=...`, t over seeds."""
    table, scores = evidence.cube.table("curves"), evidence.scores
    if table is None or scores is None:
        return []
    frame = table.to_pandas()
    place = {task: j + 1 for j, task in enumerate(scores.tasks)}
    frame = frame[(frame["task_order"] == scores.order) & (frame["stage"] == frame["task"].map(place))]
    frame = frame.assign(mean=frame["total"] / frame["n"] / 1e9)
    bounds = value_bounds(evidence, difference=False)
    estimates = []
    for (arm, task, stage, step), rows in frame.groupby(["arm", "task", "stage", "step"], sort=True):
        statistic = Statistic(tuple(rows["seed"]), rows["mean"].to_numpy(), difference=False)
        result = interval([statistic], level=evidence.level, bounds=bounds)
        estimates.append(estimate_of(
            result, quantity="score", axis="transfer", arm=arm, task=task, stage=int(stage),
            group=f"step={step:g}", level=evidence.level,
        ))  # fmt: skip
    return estimates


def task_effects(evidence: Evidence) -> tuple[list[str], Floats, Floats] | str:
    """Forward transfer of each task with its variance: tasks, [task], [task]; or why there is none."""
    scores = evidence.scores
    what = FORWARD
    reason = missing_arm(what, scores)
    if reason is not None or scores is None:
        return reason or "needs evaluations"
    by_task = terms_by_task(what, scores, evidence.items, shared=evidence.config.review.seeds_shared)
    # The first task has no earlier experience to profit from.
    by_task = {task: terms for task, terms in by_task.items() if task != scores.tasks[0]}
    bounds = value_bounds(evidence, difference=True)
    results = {task: interval(terms, level=evidence.level, bounds=bounds) for task, terms in by_task.items()}
    known = {task: r for task, r in results.items() if r.variance}
    if len(known) < 3:
        return "needs forward transfer with an interval for at least three tasks after the first"
    values = np.array([r.value for r in known.values()])
    return list(known), values, np.array([float(r.variance or 0) for r in known.values()])


def similarity_fit(evidence: Evidence) -> tuple[list[str], Floats, Floats, Floats, MetaRegression] | str:
    """Transfer against similarity to the nearest earlier task: tasks, x, y, variances, fit; or why not."""
    effects = task_effects(evidence)
    if isinstance(effects, str):
        return effects
    nearest = similarity_to_earlier(evidence)
    if isinstance(nearest, str):
        return nearest
    tasks, y, v = effects
    if any(task not in nearest for task in tasks):
        return "needs the similarity of each task to its earlier ones in similarity.csv"
    x = np.array([nearest[task] for task in tasks])
    try:
        fit = meta_regression(y, v, np.column_stack([np.ones_like(x), x - x.mean()]))
    except ValueError as error:
        return str(error)
    return tasks, x, y, v, fit


def similarity_slope(evidence: Evidence) -> list[Estimate]:
    """Change of forward transfer per unit of similarity to the nearest earlier task."""
    base = Estimate(quantity="transfer_similarity_slope", axis="transfer", against="isolated",
                    level=evidence.level, unit="score per unit of similarity")  # fmt: skip
    fitted = similarity_fit(evidence)
    if isinstance(fitted, str):
        return [base.model_copy(update={"reason": fitted})]
    tasks, _, _, _, fit = fitted
    low, high = fit.interval(1, evidence.level)
    update = {
        "value": float(fit.coefficients[1]), "low": low, "high": high, "n": {"tasks": len(tasks)},
        "scope": "tasks", "method": "random-effects meta-regression, Knapp-Hartung t",
    }  # fmt: skip
    return [base.model_copy(update=update)]


def next_task(evidence: Evidence) -> Estimate:
    """Prediction interval for the forward transfer of a further task of this kind."""
    base = Estimate(quantity="next_task_transfer", axis="transfer", against="isolated", level=evidence.level)
    effects = task_effects(evidence)
    if isinstance(effects, str):
        return base.model_copy(update={"reason": effects})
    tasks, y, v = effects
    fit = meta_regression(y, v)
    value, low, high = fit.prediction(np.ones(1), evidence.level)
    smallest, largest = value_bounds(evidence, difference=True)
    low, high = max(low, smallest), min(high, largest)
    update = {
        "value": value, "low": low, "high": high, "n": {"tasks": len(tasks)}, "scope": "tasks",
        "method": "random-effects prediction interval, t(T-2)",
    }  # fmt: skip
    return base.model_copy(update=update)


def matrix(scores: Scores, arm: str = "stream") -> Floats:
    """Mean over seeds of R[stage, task] of one arm."""
    with np.errstate(invalid="ignore"):
        return np.nanmean(scores.arm(arm), axis=0)
