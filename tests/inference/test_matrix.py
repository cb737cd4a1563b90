"""Any function of the score matrix gets the interval that its own jackknife would give."""

import numpy as np
import pytest
from scipy import stats

from tests.builders import counts, scores_from_items, scores_from_matrix
from toolkit.analyses.metrics import backward_transfer
from toolkit.inference.ladder import interval
from toolkit.inference.matrix import matrix_statistic, mean_over_tasks
from toolkit.inference.statistic import column_statistics, mean_of

BOUNDS = (-10.0, 10.0)


def statistic(scores, metric):
    return matrix_statistic(scores, "stream", metric, items=counts(scores), difference=True)


def test_a_linear_metric_is_what_the_mean_over_tasks_is():
    """Backward transfer as one function of R, and as the mean of the tasks' statistics: the same to the last digit."""
    rng = np.random.default_rng(1)
    scores = scores_from_items(rng.random((1, 3, 5, 4, 20)))
    whole = statistic(scores, mean_over_tasks(backward_transfer))
    shared = matrix_statistic(
        scores, "stream", mean_over_tasks(backward_transfer), items=counts(scores), difference=True, linear=True
    )
    assert shared.influence == pytest.approx(whole.influence, abs=1e-12)
    parts = column_statistics(scores, "stream", backward_transfer, items=counts(scores), difference=True)
    want = mean_of(list(parts.values()))
    assert whole.values == pytest.approx(want.values, abs=1e-12)
    assert whole.items == want.items
    got, expected = (interval([s], level=0.95, bounds=BOUNDS) for s in (whole, want))
    assert (got.low, got.high) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_a_ratio_of_cells_has_its_jackknife_interval():
    """R[2, 1] / R[1, 1] over many items, against deleting each item in turn."""
    rng = np.random.default_rng(2)
    y = rng.uniform(0.3, 1, (1, 1, 3, 1, 300))
    got = statistic(scores_from_items(y), lambda R: R[..., 2, 0] / R[..., 1, 0])
    a, b = y[0, 0, 2, 0], y[0, 0, 1, 0]
    without = (a.sum() - a) / (b.sum() - b)
    n = len(a)
    jackknife = (n - 1) / n * ((without - without.mean()) ** 2).sum()
    assert got.values[0] == pytest.approx(a.mean() / b.mean(), rel=1e-12)
    assert (got.influence**2).sum() == pytest.approx(jackknife, rel=0.01)


def test_interquartile_mean_over_tasks_of_a_matrix_log():
    """A metric the toolkit does not know, without items: t over the seeds of SciPy's trimmed mean."""
    rng = np.random.default_rng(3)
    R = rng.random((1, 6, 3, 8))
    metric = lambda M: np.sort(M[..., -1, :], axis=-1)[..., 2:6].mean(-1)  # noqa: E731
    got = interval([statistic(scores_from_matrix(R), metric)], level=0.95, bounds=BOUNDS)
    by_seed = stats.trim_mean(R[0, :, -1], 0.25, axis=1)
    want = stats.ttest_1samp(by_seed, 0).confidence_interval()
    assert (got.low, got.high) == pytest.approx((want.low, want.high), abs=1e-12)
    assert got.method == "t over seeds"


def test_a_metric_that_touches_a_task_without_items_rests_on_seeds_alone():
    rng = np.random.default_rng(4)
    scores = scores_from_items(rng.random((1, 2, 3, 2, 10)))
    bare = type(scores)(**{**scores.__dict__, "sums": (scores.sums[0], None)})
    assert statistic(bare, lambda R: R[..., 2, 0]).influence is not None
    assert statistic(bare, lambda R: R[..., 2, 1]).influence is None


def test_seeds_where_the_metric_is_undefined_are_left_out():
    R = np.random.default_rng(5).random((1, 4, 3, 2))
    R[0, 2, 2, 1] = np.nan
    got = statistic(scores_from_matrix(R), lambda M: M[..., 2, :].mean(-1))
    assert got.seeds == (0, 1, 3)
