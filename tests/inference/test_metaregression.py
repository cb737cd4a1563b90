"""Meta-regression against published values and a simulation with known slope."""

import numpy as np
import pytest

from toolkit.inference.metaregression import meta_regression

EFFECTS = np.array([0.10, 0.30, 0.35, 0.65, 0.45, 0.15])
VARIANCES = np.array([0.03, 0.03, 0.05, 0.01, 0.05, 0.02])


def test_paule_mandel_published_values():
    """The six-study example: tau^2 0.023161164, estimate 0.351155."""
    fit = meta_regression(EFFECTS, VARIANCES)
    assert fit.tau2 == pytest.approx(0.023161164, abs=1e-8)
    assert fit.coefficients[0] == pytest.approx(0.351155, abs=1e-6)


def test_agrees_with_statsmodels_combine_effects():
    """statsmodels' Paule-Mandel with Knapp-Hartung (its q is not floored at one; here q > 1 is not reached)."""
    from statsmodels.stats.meta_analysis import combine_effects

    want = combine_effects(EFFECTS, VARIANCES, method_re="iterated", use_t=True)
    fit = meta_regression(EFFECTS, VARIANCES)
    assert fit.tau2 == pytest.approx(want.tau2, abs=1e-6)
    assert fit.factor == pytest.approx(want.scale_hksj_re, rel=1e-4)
    assert fit.errors[0] == pytest.approx(np.sqrt(want.var_eff_w_re) * max(1, np.sqrt(fit.factor)), rel=1e-4)


def test_slope_covers_where_the_item_level_z_does_not():
    """Between-task spread and unequal tasks: Knapp-Hartung covers, the fixed-effect z interval must not."""
    rng = np.random.default_rng(3)
    tasks, replicates = 10, 600
    X = np.column_stack([np.ones(tasks), np.linspace(-0.5, 0.5, tasks)])
    hits = naive = 0
    for _ in range(replicates):
        v = 0.4 / rng.choice([50, 200, 1000], tasks)
        y = 0.05 + 0.06 * rng.standard_normal(tasks) + np.sqrt(v) * rng.standard_normal(tasks)
        low, high = meta_regression(y, v, X).interval(1, 0.95)
        hits += low <= 0 <= high
        covariance = np.linalg.inv((X.T / v) @ X)
        b = covariance @ (X.T / v @ y)
        naive += abs(b[1]) <= 1.96 * np.sqrt(covariance[1, 1])
    error = 2.6 * np.sqrt(0.05 * 0.95 / replicates)
    assert 0.93 - error <= hits / replicates <= 0.97 + error
    assert naive / replicates <= 0.80


def test_prediction_interval_covers_the_next_task():
    rng = np.random.default_rng(4)
    replicates, hits = 500, 0
    for _ in range(replicates):
        v = np.full(12, 0.001)
        y = 0.1 + 0.05 * rng.standard_normal(12) + np.sqrt(v) * rng.standard_normal(12)
        _, low, high = meta_regression(y, v).prediction(np.ones(1), 0.95)
        hits += low <= 0.1 + 0.05 * rng.standard_normal() <= high
    error = 2.6 * np.sqrt(0.05 * 0.95 / replicates)
    assert 0.92 - error <= hits / replicates <= 0.98 + error


@pytest.mark.parametrize(
    ("y", "v", "X", "message"),
    [
        ([0.1], [0.1], None, "at least 2 tasks"),
        ([0.1, 0.2, 0.3], [0.1, 0.0, 0.1], None, "positive variance"),
        ([0.1, 0.2, 0.3], [0.1, 0.1, 0.1], np.ones((3, 2)), "does not vary"),
    ],
)
def test_what_cannot_be_fitted_says_why(y, v, X, message):
    with pytest.raises(ValueError, match=message):
        meta_regression(np.array(y), np.array(v), X)
