"""Levels for intervals along stages: from one interval's own, where all move together, to Bonferroni's."""

import numpy as np
import pytest
from scipy import stats

from toolkit.inference.simultaneous import bonferroni, max_t_level
from toolkit.inference.statistic import Statistic


def along(correlation, stages=6, clusters=2000, seed=1):
    """Statistics of one seed whose influences have this correlation between any two stages."""
    rng = np.random.default_rng(seed)
    shared, own = rng.normal(size=(clusters, 1)), rng.normal(size=(clusters, stages))
    influence = np.sqrt(correlation) * shared + np.sqrt(1 - correlation) * own
    keys = np.arange(clusters)
    return [Statistic((0,), np.zeros(1), influence[:, [k]], keys, clusters) for k in range(stages)]


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.9])
def test_critical_value_is_that_of_the_multivariate_normal(correlation):
    """Against the probability that all of six equicorrelated normal deviates stay within it, by quadrature."""
    level = max_t_level(along(correlation), 0.95, draws=40_000)
    critical = stats.norm.ppf((1 + level) / 2)
    x, w = np.polynomial.hermite_e.hermegauss(80)
    root = np.sqrt(1 - correlation)
    inside = stats.norm.cdf((critical - np.sqrt(correlation) * x) / root) - stats.norm.cdf(
        (-critical - np.sqrt(correlation) * x) / root
    )
    assert (w * inside**6).sum() / w.sum() == pytest.approx(0.95, abs=0.006)


def test_stages_that_move_together_need_no_correction():
    assert max_t_level(along(1.0), 0.95) == pytest.approx(0.95, abs=0.005)


def test_without_items_bonferroni_serves():
    bare = [Statistic((0, 1), np.zeros(2)) for _ in range(4)]
    assert max_t_level(bare, 0.95) == bonferroni(0.95, 4) == 1 - 0.05 / 4
    assert max_t_level(bare[:1], 0.95) == 0.95
