"""The scope of new tasks: the two-way variance of tasks and seeds, and tasks that resemble their neighbours."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from toolkit.inference.newtasks import serial_correlation, tasks_interval
from toolkit.inference.statistic import Statistic

BOUNDS = (-99.0, 99.0)


def statistics(values):
    return [Statistic(tuple(range(values.shape[1])), row) for row in values]


def test_variance_is_that_of_the_two_way_analysis_of_variance():
    """Mean squares of statsmodels' ANOVA: V = MS_task / TS + MS_seed / TS - MS_residual / TS."""
    rng = np.random.default_rng(1)
    T, S = 6, 4
    values = rng.normal(size=(T, 1)) + rng.normal(size=(1, S)) + rng.normal(size=(T, S))
    frame = pd.DataFrame({"y": values.ravel(), "task": np.repeat(np.arange(T), S), "seed": np.tile(np.arange(S), T)})
    squares = anova_lm(ols("y ~ C(task) + C(seed)", frame).fit())["mean_sq"] / (T * S)
    got = tasks_interval(statistics(values), level=0.95, bounds=BOUNDS)
    task, seed, rest = squares["C(task)"], squares["C(seed)"], squares["Residual"]
    assert got.variance == pytest.approx(max(task + seed - rest, task, seed), rel=1e-9)
    df = (task + seed - rest) ** 2 / (task**2 / (T - 1) + seed**2 / (S - 1) + rest**2 / ((T - 1) * (S - 1)))
    df = np.clip(df, min(T, S) - 1, T + S - 2)
    half = stats.t.ppf(0.975, df) * np.sqrt(got.variance)
    assert (got.low, got.high) == pytest.approx((values.mean() - half, values.mean() + half), rel=1e-9)
    assert got.scope == "tasks"


@pytest.mark.parametrize("shape", [(2, 5), (5, 1), (0, 0)])
def test_too_few_tasks_or_seeds_say_so(shape):
    got = tasks_interval(statistics(np.zeros(shape)), level=0.95, bounds=BOUNDS)
    assert got.low is None
    assert "two seeds" in got.reason


def test_serial_correlation_against_pandas_on_a_long_series():
    rng = np.random.default_rng(2)
    x = rng.normal(size=4000)
    for t in range(1, len(x)):
        x[t] += 0.6 * x[t - 1]
    assert serial_correlation(x) == pytest.approx(pd.Series(x).autocorr(1), abs=1e-3)
    assert serial_correlation(np.ones(5)) == 0


def test_tasks_that_resemble_their_neighbours_need_wider_intervals():
    """AR(.7), 30 tasks: covers where t over tasks does not (the negative control)."""
    rng = np.random.default_rng(3)
    streams, hits, naive, told = 500, 0, 0, 0
    for _ in range(streams):
        x = rng.normal(size=30)
        for t in range(1, 30):
            x[t] = 0.7 * x[t - 1] + np.sqrt(1 - 0.49) * x[t]
        values = x[:, None] + 0.2 * rng.normal(size=(30, 3))
        got = tasks_interval(statistics(values), level=0.95, bounds=BOUNDS)
        hits += got.low <= 0 <= got.high
        told += "EWC" in got.method
        low, high = stats.ttest_1samp(values.mean(1), 0).confidence_interval()
        naive += low <= 0 <= high
    assert hits / streams >= 0.88 - 2.6 * np.sqrt(0.1 * 0.9 / streams)
    assert told / streams > 0.5
    assert naive / streams < 0.75
