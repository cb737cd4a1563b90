"""Sixty real replicates of fifteen methods: intervals from a few of them cover the mean of the others.

The replicates' ten training slots are crossed with six test shifts; replicates of one shift share their test
items, so the error of the mean of the others is that of clusters.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.analyses.test_real_matrices import DATA, needs_data, proglearn
from tests.builders import scores_from_matrix
from toolkit.analyses.metrics import average_accuracy, backward_transfer
from toolkit.inference.ladder import interval
from toolkit.inference.statistic import column_statistics, mean_of

SHIFT = np.arange(60) % 6
DRAWS = 120


def by_replicate(R, metric):
    """The metric's mean over tasks in each replicate, by the product's own functions."""
    whole = np.full((1, len(R), R.shape[1] + 1, R.shape[2]), np.nan)
    whole[0, :, 1:] = R
    parts = column_statistics(scores_from_matrix(whole), "stream", metric, items={}, difference=True)
    return mean_of(list(parts.values()))


def own_variance(values, shift):
    """Variance of the mean of replicates, not below that of the shifts' means as clusters."""
    clusters = [values[shift == s].mean() for s in np.unique(shift)]
    return max(values.var(ddof=1) / len(values), np.var(clusters, ddof=1) / len(clusters))


@needs_data
@pytest.mark.parametrize("drawn", [3, 5, 10])
def test_a_few_replicates_cover_the_mean_of_the_others(drawn):
    """Average accuracy and backward transfer of all methods: .93 or more in all, and nowhere below .90."""
    arms = pd.read_csv(DATA / "proglearn" / "R_long.csv.gz", keep_default_na=False)
    arms = sorted(arms.loc[arms["benchmark"] == "cifar100_10x500", "arm"].unique())
    rng = np.random.default_rng(drawn)
    coverage = {}
    for arm in arms:
        R = proglearn(arm)
        for metric in (average_accuracy, backward_transfer):
            statistic = by_replicate(R, metric)
            if statistic.values.std() == 0:
                continue  # Prog_NN cannot forget: nothing varies
            hits = 0
            for _ in range(DRAWS):
                chosen = rng.permutation(60)[:drawn]
                others = np.setdiff1d(np.arange(60), chosen)
                got = interval([statistic.for_seeds(chosen.tolist())], level=0.95, bounds=(-1, 1))
                error = np.sqrt(1 + own_variance(statistic.values[others], SHIFT[others]) / got.variance)
                away = abs(got.value - statistic.values[others].mean())
                hits += away <= (got.high - got.low) / 2 * error
            coverage[arm, metric.__name__] = hits / DRAWS
    assert len(coverage) == 2 * len(arms) - 1
    assert np.mean(list(coverage.values())) >= 0.93
    assert min(coverage.values()) >= 0.93 - 2.6 * np.sqrt(0.05 * 0.95 / DRAWS), coverage
