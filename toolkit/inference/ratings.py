"""How far do several raters agree beyond chance, when ratings are missing and categories may be near or far apart?

From ratings [item, rater], nan where missing: Krippendorff's alpha with nominal, ordinal, interval and ratio distance
(Krippendorff 2011), Gwet's AC1 and AC2 (Gwet 2014), Cohen's weighted kappa (Cohen 1968) and raw agreement. Each is a
function of sums over items, so that leaving out every cluster in turn costs one subtraction; intervals are that
jackknife's on Fisher's z.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from toolkit.inference.agreement import Coefficient, jackknifed
from toolkit.inference.ratingsums import (
    Definition,
    Sums,
    alpha,
    coincidences,
    counts_of,
    distances,
    gwet,
    gwet_sums,
    kappa,
    moments,
    nearness,
    pairs_of,
    share,
)

Floats = npt.NDArray[np.float64]
Kind = Literal["agreement", "cohen_kappa", "gwet_ac", "krippendorff_alpha"]


def rating_coefficient(
    ratings: npt.ArrayLike, kind: Kind, definition: Definition = "nominal", *, weight: npt.ArrayLike | None = None
) -> float:
    """One coefficient of ratings [item, rater], nan where missing; weight: [item], by default 1.

    definition: how far categories lie apart. Alpha: nominal, ordinal, interval or ratio; kappa, AC and raw
    agreement: nominal, linear or quadratic in the values, or ordinal in their ranks (Gwet 2014, table 3.3).
    kappa: two raters by their columns (Cohen); of more columns, raters are interchangeable and every pair of an
    item's ratings counts. nan where not defined (no pair of ratings, or one category only).
    Raises ValueError for a definition that the coefficient does not have.
    """
    table = _checked(ratings)
    sums = _sums(table, _weights(table, weight), kind, definition)
    return float(sums.of_total(sums.by_item.sum(0)))


def rating_interval(
    ratings: npt.ArrayLike,
    kind: Kind,
    definition: Definition = "nominal",
    *,
    level: float,
    weight: npt.ArrayLike | None = None,
    cluster: npt.ArrayLike | None = None,
    fewest: int = 10,
) -> Coefficient:
    """The same with a delete-one-cluster jackknife interval on Fisher's z, t with clusters - 1.

    cluster: [item] keys, by default each item its own. Chance-corrected coefficients need `fewest` ratings outside
    the commonest value, of two raters on each side.
    """
    table = _checked(ratings)
    rated = np.isfinite(table).sum(1)
    use = rated >= (1 if kind == "gwet_ac" else 2)
    if not (rated >= 2).any():
        return Coefficient(None, None, None, "needs items with two ratings or more")
    weights = _weights(table, weight)[use]
    table, keys = table[use], np.arange(len(use)) if cluster is None else np.asarray(cluster)
    if kind != "agreement" and minority(table[rated[use] >= 2]) < fewest:
        reason = f"not estimable: fewer than {fewest} ratings outside the commonest category"
        return Coefficient(None, None, None, reason)
    sums = _sums(table, weights, kind, definition)
    total = sums.by_item.sum(0)
    value = float(sums.of_total(total))
    if not np.isfinite(value):
        return Coefficient(None, None, None, "not defined: only one category was used")
    by_cluster = _by_cluster(sums.by_item, keys[use])
    without = sums.of_total(total - by_cluster)
    if len(by_cluster) < 3 or not np.isfinite(without).all():
        return Coefficient(value, None, None, "needs more judged items for an interval")
    return jackknifed(value, without, len(by_cluster), level)


def minority(ratings: Floats) -> int:
    """How many ratings [item, rater] lie outside the commonest value; of two raters, of the one who has fewer."""
    sides = list(ratings.T) if ratings.shape[1] == 2 else [ratings.ravel()]
    counts = [np.unique(side[np.isfinite(side)], return_counts=True)[1] for side in sides]
    return int(min(count.sum() - count.max(initial=0) for count in counts))


def _checked(ratings: npt.ArrayLike) -> Floats:
    table = np.asarray(ratings, dtype=float)
    if table.ndim != 2 or table.shape[1] < 2:
        raise ValueError("ratings must be [item, rater] with two raters or more")
    return table


def _weights(table: Floats, weight: npt.ArrayLike | None) -> Floats:
    return np.ones(len(table)) if weight is None else np.asarray(weight, dtype=float)


def _by_cluster(by_item: Floats, cluster: npt.NDArray[np.generic]) -> Floats:
    keys, place = np.unique(cluster, return_inverse=True)
    sums = np.zeros((len(keys), *by_item.shape[1:]))
    np.add.at(sums, place, by_item)
    return sums


def _sums(ratings: Floats, weight: Floats, kind: Kind, definition: Definition) -> Sums:
    if kind == "krippendorff_alpha" and definition == "interval":
        return moments(ratings, weight)
    values, counts = counts_of(ratings)
    if kind == "krippendorff_alpha":
        distance = distances(values, definition)
        return Sums(coincidences(counts, weight), lambda o: alpha(o, distance))
    near = nearness(values, definition)
    if kind == "gwet_ac":
        return Sums(gwet_sums(counts, near, weight), lambda s: gwet(s, near))
    pairs = pairs_of(ratings, values, counts, weight)
    if kind == "agreement":
        return Sums(pairs, lambda C: share(C, near))
    return Sums(pairs, lambda C: kappa(C, near))
