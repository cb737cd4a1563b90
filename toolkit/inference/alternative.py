"""May the judge stand in for one of the people: does it come as near to the others as the person it would replace?

The alternative annotator test (Calderon, Reichart & Dror 2025, "The Alternative Annotator Test for LLM-as-a-Judge").
Every person is left out in turn. Judge and person are both compared with the remaining people, item by item, by
minus the root mean squared difference, or for classes by the share of the others with the same class.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from toolkit.inference.interval import Interval, t_ends
from toolkit.inference.quantiles import z_quantile

Floats = npt.NDArray[np.float64]

EPSILON = 0.1  # what the judge's cheapness is worth: .1 for crowds, the strictest that the paper names, .2 for experts
FEWEST_ITEMS = 30
FEWEST_PEOPLE = 3
ALPHA = 0.05


@dataclass(frozen=True)
class Against:
    """The judge against one person.

    person: column; advantage: how often the judge is at least as near to the others as this person;
    behind: share of items with the person nearer, less that with the judge nearer; p_value: one-sided, of the
    judge being behind by epsilon or more
    """

    person: int
    advantage: Interval
    behind: float
    p_value: float


@dataclass(frozen=True)
class Alternative:
    """people: one each with enough items; winning_rate: the share that the judge stands up to, false discovery rate
    .05 by Benjamini & Yekutieli (2001), half or more passes; advantage: mean over people."""

    people: tuple[Against, ...]
    winning_rate: float
    advantage: Interval


def alternative_annotator(
    judge: npt.ArrayLike,
    people: npt.ArrayLike,
    *,
    level: float,
    classes: bool = False,
    epsilon: float = EPSILON,
    weight: npt.ArrayLike | None = None,
    cluster: npt.ArrayLike | None = None,
) -> Alternative | str:
    """The test of judge [item] and people [item, person], nan where missing; or what it lacks.

    classes: whether values are class codes; weight, cluster: [item]. A person counts with 30 items or more that
    another person rated too. Intervals are cluster-robust, t with clusters - 1.
    """
    f, h = np.asarray(judge, dtype=float), np.asarray(people, dtype=float)
    w = np.ones(len(f)) if weight is None else np.asarray(weight, dtype=float)
    keys = np.arange(len(f)) if cluster is None else np.unique(np.asarray(cluster), return_inverse=True)[1]
    shared = np.isfinite(f) & (np.isfinite(h).sum(1) > 1)
    counted = [j for j in range(h.shape[1]) if (shared & np.isfinite(h[:, j])).sum() >= FEWEST_ITEMS]
    if len(counted) < FEWEST_PEOPLE:
        return (
            f"needs {FEWEST_PEOPLE} people with {FEWEST_ITEMS} items each that the judge and another person judged too"
        )
    against, influence = [], np.zeros(int(keys.max()) + 1)
    for j in counted:
        use = shared & np.isfinite(h[:, j])
        others = np.delete(h[use], j, axis=1)
        near = _nearness(f[use], others, classes=classes) - _nearness(h[use, j], others, classes=classes)
        wins, loses = (near >= -1e-12).astype(float), (near <= 1e-12).astype(float)
        share, moved = _mean(wins, w[use], keys[use], len(influence))
        behind, spread = _mean(loses - wins, w[use], keys[use], len(influence))
        clusters = len(np.unique(keys[use]))
        n = {"labels": int(use.sum())} | ({"clusters": clusters} if clusters < use.sum() else {})
        p_value = _one_sided(behind, spread, clusters, epsilon)
        against.append(Against(j, _interval(share, moved, clusters, level, n), behind, p_value))
        influence += moved / len(counted)
    clusters = len(np.unique(keys[shared]))
    n = {"people": len(counted), "labels": sum(one.advantage.n["labels"] for one in against)}
    value = float(np.mean([one.advantage.value for one in against]))
    rejected = _benjamini_yekutieli([one.p_value for one in against])
    return Alternative(tuple(against), float(np.mean(rejected)), _interval(value, influence, clusters, level, n))


def _nearness(value: Floats, others: Floats, *, classes: bool) -> Floats:
    """[item]: how near a value lies to the others' [item, person]."""
    here = np.isfinite(others)
    count = here.sum(1)
    apart = np.where(here, value[:, None] - np.nan_to_num(others), 0.0)
    near: Floats = -((apart != 0).sum(1) / count) if classes else -np.sqrt((apart**2).sum(1) / count)
    return near


def _mean(values: Floats, weight: Floats, keys: npt.NDArray[np.int64], clusters: int) -> tuple[float, Floats]:
    """Weighted mean and what each cluster adds to it, [cluster]."""
    value = float(weight @ values / weight.sum())
    influence: Floats = np.bincount(keys, weight * (values - value) / weight.sum(), clusters).astype(float)
    return value, influence


def _one_sided(value: float, influence: Floats, clusters: int, epsilon: float) -> float:
    """P-value of a mean of epsilon or more."""
    from scipy import special

    variance = clusters / (clusters - 1) * float((influence**2).sum())
    if variance <= 1e-24:  # no cluster differs: how likely none would be lost at a rate of epsilon
        return 1.0 if value >= epsilon else float((1 - epsilon) ** clusters)
    return float(special.stdtr(clusters - 1, (value - epsilon) / np.sqrt(variance)))


def _interval(value: float, influence: Floats, clusters: int, level: float, n: dict[str, int]) -> Interval:
    variance = clusters / (clusters - 1) * float((influence**2).sum())
    method = "alternative annotator test, cluster-robust t"
    if variance <= 1e-24:
        z2 = z_quantile(level) ** 2
        half = z2 / (clusters + z2)
        return Interval(value, max(0.0, value - half), min(1.0, value + half), "items", method, n)
    low, high = t_ends(value, variance, clusters - 1.0, level, (0.0, 1.0))
    return Interval(value, low, high, "items", method, n, variance, clusters - 1.0)


def _benjamini_yekutieli(p_values: list[float]) -> npt.NDArray[np.bool_]:
    from statsmodels.stats.multitest import multipletests

    rejected: npt.NDArray[np.bool_] = multipletests(p_values, alpha=ALPHA, method="fdr_by")[0]
    return rejected
