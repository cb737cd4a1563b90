"""Does the prediction for a further task know what the seeds of a training run do to all tasks alike?"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from toolkit.inference.metaregression import meta_regression
from toolkit.inference.nexttask import further_task
from toolkit.inference.statistic import Statistic

WIDE = (-100.0, 100.0)


def by_task(values, difference=True):
    return [Statistic(tuple(range(values.shape[1])), row, difference=difference) for row in values]


def predicted(values, own):
    """values[task, seed]; own: variance of a task's mean."""
    return further_task((by_task(values),), values.mean(1), np.full(len(values), own), level=0.95, bounds=WIDE)


def test_without_noise_it_is_the_t_interval_of_one_more_value():
    """Tasks scatter, seeds do not: mean +- t(T - 2) s sqrt(1 + 1 / T)."""
    effects = np.array([0.3, -0.2, 0.1, 0.4, 0.05, -0.1])
    values = np.repeat(effects[:, None], 3, axis=1) + 1e-9 * np.array([-1, 0, 1])
    found = predicted(values, 1e-12).interval
    half = stats.t.ppf(0.975, 4) * effects.std(ddof=1) * np.sqrt(1 + 1 / 6)
    assert (found.low, found.high) == pytest.approx((effects.mean() - half, effects.mean() + half), rel=1e-6)
    assert found.n == {"tasks": 6, "seeds": 3}


def test_tasks_that_are_alike_leave_the_t_interval_over_seeds():
    """Every task moves with its run alone: no less than mean +- t(S - 1) s / sqrt(S)."""
    runs = np.array([0.2, -0.1, 0.4, 0.1])
    values = np.tile(runs, (8, 1)) + 1e-9 * np.arange(8)[:, None]
    found = predicted(values, runs.var(ddof=1) / 4).interval
    half = stats.t.ppf(0.975, 3) * runs.std(ddof=1) / 2
    assert (found.low, found.high) == pytest.approx((runs.mean() - half, runs.mean() + half), rel=1e-3)


def test_it_covers_where_errors_taken_as_independent_do_not():
    """Ten tasks, three seeds that move all tasks together; what the tasks' own variances know is exact."""
    rng = np.random.default_rng(5)
    between, run, cell = 0.1, 0.2, 0.1
    own = (run**2 + cell**2) / 3
    covered = np.zeros(2)
    for _ in range(400):
        effects, truth = between * rng.standard_normal(10), between * rng.standard_normal()
        values = effects[:, None] + run * rng.standard_normal(3) + cell * rng.standard_normal((10, 3))
        found = predicted(values, own).interval
        _, low, high = meta_regression(values.mean(1), np.full(10, own)).prediction(np.ones(1), 0.95)
        covered += [found.low <= truth <= found.high, low <= truth <= high]
    assert covered[0] / 400 > 0.92
    assert covered[1] / 400 < 0.85


def test_arms_with_seeds_of_their_own_add_up():
    """What runs of either arm do to all tasks is counted once each."""
    rng = np.random.default_rng(8)
    first = rng.normal(size=(9, 1)) * 0.1 + rng.normal(size=4) * 0.2 + 0.01 * rng.normal(size=(9, 4))
    second = np.zeros((9, 1)) + rng.normal(size=5) * 0.3 + 0.01 * rng.normal(size=(9, 5))
    values = first.mean(1) - second.mean(1)
    terms = by_task(first, difference=False), by_task(-second, difference=False)
    found = further_task(terms, values, np.full(9, 1e-3), level=0.95, bounds=WIDE).interval
    ends = [
        stats.t.ppf(0.975, df) ** 2 * v
        for v, df in (
            (values.var(ddof=1) * (1 + 1 / 9), 7),
            (first.mean(0).var(ddof=1) / 4, 3),
            (second.mean(0).var(ddof=1) / 5, 4),
        )
    ]  # fmt: skip
    assert (found.high - found.low) / 2 == pytest.approx(np.sqrt(sum(ends)), rel=0.02)
    assert found.n["seeds"] == 4


def test_one_seed_speaks_of_its_run():
    """As the random-effects model says, and the method says of what."""
    values = np.array([[0.1], [0.2], [0.3], [0.15]])
    found = predicted(values, 0.001).interval
    assert (found.value, found.low, found.high) == pytest.approx(
        meta_regression(values[:, 0], np.full(4, 0.001)).prediction(np.ones(1), 0.95)
    )
    assert "of this training run" in found.method
