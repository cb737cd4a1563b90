"""What would a measure of diversity be in a sample of another size, and how far is it off?

Nearly every measure of diversity depends on how many samples it is taken over, so sets are compared at one size: the
mean over all subsamples of that size without replacement (rarefaction; Hurlbert 1971, Heck et al. 1975), in closed
form where there is one, else over seeded random subsamples. The variance from drawing samples is that of the
delete-one jackknife, which is not below the true one in expectation (Efron & Stein 1981). Drawing with replacement,
as a bootstrap does, would make copies, and with them a diversity that is too low.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
DRAWS = 50

# Rows of a subsample to the measure's value there and, where asked for, its values without each of these rows.
Measure = Callable[[Ints], tuple[float, Floats | None]]


@dataclass(frozen=True)
class Rarefied:
    """A measure at one sample size.

    value: mean over subsamples of `size` of the `rows` samples
    variance: from drawing other samples, by the delete-one jackknife; None where it was not asked for
    draws, spread: how many random subsamples, and the standard deviation between them; 0 where the mean is exact
    """

    value: float
    size: int
    rows: int
    variance: float | None = None
    draws: int = 0
    spread: float = 0.0

    @property
    def subsampling(self) -> float:
        """Variance of the value from having drawn some subsamples and not all."""
        return self.spread**2 / self.draws if self.draws else 0.0


def check_size(rows: int, size: int) -> None:
    """Raise ValueError where no subsample of this size, of at least two, can be drawn."""
    if not 2 <= size <= rows:
        raise ValueError(f"needs a size from 2 to {rows}, the number of samples, got {size}")


def jackknife_variance(without: Floats) -> float:
    """Variance from the values without each sample, [sample] (Efron & Stein 1981)."""
    return float((len(without) - 1) / len(without) * ((without - without.mean()) ** 2).sum())


def rarefied(measure: Measure, rows: int, size: int, *, draws: int = DRAWS, random_seed: int = 0) -> Rarefied:
    """Mean of `measure` over random subsamples; the sample itself where it has that size.

    The jackknife's values of a sample are averaged over the subsamples that it is in: its projection, which decides
    the variance of the mean over subsamples (Hoeffding 1948). Raises ValueError as `check_size`.
    """
    check_size(rows, size)
    whole = size == rows
    rng = np.random.default_rng(random_seed)
    values, moved, seen = [], np.zeros(rows), np.zeros(rows)
    known = True
    for _ in range(1 if whole else draws):
        at = np.arange(rows) if whole else rng.choice(rows, size, replace=False)
        value, without = measure(at)
        values.append(value)
        if without is None:
            known = False
        else:
            moved[at] += without.mean() - without
            seen[at] += 1
    variance = None
    if known:
        squares = float(((moved[seen > 0] / seen[seen > 0]) ** 2).mean()) * rows
        variance = (size / rows) ** 2 * (size - 1) / size * squares
    if whole:
        return Rarefied(values[0], size, rows, variance)
    return Rarefied(
        float(np.mean(values)), size, rows, variance, draws, float(np.std(values, ddof=1)) if draws > 1 else 0.0
    )


def share_without(rows: int, marked: npt.NDArray[np.integer] | Floats, size: int) -> Floats:
    """Probability that a subsample has none of the `marked` rows: C(rows - marked, size) / C(rows, size).

    marked: [...], from 0 to `rows`.
    """
    left = rows - np.asarray(marked, dtype=float)
    possible = left >= size
    kept = np.where(possible, left, size)
    log = special.gammaln(kept + 1) - special.gammaln(kept - size + 1)
    whole = special.gammaln(rows + 1.0) - special.gammaln(rows - size + 1.0)
    return np.where(possible, np.exp(log - whole), 0.0)


def expected_entropy(counts: npt.NDArray[np.integer] | Floats, size: int) -> float:
    """Mean entropy over subsamples, in nats, with the correction of Miller & Madow (1955): + (kinds - 1) / (2 size).

    counts: [kind], how many samples are of each kind.
    """
    counts = np.asarray(counts, dtype=float)
    counts = counts[counts > 0]
    rows = int(counts.sum())
    x = np.arange(1, size + 1, dtype=float)  # samples of a kind in the subsample: hypergeometric
    with np.errstate(invalid="ignore"):
        possible = (x <= counts[:, None]) & (size - x <= rows - counts[:, None])
    c, drawn = np.broadcast_arrays(counts[:, None], x)
    log = _log_choose(c[possible], drawn[possible]) + _log_choose(rows - c[possible], size - drawn[possible])
    chance = np.exp(log - _log_choose(np.array(float(rows)), np.array(float(size))))
    share = drawn[possible] / size
    kinds = float((1 - share_without(rows, counts, size)).sum())
    return float(-(chance * share * np.log(share)).sum()) + (kinds - 1) / (2 * size)


def _log_choose(n: Floats, k: Floats) -> Floats:
    return special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1)
