"""What would new people say of new items? The scope `raters` of a mean of ratings, also where each saw only some items.

Items and people are crossed: V = V_items + V_raters - V_residual, floored at the larger part, with Satterthwaite
degrees of freedom. The parts are sums of squared influences by cluster of items, by person and by both (Cameron,
Gelbach & Miller 2011, the two-way sandwich; Owen 2007 for the crossed variance), so that designs need not be complete.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from toolkit.inference.interval import Bounds, p_of, satterthwaite, t_ends

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]
FEWEST = 3


@dataclass(frozen=True)
class TwoWay:
    """Sums of squared influences by one factor, by the other, and by both; without small-sample factors."""

    items: float
    raters: float
    both: float


@dataclass(frozen=True)
class NewRaters:
    """A mean with its interval for new raters and new items; without an interval, the reason why.

    items, raters, residual: parts of the variance, the residual is in the other two; clusters: of items
    p_value: of zero, two-sided
    """

    value: float
    clusters: int
    people: int
    low: float | None = None
    high: float | None = None
    variance: float | None = None
    df: float | None = None
    p_value: float | None = None
    items: float = 0.0
    raters: float = 0.0
    residual: float = 0.0
    reason: str | None = None


def two_way(influence: Floats, cluster: npt.ArrayLike, rater: npt.ArrayLike) -> TwoWay:
    """Parts of the two-way cluster covariance of a statistic with this influence [rating].

    The covariance of Cameron, Gelbach & Miller (2011) is items + raters - both.
    """
    c, r = _codes(cluster), _codes(rater)
    both = _codes(c * (r.max() + 1) + r)
    items, raters, cells = (float((np.bincount(code, influence) ** 2).sum()) for code in (c, r, both))
    return TwoWay(items, raters, cells)


def raters_interval(
    values: npt.ArrayLike,
    weight: npt.ArrayLike,
    cluster: npt.ArrayLike,
    rater: npt.ArrayLike,
    *,
    level: float,
    bounds: Bounds,
    seed: npt.ArrayLike | None = None,
    share: bool = False,
) -> NewRaters:
    """Interval of the weighted mean of values [rating] for new raters who rate new items.

    weight, cluster, rater: [rating]; seed: [rating], the mean is over seeds of each seed's mean, and the interval
    holds for these seeds. Needs three raters and two clusters. For a complete design with equal weights this is the
    two-way analysis of variance, (MS_items + MS_raters - MS_residual) / ratings. Where raters have unequal shares,
    the factor R / (R - 1) and the R - 1 degrees of freedom become those of Bell & McCaffrey 2002 for random effects of
    raters. share: the mean is one of 0 and 1, and t is taken on its log odds: people who differ much make shares near
    1 skew. Raises ValueError where there are no ratings or a weight is not positive.
    """
    y, w = np.asarray(values, dtype=float), np.asarray(weight, dtype=float)
    if not len(y) or not (w > 0).all():
        raise ValueError("needs ratings with positive weights")
    s = np.zeros(len(y), dtype=np.intp) if seed is None else _codes(seed)
    size = np.bincount(s, w)
    part = w / size[s] / len(size)
    influence = part * (y - (np.bincount(s, w * y) / size)[s])
    c, r = _codes(cluster), _codes(rater)
    value, clusters, people = float(part @ y), int(c.max()) + 1, int(r.max()) + 1
    if people < FEWEST:
        return NewRaters(value, clusters, people, reason=f"needs {FEWEST} people or more who rated judged items")
    if clusters < 2:
        return NewRaters(value, clusters, people, reason="needs at least two judged items")
    parts = two_way(influence, c, r)
    factor, df_raters = _of_shares(np.bincount(r, part).astype(np.float64, copy=False))
    of_items = clusters / (clusters - 1.0)
    items, raters = parts.items * of_items, parts.raters * factor
    # Centring at the mean takes the same factors from the crossed variance: exact where the design is complete.
    raw = (parts.items + parts.raters - parts.both) * of_items * factor
    variance, residual = max(raw, items, raters), max(items + raters - raw, 0.0)
    if variance <= (1e-12 * np.abs(y).max()) ** 2:  # rounding alone
        reason = "all ratings are the same, which says nothing of how people and items vary"
        return NewRaters(value, clusters, people, reason=reason)
    df_items = clusters - 1.0
    pieces = [(items, df_items), (raters, df_raters), (residual, df_items * df_raters)]
    df = satterthwaite(raw, pieces, df_raters, max(df_raters, df_items))
    if share and 0 < value < 1:
        slope = value * (1 - value)
        ends = t_ends(float(special.logit(value)), variance / slope**2, df, level, (-np.inf, np.inf))
        low, high = (float(special.expit(end)) for end in ends)
    else:
        low, high = t_ends(value, variance, df, level, bounds)
    return NewRaters(
        value, clusters, people, low, high, variance, df, p_of(value, variance, df), items, raters, residual
    )


def _of_shares(share: Floats) -> tuple[float, float]:
    """Small-sample factor and degrees of freedom of sum of (share x (effect - mean))^2, from raters' shares of a mean.

    With equal shares R / (R - 1) and R - 1.
    """
    centre = np.eye(len(share)) - share  # [rater, rater]: effect less the weighted mean of all
    spread = (centre.T * share**2) @ centre
    trace = float(np.trace(spread))
    return float((share**2).sum()) / trace, trace**2 / float((spread**2).sum())


def _codes(keys: npt.ArrayLike) -> Codes:
    return np.unique(np.asarray(keys), return_inverse=True)[1].astype(np.intp, copy=False)
