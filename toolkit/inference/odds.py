"""By which factor the odds of a right answer change with each stage since a task was learned.

A binomial GLM of right and wrong on task and age (stages since arrival), fitted per seed on cell counts; the
influence of a cluster of items is its share of the score times the inverse information, which gives the
cluster-robust sandwich (Liang & Zeger 1986), and the interval comes from the same ladder as all others.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from toolkit.cube.scores import Scores
from toolkit.inference.statistic import Statistic

Floats = npt.NDArray[np.float64]


def log_odds_per_stage(scores: Scores, arm: str, *, items: dict[str, int]) -> Statistic | str:
    """The coefficient of age as a statistic, or the reason why it cannot be fitted."""
    a, last = scores.arms.index(arm), len(scores.stages) - 1
    if last < 2:
        return "needs at least two stages after the first task was learned"
    columns = [j for j, sums in enumerate(scores.sums) if sums is not None and j + 1 < last]
    if not columns:
        return "needs item-level scores"
    if not scores.binary:
        return "needs scores of 0 or 1"
    cells = [(j, stage) for j in columns for stage in range(j + 1, last + 1)]
    seeds, values, influences = [], [], []
    keys = np.unique(np.concatenate([scores.sums[j].keys for j in columns]))  # type: ignore[union-attr]
    for s, seed in enumerate(scores.seeds):
        if any(scores.n[a, s, stage, j] == 0 for j, stage in cells):
            continue
        fitted = _fit(scores, a, s, cells, keys)
        if isinstance(fitted, str):
            return fitted
        seeds.append(seed)
        values.append(fitted[0])
        influences.append(fitted[1])
    if not seeds:
        return "no seed has all stages of all tasks since they were learned"
    size = sum(items.get(scores.tasks[j], 0) for j in columns)
    return Statistic(tuple(seeds), np.array(values), np.column_stack(influences), keys, size)


def _fit(
    scores: Scores, a: int, s: int, cells: list[tuple[int, int]], keys: npt.NDArray[np.int64]
) -> tuple[float, Floats] | str:
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM

    n = np.array([scores.n[a, s, stage, j] for j, stage in cells], dtype=float)
    right = n * np.array([scores.mean[a, s, stage, j] for j, stage in cells])
    task = np.array([j for j, _ in cells])
    age = np.array([stage - j - 1 for j, stage in cells], dtype=float)
    varied = [j for j in np.unique(task) if 0 < right[task == j].sum() < n[task == j].sum()]
    keep = np.isin(task, varied)  # a task that is always right or always wrong says nothing of odds
    if not keep.any() or np.ptp(age[keep]) == 0:
        return "no task is answered both rightly and wrongly over several stages"
    X = np.column_stack([task[keep][:, None] == np.array(varied)[None, :], age[keep]]).astype(float)
    counts = np.column_stack([right[keep], n[keep] - right[keep]])
    fit = GLM(counts, X, family=Binomial()).fit()
    information = (X.T * (n[keep] * fit.mu * (1 - fit.mu))) @ X
    gradient = np.linalg.solve(information, X.T)[-1]  # [cell]: weight of a residual in the age coefficient
    influence = np.zeros(len(keys))
    kept = [cell for cell, ok in zip(cells, keep, strict=True) if ok]
    for (j, stage), weight, share in zip(kept, gradient, fit.mu, strict=True):
        sums = scores.sums[j]
        if sums is None:
            raise AssertionError("cells are taken from tasks with items")
        residual = sums.total[a, s, stage] - sums.n[a, s, stage] * share
        influence[np.searchsorted(keys, sums.keys)] += weight * residual
    clusters = len(keys)
    return float(fit.params[-1]), influence * np.sqrt(clusters / (clusters - 1.0))
