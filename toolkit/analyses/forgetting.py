"""Did earlier tasks lose?"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from toolkit.analyses.evidence import Analysis, Evidence, items_of
from toolkit.analyses.measure import (
    Measure,
    change_of,
    change_terms,
    estimate_of,
    measure,
    needs_arm,
    not_comparable,
    value_bounds,
)
from toolkit.analyses.metrics import Floats, average_accuracy, backward_transfer, max_forgetting
from toolkit.cube import Scores
from toolkit.inference.bracket import Bracket, max_forgetting_brackets, mean_bracket
from toolkit.inference.ladder import interval
from toolkit.inference.odds import log_odds_per_stage
from toolkit.inference.statistic import Statistic, column_statistics, mean_of, ratio_of
from toolkit.results import Change, Estimate

BACKWARD = Measure("backward_transfer", "forgetting", backward_transfer)
JOINT_GAP = Measure("joint_gap", "forgetting", average_accuracy, arm="joint", against="stream", difference=False)
TOO_SHORT = "needs at least one stage after a task was learned"


def forgetting(evidence: Evidence) -> Analysis:
    """Estimates of the forgetting axis: backward transfer, max-forgetting, odds, retention, joint gap."""
    estimates = [
        *measure(evidence, BACKWARD, undefined=TOO_SHORT),
        *max_forgetting_estimates(evidence),
        *stage_effects(evidence),
        odds_per_stage(evidence),
        *retention(evidence),
        *measure(evidence, JOINT_GAP, undefined="needs scores of the joint arm at the last stage"),
    ]
    return Analysis(tuple(estimates))


def stage_effects(evidence: Evidence, arm: str = "stream") -> list[Estimate]:
    """What learning the k-th task did to those before it: mean of R[k, j] - R[k-1, j] over j < k, k >= 2."""
    scores = evidence.scores
    if scores is None or arm not in scores.arms:
        return []
    bounds = value_bounds(evidence, difference=True)
    estimates = []
    for stage in range(2, len(scores.stages)):
        changes = column_statistics(scores, arm, _step_change(stage), items=evidence.items, difference=True)
        if changes:
            result = interval([mean_of(list(changes.values()))], level=evidence.level, bounds=bounds)
            estimate = estimate_of(
                result, quantity="backward_transfer", axis="forgetting", arm=arm, stage=stage,
                group="since=previous-stage", level=evidence.level,
            )  # fmt: skip
            estimates.append(estimate.model_copy(update={"n": {**estimate.n, "tasks": len(changes)}}))
    return estimates


def _step_change(stage: int) -> Callable[[Floats, int], Floats]:
    def change(c: Floats, arrival: int) -> Floats:
        return c[..., stage] - c[..., stage - 1] if arrival < stage else np.full(c.shape[:-1], np.nan)

    return change


def max_forgetting_estimates(evidence: Evidence, arm: str = "stream") -> list[Estimate]:
    """Loss since the best stage: cross-fit with its bracket, for the mean and each task, plug-in beside it."""
    base = Estimate(quantity="max_forgetting", axis="forgetting", arm=arm, level=evidence.level)
    scores = evidence.scores
    if scores is None or arm not in scores.arms:
        return [base.model_copy(update={"reason": needs_arm(arm)})]
    plug = column_statistics(scores, arm, max_forgetting, items=evidence.items, difference=True)
    if not plug:
        return [base.model_copy(update={"reason": TOO_SHORT})]
    plug_in = base.model_copy(update={
        "value": float(mean_of(list(plug.values())).values.mean()), "group": "definition=plug-in",
        "n": {"tasks": len(plug)}, "method": "maximum over stages, biased upwards",
        "reason": "no interval: the maximum picks lucky stages; read the corrected value",
    })  # fmt: skip
    brackets = max_forgetting_brackets(scores, arm, items=evidence.items)
    if not brackets:
        reason = "the correction needs item-level scores"
        return [base.model_copy(update={"reason": reason}), plug_in]
    bounds = value_bounds(evidence, difference=True)
    level = 1 - (1 - evidence.level) / len(brackets)
    mean = mean_bracket(brackets)
    overall = _bracket_estimate(evidence, mean, arm, None, evidence.level, bounds)
    overall = _bracket_change(evidence, overall, brackets, arm)
    overall = overall.model_copy(update={"n": {**overall.n, "tasks": len(brackets)}})
    each = [_bracket_estimate(evidence, b, arm, task, level, bounds) for task, b in brackets.items()]
    several = len(brackets) > 1
    return [overall, plug_in, *(e.model_copy(update={"simultaneous": several}) for e in each)]


def _bracket_estimate(
    evidence: Evidence, bracket: Bracket, arm: str, task: str | None, level: float, bounds: tuple[float, float]
) -> Estimate:
    result = bracket.interval(level=level, bounds=bounds)
    return estimate_of(result, quantity="max_forgetting", axis="forgetting", arm=arm, task=task, level=evidence.level)


def _bracket_change(evidence: Evidence, estimate: Estimate, new: dict[str, Bracket], arm: str) -> Estimate:
    """The difference of the cross-fit values to the baseline's."""
    against, old_scores = evidence.baseline_release, evidence.baseline_scores
    if evidence.baseline is None or against is None:
        return estimate
    reason = not_comparable(evidence.cube, evidence.baseline)
    old: dict[str, Bracket] = {}
    if reason is None and old_scores is not None and arm in old_scores.arms:
        old = max_forgetting_brackets(old_scores, arm, items=items_of(evidence.baseline))
    if reason is None and set(old) != set(new):
        reason = f"not comparable: {against} has other tasks, or no items"
    if reason is not None:
        return estimate.model_copy(update={"change": Change(against=against, reason=reason)})
    terms = change_terms([mean_bracket(new).cross_fit], [mean_bracket(old).cross_fit])
    return estimate.model_copy(update={"change": change_of(terms, against, evidence)})


def odds_per_stage(evidence: Evidence, arm: str = "stream") -> Estimate:
    """Factor on the odds of a right answer for each stage since a task was learned; 1 is no change."""
    base = Estimate(quantity="forgetting_odds_per_stage", axis="forgetting", arm=arm, level=evidence.level,
                    unit="odds ratio per stage")  # fmt: skip
    scores = evidence.scores
    if scores is None or arm not in scores.arms:
        return base.model_copy(update={"reason": needs_arm(arm)})
    statistic = log_odds_per_stage(scores, arm, items=evidence.items)
    if isinstance(statistic, str):
        return base.model_copy(update={"reason": statistic})
    result = interval([statistic], level=evidence.level, bounds=(-np.inf, np.inf))
    method = None if result.method is None else f"binomial GLM with task effects, {result.method}"
    return base.model_copy(update={
        "value": _exp(result.value), "low": _exp(result.low), "high": _exp(result.high), "n": result.n,
        "scope": result.scope, "method": method, "reason": result.reason,
    })  # fmt: skip


def _exp(x: float | None) -> float | None:
    return None if x is None else float(np.exp(x))


def retention(evidence: Evidence, arm: str = "stream") -> list[Estimate]:
    """Share of the score at arrival that is left after `age` further stages, over the tasks that reached it."""
    base = Estimate(quantity="retention", axis="forgetting", arm=arm, level=evidence.level, unit="share")
    scores = evidence.scores
    if scores is None or arm not in scores.arms or len(scores.stages) < 3:
        return [base.model_copy(update={"reason": TOO_SHORT})]
    estimates = []
    for age in range(1, len(scores.stages) - 1):
        statistic, tasks = _retained(scores, arm, age, evidence.items)
        if statistic is None:
            continue
        result = interval([statistic], level=evidence.level, bounds=(0.0, np.inf))
        estimate = estimate_of(
            result, quantity="retention", axis="forgetting", arm=arm, group=f"age={age}", unit="share",
            level=evidence.level,
        )  # fmt: skip
        estimates.append(estimate.model_copy(update={"n": {**estimate.n, "tasks": tasks}}))
    return estimates or [base.model_copy(update={"reason": TOO_SHORT})]


def _retained(scores: Scores, arm: str, age: int, items: dict[str, int]) -> tuple[Statistic | None, int]:
    def later(c: Floats, arrival: int) -> Floats:
        return c[..., arrival + age] if arrival + age < c.shape[-1] else np.full(c.shape[:-1], np.nan)

    def first(c: Floats, arrival: int) -> Floats:
        return c[..., arrival] if arrival + age < c.shape[-1] else np.full(c.shape[:-1], np.nan)

    after = column_statistics(scores, arm, later, items=items, difference=False)
    before = column_statistics(scores, arm, first, items=items, difference=False)
    tasks = [task for task in after if task in before]
    if not tasks:
        return None, 0
    below = mean_of([before[task] for task in tasks])
    if not (below.values > 0).all():
        return None, 0
    return ratio_of(mean_of([after[task] for task in tasks]), below), len(tasks)
