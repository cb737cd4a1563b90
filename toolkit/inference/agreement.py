"""How far two raters agree beyond chance, from a table of their categories.

Coefficients of a confusion table C[..., a, b] of counts or weights: raw agreement, Cohen's kappa (1960), Gwet's
AC1 (2008) and Krippendorff's alpha (nominal, two raters). Intervals: delete-one-cluster jackknife on Fisher's z.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from toolkit.inference.quantiles import t_quantile, z_quantile

Floats = npt.NDArray[np.float64]
COEFFICIENTS = ("agreement", "cohen_kappa", "gwet_ac1", "krippendorff_alpha")


def coefficients(C: Floats) -> dict[str, Floats]:
    """Agreement coefficients of confusion tables C[..., category, category]; nan where not defined."""
    total = C.sum((-1, -2))
    with np.errstate(divide="ignore", invalid="ignore"):
        P = C / total[..., None, None]
        rows, columns = P.sum(-1), P.sum(-2)
        observed = np.trace(P, axis1=-2, axis2=-1)
        pooled = (rows + columns) / 2
        by_chance = (rows * columns).sum(-1)
        categories = C.shape[-1]
        gwet = (pooled * (1 - pooled)).sum(-1) / max(categories - 1, 1)
        values = 2 * total  # alpha draws two of all values without replacement
        krippendorff = ((pooled**2).sum(-1) * values - 1) / (values - 1)
        return {
            "agreement": observed,
            "cohen_kappa": (observed - by_chance) / (1 - by_chance),
            "gwet_ac1": (observed - gwet) / (1 - gwet),
            "krippendorff_alpha": 1 - (1 - observed) / (1 - krippendorff),
        }


@dataclass(frozen=True)
class Coefficient:
    """One coefficient with its interval, both None where they cannot be had, and why."""

    value: float | None
    low: float | None
    high: float | None
    reason: str | None = None


def by_cluster(first: npt.ArrayLike, second: npt.ArrayLike, weight: Floats, cluster: npt.ArrayLike) -> Floats:
    """Confusion tables C[cluster, category, category] of two raters' categories [item], categories sorted."""
    a, b = np.asarray(first), np.asarray(second)
    names, codes = np.unique(np.concatenate([a, b]), return_inverse=True)
    keys, place = np.unique(np.asarray(cluster), return_inverse=True)
    C = np.zeros((len(keys), len(names), len(names)))
    np.add.at(C, (place, codes[: len(a)], codes[len(a) :]), weight)
    return C


def agreement_intervals(
    C: Floats, level: float, *, counts: Floats | None = None, fewest: int = 10
) -> dict[str, Coefficient]:
    """Coefficients of the summed table with jackknife intervals.

    C: [cluster, category, category], of weights; counts: [category, category], how many ratings those are, by
    default the sum of C. Raw agreement keeps its value always; chance-corrected ones need `fewest` ratings
    outside the commonest category on each side.
    """
    clusters = len(C)
    total = C.sum(0)
    whole = coefficients(total)
    without = coefficients(total - C)
    counts = total if counts is None else counts
    minority = min(counts.sum() - counts.sum(axis).max() for axis in (0, 1))
    result = {}
    for name in COEFFICIENTS:
        value = float(whole[name])
        if name != "agreement" and minority < fewest:
            reason = f"not estimable: fewer than {fewest} ratings outside the commonest category"
            result[name] = Coefficient(None, None, None, reason)
        elif not np.isfinite(value):
            result[name] = Coefficient(None, None, None, "not defined: only one category was used")
        elif clusters < 3 or not np.isfinite(without[name]).all():
            result[name] = Coefficient(value, None, None, "needs more judged items for an interval")
        else:
            result[name] = jackknifed(value, without[name], clusters, level)
    return result


def jackknifed(value: float, without: Floats, clusters: int, level: float) -> Coefficient:
    """A coefficient with its interval from its values without each cluster, [cluster]: t on Fisher's z."""
    variance = (clusters - 1) / clusters * float(((without - without.mean()) ** 2).sum())
    if variance == 0:
        # No item differs: the score bound of a proportion with no exception.
        z2 = z_quantile(level) ** 2
        return Coefficient(value, max(-1.0, value - z2 / (clusters + z2)), min(1.0, value))
    bounded = float(np.clip(value, -0.999, 0.999))
    half = t_quantile(level, clusters - 1) * np.sqrt(variance) / (1 - bounded**2)
    z = np.arctanh(bounded)
    return Coefficient(value, float(np.tanh(z - half)), max(float(np.tanh(z + half)), value))
