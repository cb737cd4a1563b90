"""One statistic with everything that its interval needs: its value in each seed, and what each cluster adds.

A statistic knows nothing of how an interval is made, and the interval nothing of what was measured. Statistics
add, subtract and average; clusters are linked by their keys, so that tasks, arms and releases that share test
items share their errors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from toolkit.cube.scores import Scores, TaskSums

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# A metric of one task: its scores by stage, c[..., stage], and the stage at which it was learned, to [...].
ColumnMetric = Callable[[Floats, int], Floats]


@dataclass(frozen=True)
class Statistic:
    """A quantity in each seed, and the influence of each cluster of items on it.

    seeds: labels, [seed]
    values: [seed]
    influence: [cluster, seed], centred, scaled so that the sum of squares over clusters is the unbiased
        variance from drawing items (delete-one jackknife, Efron & Stein 1981); None without items
    keys: [cluster] identities; None without items
    items: how many test items stand behind it (0 where unknown)
    difference: whether it is a difference of two scores (else a level)
    """

    seeds: tuple[int, ...]
    values: Floats
    influence: Floats | None = None
    keys: Ints | None = None
    items: int = 0
    difference: bool = True

    def __neg__(self) -> Statistic:
        influence = None if self.influence is None else -self.influence
        return replace(self, values=-self.values, influence=influence)

    def __sub__(self, other: Statistic) -> Statistic:
        return _linked([self, -other], np.ones(2), items=max(self.items, other.items), difference=True)

    def for_seeds(self, seeds: Sequence[int]) -> Statistic:
        """The same statistic in these seeds only."""
        at = [self.seeds.index(seed) for seed in seeds]
        influence = None if self.influence is None else self.influence[:, at]
        return replace(self, seeds=tuple(seeds), values=self.values[at], influence=influence)


def mean_of(parts: Sequence[Statistic]) -> Statistic:
    """Mean over tasks, in the seeds that have all of them."""
    weights = np.full(len(parts), 1 / len(parts))
    items = sum(part.items for part in parts)
    return _linked(list(parts), weights, items=items, difference=all(part.difference for part in parts))


def ratio_of(above: Statistic, below: Statistic) -> Statistic:
    """above / below seed by seed, with influences by the delta method; below must not be zero."""
    seeds = tuple(seed for seed in above.seeds if seed in below.seeds)
    above, below = above.for_seeds(seeds), below.for_seeds(seeds)
    ratio = above.values / below.values
    # The influence of N / D is (influence of N - ratio x influence of D) / D: a difference of two statistics.
    linear = _scaled(above, 1 / below.values) - _scaled(below, ratio / below.values)
    return replace(linear, values=ratio)


def _scaled(part: Statistic, factor: Floats) -> Statistic:
    influence = None if part.influence is None else part.influence * factor
    return replace(part, values=part.values * factor, influence=influence)


def _linked(parts: list[Statistic], weights: Floats, *, items: int, difference: bool) -> Statistic:
    """Weighted sum in the seeds common to all parts, influences summed within clusters."""
    common = set(parts[0].seeds).intersection(*(part.seeds for part in parts[1:]))
    seeds = tuple(seed for seed in parts[0].seeds if seed in common)
    parts = [part.for_seeds(seeds) for part in parts]
    values = sum((w * part.values for w, part in zip(weights, parts, strict=True)), np.zeros(len(seeds)))
    known = [(part.influence, part.keys) for part in parts if part.influence is not None and part.keys is not None]
    if len(known) < len(parts):
        return Statistic(seeds, values, None, None, items, difference)
    influence, keys = summed_by_key([(w * i, k) for w, (i, k) in zip(weights, known, strict=True)])
    return Statistic(seeds, values, influence, keys, items, difference)


def summed_by_key(parts: Sequence[tuple[Floats, Ints]]) -> tuple[Floats, Ints]:
    """Influences [cluster, ...] added up within clusters of the same key, and the keys."""
    keys, place = np.unique(np.concatenate([keys for _, keys in parts]), return_inverse=True)
    influence = np.zeros((len(keys), *parts[0][0].shape[1:]))
    np.add.at(influence, place, np.concatenate([part for part, _ in parts]))
    return influence, keys


def stacked_influence(statistics: Sequence[Statistic]) -> tuple[Floats, Ints] | None:
    """Influences of several statistics side by side, meaned over their seeds: [cluster, statistic], and the keys.

    None where one of them has no items.
    """
    known = [(s.influence, s.keys) for s in statistics if s.influence is not None and s.keys is not None]
    if not known or len(known) < len(statistics):
        return None
    columns = np.eye(len(known))
    return summed_by_key([(i.mean(1)[:, None] * columns[k], keys) for k, (i, keys) in enumerate(known)])


def column_statistics(
    scores: Scores, arm: str, metric: ColumnMetric, *, items: dict[str, int], difference: bool
) -> dict[str, Statistic]:
    """`metric` for each task of one arm, with influences by cluster; tasks where it is undefined are left out.

    The task at position j of the order is learned at stage j + 1.
    """
    a = scores.arms.index(arm)
    result = {}
    for j, task in enumerate(scores.tasks):
        column = scores.mean[a, :, :, j]
        values = metric(column, j + 1)
        here = np.isfinite(values)
        if not here.any():
            continue
        seeds = tuple(seed for seed, ok in zip(scores.seeds, here, strict=True) if ok)
        influence, keys = _influence(scores.sums[j], a, column, metric, j + 1, here)
        result[task] = Statistic(seeds, values[here], influence, keys, items.get(task, 0), difference)
    return result


def cell_statistics(scores: Scores, arm: str, *, items: dict[str, int]) -> dict[tuple[int, str], Statistic]:
    """Every cell of one arm's score matrix as a statistic, by stage and task; cells without scores are left out."""
    a = scores.arms.index(arm)
    cells = {}
    for j, task in enumerate(scores.tasks):
        sums = scores.sums[j]
        moved = None if sums is None else moved_by_cluster(sums, a)
        for stage in scores.stages:
            values = scores.mean[a, :, stage, j]
            here = np.isfinite(values)
            if here.any():
                seeds = tuple(seed for seed, ok in zip(scores.seeds, here, strict=True) if ok)
                influence = None if moved is None else moved[:, here, stage]
                keys = None if sums is None or influence is None else sums.keys
                cells[stage, task] = Statistic(seeds, values[here], influence, keys, items.get(task, 0), False)
    return cells


def _influence(
    sums: TaskSums | None,
    arm: int,
    column: Floats,
    metric: ColumnMetric,
    arrival: int,
    here: npt.NDArray[np.bool_],
) -> tuple[Floats | None, Ints | None]:
    moved = None if sums is None else moved_by_cluster(sums, arm)
    if sums is None or moved is None:
        return None, None
    # The directional derivative along each cluster: exact for linear metrics, central for smooth ones.
    slope: Floats = (metric(column + moved, arrival) - metric(column - moved, arrival)) / 2
    return slope[:, here], sums.keys


def moved_by_cluster(sums: TaskSums, arm: int) -> Floats | None:
    """How far each cluster moves each cell mean, [bucket, seed, stage], scaled for the unbiased variance.

    None where a cell has a single cluster, which says nothing of their spread.
    """
    n, total = sums.n[arm], sums.total[arm]  # [seed, stage, bucket]
    size = n.sum(-1)
    clusters = (n > 0).sum(-1)
    if (clusters == 1).any():
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total.sum(-1) / size
        scale = np.sqrt(clusters / (clusters - 1.0)) / size
        moved = (total - n * mean[..., None]) * scale[..., None]
    return np.moveaxis(np.where(size[..., None] > 0, moved, 0.0), -1, 0)
