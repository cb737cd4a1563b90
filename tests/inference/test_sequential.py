"""Intervals for repeated looks: published bounds, the closed formula, and how often any look misses, by simulation."""

import math

import numpy as np
import pytest
from scipy import optimize, stats

from toolkit.inference.sequential import (
    confidence_sequence,
    obrien_fleming,
    spending_interval,
    spent_at,
    two_sided_quantile,
)

REPLICATES = 2000


def test_obrien_fleming_bounds_are_the_published_ones():
    """Five equally informative looks at two-sided .05, as tabulated for the Lan-DeMets spending function (ld98)."""
    assert obrien_fleming(5) == pytest.approx([4.8769, 3.3569, 2.6803, 2.2898, 2.0310], abs=1.5e-4)


def test_one_look_has_the_ordinary_bound():
    assert obrien_fleming(1) == pytest.approx([1.959964], abs=1e-6)
    assert obrien_fleming(1, alpha=0.01) == pytest.approx([2.575829], abs=1e-6)


def test_two_looks_agree_with_the_bivariate_normal():
    """Both looks' crossing by SciPy's bivariate normal, correlation sqrt(1/2)."""
    first, second = obrien_fleming(2)
    both = stats.multivariate_normal(cov=[[1, math.sqrt(0.5)], [math.sqrt(0.5), 1]])
    inside = both.cdf([first, second], lower_limit=[-first, -second])
    assert 1 - inside == pytest.approx(0.05, abs=1e-6)


def test_a_year_of_looks_spends_all_of_alpha():
    """Random walks cross the 52 bounds with chance .05, and the last bound is the lowest."""
    bounds = obrien_fleming(52)
    rng = np.random.default_rng(0)
    z = np.cumsum(rng.normal(size=(20000, 52)), axis=1) / np.sqrt(np.arange(1, 53))
    assert (np.abs(z) > bounds).any(1).mean() == pytest.approx(0.05, abs=2.6 * math.sqrt(0.05 * 0.95 / 20000))
    assert (np.diff(bounds) < 0).all()


def test_the_confidence_sequence_is_the_closed_formula():
    """Written out for n = 400, sd = .5, alpha = .05, tuned to 500: L = 5.9915, r^2 = .0158723."""
    low, high = confidence_sequence(400, 0.3, 0.5, 0.05, n_opt=500)
    assert (float(low), float(high)) == pytest.approx((0.3 - 0.0760093, 0.3 + 0.0760093), abs=1e-6)


def test_the_sequence_is_narrowest_where_it_was_tuned():
    """No other r^2, searched numerically, gives a half-width at n_opt that is 1 % smaller."""
    n, alpha = 300, 0.01

    def half(log_r2):
        r2 = math.exp(log_r2)
        return math.sqrt(2 * (n * r2 + 1) / (n * n * r2) * math.log(math.sqrt(n * r2 + 1) / alpha))

    best = optimize.minimize_scalar(half, bounds=(-15, 5), method="bounded").fun
    low, high = confidence_sequence(n, 0.0, 1.0, alpha, n_opt=n)
    assert best <= float(high - low) / 2 <= 1.01 * best


def test_shares_of_all_looks_sum_to_alpha():
    shares = [spent_at(k, 0.05) for k in range(1, 1001)]
    assert sum(shares) == pytest.approx(0.05 * (1 - 1 / 1001))
    assert shares[0] == 0.025


@pytest.mark.parametrize("alpha", [0.05, 1e-6, 1e-12])
def test_quantiles_hold_far_out(alpha):
    """Against SciPy's survival functions, where 1 - alpha / 2 would already round."""
    assert two_sided_quantile(alpha) == pytest.approx(stats.norm.isf(alpha / 2), rel=1e-9)
    assert two_sided_quantile(alpha, 7.5) == pytest.approx(stats.t.isf(alpha / 2, 7.5), rel=1e-9)


def test_the_spending_interval_is_a_t_interval_at_its_share():
    """The third look has .05 / 12."""
    low, high = spending_interval(0.1, 0.02, 30, 3, 0.05)
    assert (low, high) == pytest.approx(stats.t.interval(1 - 0.05 / 12, 30, 0.1, 0.02))


def looks_at(K, items, *, drift, rng):
    """Differences in {-1, 0, 1}, 30 % of them not zero: sums and squares so far and the mean so far; [year, look]."""
    level = 0.05 + (0.08 * np.sin(np.linspace(0, 3, K)) if drift else np.zeros(K))
    u = rng.random((REPLICATES, K, items))
    up = (0.3 + level)[:, None] / 2
    y = np.where(u < up, 1.0, np.where(u < 0.3, -1.0, 0.0))
    n = items * np.arange(1, K + 1)
    mean = y.sum(-1).cumsum(1) / n
    sd = np.sqrt((y * y).sum(-1).cumsum(1) / n - mean**2)
    return n, mean, sd, np.cumsum(level) / np.arange(1, K + 1)


@pytest.mark.parametrize("drift", [False, True])
@pytest.mark.parametrize(("K", "items"), [(12, 100), (50, 20)])
def test_a_confidence_sequence_misses_at_no_look_and_peeking_does(K, items, drift):
    """Any miss over all looks: at most .05, and .06 where the mean drifts; ordinary intervals miss .12 and more."""
    n, mean, sd, truth = looks_at(K, items, drift=drift, rng=np.random.default_rng(K))
    low, high = confidence_sequence(n, mean, sd, 0.05, n_opt=5 * items)
    missed = ((truth < low) | (truth > high)).any(1).mean()
    peeked = (np.abs(mean - truth) > 1.96 * sd / np.sqrt(n)).any(1).mean()
    assert missed <= (0.06 if drift else 0.05)
    assert peeked >= 0.12


@pytest.mark.parametrize("correlation", [0.0, 0.9])
def test_spending_holds_however_the_looks_depend_on_each_other(correlation):
    """Fifty looks at the same twenty items, whose noise at each look is shared in part."""
    rng = np.random.default_rng(3)
    K, items, years = 50, 20, 4000
    shared = rng.normal(size=(years, 1, items))
    y = math.sqrt(correlation) * shared + math.sqrt(1 - correlation) * rng.normal(size=(years, K, items))
    mean, se = y.mean(-1), y.std(-1, ddof=1) / math.sqrt(items)
    limits = np.array([two_sided_quantile(spent_at(k, 0.05), items - 1) for k in range(1, K + 1)])
    missed = (np.abs(mean) > limits * se).any(1).mean()
    peeked = (np.abs(mean) > stats.t.isf(0.025, items - 1) * se).any(1).mean()
    assert missed <= 0.05 + 2.6 * math.sqrt(0.05 * 0.95 / years)  # what chance adds to a true .05
    assert peeked >= 0.12
