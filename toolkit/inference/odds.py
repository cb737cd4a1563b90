"""By which factor do the odds of a right answer change with each stage since a task was learned?

A binomial GLM of right and wrong on task and age (stages since arrival), fitted per seed on cell counts; the
influence of a cluster of items is its share of the score times the inverse information, which gives the
cluster-robust sandwich (Liang & Zeger 1986), and the interval comes from the same ladder as all others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from toolkit.cube.scores import Scores
from toolkit.inference.statistic import Statistic

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Cells:
    """What one arm was asked: each task with items at each stage since it arrived.

    arm: its place; task, stage: [cell]; seeds: places of the seeds that have all cells
    """

    arm: int
    task: Ints
    stage: Ints
    seeds: list[int]

    @property
    def age(self) -> Floats:
        """Stages since the task was learned, [cell]."""
        return (self.stage - self.task - 1).astype(float)

    def counts(self, scores: Scores, seed: int) -> tuple[Floats, Floats]:
        """Answers and right answers, [cell]."""
        n = scores.n[self.arm, seed, self.stage, self.task].astype(float)
        return n, n * scores.mean[self.arm, seed, self.stage, self.task]


@dataclass(frozen=True)
class AgeFit:
    """age: its coefficient; share: [cell] fitted; gradient: [cell], weight of a residual in the coefficient."""

    age: float
    share: Floats
    gradient: Floats


def log_odds_per_stage(scores: Scores, arm: str, *, items: dict[str, int]) -> Statistic | str:
    """The coefficient of age as a statistic, or the reason why it cannot be fitted."""
    cells = cells_of(scores, arm)
    if isinstance(cells, str):
        return cells
    columns = np.unique(cells.task)
    keys = np.unique(np.concatenate([sums.keys for j in columns if (sums := scores.sums[j]) is not None]))
    if len(keys) < 2:
        return "needs at least two test items"
    values, influences = [], []
    for s in cells.seeds:
        fit = fit_age(*cells.counts(scores, s), cells.task, cells.age)
        if isinstance(fit, str):
            return fit
        values.append(fit.age)
        influences.append(_influence(scores, cells, s, fit, keys))
    size = sum(items.get(scores.tasks[j], 0) for j in columns)
    seeds = tuple(scores.seeds[s] for s in cells.seeds)
    return Statistic(seeds, np.array(values), np.column_stack(influences), keys, size)


def log_odds_difference(scores: Scores, arm: str, against: str, *, items: dict[str, int]) -> Statistic | str:
    """How much more the log odds change with each stage in `arm` than in `against`, or why that cannot be fitted.

    It is the interaction of arm and age in a GLM where each arm has its own task effects. Paired by item, and by
    seed in the seeds that both have; where seeds are not shared, give both `log_odds_per_stage` to the ladder.
    """
    parts = []
    for name in (arm, against):
        part = log_odds_per_stage(scores, name, items=items)
        if isinstance(part, str):
            return f"{name}: {part}"
        parts.append(part)
    return parts[0] - parts[1]


def cells_of(scores: Scores, arm: str) -> Cells | str:
    """The cells of one arm that the model is fitted on, or the reason why there are none."""
    a, last = scores.arms.index(arm), len(scores.stages) - 1
    if last < 2:
        return "needs at least two stages after the first task was learned"
    columns = [j for j, sums in enumerate(scores.sums) if sums is not None and j + 1 < last]
    if not columns:
        return "needs item-level scores"
    if not scores.binary:
        return "needs scores of 0 or 1"
    task, stage = np.array([(j, stage) for j in columns for stage in range(j + 1, last + 1)]).T
    seeds = [s for s in range(len(scores.seeds)) if (scores.n[a, s, stage, task] > 0).all()]
    if not seeds:
        return "no seed has all stages of all tasks since they were learned"
    return Cells(a, task, stage, seeds)


def fit_age(n: Floats, right: Floats, task: Ints, age: Floats) -> AgeFit | str:
    """The GLM of `right` out of `n` answers, all [cell], on task and age; or the reason why it cannot be fitted."""
    # A task that is always right or always wrong says nothing of odds.
    varied = [j for j in np.unique(task) if varies(n, right, task == j)]
    if not varied:
        return "no task is answered both rightly and wrongly over several stages"
    keep = np.isin(task, varied)
    if _separated(n[keep], right[keep], task[keep], age[keep]):
        return "in every task all right answers come before all wrong ones, or after: the odds have no finite slope"
    X = np.column_stack([task[keep][:, None] == np.array(varied)[None, :], age[keep]]).astype(float)
    b, mean = _logistic(n[keep], right[keep], X)
    information = (X.T * (n[keep] * mean * (1 - mean))) @ X
    share, gradient = np.zeros(len(n)), np.zeros(len(n))
    share[keep], gradient[keep] = mean, np.linalg.solve(information, X.T)[-1]
    return AgeFit(float(b[-1]), share, gradient)


def varies(n: Floats, right: Floats, here: npt.NDArray[np.bool_]) -> bool:
    """Whether these cells hold both right and wrong answers."""
    return bool(0 < right[here].sum() < n[here].sum())


def _separated(n: Floats, right: Floats, task: Ints, age: Floats) -> bool:
    """Whether an infinitely steep slope, the same way in each task, fits best (Albert & Anderson 1984)."""
    some_right, some_wrong = right > 0.5, n - right > 0.5  # counts that went through means

    def ordered(first: npt.NDArray[np.bool_], then: npt.NDArray[np.bool_]) -> bool:
        each = [task == j for j in np.unique(task)]
        return all(age[first & here].max() <= age[then & here].min() for here in each)

    return ordered(some_right, some_wrong) or ordered(some_wrong, some_right)


def _logistic(n: Floats, right: Floats, X: Floats) -> tuple[Floats, Floats]:
    """Coefficients [column] and fitted shares [cell] by Newton's method with step halving, from equal odds.

    Saturated models are fitted as well, for which statsmodels divides by their degrees of freedom.
    """
    b = np.zeros(X.shape[1])
    for _ in range(100):
        mean = special.expit(X @ b)
        slope = X.T @ (right - n * mean)
        step = np.linalg.solve((X.T * (n * mean * (1 - mean))) @ X, slope)
        gain = float(step @ slope)
        here = _log_likelihood(n, right, X @ b)
        while gain > 1e-6 and _log_likelihood(n, right, X @ (b + step)) < here:
            step = step / 2
        b = b + step
        if gain < 1e-12:
            break
    return b, special.expit(X @ b)


def _log_likelihood(n: Floats, right: Floats, eta: Floats) -> float:
    return float(right @ eta - n @ np.logaddexp(0, eta))


def _influence(scores: Scores, cells: Cells, s: int, fit: AgeFit, keys: Ints) -> Floats:
    """[cluster], scaled for the unbiased variance."""
    influence = np.zeros(len(keys))
    for j, stage, weight, share in zip(cells.task, cells.stage, fit.gradient, fit.share, strict=True):
        sums = scores.sums[j]
        if sums is None:
            raise AssertionError("cells are taken from tasks with items")
        residual = sums.total[cells.arm, s, stage] - sums.n[cells.arm, s, stage] * share
        influence[np.searchsorted(keys, sums.keys)] += weight * residual
    clusters = len(keys)
    return influence * np.sqrt(clusters / (clusters - 1.0))
