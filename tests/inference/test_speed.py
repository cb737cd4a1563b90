"""Steps to a threshold and areas under curves, by hand and against SciPy; runs that never get there count."""

import numpy as np
import pytest
from scipy import integrate, stats

from toolkit.inference.speed import curve_area, samples_saved, saved, time_to_threshold

STEPS = np.array([100.0, 200.0, 400.0])


@pytest.mark.parametrize(
    ("scores", "want"),
    [((0.2, 0.6, 0.7), 150), ((0.5, 0.6, 0.7), 100), ((0.1, 0.2, 0.3), np.inf), ((0.2, 0.3, 0.5), 300)],
)
def test_time_to_a_threshold_of_040_by_hand(scores, want):
    """Between 0.2 at 100 and 0.6 at 200 the curve passes 0.4 in the middle."""
    assert time_to_threshold(STEPS, np.array(scores), 0.4) == pytest.approx(want)


def test_area_is_the_mean_height_up_to_the_budget():
    scores = np.array([0.2, 0.6, 0.7])
    assert curve_area(STEPS, scores, 400) == pytest.approx(integrate.trapezoid(scores, STEPS) / 300)
    assert curve_area(STEPS, scores, 300) == pytest.approx((0.4 * 100 + 0.625 * 100) / 200)


def test_what_is_never_reached_costs_the_whole_budget():
    got = saved(np.array([[50.0, np.inf]]), np.array([[np.inf, 80.0]]), np.array([100.0]))
    assert got.tolist() == [[50.0, -20.0]]


def test_interval_is_t_over_tasks():
    rng = np.random.default_rng(1)
    a, b = rng.uniform(20, 90, (6, 3)), rng.uniform(20, 90, (6, 3))
    got = samples_saved(a, b, np.full(6, 100.0), level=0.95)
    want = stats.ttest_1samp((b - a).mean(1), 0)
    assert (got.low, got.high) == pytest.approx(tuple(want.confidence_interval()), abs=1e-9)
    assert got.p_value == pytest.approx(want.pvalue)
    assert (got.n["censored"], got.scope) == (0, "tasks")


def test_few_or_equal_tasks_say_what_is_missing():
    ones = np.ones((2, 3))
    assert "at least 3 tasks" in samples_saved(ones, 2 * ones, np.full(2, 9.0), level=0.95).reason
    ones = np.ones((4, 3))
    assert "says nothing" in samples_saved(ones, 2 * ones, np.full(4, 9.0), level=0.95).reason


@pytest.mark.parametrize(("budget", "censored"), [(1.3, 0.3), (0.8, 0.67)])
def test_coverage_with_censored_runs(budget, censored):
    """Lognormal times, a third or two thirds of the runs alone censored; leaving those out must not do as well."""
    rng = np.random.default_rng(2)
    factor = np.exp(0.4 * rng.normal(size=(200_000, 1)))
    alone, stream = (factor * r * np.exp(0.3 * rng.normal(size=(200_000, 1))) for r in (1.0, 0.7))
    assert (alone > budget).mean() == pytest.approx(censored, abs=0.05)
    truth = saved(stream, alone, np.full(200_000, budget)).mean()
    replicates, hits, dropped = 600, 0, 0
    for _ in range(replicates):
        factor = np.exp(0.4 * rng.normal(size=(10, 1)))
        alone, stream = (factor * r * np.exp(0.3 * rng.normal(size=(10, 3))) for r in (1.0, 0.7))
        got = samples_saved(np.where(stream > budget, np.inf, stream), np.where(alone > budget, np.inf, alone),
                            np.full(10, budget), level=0.95)  # fmt: skip
        hits += got.low <= truth <= got.high
        kept = np.where((stream > budget) | (alone > budget), np.nan, np.log(stream / alone))
        kept = np.array([row[np.isfinite(row)].mean() for row in kept if np.isfinite(row).any()])
        low, high = stats.ttest_1samp(kept, 0).confidence_interval() if len(kept) > 2 else (-9, 9)
        dropped += low <= np.log(0.7) <= high
    assert hits / replicates >= 0.93 - 2.6 * np.sqrt(0.05 * 0.95 / replicates)
    if budget < 1:
        assert dropped / replicates < 0.9
