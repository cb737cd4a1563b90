"""Did earlier tasks lose?"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from toolkit.analyses.churn import churn
from toolkit.analyses.definitions import definition_estimates
from toolkit.analyses.estimates import estimate_of, value_bounds
from toolkit.analyses.evidence import Analysis, Evidence
from toolkit.analyses.maxforgetting import TOO_SHORT, max_forgetting_estimates
from toolkit.analyses.measure import Measure, measure
from toolkit.analyses.metrics import Floats, average_accuracy, backward_transfer
from toolkit.analyses.odds import odds
from toolkit.analyses.recurrence import recurrence
from toolkit.analyses.retention import half_lives, retention
from toolkit.inference.ladder import interval
from toolkit.inference.simultaneous import max_t_level
from toolkit.inference.statistic import column_statistics, mean_of
from toolkit.results import Estimate

BACKWARD = Measure("backward_transfer", "forgetting", backward_transfer)
JOINT_GAP = Measure("joint_gap", "forgetting", average_accuracy, arm="joint", against="stream", difference=False)


def forgetting(evidence: Evidence) -> Analysis:
    """Estimates of the forgetting axis: backward transfer, max-forgetting, retention, joint gap and models."""
    estimates = [
        *measure(evidence, BACKWARD, undefined=TOO_SHORT),
        *max_forgetting_estimates(evidence),
        *definition_estimates(evidence, "forgetting"),
        *stage_effects(evidence),
        *odds(evidence),
        *retention(evidence),
        *half_lives(evidence),
        *churn(evidence),
        *recurrence(evidence),
        *measure(evidence, JOINT_GAP, undefined="needs scores of the joint arm at the last stage"),
    ]
    return Analysis(tuple(estimates))


def stage_effects(evidence: Evidence, arm: str = "stream") -> list[Estimate]:
    """What learning the k-th task did to those before it: mean of R[k, j] - R[k-1, j] over j < k, k >= 2.

    Intervals hold for all stages together.
    """
    scores = evidence.scores
    if scores is None or arm not in scores.arms:
        return []
    found = {}
    for stage in range(2, len(scores.stages)):
        changes = column_statistics(scores, arm, _step_change(stage), items=evidence.items, difference=True)
        if changes:
            found[stage] = (mean_of(list(changes.values())), len(changes))
    level = max_t_level([statistic for statistic, _ in found.values()], evidence.level)
    bounds = value_bounds(evidence, difference=True)
    estimates = []
    for stage, (statistic, tasks) in found.items():
        result = interval([statistic], level=level, bounds=bounds)
        estimate = estimate_of(
            result, quantity="backward_transfer", axis="forgetting", arm=arm, stage=stage,
            group="since=previous-stage", level=evidence.level, simultaneous=len(found) > 1,
        )  # fmt: skip
        estimates.append(estimate.model_copy(update={"n": {**estimate.n, "tasks": tasks}}))
    return estimates


def _step_change(stage: int) -> Callable[[Floats, int], Floats]:
    def change(c: Floats, arrival: int) -> Floats:
        return c[..., stage] - c[..., stage - 1] if arrival < stage else np.full(c.shape[:-1], np.nan)

    return change
