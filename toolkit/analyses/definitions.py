"""What would the same word mean elsewhere? The definitions that libraries and papers use under one name.

Each is a function of the score matrix R[..., stage, task], stage 0 before the first task, the task at position j
learned at stage j + 1; K is the last stage. Of a lower triangle only, what lies above the diagonal is nan and does
not count. Definitions differ by more than sampling error, so reports show their spread.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from toolkit.analyses.estimates import estimate_of, value_bounds
from toolkit.analyses.evidence import Evidence
from toolkit.analyses.measure import needs_arm
from toolkit.inference.ladder import interval
from toolkit.inference.matrix import MatrixMetric, matrix_statistic
from toolkit.results import Estimate
from toolkit.results.estimate import Axis

Floats = npt.NDArray[np.float64]
LUCKY = "no interval: the maximum picks lucky stages; read the corrected value"


def _learned(R: Floats) -> int:
    """How many tasks have been learned at the last stage."""
    return min(R.shape[-2] - 1, R.shape[-1])


def _arrivals(R: Floats, tasks: int) -> Floats:
    """R[j, j] of the first tasks, [..., task]."""
    j = np.arange(tasks)
    return R[..., j + 1, j]


def _mean(values: Floats) -> Floats:
    """Mean over the last dimension, nan where it is empty or holds a nan."""
    return values.mean(-1) if values.shape[-1] else np.full(values.shape[:-1], np.nan)


def accuracy_over_stages(R: Floats) -> Floats:
    """Mean over stages of the average accuracy on the tasks learned by then (Rebuffi et al. 2017; incremental)."""
    stages = [_mean(R[..., k, :k]) for k in range(1, _learned(R) + 1)]
    return _mean(np.stack(stages, -1)) if stages else np.full(R.shape[:-2], np.nan)


def backward_over_all_tasks(R: Floats) -> Floats:
    """Sum over j < K of R[K, j] - R[j, j], divided by K and not by K - 1: the last task counts as zero."""
    K = _learned(R)
    change = R[..., -1, :K] - _arrivals(R, K)
    return np.where(np.isfinite(change).all(-1), change.sum(-1) / max(K, 1), np.nan) if K > 1 else _nan(R)


def backward_all_pairs(R: Floats) -> Floats:
    """Mean over all i > j of R[i, j] - R[j, j] (Diaz-Rodriguez et al. 2018; continuum, CapyMOA)."""
    K = _learned(R)
    pairs = [R[..., i, j] - R[..., j + 1, j] for i in range(2, K + 1) for j in range(i - 1)]
    return _mean(np.stack(pairs, -1)) if pairs else _nan(R)


def forgetting_first_to_last(R: Floats) -> Floats:
    """Mean over j < K of R[j, j] - R[K, j] (Avalanche)."""
    K = _learned(R)
    return _mean(_arrivals(R, K - 1) - R[..., -1, : K - 1]) if K > 1 else _nan(R)


def forgetting_chaudhry(R: Floats) -> Floats:
    """Mean over j < K of max over j <= l < K of R[l, j], minus R[K, j] (Chaudhry et al. 2018), biased upwards."""
    K = _learned(R)
    best = [R[..., j + 1 : K, j].max(-1) for j in range(K - 1)]
    return _mean(np.stack(best, -1) - R[..., -1, : K - 1]) if best else _nan(R)


def forgetting_all_rows(R: Floats) -> Floats:
    """As Chaudhry's, but with the maximum over all rows, the last and those before arrival too (Mammoth, PyCIL)."""
    K = _learned(R)
    if K < 2:
        return _nan(R)
    rows = np.where(np.isfinite(R[..., 1:, : K - 1]), R[..., 1:, : K - 1], -np.inf)
    best = rows.max(-2)
    return _mean(np.where(np.isfinite(best), best, np.nan) - R[..., -1, : K - 1])


def _nan(R: Floats) -> Floats:
    return np.full(R.shape[:-2], np.nan)


@dataclass(frozen=True)
class Definition:
    """One definition: the quantity whose word it shares, its own name, source, and function.

    biased: whether it is a maximum of noisy scores, whose interval would be off
    """

    quantity: str
    axis: Axis
    name: str
    source: str
    metric: MatrixMetric
    difference: bool = True
    biased: bool = False


DEFINITIONS = (
    Definition("average_accuracy", "transfer", "mean-over-stages", "Rebuffi et al. 2017, average incremental accuracy",
               accuracy_over_stages, difference=False),
    Definition("backward_transfer", "forgetting", "over-all-tasks", "divided by the number of tasks, last one included",
               backward_over_all_tasks),
    Definition("backward_transfer", "forgetting", "all-pairs", "Diaz-Rodriguez et al. 2018; continuum, CapyMOA",
               backward_all_pairs),
    Definition("max_forgetting", "forgetting", "first-to-last", "Avalanche", forgetting_first_to_last),
    Definition("max_forgetting", "forgetting", "plug-in", "Chaudhry et al. 2018", forgetting_chaudhry, biased=True),
    Definition("max_forgetting", "forgetting", "maximum-of-all-rows", "Mammoth, PyCIL", forgetting_all_rows,
               biased=True),
)  # fmt: skip


def definition_estimates(evidence: Evidence, axis: Axis, arm: str = "stream") -> list[Estimate]:
    """Estimates of one axis's quantities by the definitions of others: group `definition=...`."""
    return [_estimate(evidence, d, arm) for d in DEFINITIONS if d.axis == axis]


def _estimate(evidence: Evidence, definition: Definition, arm: str) -> Estimate:
    base = Estimate(quantity=definition.quantity, axis=definition.axis, arm=arm, level=evidence.level,
                    group=f"definition={definition.name}")  # fmt: skip
    scores = evidence.scores
    if scores is None or arm not in scores.arms:
        return base.model_copy(update={"reason": needs_arm(arm)})
    statistic = matrix_statistic(
        scores, arm, definition.metric, items=evidence.items, difference=definition.difference,
        linear=not definition.biased,
    )  # fmt: skip
    if not statistic.seeds:
        reason = "needs scores of every task at its arrival and at all later stages"
        return base.model_copy(update={"reason": reason})
    if definition.biased:
        value, seeds = float(statistic.values.mean()), len(statistic.seeds)
        method = f"{definition.source}: a maximum over stages, biased upwards"
        return base.model_copy(update={"value": value, "n": {"seeds": seeds}, "method": method, "reason": LUCKY})
    bounds = value_bounds(evidence, difference=definition.difference)
    result = interval([statistic], level=evidence.level, bounds=bounds)
    estimate = estimate_of(
        result, quantity=base.quantity, axis=base.axis, arm=arm, group=base.group, level=evidence.level
    )
    method = f"{definition.source}; {result.method}" if result.method else definition.source
    return estimate.model_copy(update={"method": method})
