"""Which intervals still hold when the same question is asked at every look, and not once?

An interval of 95 % misses once in twenty looks by chance, so that a year of weekly looks at ordinary intervals
raises a false alarm more often than not. Three remedies, by what is known of the looks:

fresh items at each look           `confidence_sequence`: all looks count together, the running mean narrows
any dependence, number unknown     `spending_interval`: the k-th look has its own share alpha / (k (k + 1))
a known number of looks            `obrien_fleming`: bounds on z for cumulative data, each look as informative
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

Floats = npt.NDArray[np.float64]
_NODES = 201  # of the quadrature per look: eight digits of every bound up to a hundred looks


def confidence_sequence(
    n: npt.ArrayLike, mean: npt.ArrayLike, sd: npt.ArrayLike, alpha: float, *, n_opt: float
) -> tuple[Floats, Floats]:
    """Both ends of the asymptotic confidence sequence of a running mean, which misses at any n with chance alpha.

    n, mean, sd: items so far, their mean and their standard deviation, of any shape (they broadcast)
    n_opt: the number of items at which the sequence is to be narrowest; fixed before the data are seen
    With r^2 = (L + log(L + 1)) / n_opt, L = -2 log alpha, the half-width is
    sd sqrt(2 (n r^2 + 1) / (n^2 r^2) log(sqrt(n r^2 + 1) / alpha)) (Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas
    2024, Time-uniform central limit theory and asymptotic confidence sequences: theorem 2.2, with their choice
    of r). It covers the running mean of what the looks measure, which may drift.
    """
    n, mean, sd = np.asarray(n, dtype=float), np.asarray(mean, dtype=float), np.asarray(sd, dtype=float)
    tuned = -2 * math.log(alpha)
    r2 = (tuned + math.log(tuned + 1)) / n_opt
    spread = n * r2 + 1
    half = sd * np.sqrt(2 * spread / (n * n * r2) * (np.log(spread) / 2 - math.log(alpha)))
    return mean - half, mean + half


def spent_at(look: int, alpha: float) -> float:
    """What the look-th look (from 1) may spend of alpha: alpha / (k (k + 1)), which sums to alpha over all k."""
    return alpha / (look * (look + 1))


def spending_interval(value: float, se: float, df: float, look: int, alpha: float) -> tuple[float, float]:
    """Both ends of value +- t(df) se at what the look-th look may spend.

    By the union bound all looks together miss with chance alpha at most, however they depend on each other:
    the same items may be scored again and again.
    """
    half = two_sided_quantile(spent_at(look, alpha), df) * se
    return value - half, value + half


def two_sided_quantile(alpha: float, df: float = math.inf) -> float:
    """What |t| with `df` degrees of freedom (infinite: normal) exceeds with chance alpha.

    From the lower tail, so that it stays exact where 1 - alpha / 2 would round to 1.
    """
    return float(-special.ndtri(alpha / 2) if math.isinf(df) else -special.stdtrit(df, alpha / 2))


def obrien_fleming(looks: int, alpha: float = 0.05) -> Floats:
    """Bounds on |z| at each of `looks` equally informative looks at cumulative data; [look].

    The spending function of O'Brien-Fleming type on either side, alpha(t) = 4 - 4 Phi(z_{1 - alpha/4} / sqrt(t))
    (Lan & DeMets 1983); bounds by recursive numerical integration of the density of the sum that has not yet
    crossed (Armitage, McPherson & Rowe 1969). Early bounds are high: most of alpha is left for the last look.
    """
    share = np.arange(1, looks + 1) / looks
    spent = 4 * special.ndtr(special.ndtri(alpha / 4) / np.sqrt(share))
    bounds = np.zeros(looks)
    # Before the first look the sum is 0 with certainty: one node that holds the whole density.
    nodes, mass = np.zeros(1), np.ones(1)
    for k in range(looks):
        to_spend = spent[k] - (spent[k - 1] if k else 0.0)
        root = math.sqrt(k + 1)
        bounds[k] = optimize.brentq(_overspent, 0.0, 60.0, args=(nodes, mass, to_spend, root), xtol=1e-12, rtol=1e-14)
        if k + 1 < looks:
            nodes, mass = _still_inside(nodes, mass, bounds[k] * root)
    return bounds


def _overspent(bound: float, nodes: Floats, mass: Floats, to_spend: float, root: float) -> float:
    """The chance that |z| first crosses `bound` at the next look, beyond what that look may spend."""
    limit = bound * root
    return float(mass @ (special.ndtr(nodes - limit) + special.ndtr(-nodes - limit))) - to_spend


def _still_inside(nodes: Floats, mass: Floats, limit: float) -> tuple[Floats, Floats]:
    """The sum after one more look, where it lies within +- limit: quadrature nodes and the mass at each."""
    place, weight = special.roots_legendre(_NODES)
    # Beyond ten standard deviations of the next increments there is no mass worth a node.
    reach = min(limit, float(np.abs(nodes).max()) + 10.0)
    after = place * reach
    density = np.exp(-((after[:, None] - nodes[None, :]) ** 2) / 2) / math.sqrt(2 * math.pi)
    return after, weight * reach * (density @ mass)
