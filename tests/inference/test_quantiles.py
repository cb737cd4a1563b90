"""Quantiles against scipy.stats."""

import pytest
from scipy import stats

from toolkit.inference.quantiles import t_quantile, z_quantile


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.99375, 0.999])
def test_quantiles_are_those_of_scipy_stats(level):
    assert z_quantile(level) == pytest.approx(stats.norm.isf((1 - level) / 2), rel=1e-12)
    for df in (1, 2, 3.7, 4, 30.5, 1e6):
        assert t_quantile(level, df) == pytest.approx(stats.t.isf((1 - level) / 2, df), rel=1e-9)
    assert t_quantile(level, float("inf")) == z_quantile(level)
