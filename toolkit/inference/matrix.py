"""How does any function of the whole score matrix R[..., stage, task] become a statistic with an interval?

A metric is a pure function of R whose leading dimensions broadcast. Its influence by cluster of items is its
gradient in the cells, taken by central differences, times how far the cluster moves each cell (the infinitesimal
jackknife, Jaeckel 1972): exact for linear metrics.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from toolkit.cube.scores import Scores
from toolkit.inference.statistic import Statistic, moved_by_cluster, summed_by_key

Floats = npt.NDArray[np.float64]
# R[..., stage, task] to [...]; nan where the metric is not defined.
MatrixMetric = Callable[[Floats], Floats]
_STEP = 1e-4


def matrix_statistic(
    scores: Scores, arm: str, metric: MatrixMetric, *, items: dict[str, int], difference: bool, linear: bool = False
) -> Statistic:
    """`metric` of one arm's matrix in each seed for which it is defined, with influences by cluster of items.

    Without influences where the metric depends on a task that has no items. linear: the metric is, so that seeds
    which have the same cells share its gradient.
    """
    a = scores.arms.index(arm)
    R = scores.mean[a]  # [seed, stage, task]
    values = metric(R)
    here = np.isfinite(values)
    seeds = tuple(seed for seed, ok in zip(scores.seeds, here, strict=True) if ok)
    gradient = (_shared_gradient if linear else _gradient)(metric, R)[here]
    used = np.flatnonzero((gradient != 0).any((0, 1)))
    size = sum(items.get(scores.tasks[j], 0) for j in used)
    parts = []
    for j in used:
        sums = scores.sums[j]
        moved = None if sums is None else moved_by_cluster(sums, a)
        if sums is None or moved is None:
            return Statistic(seeds, values[here], None, None, size, difference)
        parts.append((np.einsum("csk,sk->cs", moved[:, here], gradient[:, :, j]), sums.keys))
    if not parts:
        return Statistic(seeds, values[here], None, None, size, difference)
    influence, keys = summed_by_key(parts)
    return Statistic(seeds, values[here], influence, keys, size, difference)


def _gradient(metric: MatrixMetric, R: Floats) -> Floats:
    """Derivative of the metric in every cell, [seed, stage, task]; zero in cells without a score."""
    gradient = np.zeros_like(R)
    scale = _STEP * max(1.0, float(np.nanmax(np.abs(R), initial=0.0)))
    for j in range(R.shape[-1]):
        stages = np.flatnonzero(np.isfinite(R[..., j]).any(0))
        moved = np.broadcast_to(R, (len(stages), *R.shape)).copy()  # all cells of the task at once
        at = (np.arange(len(stages)), slice(None), stages, j)
        moved[at] += scale
        up = metric(moved).copy()  # it may be a view of what moves on
        moved[at] -= 2 * scale
        slope = (up - metric(moved)) / (2 * scale)  # [stage, seed]
        gradient[:, stages, j] = np.where(np.isfinite(slope), slope, 0.0).T
    gradient[np.abs(gradient) < 1e-9] = 0.0  # rounding of differences
    return gradient


def _shared_gradient(metric: MatrixMetric, R: Floats) -> Floats:
    """The gradient of a linear metric: once for all seeds that have the same cells."""
    cells, which = np.unique(np.isfinite(R), axis=0, return_inverse=True)
    gradient = np.zeros_like(R)
    for pattern in range(len(cells)):
        same = which.ravel() == pattern
        gradient[same] = _gradient(metric, R[same][:1])
    return gradient


def mean_over_tasks(column: Callable[[Floats, int], Floats], tasks: Sequence[int] | None = None) -> MatrixMetric:
    """The mean over tasks of a metric of one task's scores by stage: what ColumnMetric is for one task.

    tasks: positions of those that enter; by default all for which the metric is defined in any seed.
    """

    def metric(R: Floats) -> Floats:
        columns = range(R.shape[-1]) if tasks is None else tasks
        parts = [column(R[..., j], j + 1) for j in columns]
        known = [part for part in parts if np.isfinite(part).any()]
        if not known:
            return np.full(R.shape[:-2], np.nan)
        return np.mean(known, axis=0)

    return metric
