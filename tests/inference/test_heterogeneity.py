"""tau^2 and its interval against metafor, closed forms and a simulation with known truth."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from toolkit.inference.heterogeneity import between_task_variance, tau2_interval, weighted_fit

ORACLES = json.loads((Path(__file__).parents[1] / "oracles" / "metaregression.json").read_text())
CASES = ORACLES["cases"]
FITS = [(case, fit) for case in CASES for fit in case["fits"] if fit["method"] != "DL"]


def arrays(case):
    """y, v and X of a recorded case."""
    y, v = np.array(case["y"]), np.array(case["v"])
    columns = [np.ones_like(y)] if case["x"] is None else [np.ones_like(y), np.array(case["x"])]
    return y, v, np.column_stack(columns)


@pytest.mark.parametrize(("case", "fit"), FITS, ids=[f"{c['name']}, {f['method']}" for c, f in FITS])
def test_tau2_is_that_of_metafor(case, fit):
    """Paule-Mandel and REML, with and without a moderator, and 0 where the tasks differ too little."""
    assert between_task_variance(*arrays(case), fit["method"]) == pytest.approx(fit["tau2"], rel=1e-7, abs=1e-12)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_q_profile_interval_is_that_of_metafor(case):
    """Both ends of metafor's confint, 0 included."""
    fit = case["fits"][0]
    want = (fit["tau2_low"], fit["tau2_high"])
    assert tau2_interval(*arrays(case), level=0.95) == pytest.approx(want, rel=1e-9, abs=1e-13)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_q_of_the_fixed_effect_model_is_that_of_metafor(case):
    fit, want = weighted_fit(*arrays(case), 0.0), case["fits"][0]
    assert fit.q == pytest.approx(want["Q"], rel=1e-10)
    assert fit.coefficients == pytest.approx(want["fixed"], rel=1e-8)
    assert np.sqrt(np.diag(fit.inverse)) == pytest.approx(want["fixed_errors"], rel=1e-6)


@pytest.mark.parametrize("method", ["PM", "REML"])
def test_equal_variances_have_a_closed_form(method):
    """With one variance for all, tau^2 is the variance of the effects less that; its interval is chi-squared."""
    rng = np.random.default_rng(1)
    y, v = rng.normal(0, 0.3, 15), 0.01
    X, equal = np.ones((15, 1)), np.full(15, v)
    assert between_task_variance(y, equal, X, method) == pytest.approx(y.var(ddof=1) - v, rel=1e-10)
    ends = ((y - y.mean()) ** 2).sum() / stats.chi2.ppf([0.95, 0.05], 14) - v
    assert tau2_interval(y, equal, level=0.9) == pytest.approx(ends, rel=1e-10)


def test_restricted_likelihood_has_no_higher_point():
    """Variances over four orders of magnitude: no tau^2 on a fine grid beats the estimate (density of contrasts)."""
    rng = np.random.default_rng(2)
    found = 0
    for _ in range(40):
        v = 10.0 ** rng.uniform(-4, 0, 8)
        y = rng.normal(0, 0.1, 8) + np.sqrt(v) * rng.normal(size=8)
        contrasts = np.linalg.qr(np.column_stack([np.ones(8), np.eye(8)[:, :7]]))[0][:, 1:]

        def density(tau2, y=y, v=v, contrasts=contrasts):
            covariance = contrasts.T @ np.diag(v + tau2) @ contrasts
            return stats.multivariate_normal(np.zeros(7), covariance).logpdf(contrasts.T @ y)

        tau2 = between_task_variance(y, v, np.ones((8, 1)), "REML")
        found += tau2 > 0
        assert density(tau2) >= max(density(t) for t in [0.0, *np.geomspace(1e-6, 10, 300)]) - 1e-9
    assert 5 < found < 40


def test_q_profile_interval_covers():
    """95 % intervals of tau^2 = .05^2 with a moderator and unequal variances hold it 95 % of the time."""
    rng = np.random.default_rng(3)
    replicates, tasks = 500, 10
    X = np.column_stack([np.ones(tasks), np.arange(tasks)])
    hits = 0
    for _ in range(replicates):
        v = 0.25 / rng.choice([50, 200, 1000], tasks)
        y = 0.02 * X[:, 1] + 0.05 * rng.normal(size=tasks) + np.sqrt(v) * rng.normal(size=tasks)
        low, high = tau2_interval(y, v, X)
        hits += low <= 0.05**2 <= high
    assert hits / replicates == pytest.approx(0.95, abs=2.6 * np.sqrt(0.05 * 0.95 / replicates))


def test_effects_on_a_line_have_no_variance_between_tasks():
    """Residuals of zero do not divide by zero: tau^2 and both ends are 0."""
    X = np.column_stack([np.ones(4), np.arange(4.0)])
    y, v = X @ np.array([0.1, 0.2]), np.full(4, 0.01)
    assert [between_task_variance(y, v, X, method) for method in ("PM", "REML")] == [0, 0]
    assert tau2_interval(y, v, X) == (0, 0)


def test_unknown_methods_are_named():
    with pytest.raises(ValueError, match="'ML': PM or REML"):
        between_task_variance(np.arange(3.0), np.ones(3), np.ones((3, 1)), "ML")
    with pytest.raises(ValueError, match="one variance a task"):
        between_task_variance(np.arange(3.0), np.ones(2), np.ones((3, 1)))
