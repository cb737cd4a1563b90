"""What do the effects of tasks depend on, how much do they differ, and what will the next task's be?

Each task's forward transfer is an estimate with a variance of its own; random-effects meta-regression puts them
together (`inference.metaregression`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from toolkit.analyses.estimates import value_bounds
from toolkit.analyses.evidence import Evidence
from toolkit.analyses.measure import Measure, missing_arm, needs_arm, terms_by_task
from toolkit.analyses.metrics import learning_accuracy
from toolkit.inference.heterogeneity import tau2_interval
from toolkit.inference.ladder import interval
from toolkit.inference.metaregression import MetaRegression, meta_regression, permutation_p
from toolkit.inference.nexttask import further_task
from toolkit.inference.statistic import Statistic
from toolkit.results import Estimate

Floats = npt.NDArray[np.float64]
ALONE = ("isolated", "fresh")  # arms without experience


@dataclass(frozen=True)
class Effects:
    """Forward transfer of each task with its variance, in order of arrival; all [task], terms [term, task]."""

    tasks: tuple[str, ...]
    values: Floats
    variances: Floats
    terms: tuple[tuple[Statistic, ...], ...]


@dataclass(frozen=True)
class Moderated:
    """Effects against one moderator x[task], centred in the fit."""

    effects: Effects
    x: Floats
    fit: MetaRegression

    @property
    def p_value(self) -> float:
        """Permutation p-value of the slope: x dealt out among the tasks anew."""
        return permutation_p(self.effects.values, self.effects.variances, self.x)


def task_effects(evidence: Evidence, against: str = "isolated", *, first: bool = False) -> Effects | str:
    """Effects of experience on the tasks against an arm without it; or why there are none.

    first: whether the first task enters, which has no earlier experience to profit from
    """
    scores = evidence.scores
    what = Measure("forward_transfer", "transfer", learning_accuracy, against=against, difference=False)
    reason = missing_arm(what, scores)
    if reason is not None or scores is None:
        return reason or "needs evaluations"
    by_task = terms_by_task(what, scores, evidence.items, shared=evidence.config.review.seeds_shared)
    if not first:
        by_task.pop(scores.tasks[0], None)
    bounds = value_bounds(evidence, difference=True)
    results = {task: interval(terms, level=evidence.level, bounds=bounds) for task, terms in by_task.items()}
    known = {task: r for task, r in results.items() if r.variance}
    if len(known) < 3:
        return "needs forward transfer with an interval for at least three tasks after the first"
    values = np.array([r.value for r in known.values()])
    variances = np.array([float(r.variance or 0) for r in known.values()])
    return Effects(tuple(known), values, variances, tuple(zip(*(by_task[task] for task in known), strict=True)))


def moderated(effects: Effects, x: Floats) -> Moderated | str:
    """The effects' meta-regression on x[task], or why it cannot be fitted."""
    try:
        X = np.column_stack([np.ones_like(x), x - x.mean()])
        return Moderated(effects, x, meta_regression(effects.values, effects.variances, X))
    except ValueError as error:
        return str(error)


def similarity_to_earlier(evidence: Evidence) -> dict[str, float] | str:
    """Similarity of each task after the first to its nearest earlier task, or why it is not known."""
    table, scores = evidence.cube.table("similarity"), evidence.scores
    if table is None:
        return "needs similarity between tasks: log similarity.csv (task, other, similarity)"
    if scores is None:
        return "needs evaluations"
    pairs = {(row["task"], row["other"]): row["similarity"] for row in table.to_pylist()}
    result = {}
    for j, task in enumerate(scores.tasks):
        found = [pairs.get((task, other), pairs.get((other, task))) for other in scores.tasks[:j]]
        known = [value for value in found if value is not None]
        if known and len(known) == len(found):
            result[task] = max(known)
    return result


def similarity_fit(evidence: Evidence) -> Moderated | str:
    """Transfer against similarity to the nearest earlier task, or why not."""
    effects = task_effects(evidence)
    if isinstance(effects, str):
        return effects
    nearest = similarity_to_earlier(evidence)
    if isinstance(nearest, str):
        return nearest
    if any(task not in nearest for task in effects.tasks):
        return "needs the similarity of each task to its earlier ones in similarity.csv"
    return moderated(effects, np.array([nearest[task] for task in effects.tasks]))


def placed(evidence: Evidence, estimates: Iterable[Estimate]) -> tuple[Estimate, ...]:
    """Estimates of tasks with what figures draw them against: place in the order of arrival, from 1, and similarity."""
    scores, nearest = evidence.scores, similarity_to_earlier(evidence)
    if scores is None:
        return tuple(estimates)
    at = {task: {"place": float(place)} for place, task in enumerate(scores.tasks, start=1)}
    for task, similarity in nearest.items() if isinstance(nearest, dict) else ():
        at[task]["similarity"] = similarity
    return tuple(e.model_copy(update={"at": at[e.task]}) if e.task in at else e for e in estimates)


def similarity_slope(evidence: Evidence) -> list[Estimate]:
    """Change of forward transfer per unit of similarity to the nearest earlier task."""
    base = Estimate(quantity="transfer_similarity_slope", axis="transfer", against="isolated",
                    level=evidence.level, unit="score per unit of similarity")  # fmt: skip
    return [_slope(base, similarity_fit(evidence))]


def plasticity(evidence: Evidence) -> list[Estimate]:
    """Change per task of what the stream scores at arrival above an arm without experience, along the stream."""
    base = Estimate(quantity="plasticity_slope", axis="transfer", level=evidence.level, unit="score per task")
    scores = evidence.scores
    there = [arm for arm in ALONE if scores is not None and arm in scores.arms]
    if scores is None or not there:
        reason = f'{needs_arm("isolated")} or "fresh"'
        return [base.model_copy(update={"against": "isolated", "reason": reason})]
    return [_slope(base.model_copy(update={"against": arm}), plasticity_fit(evidence, arm)) for arm in there]


def plasticity_fit(evidence: Evidence, against: str) -> Moderated | str:
    """Effects of experience against place in the order of arrival, from 1; or why not."""
    effects = task_effects(evidence, against, first=True)
    scores = evidence.scores
    if isinstance(effects, str) or scores is None:
        return effects if isinstance(effects, str) else "needs evaluations"
    return moderated(effects, np.array([scores.tasks.index(task) + 1.0 for task in effects.tasks]))


def _slope(base: Estimate, fitted: Moderated | str) -> Estimate:
    if isinstance(fitted, str):
        return base.model_copy(update={"reason": fitted})
    low, high = fitted.fit.interval(1, base.level)
    heaviest = int(fitted.fit.leverage.argmax())
    return base.model_copy(update={
        "value": float(fitted.fit.coefficients[1]), "low": low, "high": high, "n": {"tasks": len(fitted.x)},
        "scope": "tasks", "se": float(fitted.fit.errors[1]), "df": float(fitted.fit.df), "p_value": fitted.p_value,
        "method": "random-effects meta-regression, Knapp-Hartung t; p-value by permutation; most leverage: "
        f"{fitted.effects.tasks[heaviest]} ({fitted.fit.leverage[heaviest]:.2f})",
    })  # fmt: skip


def next_task(evidence: Evidence) -> list[Estimate]:
    """Prediction interval for the forward transfer of a further task of this kind, and how much tasks differ."""
    base = Estimate(quantity="next_task_transfer", axis="transfer", against="isolated", level=evidence.level)
    spread = base.model_copy(update={"quantity": "between_task_sd"})
    effects = task_effects(evidence)
    if isinstance(effects, str):
        return [e.model_copy(update={"reason": effects}) for e in (base, spread)]
    y, tasks = effects.values, len(effects.tasks)
    further = further_task(
        effects.terms, y, effects.variances, level=evidence.level, bounds=value_bounds(evidence, difference=True)
    )
    found, v = further.interval, further.own
    predicted = {
        "value": found.value, "low": found.low, "high": found.high, "n": found.n, "scope": "tasks",
        "method": found.method,
    }  # fmt: skip
    tau2 = meta_regression(y, v, method="REML").tau2
    least, most = tau2_interval(y, v, np.ones((tasks, 1)), evidence.level)
    differs = {
        "value": float(tau2**0.5), "low": float(least**0.5), "high": float(most**0.5), "n": {"tasks": tasks},
        "scope": "tasks", "method": "REML, Q-profile interval",
    }  # fmt: skip
    return [base.model_copy(update=predicted), spread.model_copy(update=differs)]
