"""Do two measures put the same items in the same order, and how sure is that?

Spearman's rank correlation with the interval of Bonett & Wright (2000): Fisher's z with variance
(1 + r^2 / 2) / (n - 3). Where items come in clusters, with unequal weights or with two or three values on both sides,
the variance is that of the influence of each cluster (infinitesimal jackknife, Efron 1982), on Fisher's z too, t with
clusters - 1.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from toolkit.inference.interval import Interval
from toolkit.inference.quantiles import t_quantile, z_quantile

Floats = npt.NDArray[np.float64]

WIDE = 1.0  # an interval wider than this says hardly more than that a correlation lies between -1 and 1
FEW_VALUES = 4  # with fewer on both sides Bonett and Wright's variance is too small: it covers .82 to .87
FEWEST = 10
BONETT_WRIGHT = "Bonett-Wright interval of Spearman's correlation"
JACKKNIFE = "cluster jackknife of Spearman's correlation on Fisher's z"


def spearman(x: npt.ArrayLike, y: npt.ArrayLike, weight: npt.ArrayLike | None = None) -> float:
    """Rank correlation of x and y [item], ties at their middle rank; nan where one of them does not vary.

    weight: [item]; ranks and correlation are then those of the population that the items stand for.
    """
    return _moments(*_arrays(x, y, weight))[0]


def spearman_influence(x: npt.ArrayLike, y: npt.ArrayLike, weight: npt.ArrayLike | None = None) -> Floats:
    """[item]: share of weight times the derivative of Spearman's correlation along each item's weight.

    Sums to zero; the correlation does not vary with the scale of the weights. Raises ValueError where it is nan.
    """
    x, y, w = _arrays(x, y, weight)
    r, a, b, xx, yy, xy = _moments(x, y, w)
    if not np.isfinite(r):
        raise ValueError("a side that does not vary has no rank correlation")
    # An item moves the moments by itself, and by the ranks of the items above and beside it.
    along_xy = a * b + _above(x, w * b) + _above(y, w * a) - 3 * xy
    along_xx = a * a + 2 * _above(x, w * a) - 3 * xx
    along_yy = b * b + 2 * _above(y, w * b) - 3 * yy
    influence: Floats = w * (along_xy / np.sqrt(xx * yy) - r / 2 * (along_xx / xx + along_yy / yy))
    return influence


def rank_interval(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    level: float,
    weight: npt.ArrayLike | None = None,
    cluster: npt.ArrayLike | None = None,
    units: str = "items",
) -> Interval:
    """Spearman's correlation with its interval; one wider than 1 is shown, and its method says "uninformative".

    x, y, weight, cluster: [item]; units: what the items are called among the counts.
    """
    x, y, w = _arrays(x, y, weight)
    keys = np.arange(len(x)) if cluster is None else np.unique(np.asarray(cluster), return_inverse=True)[1]
    clusters = len(np.unique(keys))
    n = {units: len(x)} | ({"clusters": clusters} if clusters < len(x) else {})
    r = _moments(x, y, w)[0] if len(x) > 1 else float("nan")
    if not np.isfinite(r):
        reason = "not defined: one of the two sides does not vary" if len(x) > 1 else f"needs two {units} or more"
        return Interval(float("nan"), None, None, None, None, n, reason=reason)
    if clusters < 4:
        return Interval(r, None, None, None, None, n, reason=f"needs four independent {units} or more for an interval")
    coarse = max(len(np.unique(x)), len(np.unique(y))) < FEW_VALUES
    if coarse and min(_minority(x), _minority(y)) < FEWEST:
        reason = f"fewer than {FEWEST} {units} outside the commonest value, and fewer than {FEW_VALUES} values"
        return Interval(r, None, None, None, None, n, reason=reason)
    bounded = np.clip(r, -_next_to_one(clusters), _next_to_one(clusters))
    plain = clusters == len(x) and np.ptp(w) < 1e-12 and not coarse
    variance = 0.0 if plain else _clustered(x, y, w, keys, clusters)
    if variance > 0:
        half = t_quantile(level, clusters - 1) * np.sqrt(variance) / (1 - bounded**2)
    else:
        half = z_quantile(level) * np.sqrt((1 + bounded**2 / 2) / (clusters - 3))
    low, high = np.tanh(np.arctanh(bounded) - half), np.tanh(np.arctanh(bounded) + half)
    low, high = min(float(low), r), max(float(high), r)
    method = JACKKNIFE if variance > 0 else BONETT_WRIGHT
    if high - low > WIDE:
        method += "; uninformative: wider than 1"
    return Interval(r, low, high, "items", method, n)


def _arrays(x: npt.ArrayLike, y: npt.ArrayLike, weight: npt.ArrayLike | None) -> tuple[Floats, Floats, Floats]:
    first, second = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    w = np.ones(len(first)) if weight is None else np.asarray(weight, dtype=float)
    return first, second, w / w.sum() if len(w) else w


def _moments(x: Floats, y: Floats, w: Floats) -> tuple[float, Floats, Floats, float, float, float]:
    """Correlation, centred ranks of both as shares, and their weighted moments."""
    a, b = 0.5 - _above(x, w), 0.5 - _above(y, w)
    xx, yy, xy = (float((w * one * two).sum()) for one, two in ((a, a), (b, b), (a, b)))
    varies = np.ptp(x) > 0 and np.ptp(y) > 0
    r = float(np.clip(xy / np.sqrt(xx * yy), -1, 1)) if varies else float("nan")
    return r, a, b, xx, yy, xy


def _above(x: Floats, amount: Floats) -> Floats:
    """[item]: what the items with a larger x have of `amount`, and half of what those with the same x have."""
    _, place = np.unique(x, return_inverse=True)
    here = np.bincount(place, amount)
    larger: Floats = here[::-1].cumsum()[::-1] - here / 2
    return larger[place]


def _clustered(x: Floats, y: Floats, w: Floats, keys: npt.NDArray[np.int64], clusters: int) -> float:
    by_cluster = np.bincount(keys, spearman_influence(x, y, w))
    return float(clusters / (clusters - 1) * (by_cluster**2).sum())


def _minority(x: Floats) -> int:
    counts = np.unique(x, return_counts=True)[1]
    return int(counts.sum() - counts.max())


def _next_to_one(n: int) -> float:
    """The largest rank correlation of n items without ties that is not one: two neighbours exchanged."""
    return 1 - 12 / (n * (n * n - 1))
