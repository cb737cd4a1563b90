"""How far apart are many pairs of small samples, each pair by several kernels?

What `inference.twosample.compare` gives for samples whose observations are independent and all different points, from
one dense matrix of distances a pair: a page has a hundred pairs of a few hundred embeddings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from toolkit.inference.kernels import Kernel, distances
from toolkit.inference.permutation import p_value
from toolkit.inference.twosample import upper_bound

Floats = npt.NDArray[np.float64]
PERMUTATIONS = 199


@dataclass(frozen=True)
class CellDistance:
    """A squared kernel distance of two samples.

    value: unbiased, may lie below zero; upper: one-sided upper confidence bound, None where none was asked for;
    variance: of the value by bootstrap, None likewise;
    arrangements: [1 + permutation] unbiased statistics, the observed one first, the same reassignments for each kernel
    """

    value: float
    upper: float | None
    variance: float | None
    arrangements: Floats

    @property
    def p_value(self) -> float:
        """Of both samples coming from one distribution, by permutation."""
        return p_value(self.arrangements - min(float(self.arrangements.min()), 0.0))


def cell_distances(
    first: Floats,
    second: Floats,
    kernels: Sequence[Kernel],
    *,
    level: float = 0.95,
    permutations: int = PERMUTATIONS,
    draws: int | None = PERMUTATIONS,
    random_seed: int = 0,
) -> list[CellDistance]:
    """The distance of first[sample, dimension] and second by each kernel (Gretton et al. 2012, equation 3).

    draws: of the bootstrap that gives upper bound and variance (None: neither). Raises ValueError with fewer than two
    samples on a side.
    """
    n, m = len(first), len(second)
    if min(n, m) < 2:
        raise ValueError("needs at least two samples on either side")
    rng = np.random.default_rng(random_seed)
    sign = np.empty((permutations + 1, n + m))
    sign[:] = np.where(np.arange(n + m) < n, 1.0, -1.0)
    rng.permuted(sign[1:], axis=1, out=sign[1:])
    weights = None if draws is None else _redrawn(n, m, draws, rng)
    both = np.concatenate([first, second])
    between = distances(both - both.mean(0), both - both.mean(0))
    found = []
    for kernel in kernels:
        K = kernel.of(between)
        np.fill_diagonal(K, 0.0)
        statistics = _statistics(K, sign, n, m)
        value = float(statistics[0])
        if weights is None:
            found.append(CellDistance(value, None, None, statistics))
            continue
        drawn = _of_redrawn(K, weights, n)
        # With all pairs, an observation's with itself too: that is the statistic whose null is a sum of chi-squares.
        whole = statistics[1:] + _own_pairs(K, sign[1:], kernel.at_zero, n, m)
        # By chance below zero, it still says no more than a distance of zero would.
        upper = upper_bound(max(value, 0.0), drawn, whole, level, n + m)
        found.append(CellDistance(value, upper, float(drawn.var(ddof=1)), statistics))
    return found


def _sums(K: Floats, sign: Floats) -> tuple[Floats, Floats, Floats]:
    """Kernel sums within the side of sign 1, within the other, and between them, of each arrangement."""
    each = K.sum(1)
    whole, moving, forms = float(each.sum()), sign @ each, ((sign @ K) * sign).sum(1)
    return (whole + 2 * moving + forms) / 4, (whole - 2 * moving + forms) / 4, (whole - forms) / 4


def _statistics(K: Floats, sign: Floats, n: int, m: int) -> Floats:
    xx, yy, xy = _sums(K, sign)
    return xx / (n * (n - 1)) + yy / (m * (m - 1)) - 2 * xy / (n * m)


def _own_pairs(K: Floats, sign: Floats, at_zero: float, n: int, m: int) -> Floats:
    xx, yy, _ = _sums(K, sign)
    own: Floats = (xx + n * at_zero) / n**2 - xx / (n * (n - 1)) + (yy + m * at_zero) / m**2 - yy / (m * (m - 1))
    return own


def _redrawn(n: int, m: int, draws: int, rng: np.random.Generator) -> Floats:
    """[draw, sample]: how often each is drawn with replacement, each side by itself."""
    sides = [rng.multinomial(size, np.full(size, 1 / size), size=draws) for size in (n, m)]
    return np.concatenate(sides, axis=1).astype(float)


def _of_redrawn(K: Floats, weights: Floats, n: int) -> Floats:
    """[draw]: the statistic of drawn samples, pairs of one observation with itself left out."""
    x, y = weights[:, :n], weights[:, n:]
    xx, yy, xy = (((w @ block) * v).sum(1) for w, block, v in ((x, K[:n, :n], x), (y, K[n:, n:], y), (x, K[:n, n:], y)))
    pairs_x, pairs_y = (w.sum(1) ** 2 - (w**2).sum(1) for w in (x, y))
    drawn: Floats = xx / pairs_x + yy / pairs_y - 2 * xy / (x.sum(1) * y.sum(1))
    return drawn
