"""Is a judge's confidence borne out: of what it scores .8, are eight in ten right?

Logistic recalibration (Cox 1958; Van Calster et al. 2019): the slope of right on logit(score), 1 where scores are
neither too extreme nor too cautious, and the intercept given a slope of 1, 0 where they are right on average. Expected
calibration error in equal bins, less what a calibrated judge would show, by consistency resampling (Broecker & Smith
2007): the plain error never is zero, about .07 for a perfect judge at 200 items.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from toolkit.inference.interval import Interval, p_of, t_ends
from toolkit.inference.proportions import wilson

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

BINS = 10
DRAWS = 2_000
FEWEST = 10
EDGE = 0.01  # scores of 0 and 1 have no logit
STEPS, TOLERANCE = 60, 1e-10
_BLOCK = 200_000  # cells of draws at once


@dataclass(frozen=True)
class Bins:
    """A calibration curve, one entry a bin that holds items: mean score, share right with its interval, and items."""

    judge: Floats
    human: Floats
    low: Floats
    high: Floats
    n: Ints


@dataclass(frozen=True)
class Consistency:
    """Expected calibration error: as observed, of a calibrated judge on average, and how often that is as large."""

    observed: float
    by_chance: float
    p_value: float


def calibration_bins(
    judge: npt.ArrayLike, right: npt.ArrayLike, *, level: float, weight: npt.ArrayLike | None = None, bins: int = BINS
) -> Bins:
    """Bins of equal width with Wilson intervals at the effective size; judge in [0, 1], right 0 or 1: [item]."""
    p, y, w = _arrays(judge, right, weight)
    place = _place(p, bins)
    size = np.bincount(place, w, bins)
    here = size > 0
    n = np.bincount(place, minlength=bins)
    effective = size[here] ** 2 / np.bincount(place, w * w, bins)[here]
    human = np.bincount(place, w * y, bins)[here] / size[here]
    ends = np.array([wilson(share * m, m, level) for share, m in zip(human, effective, strict=True)]).reshape(-1, 2)
    return Bins(np.bincount(place, w * p, bins)[here] / size[here], human, ends[:, 0], ends[:, 1], n[here])


def consistency(
    judge: npt.ArrayLike,
    right: npt.ArrayLike,
    *,
    weight: npt.ArrayLike | None = None,
    cluster: npt.ArrayLike | None = None,
    bins: int = BINS,
    draws: int = DRAWS,
    random_seed: int = 0,
) -> Consistency:
    """Expected calibration error and its test; judge in [0, 1], right 0 or 1, weight, cluster: [item].

    Right and wrong are drawn with the judge's own scores as probabilities. Items of a cluster are drawn together, as
    alike as their scores allow, which asks most of the evidence.
    """
    p, y, w = _arrays(judge, right, weight)
    keys = _keys(len(p), cluster)
    share = (np.eye(bins)[_place(p, bins)] * (w / w.sum())[:, None]).astype(float)
    observed = float(np.abs((p - y) @ share).sum())
    rng = np.random.default_rng(random_seed)
    errors, block = [], max(1, _BLOCK // max(len(p), 1))
    for start in range(0, draws, block):
        uniform = rng.random((min(block, draws - start), int(keys.max()) + 1))[:, keys]
        errors.append(np.abs((p - (uniform < p)) @ share).sum(1))
    drawn = np.concatenate(errors)
    at_least = int((drawn >= observed - 1e-12).sum())
    return Consistency(observed, float(drawn.mean()), (1 + at_least) / (draws + 1))


def recalibration(
    judge: npt.ArrayLike,
    right: npt.ArrayLike,
    *,
    level: float,
    weight: npt.ArrayLike | None = None,
    cluster: npt.ArrayLike | None = None,
) -> tuple[Interval, Interval]:
    """Intercept given a slope of 1, and slope: binomial GLMs, covariance by cluster, t with clusters - 1.

    judge in [0, 1], right 0 or 1, weight, cluster: [item]. Scores beyond .01 and .99 count as those.
    """
    p, y, w = _arrays(judge, right, weight)
    keys = _keys(len(p), cluster)
    clusters = len(np.unique(keys))
    n = {"labels": len(p)} | ({"clusters": clusters} if clusters < len(p) else {})
    rows = min(int(y.sum()), int((1 - y).sum()))
    clipped = np.clip(p, EDGE, 1 - EDGE)
    logit = np.log(clipped / (1 - clipped))
    reason = None
    if rows < FEWEST:
        reason = f"needs {FEWEST} items that people found right, and {FEWEST} wrong"
    elif clusters < 3 or np.ptp(logit) == 0:
        reason = "needs more judged items, with more than one score"
    if reason is not None:
        missing = Interval(float("nan"), None, None, None, None, n, reason=reason)
        return missing, missing
    one = np.ones(len(p))
    intercept = _glm(y, one[:, None], logit, w, keys, level, n)
    if logit[y == 0].max() <= logit[y == 1].min() or logit[y == 1].max() <= logit[y == 0].min():
        return intercept, Interval(
            float("nan"), None, None, None, None, n, reason="no slope: the scores part right from wrong without overlap"
        )
    return intercept, _glm(y, np.column_stack([logit, one]), np.zeros(len(p)), w, keys, level, n)


def _glm(y: Floats, X: Floats, offset: Floats, weight: Floats, keys: Ints, level: float, n: dict[str, int]) -> Interval:
    """The first coefficient of a weighted binomial GLM (Newton), its variance from the clusters' scores."""
    beta = np.zeros(X.shape[1])
    for _ in range(STEPS):
        fitted = special.expit(X @ beta + offset)
        score = X * (weight * (y - fitted))[:, None]
        inverse = np.linalg.inv((X * (weight * fitted * (1 - fitted))[:, None]).T @ X)
        step = inverse @ score.sum(0)
        beta = beta + step / max(1.0, float(np.abs(step).max()))  # far from the maximum a whole step may leave it
        if np.abs(step).max() < TOLERANCE:
            break
    by_cluster = np.zeros((int(keys.max()) + 1, X.shape[1]))
    np.add.at(by_cluster, keys, score)
    df = len(by_cluster) - 1.0
    variance = float((((by_cluster @ inverse)[:, 0]) ** 2).sum() * (df + 1) / df)
    value = float(beta[0])
    low, high = t_ends(value, variance, df, level, (-np.inf, np.inf))
    method = "logistic recalibration, cluster-robust t"
    return Interval(value, low, high, "items", method, n, variance, df, p_of(value, variance, df))


def _arrays(judge: npt.ArrayLike, right: npt.ArrayLike, weight: npt.ArrayLike | None) -> tuple[Floats, Floats, Floats]:
    p, y = np.asarray(judge, dtype=float), np.asarray(right, dtype=float)
    if ((p < 0) | (p > 1)).any() or not np.isin(y, (0, 1)).all():
        raise ValueError("judge must lie in [0, 1] and right must be 0 or 1")
    return p, y, np.ones(len(p)) if weight is None else np.asarray(weight, dtype=float)


def _keys(n: int, cluster: npt.ArrayLike | None) -> Ints:
    return np.arange(n) if cluster is None else np.unique(np.asarray(cluster), return_inverse=True)[1]


def _place(p: Floats, bins: int) -> Ints:
    return np.minimum((p * bins).astype(np.int64), bins - 1)
