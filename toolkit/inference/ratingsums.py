"""Which sums over items are coefficients of agreement made of, and how is each made of their total?

Alpha: coincidences of values (Krippendorff 2011) or, with interval distance, sums of squares; AC: shares of categories
and weighted agreement (Gwet 2014); kappa and raw agreement: pairs of values. All take totals of shape [..., ...], so
that one call gives the coefficient without each cluster.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Definition = Literal["nominal", "linear", "quadratic", "ordinal", "interval", "ratio"]

MOST_VALUES = 60  # tables of more categories than that are no tables; interval alpha needs none


@dataclass(frozen=True)
class Sums:
    """What a coefficient is made of: sums by item [item, ...], and the coefficient of a total [..., ...]."""

    by_item: Floats
    of_total: Callable[[Floats], Floats]


def counts_of(ratings: Floats) -> tuple[Floats, Floats]:
    """The values that occur, [category], and how often each item has each, [item, category]."""
    values = np.unique(ratings[np.isfinite(ratings)])
    if len(values) > MOST_VALUES:
        raise ValueError(f"{len(values)} different values are not categories; use alpha with interval distance")
    return values, (ratings[..., None] == values).sum(1).astype(float)


def coincidences(counts: Floats, weight: Floats) -> Floats:
    """[item, category, category]: ordered pairs of an item's values over its values less one (Krippendorff 2011)."""
    rated = counts.sum(1)
    pairs = counts[:, :, None] * counts[:, None, :]
    diagonal = np.arange(counts.shape[1])
    pairs[:, diagonal, diagonal] -= counts
    factor = np.where(rated >= 2, weight / np.maximum(rated - 1, 1), 0.0)
    result: Floats = pairs * factor[:, None, None]
    return result


def pairs_of(ratings: Floats, values: Floats, counts: Floats, weight: Floats) -> Floats:
    """[item, category, category]: first against second rater, or all ordered pairs where there are more."""
    if ratings.shape[1] > 2:
        rated = np.maximum(counts.sum(1), 1)
        return coincidences(counts, weight) / rated[:, None, None]
    first, second = (ratings[:, side, None] == values for side in (0, 1))
    return (first[:, :, None] & second[:, None, :]) * weight[:, None, None]


def distances(values: Floats, definition: Definition) -> Callable[[Floats], Floats]:
    """Squared distances between values, given how often each occurs, [..., category] (Krippendorff 2011, step D)."""
    apart: Floats = values[:, None] - values
    if definition == "nominal":
        return lambda n: (apart != 0).astype(float)
    if definition == "ratio":
        if (values < 0).any():
            raise ValueError("ratio distance needs values of zero or more")
        with np.errstate(invalid="ignore"):
            ratio: Floats = np.where(apart == 0, 0.0, apart / (values[:, None] + values)) ** 2
        return lambda n: ratio
    if definition != "ordinal":
        raise ValueError(f"alpha has no {definition} distance")

    def ranks_apart(n: Floats) -> Floats:
        middle = np.cumsum(n, -1) - n / 2  # the sum from one to another, half of each end
        between: Floats = (middle[..., :, None] - middle[..., None, :]) ** 2
        return between

    return ranks_apart


def alpha(o: Floats, distance: Callable[[Floats], Floats]) -> Floats:
    """Krippendorff's alpha of coincidences o[..., category, category]."""
    n = o.sum(-1)
    total = n.sum(-1)
    apart = distance(n)
    with np.errstate(divide="ignore", invalid="ignore"):
        observed = (o * apart).sum((-1, -2)) / total
        expected = (n * (apart * n[..., None, :]).sum(-1)).sum(-1) / (total * (total - 1))
        result: Floats = 1 - observed / expected
    return result


def moments(ratings: Floats, weight: Floats) -> Sums:
    """Interval alpha from sums of squares, for scores of any number of values."""
    here = np.isfinite(ratings)
    rated = here.sum(1)
    x = np.where(here, ratings - (ratings[here].mean() if here.any() else 0.0), 0.0)
    one, two = x.sum(1), (x**2).sum(1)
    within = 2 * (rated * two - one**2) / np.maximum(rated - 1, 1)
    use = np.where(rated >= 2, weight, 0.0)

    def of_total(s: Floats) -> Floats:
        apart, n, first, second = np.moveaxis(s, -1, 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            result: Floats = 1 - apart / n / (2 * (n * second - first**2) / (n * (n - 1)))
        return result

    return Sums(np.column_stack([within, rated, one, two]) * use[:, None], of_total)


def nearness(values: Floats, definition: Definition) -> Floats:
    """Weights of agreement between categories, 1 on the diagonal (Gwet 2014, section 3.3)."""
    apart: Floats = np.abs(values[:, None] - values)
    reach = max(float(np.ptp(values)), np.finfo(float).tiny) if len(values) else 1.0
    if definition == "nominal":
        return np.eye(len(values))
    if definition in ("linear", "quadratic"):
        power: Floats = (apart / reach) ** (1 if definition == "linear" else 2)
        return 1 - power
    if definition == "ordinal":
        steps = np.abs(np.subtract.outer(np.arange(len(values)), np.arange(len(values)))) + 1.0
        chosen: Floats = steps * (steps - 1) / 2  # pairs of categories between the two, both included
        return 1 - chosen / max(float(chosen.max()), 1.0)
    raise ValueError(f"kappa and AC have no {definition} weights")


def share(C: Floats, near: Floats) -> Floats:
    """Weighted agreement of pairs C[..., category, category]."""
    with np.errstate(divide="ignore", invalid="ignore"):
        result: Floats = (C * near).sum((-1, -2)) / C.sum((-1, -2))
    return result


def kappa(C: Floats, near: Floats) -> Floats:
    """Cohen's kappa of pairs C[..., first, second]."""
    with np.errstate(divide="ignore", invalid="ignore"):
        P = C / C.sum((-1, -2))[..., None, None]
        chance = (P.sum(-1) * (P.sum(-2) @ near)).sum(-1)
        result: Floats = (share(C, near) - chance) / (1 - chance)
    return result


def gwet_sums(counts: Floats, near: Floats, weight: Floats) -> Floats:
    """[item, category + 3]: shares of categories, weight of rated items, agreement, weight of items rated twice."""
    rated = counts.sum(1)
    twice, once = rated >= 2, np.maximum(rated, 1)
    agree = (counts * (counts @ near - 1)).sum(1) / np.maximum(rated * (rated - 1), 1)
    sums = np.column_stack([counts / once[:, None], rated >= 1, np.where(twice, agree, 0.0), twice])
    return sums * weight[:, None]


def gwet(s: Floats, near: Floats) -> Floats:
    """Gwet's AC1 (weights of identity) or AC2 of sums [..., category + 3]."""
    categories = len(near)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = s[..., :categories] / s[..., categories, None]
        observed = s[..., categories + 1] / s[..., categories + 2]
        chance = near.sum() / max(categories * (categories - 1), 1) * (shares * (1 - shares)).sum(-1)
        coefficient: Floats = (observed - chance) / (1 - chance)
    return coefficient
