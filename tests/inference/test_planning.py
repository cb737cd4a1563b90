"""How large a log would settle an open question, against statsmodels' power and against doing it."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import TTestPower

from toolkit.inference.planning import breaking_seed_sd, settled_by
from toolkit.inference.quantiles import level_of


def test_items_are_those_of_the_power_of_a_paired_t_test():
    """Variance s^2 / n from items alone: n for 80 % power at the distance, to the two digits that are given."""
    sd, n, distance = 0.5, 200, 0.05
    got = settled_by({"items": sd**2 / n}, {"items": n}, distance, level=0.95, df=None)["items"]
    want = TTestPower().solve_power(distance / sd, power=0.8, alpha=0.05)
    assert got == pytest.approx(want, rel=0.03)


def test_a_log_of_that_many_seeds_settles_four_of_five():
    """Three seeds whose spread leaves zero open; with the planned number t over seeds excludes zero in about 80 %."""
    sd, effect = 0.05, 0.06
    planned = settled_by({"seeds": sd**2 / 3}, {"seeds": 3}, effect, level=0.95, df=2)["seeds"]
    assert 3 < planned < 15
    rng = np.random.default_rng(1)
    runs = rng.normal(effect, sd, (4000, planned))
    power = (stats.ttest_1samp(runs, 0, axis=1).pvalue < 0.05).mean()
    assert 0.72 < power < 0.92


def test_what_more_of_one_kind_cannot_settle_is_not_promised():
    """New items do not shrink what training anew contributes."""
    parts = {"items": 1e-4, "seeds": 1e-2, "residual": 1e-5}
    got = settled_by(parts, {"items": 100, "seeds": 3}, 0.05, level=0.95, df=2)
    assert set(got) == {"seeds"}
    assert settled_by(parts, {"items": 100, "seeds": 3}, 1e-6, level=0.95, df=2) == {}


def test_the_larger_log_has_the_variance_that_was_planned():
    """Crossed parts: shared residual variance shrinks with both kinds, by simulation of the mean's variance."""
    rng = np.random.default_rng(2)
    items, seeds, s_item, s_seed, s_rest = 40, 4, 0.3, 0.05, 0.4
    parts = {
        "items": s_item**2 / items + s_rest**2 / (items * seeds),
        "seeds": s_seed**2 / seeds + s_rest**2 / (items * seeds),
        "residual": s_rest**2 / (items * seeds),
    }
    planned = settled_by(parts, {"items": items, "seeds": seeds}, 0.14, level=0.95, df=None)["items"]
    means = [
        (s_item * rng.normal(size=(planned, 1)) + s_seed * rng.normal(size=(1, seeds))
         + s_rest * rng.normal(size=(planned, seeds))).mean()
        for _ in range(4000)
    ]  # fmt: skip
    assert np.std(means) == pytest.approx(0.14 / (1.96 + 0.8416), rel=0.06)


def test_the_seed_sd_that_breaks_one_run():
    """value / sqrt(items + sd^2) is then exactly the normal quantile."""
    sd = breaking_seed_sd(0.05, 0.0004, level=0.95)
    assert 0.05 / np.sqrt(0.0004 + sd**2) == pytest.approx(stats.norm.isf(0.025))
    assert breaking_seed_sd(0.01, 0.0004, level=0.95) is None


def test_level_of_a_multiple_of_the_standard_error():
    assert level_of(stats.t.ppf(0.99, 7), 7) == pytest.approx(0.98)
    assert level_of(stats.norm.ppf(0.975), None) == pytest.approx(0.95)
