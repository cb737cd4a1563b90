"""The crossed binomial mixed model against lme4, quadrature, the GLM that it becomes, and simulation."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import integrate, special, stats
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_linear_model import GLM

from toolkit.inference.mixed import fit_binomial_mixed

ORACLES = json.loads((Path(__file__).parents[1] / "oracles" / "mixed.json").read_text())
CASES = ORACLES["cases"]


def arguments(case):
    """successes, trials, X and factors of a recorded case."""
    factors = {name: np.array(codes) for name, codes in case["factors"].items()}
    return np.array(case["successes"]), np.array(case["trials"]), np.array(case["X"]), factors


def simulated(rng, *, rows, levels, sds, slope, between=0.0, intercept=0.5, most=1):
    """Crossed counts: a covariate that varies within all factors, and one that is constant within tasks."""
    factors = {name: rng.integers(0, size, rows) for name, size in levels.items()}
    within = rng.integers(0, 6, rows).astype(float)
    along = np.linspace(-1, 1, levels["task"])[factors["task"]]
    eta = intercept + slope * within + between * along
    for name, size in levels.items():
        eta = eta + sds[name] * rng.normal(size=size)[factors[name]]
    trials = rng.integers(1, most + 1, rows)
    return rng.binomial(trials, special.expit(eta)), trials, np.column_stack([np.ones(rows), within, along]), factors


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_fit_is_that_of_lme4(case):
    """glmer(nAGQ = 1): coefficients, their covariance, sds (0 where glmer is singular) and log-likelihood."""
    fit = fit_binomial_mixed(*arguments(case))
    assert fit.converged
    assert fit.coefficients == pytest.approx(case["coefficients"], abs=2e-5)
    assert fit.covariance == pytest.approx(np.array(case["covariance"]), abs=1e-5)
    assert fit.sds == pytest.approx(case["sds"], abs=2e-5)
    assert fit.log_likelihood == pytest.approx(case["log_likelihood"], abs=1e-6)
    assert fit.rows == len(case["trials"])


def test_published_values_of_cbpp():
    """Contagious bovine pleuropneumonia by herd and period: the values in lme4's own documentation."""
    fit = fit_binomial_mixed(*arguments(CASES[0]))
    assert fit.coefficients == pytest.approx([-1.398, -0.992, -1.128, -1.580], abs=1e-3)
    assert fit.sds["herd"] == pytest.approx(0.642, abs=1e-3)
    assert fit.errors == pytest.approx([0.228, 0.305, 0.326, 0.429], abs=1e-3)


def test_the_recorded_cases_hold_a_boundary():
    """A spread of exactly 0, among others that are not: else the comparison would not test it."""
    sds = [sd for case in CASES for sd in case["sds"].values()]
    assert min(sds) == 0
    assert sum(sd > 0.1 for sd in sds) > 5
    assert all(min(fit_binomial_mixed(*arguments(case)).sds.values()) == 0 for case in CASES[3:])


def test_log_likelihood_is_the_integral_over_intercepts():
    """Many answers a level, where Laplace is nearly exact: adaptive quadrature of each level's likelihood."""
    rng = np.random.default_rng(1)
    group = np.repeat(np.arange(12), 4)
    trials = np.full(48, 1000)
    successes = rng.binomial(trials, special.expit(0.4 + 0.5 * rng.normal(size=12)[group]))
    fit = fit_binomial_mixed(successes, trials, np.ones((48, 1)), {"group": group})
    total = 0.0
    for g in range(12):
        y, n = successes[group == g], trials[group == g]

        def joint(z, y=y, n=n):
            mean = special.expit(fit.coefficients[0] + fit.sds["group"] * z)
            return np.exp(stats.binom.logpmf(y, n, mean).sum() + stats.norm.logpdf(z) + 15)

        near = (special.logit(y.sum() / n.sum()) - fit.coefficients[0]) / fit.sds["group"]
        total += np.log(integrate.quad(joint, near - 1, near + 1, points=[near], limit=400)[0]) - 15
    assert fit.log_likelihood == pytest.approx(total, abs=1e-3)


def test_without_spread_it_is_the_glm():
    """Every item and task alike: all sds are 0, and the rest is statsmodels' binomial GLM."""
    x = np.tile(np.arange(4.0), 30)
    successes, trials = np.tile([2, 3, 5, 5], 30), np.full(120, 6)
    factors = {"item": np.repeat(np.arange(30), 4), "task": np.repeat(np.arange(5), 24)}
    X = np.column_stack([np.ones(120), x])
    fit = fit_binomial_mixed(successes, trials, X, factors)
    want = GLM(np.column_stack([successes, trials - successes]), X, family=Binomial()).fit()
    assert fit.sds == {"item": 0, "task": 0}
    assert fit.coefficients == pytest.approx(want.params, abs=1e-6)
    assert fit.covariance == pytest.approx(want.cov_params(), rel=1e-5)
    assert fit.log_likelihood == pytest.approx(want.llf, abs=1e-8)


def test_answers_may_be_summed_or_single_and_in_any_order():
    """Counts, the same as single answers, shuffled, with other labels and factors in another order: one fit."""
    rng = np.random.default_rng(2)
    levels = {"item": 25, "task": 5, "seed": 3}
    y, n, X, factors = simulated(
        rng, rows=200, levels=levels, sds={"item": 1, "task": 0.6, "seed": 0.5}, slope=-0.2, most=4
    )
    whole = fit_binomial_mixed(y, n, X, factors)
    row = rng.permutation(np.repeat(np.arange(200), n))
    rank = np.zeros(len(row), dtype=int)
    for i in range(200):
        rank[row == i] = np.arange(n[i])
    relabelled = {name: 7 * factors[name][row] - 3 for name in ("seed", "item", "task")}
    single = fit_binomial_mixed(rank < y[row], np.ones(len(row)), X[row], relabelled)
    assert single.rows == n.sum()
    assert single.coefficients == pytest.approx(whole.coefficients, abs=1e-5)
    assert single.sds == pytest.approx(whole.sds, abs=1e-5)
    assert min(whole.sds.values()) > 0.1
    ways = np.log(special.comb(n, y)).sum()
    assert single.log_likelihood == pytest.approx(whole.log_likelihood - ways, abs=1e-6)


def test_rows_without_trials_say_nothing():
    y, n, X, factors = arguments(CASES[0])
    longer = {name: np.append(codes, 99) for name, codes in factors.items()}
    fit = fit_binomial_mixed(np.append(y, 0), np.append(n, 0), np.vstack([X, 5 * np.ones(4)]), longer)
    assert fit.rows == len(n)
    assert fit.coefficients == pytest.approx(CASES[0]["coefficients"], abs=2e-5)


def test_slopes_cover_where_a_glm_does_not():
    """Known truth: slopes within and between tasks are covered; without the tasks' spread the latter is not."""
    rng = np.random.default_rng(3)
    replicates, truth = 200, (-0.2, 0.4)
    sds = {"item": 1.0, "task": 0.5, "seed": 0.3}
    levels = {"item": 50, "task": 16, "seed": 4}
    within, between, naive, slopes = 0, 0, 0, []
    for _ in range(replicates):
        y, n, X, factors = simulated(rng, rows=800, levels=levels, sds=sds, slope=truth[0], between=truth[1], most=2)
        fit = fit_binomial_mixed(y, n, X, factors)
        slopes.append(fit.coefficients[1])
        low, high = fit.interval(1, 0.95)
        within += low <= truth[0] <= high
        low, high = fit.interval(2, 0.95, df=14)
        between += low <= truth[1] <= high
        glm = GLM(np.column_stack([y, n - y]), X, family=Binomial()).fit()
        low, high = glm.conf_int()[2]
        naive += low <= truth[1] <= high
    error = 2.6 * np.sqrt(0.05 * 0.95 / replicates)
    assert within / replicates == pytest.approx(0.95, abs=error)
    assert between / replicates == pytest.approx(0.95, abs=error)
    assert naive / replicates < 0.75
    # Laplace's bias for items of some thirty answers is small beside the noise of a fit.
    assert np.mean(slopes) == pytest.approx(truth[0], abs=0.01)


def test_many_items_are_no_obstacle():
    """2,000 items of ten answers each: truth within four standard errors, sds within a tenth."""
    rng = np.random.default_rng(4)
    levels = {"seed": 5, "item": 2000, "task": 40}
    sds = {"item": 0.8, "task": 0.4, "seed": 0.2}
    fit = fit_binomial_mixed(*simulated(rng, rows=20_000, levels=levels, sds=sds, slope=-0.1))
    assert fit.converged
    assert list(fit.sds) == list(levels)
    assert abs(fit.coefficients[1] + 0.1) < 4 * fit.errors[1]
    assert 0.005 < fit.errors[1] < 0.02
    assert fit.sds["item"] == pytest.approx(0.8, abs=0.1)
    assert fit.sds["task"] == pytest.approx(0.4, abs=0.15)


def test_an_sd_that_runs_off_is_not_called_converged():
    """Items always right or always wrong: the likelihood has no finite maximum in their spread."""
    y = np.repeat([1, 1, 1, 0, 0, 0], 10)
    fit = fit_binomial_mixed(y, np.ones(60), np.ones((60, 1)), {"item": np.arange(60) // 10})
    assert fit.sds["item"] > 10
    assert not fit.converged


CODES = {"item": np.array([0, 0, 1, 1])}


@pytest.mark.parametrize(
    ("successes", "trials", "X", "factors", "message"),
    [
        ([1, 0, 1], [1, 1, 1, 1], np.ones((4, 1)), CODES, "same rows"),
        ([1, 0, 1, 0], [1, 1, 1, 1], np.ones(4), CODES, "same rows"),
        ([1, 0, 1, 0], [1, 1, 1, 1], np.ones((4, 1)), {"item": [0, 1]}, "same rows"),
        ([1, 0, 1, 0], [1, 1, 1, 1], np.ones((4, 0)), CODES, "at least one column"),
        ([1, 0, 1, 0], [1, 1, 1, 1], np.ones((4, 1)), {}, "at least one factor"),
        ([1, 0, 1, 0], [1, 1, 1, 1], np.ones((4, 1)), {"item": np.array([0.5, 0, 1, 1])}, "whole numbers"),
        ([2, 0, 1, 0], [1, 1, 1, 1], np.ones((4, 1)), CODES, "successes <= trials"),
        ([-1, 0, 1, 0], [1, 1, 1, 1], np.ones((4, 1)), CODES, "0 <= successes"),
        ([0.5, 0, 1, 0], [1, 1, 1, 1], np.ones((4, 1)), CODES, "whole numbers"),
        ([np.nan, 0, 1, 0], [1, 1, 1, 1], np.ones((4, 1)), CODES, "0 <= successes"),
        ([1, 1, 1, 1], [1, 1, 1, 1], np.ones((4, 1)), CODES, "all right or all wrong"),
        ([0, 0, 0, 0], [1, 1, 1, 1], np.ones((4, 1)), CODES, "all right or all wrong"),
        ([0, 0, 0, 0], [0, 0, 0, 0], np.ones((4, 1)), CODES, "all right or all wrong"),
        ([1, 0, 1, 0], [1, 1, 1, 1], np.ones((4, 2)), CODES, "depend on each other"),
        ([1, 0, 1, 0], [1, 1, 1, 1], np.ones((4, 1)), {"item": np.zeros(4, int)}, "'item' has one level"),
        ([1, 0, 1, 1], [1, 1, 1, 1], np.array([[1, 0], [1, 0], [1, 1], [1, 1.0]]), CODES, "no finite estimate"),
    ],
)
def test_what_cannot_be_fitted_says_why(successes, trials, X, factors, message):
    """One line that names what is wrong."""
    with pytest.raises(ValueError, match=message) as raised:
        fit_binomial_mixed(successes, trials, X, factors)
    assert "\n" not in str(raised.value)
