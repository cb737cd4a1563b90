"""Meta-regression against metafor, published values and simulations with known slope."""

import json
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from statsmodels.regression.linear_model import WLS

from toolkit.inference.metaregression import meta_regression, permutation_p
from toolkit.inference.quantiles import t_quantile

ORACLES = json.loads((Path(__file__).parents[1] / "oracles" / "metaregression.json").read_text())
CASES = ORACLES["cases"]
FITS = [(case, fit) for case in CASES for fit in case["fits"] if fit["method"] != "DL"]
IDS = [f"{case['name']}, {fit['method']}" for case, fit in FITS]

EFFECTS = np.array([0.10, 0.30, 0.35, 0.65, 0.45, 0.15])
VARIANCES = np.array([0.03, 0.03, 0.05, 0.01, 0.05, 0.02])


def test_paule_mandel_published_values():
    """The six-study example: tau^2 0.023161164, estimate 0.351155."""
    fit = meta_regression(EFFECTS, VARIANCES)
    assert fit.tau2 == pytest.approx(0.023161164, abs=1e-8)
    assert fit.coefficients[0] == pytest.approx(0.351155, abs=1e-6)


def arrays(case):
    """y, v and X of a recorded case."""
    y, v = np.array(case["y"]), np.array(case["v"])
    columns = [np.ones_like(y)] if case["x"] is None else [np.ones_like(y), np.array(case["x"])]
    return y, v, np.column_stack(columns)


@pytest.mark.parametrize(("case", "want"), FITS, ids=IDS)
def test_coefficients_errors_and_leverage_are_those_of_metafor(case, want):
    """rma(test = "knha"): its errors are ours times sqrt(factor), before the factor is floored at one."""
    fit = meta_regression(*arrays(case), want["method"])
    assert fit.coefficients == pytest.approx(want["coefficients"], rel=1e-6)
    assert fit.factor == pytest.approx(want["factor"], rel=1e-6)
    assert fit.errors / np.sqrt(max(1.0, fit.factor)) == pytest.approx(want["plain_errors"], rel=1e-6)
    assert fit.errors * np.sqrt(min(1.0, fit.factor)) == pytest.approx(want["errors"], rel=1e-6)
    assert fit.leverage == pytest.approx(want["leverage"], rel=1e-6)
    if want["factor"] >= 1 - 1e-9:  # not floored: intervals agree as well
        for column, ends in enumerate(zip(want["low"], want["high"], strict=True)):
            assert fit.interval(column, 0.95) == pytest.approx(ends, rel=1e-6)


@pytest.mark.parametrize(("case", "want"), FITS, ids=IDS)
def test_prediction_is_that_of_metafor(case, want):
    """The same spread where the factor is not floored; metafor has t(T - 1) for the mean, ours is t(T - 2)."""
    y, v, X = arrays(case)
    fit = meta_regression(y, v, X, want["method"])
    value, low, high = fit.prediction(np.array([1.0, case["new"]][: X.shape[1]]), 0.95)
    assert value == pytest.approx(want["predicted"], rel=1e-6)
    wider = t_quantile(0.95, len(y) - 2) / t_quantile(0.95, fit.df)
    width = (want["predicted_high"] - want["predicted_low"]) * wider
    if want["factor"] >= 1 - 1e-9:
        assert high - low == pytest.approx(width, rel=1e-6)
    else:
        assert high - low > width


def test_leverage_of_equal_tasks_is_that_of_ordinary_least_squares():
    """Equal variances: the hat values of a straight line, 1/T + (x - mean)^2 / Sxx."""
    x = np.array([0.0, 1.0, 2.0, 10.0])
    fit = meta_regression(np.array([0.1, 0.3, 0.2, 0.4]), np.full(4, 0.01), np.column_stack([np.ones(4), x]))
    assert fit.leverage == pytest.approx(1 / 4 + (x - x.mean()) ** 2 / ((x - x.mean()) ** 2).sum(), rel=1e-10)


@pytest.mark.parametrize("case", [c for c in CASES if "permutation_p" in c], ids=lambda case: case["name"])
def test_exact_permutation_p_is_that_of_metafor(case):
    """permutest(exact = TRUE) over all orders of six and seven tasks."""
    p = permutation_p(np.array(case["y"]), np.array(case["v"]), np.array(case["x"], dtype=float))
    assert p == pytest.approx(case["permutation_p"], abs=1e-12)


def test_random_orders_come_close_to_all_orders():
    """Eight tasks of one variance: the share of all 40,320 orders whose correlation is as large as the observed."""
    rng = np.random.default_rng(5)
    x = np.arange(8.0)
    y = 0.02 * x + rng.normal(0, 0.1, 8)
    correlations = np.abs([np.dot(x - x.mean(), y[list(order)]) for order in permutations(range(8))])
    want = (correlations >= np.abs(np.dot(x - x.mean(), y)) - 1e-12).mean()
    got = [permutation_p(y, np.full(8, 1e-6), x, draws=4000, random_seed=seed) for seed in (1, 2)]
    assert 0.02 < want < 0.6
    assert got[0] != got[1]
    assert got == pytest.approx([want, want], abs=4 * np.sqrt(want * (1 - want) / 4000))


def test_permutation_test_keeps_its_size():
    """Under no slope, five unequal tasks with one of high leverage: p <= .05 in at most 5 % of cases."""
    rng = np.random.default_rng(6)
    replicates, x = 400, np.array([0.0, 0.1, 0.2, 0.3, 2.0])
    p = []
    for _ in range(replicates):
        v = 0.25 / rng.choice([50, 1000], 5)
        p.append(permutation_p(0.05 * rng.normal(size=5) + np.sqrt(v) * rng.normal(size=5), v, x))
    assert np.mean(np.array(p) <= 0.05) <= 0.05 + 2.6 * np.sqrt(0.05 * 0.95 / replicates)
    assert np.mean(p) == pytest.approx(0.5, abs=0.06)


def test_permutation_p_of_a_perfect_line_and_of_no_variation():
    """A line through all tasks: only it and its mirror are as extreme; effects that are all the same: p = 1."""
    x = np.arange(5.0)
    assert permutation_p(0.1 * x, np.full(5, 0.01), x) == pytest.approx(2 / 120, abs=1e-12)
    assert permutation_p(np.full(5, 0.3), np.full(5, 0.01), x) == 1
    with pytest.raises(ValueError, match="does not vary"):
        permutation_p(x, np.full(5, 0.01), np.ones(5))


def test_agrees_with_weighted_least_squares_of_statsmodels():
    """Given tau^2, coefficients and covariance are those of WLS, whose scale is the factor."""
    rng = np.random.default_rng(7)
    X = np.column_stack([np.ones(12), rng.normal(2020, 3, 12)])
    y, v = rng.normal(0, 0.2, 12), rng.uniform(0.001, 0.1, 12)
    fit = meta_regression(y, v, X, "REML")
    want = WLS(y, X, weights=1 / (v + fit.tau2)).fit()
    assert fit.factor == pytest.approx(want.scale, rel=1e-9)
    assert fit.coefficients == pytest.approx(want.params, rel=1e-7)
    floor = max(1.0, 1 / want.scale)
    assert fit.covariance == pytest.approx(want.cov_params() * floor, rel=1e-6)


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
