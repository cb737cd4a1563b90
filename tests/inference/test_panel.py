"""Slopes within units: against clubSandwich and plm, by hand, and on simulated panels with known truth."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from statsmodels.regression.linear_model import OLS

from toolkit.inference.linear import linear_fit
from toolkit.inference.panel import unit_slopes, within_fit

ORACLE = {
    key: np.array(value) if isinstance(value, list) else value
    for key, value in json.loads((Path(__file__).parents[1] / "oracles" / "panel.json").read_text()).items()
}


@pytest.mark.parametrize(
    ("case", "cluster", "two_way"),
    [("task_one_way", "task", False), ("task_two_way", "task", True), ("seed_two_way", "seed", True),
     ("stage_two_way", "stage", True)],
)  # fmt: skip
def test_slopes_and_errors_are_those_of_all_dummies(case, cluster, two_way):
    """lm with factor(unit) + factor(stage), vcovCR(type = "CR2"), Satterthwaite; units within clusters and across."""
    o, want = ORACLE, ORACLE[case]
    fit = within_fit(o["y"], np.column_stack([o["x"], o["z"]]), unit=o["unit"], cluster=o[cluster],
                     period=o["stage"] if two_way else None)  # fmt: skip
    assert fit.slope == pytest.approx(want["slope"], abs=1e-10)
    assert fit.slope == pytest.approx(want["plm"], abs=1e-10)
    assert np.sqrt(fit.variance) == pytest.approx(want["se"], rel=1e-8)
    assert fit.df == pytest.approx(want["df"], rel=1e-8)
    assert fit.p_value == pytest.approx(want["p"], rel=1e-7)


def test_one_unit_is_the_linear_fit():
    """No effects but the intercept: the errors of `linear_fit`."""
    rng = np.random.default_rng(1)
    x, cluster = rng.normal(size=60), rng.integers(0, 12, 60)
    y = x + rng.normal(size=12)[cluster]
    fit = within_fit(y, x[:, None], unit=np.zeros(60), cluster=cluster)
    want = linear_fit(y, np.column_stack([np.ones(60), x]), clusters=cluster)
    assert (fit.slope, fit.variance, fit.df) == pytest.approx(
        (want.coefficients[1], want.variances[1], want.df[1]), rel=1e-9
    )


def panel(rng, *, slope=0.0, tasks=8, seeds=5, stages=6):
    """Units (task x seed) whose level raises both x and y, a drift that all share, and errors alike within tasks."""
    task, seed, stage = (a.ravel() for a in np.meshgrid(*(np.arange(n) for n in (tasks, seeds, stages)), indexing="ij"))
    unit = task * seeds + seed
    level = rng.normal(size=tasks)[task] + 0.5 * rng.normal(size=tasks * seeds)[unit]
    drift = rng.normal(size=stages)
    shock = 0.5 * rng.normal(size=(tasks, stages))[task, stage]
    x = level + 0.5 * drift[stage] + rng.normal(size=len(task)) + shock
    y = 2 * level + drift[stage] + slope * x + rng.normal(size=len(task))
    y += 0.5 * rng.normal(size=(tasks, stages))[task, stage]
    return y, x, unit, task, seed, stage


def test_levels_of_units_and_common_drift_do_not_pass_for_an_effect():
    """No effect: .05 of fits within units and periods reject; pooled least squares nearly always does."""
    rng = np.random.default_rng(2)
    runs, wrong, pooled = 1000, 0, 0
    for _ in range(runs):
        y, x, unit, task, _, stage = panel(rng)
        fit = within_fit(y, x[:, None], unit=unit, cluster=task, period=stage)
        wrong += fit.p_value < 0.05
        pooled += OLS(y, np.column_stack([np.ones(len(x)), x])).fit().pvalues[1] < 0.05
    assert 0.03 <= wrong / runs <= 0.07
    assert pooled / runs >= 0.3


def test_shocks_of_a_student_need_their_own_effects_when_tasks_are_the_clusters():
    """All tasks of a seed shift together at a stage, in x and in y: effects of seed x stage hold the size."""
    rng = np.random.default_rng(7)
    tasks, seeds, stages, runs, wrong, alike = 8, 5, 6, 600, 0, 0
    task, seed, stage = (a.ravel() for a in np.meshgrid(*map(np.arange, (tasks, seeds, stages)), indexing="ij"))
    for _ in range(runs):
        x = rng.normal(size=(seeds, stages))[seed, stage] + rng.normal(size=len(task))
        y = rng.normal(size=(seeds, stages))[seed, stage] + rng.normal(size=len(task))
        both = within_fit(y, x[:, None], unit=task * seeds + seed, cluster=task, period=seed * stages + stage)
        one = within_fit(y, x[:, None], unit=task * seeds + seed, cluster=task, period=stage)
        wrong += both.p_value < 0.05
        alike += one.p_value < 0.05
    assert 0.03 <= wrong / runs <= 0.07
    assert alike / runs >= 0.1


def test_a_real_effect_is_found_and_covered():
    rng = np.random.default_rng(3)
    slopes, covered, found = [], 0, 0
    for _ in range(400):
        y, x, unit, task, _, stage = panel(rng, slope=0.4)
        fit = within_fit(y, x[:, None], unit=unit, cluster=task, period=stage)
        low, high = fit.interval(0.95)
        covered += low <= 0.4 <= high
        found += low > 0
        slopes.append(fit.slope)
    assert np.mean(slopes) == pytest.approx(0.4, abs=3 * np.std(slopes) / 20)
    assert 0.92 <= covered / 400 <= 0.98
    assert found / 400 >= 0.9


def test_measurement_error_draws_the_slope_down_by_the_reliability():
    """x seen with error of known variance: the slope shrinks by the factor that is reported."""
    rng = np.random.default_rng(4)
    slopes, reliability = [], []
    for _ in range(300):
        y, x, unit, task, _, stage = panel(rng, slope=1.0)
        noise = rng.uniform(0.5, 2.0, len(x))
        seen = x + np.sqrt(noise) * rng.normal(size=len(x))
        fit = within_fit(y, seen[:, None], unit=unit, cluster=task, period=stage)
        slopes.append(fit.slope)
        reliability.append(fit.reliability(noise))
    assert 0.3 < np.mean(reliability) < 0.7
    assert np.mean(slopes) == pytest.approx(np.mean(reliability), abs=0.02)


def test_a_regressor_that_the_effects_explain_is_refused():
    y, _, unit, task, _, stage = panel(np.random.default_rng(5))
    with pytest.raises(ValueError, match="does not vary"):
        within_fit(y, (unit + 2.0 * stage)[:, None], unit=unit, cluster=task, period=stage)


def test_slopes_of_units_are_those_of_separate_fits():
    rng = np.random.default_rng(6)
    unit = np.repeat([0, 1, 2, 3], [8, 8, 6, 2])
    X = rng.normal(size=(24, 2))
    y = rng.normal(size=24)
    got = unit_slopes(y, X, unit=unit)
    want = [OLS(y[unit == k], np.column_stack([np.ones((unit == k).sum()), X[unit == k]])).fit().params[1]
            for k in range(3)]  # fmt: skip
    assert got == pytest.approx(want)
    assert got[0] == pytest.approx(stats.linregress(*residuals(y[:8], X[:8])).slope)


def residuals(y, X):
    """Both without what the second regressor explains (Frisch & Waugh 1933)."""
    Z = np.column_stack([np.ones(len(y)), X[:, 1]])
    hat = Z @ np.linalg.pinv(Z)
    return X[:, 0] - hat @ X[:, 0], y - hat @ y
