"""How far can a model's own labels amplify its bias, and what is the ratio of two biases that are both estimates?

The bound of Taori & Hashimoto (2023, Data Feedback Loops, theorem 1) on a bias when a model is trained again and again
on all data so far, human ones and its own. Fieller's (1940) confidence set of a ratio.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from toolkit.inference.quantiles import t_quantile

Floats = npt.NDArray[np.float64]
FEWEST = 20
HALVINGS = 10


def amplification_bound(initial: float, human: npt.ArrayLike, synthetic: npt.ArrayLike) -> Floats:
    """[round]: the largest possible bias after each round as a multiple of that of the first model.

    initial: n_0, samples that the first model was trained on; human, synthetic: m_i and k_i, samples of either kind
    that round i adds. n_i = n_(i-1) + m_i + k_i are the samples after round i, and the bound
    1 + sum_(i<=t) (k_i / n_i) prod_(j=i+1..t) (n_j - m_j) / n_j.
    Raises ValueError where counts are negative, n_0 is not positive, or the two have different lengths.
    """
    m, k = np.asarray(human, dtype=float), np.asarray(synthetic, dtype=float)
    if m.shape != k.shape or not initial > 0 or (m < 0).any() or (k < 0).any():
        raise ValueError("needs a positive number of first samples, and counts of both kinds for each round")
    sizes = initial + np.cumsum(m + k)
    total, bounds = 0.0, []
    for added_human, added, size in zip(m, k, sizes, strict=True):
        # A share (n - m) / n of the data keeps the bias it had; the model's labels add that of their model.
        total = total * (size - added_human) / size + added / size
        bounds.append(1 + total)
    return np.array(bounds)


def amplification_limit(human: float, synthetic: float) -> float:
    """What the bound tends to after ever more rounds of m human and k model-labelled samples: (m + k) / m."""
    return (human + synthetic) / human if human > 0 else float("inf")


@dataclass(frozen=True)
class RatioSet:
    """Fieller's confidence set of a ratio.

    shape: `interval` from low to high; `complement`: everything but what lies between low and high; `unbounded`: any
    ratio at all. The last two occur where the denominator cannot be told from zero.
    """

    value: float
    shape: Literal["interval", "complement", "unbounded"]
    low: float
    high: float

    def contains(self, ratio: float) -> bool:
        """Whether a ratio is in the set."""
        inside = self.low <= ratio <= self.high
        return inside if self.shape == "interval" else not inside or self.shape == "unbounded"


def fieller(
    above: float, below: float, variances: tuple[float, float], covariance: float = 0.0, *, df: float, level: float
) -> RatioSet:
    """The ratios r at which above - r below is within t(df) of its own standard error of zero.

    variances: of the two estimates; covariance: between them. The limits are the roots of
    (below^2 - t^2 v_b) r^2 - 2 (above below - t^2 c) r + (above^2 - t^2 v_a) = 0.
    Raises ValueError where variances are negative or the covariance is larger than they allow.
    """
    va, vb = variances
    if va < 0 or vb < 0 or covariance**2 > va * vb * (1 + 1e-9):
        raise ValueError("the variances and the covariance do not fit each other")
    t2 = t_quantile(level, df) ** 2
    a, b, c = below**2 - t2 * vb, above * below - t2 * covariance, above**2 - t2 * va
    ratio = above / below if below != 0 else float("nan")
    root = b**2 - a * c
    if a > 0:
        half = float(np.sqrt(max(root, 0.0)))
        return RatioSet(ratio, "interval", (b - half) / a, (b + half) / a)
    if a == 0 or root <= 0:
        return RatioSet(ratio, "unbounded", -np.inf, np.inf)
    ends = sorted([(b - float(np.sqrt(root))) / a, (b + float(np.sqrt(root))) / a])
    return RatioSet(ratio, "complement", ends[0], ends[1])


@dataclass(frozen=True)
class Bias:
    """How far generated samples are from human ones in one respect.

    value: unbiased, or erring towards zero; plug_in: erring away from zero, the same where nothing is chosen from data;
    first, second: [sample] influence of each generated and each human sample, whose squares add up to the variance
    """

    value: float
    plug_in: float
    first: Floats
    second: Floats


def label_bias(first: npt.NDArray[np.int64], second: npt.NDArray[np.int64], *, random_seed: int = 0) -> Bias:
    """Total variation between the labels of two samples, whole numbers [sample] from 0, cross-fitted.

    The plug-in is above zero even where both have one distribution. Which label is too frequent is learned from one
    half of either sample and by how much from the other, both ways and over ten random halvings, so that the mean is
    zero without a difference; small differences are underestimated. Raises ValueError with fewer than twenty labels on
    a side.
    """
    n, m = len(first), len(second)
    if min(n, m) < FEWEST:
        raise ValueError(f"needs at least {FEWEST} labels of generated and of human samples, got {n} and {m}")
    size = int(max(first.max(), second.max())) + 1
    rng = np.random.default_rng(random_seed)
    values = []
    for _ in range(HALVINGS):
        x, y = rng.permutation(first), rng.permutation(second)
        gaps = [_shares(x[i::2], size) - _shares(y[i::2], size) for i in range(2)]
        values += [float(np.sign(gaps[i]) @ gaps[1 - i]) / 2 for i in range(2)]
    gap = _shares(first, size) - _shares(second, size)
    side = np.sign(gap) / 2
    return Bias(float(np.mean(values)), float(side @ gap), _influence(side[first]), -_influence(side[second]))


def property_bias(first: Floats, second: Floats) -> Bias:
    """Mean of first[sample] minus that of second[sample], in standard deviations of the second (Glass 1976).

    Raises ValueError with fewer than twenty values on a side, and where the second does not vary.
    """
    n, m = len(first), len(second)
    if min(n, m) < FEWEST:
        raise ValueError(f"needs at least {FEWEST} values of generated and of human samples, got {n} and {m}")
    spread = float(second.std(ddof=1))
    if not spread > 1e-12 * max(float(np.abs(second).max()), 1e-300):
        raise ValueError("the human values are all the same")
    value = (float(first.mean()) - float(second.mean())) / spread
    z = (second - second.mean()) / spread
    return Bias(value, value, _influence(first / spread), -_influence(z) - _influence(value * z**2 / 2))


def _shares(codes: npt.NDArray[np.int64], size: int) -> Floats:
    return np.bincount(codes, minlength=size) / len(codes)


def _influence(values: Floats) -> Floats:
    """[sample]: centred, scaled so that the squares add up to the unbiased variance of the mean."""
    n = len(values)
    scaled: Floats = (values - values.mean()) / np.sqrt(n * (n - 1.0))
    return scaled
