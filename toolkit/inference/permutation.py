"""How would two samples look if it did not matter which side an observation came from?

Two samples are kept as counts of their distinct points, cluster by cluster, so that a permutation is a vector of
signs [cluster] and every statistic a function of how often each point occurs on each side.

Paired: each cluster (item, prompt, customer) has as many observations on the first as on the second side; the null
hypothesis that sides are exchangeable within clusters is tested by swapping the sides of whole clusters with a fair
coin. Unpaired: each cluster lies on one side; whole clusters are reassigned, as many to each side as there were. With
clusters of one observation, counts of categories then follow the multivariate hypergeometric distribution. The
observed arrangement counts as one of the permutations, which makes p exact (Phipson & Smyth 2010).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Floats = npt.NDArray[np.float64]
Signs = npt.NDArray[np.float32]


@dataclass(frozen=True)
class TwoSamples:
    """Two samples as counts of distinct points in clusters.

    points: [point, dimension], sorted; first, second: sparse counts [cluster, point]
    """

    points: Floats
    first: csr_array
    second: csr_array

    @cached_property
    def paired(self) -> bool:
        """Whether every cluster has observations on both sides (else: each on one side)."""
        return bool((self.sizes[0] > 0).all() and (self.sizes[1] > 0).all())

    @cached_property
    def sizes(self) -> tuple[Floats, Floats]:
        """Observations [cluster] on the first and on the second side."""
        return np.asarray(self.first.sum(1), dtype=float), np.asarray(self.second.sum(1), dtype=float)

    @cached_property
    def signed(self) -> csr_array:
        """[cluster, point]: paired, first minus second; unpaired, what the cluster has on its side."""
        return (self.first - self.second if self.paired else self.first + self.second).tocsr()

    @property
    def clusters(self) -> int:
        """How many clusters there are."""
        return len(self.sizes[0])

    @cached_property
    def counts(self) -> tuple[Floats, Floats]:
        """How often each point [point] occurs on either side."""
        return np.asarray(self.first.sum(0), dtype=float), np.asarray(self.second.sum(0), dtype=float)


def two_samples(first: npt.ArrayLike, second: npt.ArrayLike, clusters: tuple[Any, Any] | None = None) -> TwoSamples:
    """Samples first[observation(, dimension)] and second, with the cluster of each observation on both sides.

    clusters: by default every observation is its own, and the samples are unpaired. Raises ValueError where values
    are not finite, or where clusters are neither balanced pairs nor on one side each.
    """
    from scipy.sparse import csr_array

    x, y = (np.asarray(side, dtype=float) for side in (first, second))
    x, y = (side[:, None] if side.ndim == 1 else side for side in (x, y))
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ValueError("observations must be finite")
    if not len(x) or not len(y):
        raise ValueError("both samples need observations")
    both = np.concatenate([x, y])
    points, code = np.unique(both, axis=0, return_inverse=True)
    if clusters is None:
        names = np.arange(len(both))
    else:
        names = np.concatenate([np.asarray(side) for side in clusters])
        if len(names) != len(both):
            raise ValueError("every observation needs a cluster")
    keys, place = np.unique(names, return_inverse=True)
    shape, here = (len(keys), len(points)), slice(0, len(x))
    there = slice(len(x), len(both))
    sides = [csr_array((np.ones(len(code[s])), (place[s], code[s])), shape=shape) for s in (here, there)]
    samples = TwoSamples(points, *sides)
    n, m = samples.sizes
    if ((n > 0) & (m > 0)).any() and (n != m).any():
        raise ValueError("clusters must have as many observations on one side as on the other, or lie on one side each")
    return samples


def signs(samples: TwoSamples, permutations: int, *, random_seed: int = 0) -> Signs:
    """[1 + permutation, cluster] signs; the observed arrangement comes first.

    Paired: +1 keeps the sides of a cluster, -1 swaps them. Unpaired: +1 on the first side, -1 on the second.
    """
    rng = np.random.default_rng(random_seed)
    drawn: Signs = np.empty((permutations + 1, samples.clusters), dtype=np.float32)
    if samples.paired:
        drawn[1:] = 2 * rng.integers(0, 2, (permutations, samples.clusters), dtype=np.int8) - 1
        drawn[0] = 1
        return drawn
    drawn[:] = np.where(samples.sizes[0] > 0, 1, -1)
    rng.permuted(drawn[1:], axis=1, out=drawn[1:])
    return drawn


def bootstrap_weights(samples: TwoSamples, draws: int, *, random_seed: int = 0) -> Signs:
    """[draw, cluster]: how often each cluster is drawn with replacement; unpaired, each side by itself."""
    rng = np.random.default_rng(random_seed)
    weights: Signs = np.zeros((draws, samples.clusters), dtype=np.float32)
    sides = [np.ones(samples.clusters, bool)] if samples.paired else [samples.sizes[0] > 0, samples.sizes[1] > 0]
    for side in sides:
        size = int(side.sum())
        for start in range(0, draws, 64):  # bounded memory; faster than drawing from the multinomial distribution
            rows = min(64, draws - start)
            drawn = rng.integers(0, size, (rows, size)) + size * np.arange(rows)[:, None]
            weights[start : start + rows, side] = np.bincount(drawn.ravel(), minlength=rows * size).reshape(rows, size)
    return weights


def summed(weights: Signs, counts: csr_array) -> Signs:
    """Weighted counts [draw, point] over clusters; whole numbers, which single precision holds exactly."""
    total: Signs = np.empty((len(weights), counts.shape[1]), dtype=np.float32)
    for start in range(0, len(weights), 64):
        part = slice(start, start + 64)
        total[part] = (counts.T @ weights[part].T).T
    return total


def permuted_counts(samples: TwoSamples, arrangement: Signs) -> tuple[Floats, Floats]:
    """Counts [permutation, point] of both sides under these signs."""
    total = samples.counts[0] + samples.counts[1]
    difference = summed(arrangement, samples.signed).astype(float)
    return (total + difference) / 2, (total - difference) / 2


def hypergeometric_counts(
    first: Floats, second: Floats, permutations: int, *, random_seed: int = 0
) -> tuple[Floats, Floats]:
    """Counts [1 + permutation, category] of two independent samples when their labels are permuted; observed first.

    Draws from the multivariate hypergeometric distribution: what permuting single observations gives, at a cost that
    does not grow with their number. first, second: counts [category].
    """
    a, b = np.asarray(first, dtype=np.int64), np.asarray(second, dtype=np.int64)
    rng = np.random.default_rng(random_seed)
    drawn = rng.multivariate_hypergeometric(a + b, int(a.sum()), size=permutations, method="marginals")
    one = np.concatenate([a[None], drawn]).astype(float)
    return one, (a + b) - one


def p_value(statistics: Floats) -> float:
    """Share of arrangements whose statistic is at least the observed one, statistics[0], itself among them.

    Statistics that differ by rounding alone count as equal.
    """
    scale = float(np.abs(statistics).max())
    return float((statistics >= statistics[0] - 1e-7 * scale).mean())
