"""Does a distance grow round by round without end, or does it level off?

Where each model is fitted to the samples of the last one only, error grows linearly in the rounds; where all samples
so far are kept beside the human ones it stays below pi^2 / 6 of that of the first round (Gerstgrasser et al. 2024).
Linear: d_k = a + b k; saturating: d_k = c (1 - exp(-r k)), with c its limit. Which of the two a log shows is judged by
how well each foretells a round that it was not fitted to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from toolkit.inference.quantiles import t_quantile

Floats = npt.NDArray[np.float64]
Shape = Literal["linear", "saturating"]

ACCUMULATED = float(np.pi**2 / 6)
FEWEST = 4
RATES = 200
STRAIGHT = 0.02  # of the way to its limit that a curve comes in all: what bends less cannot be told from a line


@dataclass(frozen=True)
class Growth:
    """A fitted course.

    fitted: [round]; prediction: [round], squared error of each round when it is left out of the fit, in units of its
    variance; limit, limit_low, limit_high: of the saturating course, infinite where a straight line does as well
    """

    shape: Shape
    fitted: Floats
    prediction: Floats
    limit: float | None = None
    limit_low: float | None = None
    limit_high: float | None = None


def accumulation_bound(rounds: npt.ArrayLike) -> Floats:
    """[round]: largest error of accumulating after k rounds, as a multiple of the first: sum_(i<=k) 1 / i^2."""
    k = np.asarray(rounds, dtype=np.int64)
    sums = np.cumsum(1.0 / np.arange(1, k.max() + 1) ** 2)
    return np.where(k > 0, sums[np.maximum(k, 1) - 1], 0.0)


def fit_growth(
    rounds: npt.ArrayLike, distances: npt.ArrayLike, variances: npt.ArrayLike, shape: Shape, *, level: float = 0.95
) -> Growth:
    """Weighted least squares of distances [round] on rounds [round] (1 = first), weights 1 / variances [round].

    The limit's interval is the profile of the residual sum of squares: all (c, r) not worse than the best by more
    than t^2(K - 2) residual variances, the latter not below one.
    Raises ValueError with fewer than four rounds, rounds that are not above zero, or variances that are not positive.
    """
    k, d, v = (np.asarray(part, dtype=float) for part in (rounds, distances, variances))
    if len(np.unique(k)) < FEWEST:
        raise ValueError(f"needs at least {FEWEST} rounds")
    if not ((k > 0).all() and (v > 0).all() and np.isfinite(d).all()):
        raise ValueError("rounds are counted from 1, and every round needs a positive variance")
    keep = ~np.eye(len(k), dtype=bool)
    fit = _line if shape == "linear" else _saturating
    without = np.array([fit(k[row], d[row], v[row], k[i : i + 1])[0] for i, row in enumerate(keep)])
    prediction, fitted = (d - without) ** 2 / v, fit(k, d, v, k)
    if shape == "linear":
        return Growth(shape, fitted, prediction)
    return Growth(shape, fitted, prediction, *_limit(k, d, v, level))


def _line(k: Floats, d: Floats, v: Floats, at: Floats) -> Floats:
    root = 1 / np.sqrt(v)
    design = np.column_stack([np.ones_like(k), k])
    a, b = np.linalg.lstsq(design * root[:, None], d * root, rcond=None)[0]
    return a + b * at


def _profile(k: Floats, d: Floats, v: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Rates [rate], the best limit at each, what its residual sum of squares is, and how steeply it rises.

    Rates from nearly straight over all rounds to level after a tenth of the first, denser about the best one.
    """
    coarse = np.geomspace(STRAIGHT / k.max(), 10 / k.min(), RATES)
    best = int(np.argmin(_at_rates(coarse, k, d, v)[2]))
    around = np.geomspace(coarse[max(best - 1, 0)], coarse[min(best + 1, RATES - 1)], RATES // 2)
    return _at_rates(np.union1d(coarse, around[1:-1]), k, d, v)


def _at_rates(rates: Floats, k: Floats, d: Floats, v: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    rise = -np.expm1(-rates[:, None] * k)
    steepness = (rise**2 / v).sum(1)
    limits = (rise * d / v).sum(1) / steepness
    squares = ((d - limits[:, None] * rise) ** 2 / v).sum(1)
    return rates, limits, squares, steepness


def _saturating(k: Floats, d: Floats, v: Floats, at: Floats) -> Floats:
    rates, limits, squares, _ = _profile(k, d, v)
    best = int(np.argmin(squares))
    return limits[best] * -np.expm1(-rates[best] * at)


def _limit(k: Floats, d: Floats, v: Floats, level: float) -> tuple[float, float, float]:
    _, limits, squares, steepness = _profile(k, d, v)
    best, df = int(np.argmin(squares)), len(k) - 2
    dispersion = max(1.0, float(squares[best]) / df)
    spare = squares[best] + t_quantile(level, df) ** 2 * dispersion - squares
    inside = spare >= 0
    half = np.sqrt(np.maximum(spare, 0.0) / steepness)
    low, high = float((limits - half)[inside].min()), float((limits + half)[inside].max())
    if inside[0]:  # the straightest curve will do: its limit lies anywhere beyond
        low, high = (low, np.inf) if limits[0] + half[0] > 0 else (-np.inf, high)
    limit = np.copysign(np.inf, limits[best]) if best == 0 else limits[best]
    return float(limit), low, high
