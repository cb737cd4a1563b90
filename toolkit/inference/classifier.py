"""Can a classifier tell on which side an observation lies, on observations that it has not seen?

Two-sample test by classifier (Lopez-Paz & Oquab 2017), with the held-out area under the ROC curve in place of
accuracy and a permutation test that fits anew each time: folds share training data, so that a z test of
cross-validated accuracy rejects a true null hypothesis in 10 % of cases at a nominal 5 %.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from toolkit.inference.permutation import TwoSamples, p_value, signs

Floats = npt.NDArray[np.float64]
FOLDS = 5
PERMUTATIONS = 199
MOST_OBSERVATIONS = 4000


@dataclass(frozen=True)
class Classified:
    """Held-out AUC, mean over folds, .5 where the sides cannot be told apart; p_value: of that, one-sided.

    observations: how many it was fitted on; clusters beyond `MOST_OBSERVATIONS` are left out by lot
    """

    auc: float
    p_value: float
    observations: int


def held_out_auc(
    samples: TwoSamples, *, folds: int = FOLDS, permutations: int = PERMUTATIONS, random_seed: int = 0
) -> Classified:
    """Logistic regression on standardised coordinates, cross-validated by cluster, and its permutation p-value.

    Raises ValueError with fewer clusters than twice the folds (unpaired: on either side).
    """
    rng = np.random.default_rng(random_seed)
    n, m = samples.sizes
    fewest = samples.clusters if samples.paired else int(min((n > 0).sum(), (m > 0).sum()))
    if fewest < 2 * folds:
        raise ValueError(f"a classifier with {folds} folds needs {2 * folds} clusters")
    order = rng.permutation(samples.clusters)
    kept = np.zeros(samples.clusters, dtype=bool)
    kept[order[np.cumsum((n + m)[order]) <= MOST_OBSERVATIONS]] = True
    fold = np.empty(samples.clusters, dtype=np.int64)
    for side in [kept] if samples.paired else [kept & (n > 0), kept & (m > 0)]:
        fold[side] = rng.permutation(np.arange(side.sum()) % folds)
    cluster, X, side = _observations(samples, kept)
    arrangement = signs(samples, permutations, random_seed=random_seed)[:, cluster]
    right = (arrangement * side if samples.paired else arrangement) > 0
    from sklearn import config_context

    with config_context(assume_finite=True, skip_parameter_validation=True):  # most of the time of small fits
        aucs = np.array([_auc(X, labels, fold[cluster], folds) for labels in right])
    return Classified(float(aucs[0]), p_value(aucs), len(X))


def _observations(samples: TwoSamples, kept: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.int64], Floats, Floats]:
    """Cluster, coordinates and side (+1 first, -1 second) of every observation of the clusters kept."""
    found = []
    for counts, sign in ((samples.first, 1.0), (samples.second, -1.0)):
        coo = counts.tocoo()
        cluster, point = (np.repeat(index, coo.data.astype(int)) for index in coo.coords)
        here = kept[cluster]
        found.append((cluster[here], samples.points[point[here]], np.full(int(here.sum()), sign)))
    cluster, X, side = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return cluster, X, side


def _auc(X: Floats, labels: npt.NDArray[np.bool_], fold: npt.NDArray[np.int64], folds: int) -> float:
    """Mean over folds of the AUC on the fold left out."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    found = []
    for k in range(folds):
        train, test = fold != k, fold == k
        if len(np.unique(labels[train])) < 2 or len(np.unique(labels[test])) < 2:
            continue
        centre, spread = X[train].mean(0), X[train].std(0)
        Z = (X - centre) / np.where(spread > 0, spread, 1.0)
        with warnings.catch_warnings():  # held-out ranks need no last digit of the fit
            warnings.simplefilter("ignore", ConvergenceWarning)
            model = LogisticRegression(solver="newton-cholesky", max_iter=50).fit(Z[train], labels[train])
        found.append(auc(model.decision_function(Z[test]), labels[test]))
    return float(np.mean(found)) if found else 0.5


def auc(scores: Floats, labels: npt.NDArray[np.bool_]) -> float:
    """Share of pairs in which the observation of the first side scores higher; ties count half (Mann & Whitney)."""
    _, code, size = np.unique(scores, return_inverse=True, return_counts=True)
    rank = (np.cumsum(size) - (size - 1) / 2)[code]
    ones = int(labels.sum())
    zeros = len(labels) - ones
    return float((rank[labels].sum() - ones * (ones + 1) / 2) / (ones * zeros))
