"""What would people say on average, from a few human labels and a judge's scores of many items?

Prediction-powered inference with a tuned weight (PPI++; Angelopoulos, Duchi & Zrnic 2023), made safe for few
labels: the weight lies within [0, 1], the residual sd has two degrees of freedom fewer than labels, quantiles are
those of t(n - 2), and a share is corrected only where enough labels say how often the judge errs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from toolkit.inference.interval import Bounds, t_ends
from toolkit.inference.proportions import wilson
from toolkit.inference.quantiles import t_quantile, z_quantile

Floats = npt.NDArray[np.float64]

FEWEST_OF_A_CLASS = 5
FEWEST_DISAGREEMENTS = 5
FEWEST_LABELS = 4
LEAST_RATIO = 0.05  # a judge never counts as more than twenty times the labels


@dataclass(frozen=True)
class Corrected:
    """A mean by people's measure, with its interval.

    value, low, high: in the scale's unit; low and high are None where `reason` says why
    labels, judged: items that people labelled, and all items that the judge scored, those included
    weight: lambda, how far the judge is relied on (0: human labels alone)
    variance, human_variance: of the value, and of the mean of the human labels alone
    residual_variance: of y - lambda f on one item; judge_variance: of f on one item; df: of the former
    """

    value: float
    low: float | None
    high: float | None
    labels: int
    judged: int
    weight: float
    variance: float
    human_variance: float
    residual_variance: float
    judge_variance: float
    df: float
    method: str
    reason: str | None = None


def is_share(y: npt.ArrayLike, f: npt.ArrayLike) -> bool:
    """Whether people's scores y are 0 or 1 and the judge's scores f lie between."""
    y, f = np.asarray(y, dtype=float), np.asarray(f, dtype=float)
    return bool(np.isin(y, (0, 1)).all() and ((f >= 0) & (f <= 1)).all())


def trusted(y: npt.ArrayLike, f: npt.ArrayLike) -> bool:
    """Whether binary labels y [label] show enough of the judge's errors to correct with its scores f [label].

    At least five labels of each class, and five where |y - f| > 0.5: with fewer the errors' variance is seen
    too small too often, and intervals cover as little as half of what they promise.
    """
    y, f = np.asarray(y, dtype=float), np.asarray(f, dtype=float)
    right = int((y > 0.5).sum())
    fewest = min(right, len(y) - right)
    return fewest >= FEWEST_OF_A_CLASS and int((np.abs(y - f) > 0.5).sum()) >= FEWEST_DISAGREEMENTS


def tuned_weight(y: Floats, f: Floats, unlabelled: Floats) -> float:
    """Lambda with the least variance, cov(y, f) / ((1 + n / N) var f), within [0, 1] (PPI++, section 6).

    y, f: [label]; unlabelled: [item] the judge's scores of the items without a label.
    """
    n, count = len(y), len(unlabelled)
    spread = float(np.concatenate([f, unlabelled]).var(ddof=1)) if n + count > 1 else 0.0
    if count == 0 or n < 2 or spread == 0:
        return 0.0
    covariance = float(((y - y.mean()) * (f - f.mean())).sum() / (n - 1))
    return float(np.clip(covariance / ((1 + n / count) * spread), 0.0, 1.0))


def ppi_mean(
    y: npt.ArrayLike,
    f: npt.ArrayLike,
    unlabelled: npt.ArrayLike,
    *,
    level: float = 0.95,
    bounds: Bounds = (-np.inf, np.inf),
    population: bool = False,
    gate: bool = True,
) -> Corrected:
    """The mean of y, from labels drawn at random and the judge's scores of all items.

    y, f: [label] people's and the judge's scores of the same items; unlabelled: [item] the judge's scores of
    the others. population: the mean over exactly these items is asked for, from which the labels were drawn
    (finite population correction); else over all items of this kind. gate: False corrects shares whatever the
    labels show and with t, as published: for comparison. Raises ValueError where y and f differ in length or are empty.
    """
    y, f, unlabelled = (np.asarray(x, dtype=float) for x in (y, f, unlabelled))
    if len(y) != len(f) or not len(y):
        raise ValueError(f"needs as many human labels as judge's scores of them, got {len(y)} and {len(f)}")
    share = gate and is_share(y, np.concatenate([f, unlabelled]))
    use = not share or trusted(y, f)
    weight = tuned_weight(y, f, unlabelled) if use and len(y) > 2 else 0.0
    n, count = len(y), len(unlabelled)
    residual = y - weight * f
    value = float(y.mean() + weight * ((unlabelled.mean() if count else 0.0) - f.mean()))
    lost = 2 if weight > 0 else 1  # a weight of 0 was not tuned to these labels
    df = float(n - lost)
    v = float(((residual - residual.mean()) ** 2).sum() / df) if df > 0 else np.nan
    judge_v = float(np.concatenate([f, unlabelled]).var(ddof=1)) if n + count > 1 else 0.0
    left = count / (n + count) if population else 1.0
    human = float(y.var(ddof=1) / n * left) if n > 1 else np.nan
    if population:
        # The error is that of mean(y - b f) over labels against all items, b = lambda (n + N) / N.
        e = y - (weight * (n + count) / count if count else 0.0) * f
        variance = float(((e - e.mean()) ** 2).sum() / df / n * left) if df > 0 else np.nan
    else:
        others = float(unlabelled.var(ddof=1)) if count > 1 else 0.0
        variance = v / n + (weight**2 * others / count if weight else 0.0)
    known = (n, n + count, weight, variance, human, v, judge_v, df)
    return finished(value, known, share=share, level=level, bounds=bounds, successes=float(y.sum()), left=left)


def finished(
    value: float,
    known: tuple[int, int, float, float, float, float, float, float],
    *,
    share: bool,
    level: float,
    bounds: Bounds,
    successes: float,
    left: float = 1.0,
    clusters: int | None = None,
) -> Corrected:
    """The interval around a corrected mean: Wilson at the effective number of labels for a share, else t.

    known: labels, judged, weight, variance, human_variance, residual_variance, judge_variance, df of
    `Corrected`. successes: labels of 1, weighted to sum to the labels; left: 1 - n / N, or 1;
    clusters: with a label, where labels come in clusters.
    """
    n, _, weight, variance, _, _, _, df = known
    if left <= 0:
        return Corrected(value, value, value, *known, "every item was labelled")
    if share:
        value = min(max(value, 0.0), 1.0)
        size = _size(known, successes, level, left, n if clusters is None else clusters)
        low, high = wilson(value * size, size, level)
        method = "Wilson at the effective number of labels" if weight else "Wilson, human labels alone"
        return Corrected(value, low, high, *known, f"PPI++, {method}" if weight else method)
    if n < FEWEST_LABELS or df < 1:
        reason = f"needs human labels of at least {FEWEST_LABELS} items drawn at random"
        return Corrected(value, None, None, *known, "human labels alone", reason)
    method = "PPI++, t" if weight else "human labels alone, t"
    if variance <= 0:
        reason = "all human labels differ from the judge by the same amount, which says nothing of how they vary"
        return Corrected(value, None, None, *known, method, reason)
    low, high = t_ends(value, variance, df, level, bounds)
    return Corrected(value, low, high, *known, method)


def _size(
    known: tuple[int, int, float, float, float, float, float, float],
    successes: float,
    level: float,
    left: float,
    clusters: int,
) -> float:
    """How many labels drawn alone would say as much as these with the judge's scores of all items."""
    n, _, weight, variance, human, _, _, df = known
    if weight == 0:
        p = successes / n
        if p in (0.0, 1.0):  # nothing says how alike a cluster's labels are: they may all be
            return clusters / left
        # Clusters and unequal chances of being looked at make labels worth less, never more.
        design = max(1.0, human / (p * (1 - p) / max(n - 1, 1) * left)) if human > 0 else 1.0
        student = (z_quantile(level) / t_quantile(level, df)) ** 2 if clusters < n and df > 0 else 1.0
        return min(float(n), n / design) * student / left
    smoothed = (successes + 2) / (n + 4)
    p = successes / n
    alone = max(p * (1 - p) / (n - 1), smoothed * (1 - smoothed) / n)
    ratio = float(np.clip(variance / alone, LEAST_RATIO * left, None))
    return n / ratio * (z_quantile(level) / t_quantile(level, df)) ** 2
