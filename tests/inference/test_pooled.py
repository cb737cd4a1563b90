"""Many tasks and few seeds: pooled variances, and a flag only where the task's own seeds agree."""

import numpy as np
import pytest
from scipy import stats

from tests.builders import counts, scores_from_items
from toolkit.analyses.metrics import backward_transfer
from toolkit.inference.ladder import interval
from toolkit.inference.pooled import interval_by_task, pooled_variance
from toolkit.inference.statistic import Statistic, column_statistics

BOUNDS = (-10.0, 10.0)


def tasks_of(values):
    """One statistic a task, from values[task, seed], without items."""
    return {f"task {j}": (Statistic(tuple(range(len(row))), row),) for j, row in enumerate(values)}


def test_degrees_of_freedom_go_from_all_tasks_to_those_of_one():
    """Seeds that move tasks apart from each other count T (S - 1) times, seeds that move all alike S - 1 times."""
    rng = np.random.default_rng(1)
    own = rng.normal(size=(200, 4))
    pooled, df = pooled_variance(own)
    assert pooled == pytest.approx(own.var(axis=1, ddof=1).mean(), rel=1e-12)
    assert 0.85 * 600 < df <= 600
    alike = np.tile(rng.normal(size=4), (200, 1))
    assert pooled_variance(alike)[1] == pytest.approx(3, rel=1e-6)


def test_equal_to_the_textbook_pooled_t_where_it_decides():
    """The low end of each interval is the lower of the pooled Bonferroni t and the task's own t."""
    rng = np.random.default_rng(2)
    values = rng.normal(0.1, 1, (6, 4))
    got = interval_by_task(tasks_of(values), level=0.95, bounds=BOUNDS)
    pooled, df = pooled_variance(values)
    for row, result in zip(values, got.values(), strict=True):
        own = stats.ttest_1samp(row, 0)
        half = stats.t.ppf(1 - 0.025 / 6, df) * np.sqrt(pooled / 4)
        assert result.low == pytest.approx(min(row.mean() - half, own.confidence_interval().low), abs=1e-9)
        assert result.high == pytest.approx(max(row.mean() + half, own.confidence_interval().high), abs=1e-9)
        assert result.p_value == pytest.approx(2 * stats.t.sf(abs(row.mean()) / np.sqrt(pooled / 4), df), rel=1e-9)
        assert result.own_p_value == pytest.approx(own.pvalue, rel=1e-9)


def test_one_seed_falls_back_on_bonferroni_over_items():
    rng = np.random.default_rng(3)
    scores = scores_from_items(rng.normal(0.5, 0.1, (1, 1, 5, 4, 40)))
    parts = column_statistics(scores, "stream", backward_transfer, items=counts(scores), difference=True)
    got = interval_by_task({task: (s,) for task, s in parts.items()}, level=0.95, bounds=BOUNDS)
    for task, part in parts.items():
        alone = interval([part], level=1 - 0.05 / len(parts), bounds=BOUNDS)
        assert (got[task].low, got[task].high) == (alone.low, alone.high)


def test_seeds_that_are_not_shared_add_their_pooled_variances():
    rng = np.random.default_rng(4)
    a, b = rng.normal(0, 1, (5, 3)), rng.normal(0, 1, (5, 4))
    pairs = {
        f"task {j}": (Statistic((0, 1, 2), a[j], difference=False), -Statistic((0, 1, 2, 3), b[j], difference=False))
        for j in range(5)
    }
    got = interval_by_task(pairs, level=0.95, bounds=BOUNDS)
    want = a.var(axis=1, ddof=1).mean() / 3 + b.var(axis=1, ddof=1).mean() / 4
    assert [r.variance for r in got.values()] == pytest.approx([want] * 5, rel=1e-9)


@pytest.mark.parametrize(("volatile", "share"), [(1.0, 0.0), (1.0, 0.7), (3.0, 0.0)])
def test_no_false_flag_of_any_task(volatile, share):
    """Three seeds, ten tasks, no effect: at least one flag in 5 % of streams, in 10 % where one task is volatile."""
    rng = np.random.default_rng(5)
    streams, flags, pooled_alone = 600, 0, 0
    scale = np.where(np.arange(10) == 0, volatile, 1.0)[:, None]
    for _ in range(streams):
        d = scale * (np.sqrt(share) * rng.normal(size=(1, 3)) + np.sqrt(1 - share) * rng.normal(size=(10, 3)))
        got = interval_by_task(tasks_of(d), level=0.95, bounds=(-99.0, 99.0))
        flags += any(r.low > 0 or r.high < 0 for r in got.values())
        pooled, df = pooled_variance(d)
        pooled_alone += (np.abs(d.mean(1)) > stats.t.ppf(1 - 0.0025, df) * np.sqrt(pooled / 3)).any()
    assert flags / streams <= (0.05 if volatile == 1 else 0.10) + 2.6 * np.sqrt(0.05 * 0.95 / streams)
    if volatile > 1:  # the control: pooling alone flags the volatile task falsely
        assert pooled_alone / streams > 0.12
