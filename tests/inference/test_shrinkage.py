"""Shrunken effects of tasks: Morris's formula by hand, and coverage where naive shrinkage covers too little."""

import numpy as np
import pytest

from toolkit.inference.metaregression import meta_regression
from toolkit.inference.shrinkage import morris


def test_equal_variances_are_shrunk_by_the_james_stein_factor():
    """With equal variances v, B = (T - 3) / (T - 1) x v / (v + tau^2) = (T - 3) v / sum of squares (Morris 1983)."""
    y, v = np.array([0.1, 0.5, -0.4, 0.9, 0.0, 0.3]), 0.02
    got = morris(y, np.full(6, v))
    B = 3 * v / ((y - y.mean()) ** 2).sum()
    assert got.shrinkage == pytest.approx([B] * 6, rel=1e-6)
    assert got.values == pytest.approx((1 - B) * y + B * y.mean(), rel=1e-6)
    variance = v * (1 - 5 / 6 * B) + 2 / 3 * B**2 * (y - y.mean()) ** 2
    assert got.errors == pytest.approx(np.sqrt(variance), rel=1e-6)


def test_three_tasks_are_too_few():
    with pytest.raises(ValueError, match="at least 4"):
        morris(np.zeros(3), np.ones(3))


@pytest.mark.parametrize("tau", [0.0, 0.03, 0.1])
def test_coverage_over_tasks(tau):
    """Intervals of ten shrunken effects cover .93 or more of the true ones; without the correction far fewer."""
    rng = np.random.default_rng(1)
    covered = naive = 0.0
    streams = 400
    for _ in range(streams):
        v = 0.4 / rng.choice([50, 200, 1000], 10)
        truth = 0.05 + tau * rng.normal(size=10)
        y = truth + np.sqrt(v) * rng.normal(size=10)
        low, high = morris(y, v).ends(0.95)
        covered += np.mean((low <= truth) & (truth <= high)) / streams
        tau2 = meta_regression(y, v).tau2
        B = v / (v + tau2)
        mean = np.average(y, weights=1 / (v + tau2))
        naive += np.mean(np.abs((1 - B) * y + B * mean - truth) <= 1.96 * np.sqrt(v * (1 - B))) / streams
    assert covered >= 0.93
    if tau < 0.1:
        assert naive < 0.85
