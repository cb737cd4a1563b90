"""Did earlier experience help later tasks?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from toolkit.analyses.coverage import coverage_notices
from toolkit.analyses.curves import learning_curves, speed
from toolkit.analyses.definitions import definition_estimates
from toolkit.analyses.estimates import estimate_of, value_bounds
from toolkit.analyses.evidence import Analysis, Evidence
from toolkit.analyses.measure import Measure, measure
from toolkit.analyses.metrics import average_accuracy, learning_accuracy, zero_shot_transfer
from toolkit.analyses.moderators import next_task, placed, plasticity, similarity_slope
from toolkit.cube import Scores
from toolkit.inference.ladder import interval
from toolkit.inference.statistic import cell_statistics
from toolkit.results import Estimate

Floats = npt.NDArray[np.float64]

AVERAGE = Measure("average_accuracy", "transfer", average_accuracy, difference=False)
LEARNING = Measure("learning_accuracy", "transfer", learning_accuracy, difference=False)
FORWARD = Measure("forward_transfer", "transfer", learning_accuracy, against="isolated", difference=False)
ZERO_SHOT = Measure("zero_shot_transfer", "transfer", zero_shot_transfer)

INTRANSIGENCE = Measure("intransigence", "transfer", learning_accuracy, arm="joint", against="stream", difference=False)

NO_JOINT = "needs the joint arm trained on the first k tasks, scored on the k-th at stage k"
NO_ARRIVAL = "needs scores of each task right after it was learned (stage k for the k-th task)"
NO_STAGE_0 = "needs scores before a task is learned: stage 0, and the stage before its arrival"


def transfer(evidence: Evidence) -> Analysis:
    """Estimates of the transfer axis: score matrix, accuracies, transfer, speed, plasticity, next task."""
    estimates = [
        *placed(evidence, measure(evidence, FORWARD, undefined=NO_ARRIVAL)),
        *measure(evidence, ZERO_SHOT, undefined=NO_STAGE_0),
        *measure(evidence, AVERAGE, undefined=NO_ARRIVAL),
        *measure(evidence, LEARNING, undefined=NO_ARRIVAL),
        *_against_fresh(evidence),
        *measure(evidence, INTRANSIGENCE, undefined=NO_JOINT),
        *definition_estimates(evidence, "transfer"),
        *speed(evidence),
        *plasticity(evidence),
        *similarity_slope(evidence),
        *next_task(evidence),
        *score_cells(evidence),
        *learning_curves(evidence),
    ]
    return Analysis(tuple(estimates), coverage_notices(evidence))


def _against_fresh(evidence: Evidence) -> tuple[Estimate, ...]:
    """Forward transfer against a student started anew at each task, where the log has one."""
    if evidence.scores is None or "fresh" not in evidence.scores.arms:
        return ()
    return placed(evidence, measure(evidence, replace(FORWARD, against="fresh"), undefined=NO_ARRIVAL))


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


def matrix(scores: Scores, arm: str = "stream") -> Floats:
    """Mean over seeds of R[stage, task] of one arm."""
    with np.errstate(invalid="ignore"):
        return np.nanmean(scores.arm(arm), axis=0)
