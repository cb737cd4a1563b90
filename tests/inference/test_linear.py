"""CR2 and its degrees of freedom: against clubSandwich, the definition in full matrices, and simulated truth."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import linalg, stats
from statsmodels.regression.linear_model import OLS

from toolkit.inference.linear import linear_fit

ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "linear.json").read_text())


@pytest.mark.parametrize("case", ["own_rows", "clustered", "weighted"])
def test_errors_and_degrees_of_freedom_are_those_of_clubsandwich(case):
    """coef_test(vcovCR(type = "CR2"), "Satterthwaite"), with the inverse weights as working variances."""
    got = ORACLE[case]
    X = np.column_stack([np.ones(len(got["y"])), got["x"], got["z"]])
    fit = linear_fit(np.array(got["y"]), X, clusters=np.array(got["cluster"], dtype=int), weights=np.array(got["w"]))
    assert fit.coefficients == pytest.approx(got["coefficients"], abs=1e-10)
    assert np.sqrt(fit.variances) == pytest.approx(got["se"], rel=1e-8)
    assert fit.df == pytest.approx(got["df"], rel=1e-8)
    assert [fit.p_value(k) for k in range(3)] == pytest.approx(got["p"], rel=1e-8)


def by_definition(y, X, clusters):
    """Bell & McCaffrey's variance and df of the last coefficient, matrices written out."""
    n = len(y)
    M = np.linalg.inv(X.T @ X)
    residual_maker = np.eye(n) - X @ M @ X.T
    c = M[-1]
    columns, variance = [], 0.0
    for key in np.unique(clusters):
        here = clusters == key
        root = linalg.pinv(np.real(linalg.sqrtm(residual_maker[np.ix_(here, here)])))
        g = root @ X[here] @ c
        variance += (g @ (residual_maker @ y)[here]) ** 2
        columns.append(residual_maker[:, here] @ g)
    G = np.array(columns).T
    spread = np.linalg.eigvalsh(G.T @ G)
    return variance, spread.sum() ** 2 / (spread**2).sum()


def test_errors_and_degrees_of_freedom_are_those_of_the_definition():
    rng = np.random.default_rng(1)
    clusters = rng.integers(0, 9, 50)
    X = np.column_stack([np.ones(50), rng.normal(size=50), np.exp(rng.normal(size=9))[clusters]])
    y = rng.normal(size=50)
    fit = linear_fit(y, X, clusters=clusters)
    variance, df = by_definition(y, X, clusters)
    assert fit.variances[2] == pytest.approx(variance, rel=1e-9)
    assert fit.df[2] == pytest.approx(df, rel=1e-9)


def test_weights_that_differ_within_clusters_scale_the_rows():
    """Rows times the root of their weight, by the definition without weights (Imbens & Kolesar 2016)."""
    rng = np.random.default_rng(5)
    clusters, w = rng.integers(0, 9, 50), rng.uniform(0.2, 3, 50)
    X, y = np.column_stack([np.ones(50), rng.normal(size=50)]), rng.normal(size=50)
    fit = linear_fit(y, X, clusters=clusters, weights=w)
    variance, df = by_definition(y * np.sqrt(w), X * np.sqrt(w)[:, None], clusters)
    assert fit.variances[1] == pytest.approx(variance, rel=1e-9)
    assert fit.df[1] == pytest.approx(df, rel=1e-9)


def test_without_clusters_it_is_hc2():
    rng = np.random.default_rng(2)
    X = np.column_stack([np.ones(40), rng.normal(size=40)])
    y = X[:, 1] ** 2 + rng.normal(size=40)
    assert np.sqrt(linear_fit(y, X).variances) == pytest.approx(OLS(y, X).fit(cov_type="HC2").bse, rel=1e-10)


def test_rows_of_equal_groups_have_the_welch_t():
    """Two groups, unequal spread: HC2 is Welch's variance of the difference of means."""
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=12), 3 * rng.normal(size=7)
    y, X = np.concatenate([a, b]), np.column_stack([np.ones(19), np.arange(19) >= 12]).astype(float)
    want = a.var(ddof=1) / 12 + b.var(ddof=1) / 7
    assert linear_fit(y, X).variances[1] == pytest.approx(want, rel=1e-10)


@pytest.mark.parametrize("n", [30, 200])
def test_skewed_regressors_with_unequal_scatter_are_covered(n):
    """Lognormal regressor, scatter that grows with it: about .93, where HC1 with t(n - 2) falls below .90."""
    rng = np.random.default_rng(n)
    hits = plain = 0
    replicates = 2000
    for _ in range(replicates):
        x = np.exp(0.8 * rng.normal(size=n))
        x = (x - x.mean()) / x.std()
        y = rng.normal(size=n) * (0.5 + 0.5 * np.abs(x))
        X = np.column_stack([np.ones(n), x])
        fit = linear_fit(y, X)
        low, high = fit.interval(1, 0.95)
        hits += low <= 0 <= high
        b = x @ y / n
        residual = y - y.mean() - b * x
        hc1 = ((x / n) ** 2 * residual**2).sum() * n / (n - 2)
        plain += abs(b) <= stats.t.ppf(0.975, n - 2) * np.sqrt(hc1)
    assert 0.91 <= hits / replicates <= 0.97
    assert plain / replicates <= 0.90


def test_a_cluster_that_alone_tells_a_coefficient_is_left_out_of_its_error():
    """Leverage one: finite numbers, as the pseudo-inverse gives."""
    rng = np.random.default_rng(4)
    clusters = np.repeat(np.arange(8), 4)
    X = np.column_stack([np.ones(32), rng.normal(size=32), clusters == 0]).astype(float)
    fit = linear_fit(rng.normal(size=32), X, clusters=clusters)
    assert np.isfinite(fit.variances).all()
    assert np.isfinite(fit.df[:2]).all()


def test_what_cannot_be_fitted_is_said():
    y, X = np.arange(6.0), np.column_stack([np.ones(6), np.full(6, 2.0)])
    with pytest.raises(ValueError, match="dependent"):
        linear_fit(y, X)
    with pytest.raises(ValueError, match="clusters"):
        linear_fit(y, np.column_stack([np.ones(6), y]), clusters=np.array([1, 1, 1, 2, 2, 2]))
