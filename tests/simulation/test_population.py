"""Population means against numerical integration and against large samples."""

import numpy as np
import pytest
from scipy import integrate, special, stats

from tests.builders import scores_from_items
from toolkit.inference.statistic import column_statistics
from toolkit.simulation.arrays import at_arrival, item_counts, scores_of_items
from toolkit.simulation.population import mean_share, probit_share


@pytest.mark.parametrize(("logit", "sd"), [(0.4, 1.8), (4.2, 1.5), (-1.0, 0.0), (0.0, 0.3)])
def test_mean_share_is_the_integral(logit, sd):
    """E expit(N(m, sd^2)) equals adaptive quadrature to eight digits."""
    if sd == 0:
        assert mean_share(logit, sd) == pytest.approx(special.expit(logit), abs=1e-12)
        return
    want, _ = integrate.quad(
        lambda x: special.expit(x) * stats.norm.pdf(x, logit, sd), logit - 12 * sd, logit + 12 * sd
    )
    assert mean_share(logit, sd) == pytest.approx(want, abs=1e-8)


def test_probit_share_is_the_normal_tail():
    assert probit_share([0.0, 1.0]) == pytest.approx([0.5, stats.norm.sf(-1)], abs=1e-12)


@pytest.mark.parametrize("shared", [False, True])
def test_scores_are_those_of_the_builder_of_the_tests(shared):
    """Means, sums, counts and keys equal those that a loop over tasks makes."""
    rng = np.random.default_rng(1)
    y = np.where(rng.random((2, 3, 4, 2, 5)) < 0.7, rng.integers(0, 2, (2, 3, 4, 2, 5)), np.nan)
    y[:, :, :, 1] = np.nan_to_num(y[:, :, :, 1])
    got = scores_of_items(y, arms=("stream", "isolated"), shared_items=shared)
    want = scores_from_items(y, arms=("stream", "isolated"), shared_items=shared)
    np.testing.assert_array_equal(got.mean, want.mean)
    np.testing.assert_array_equal(got.n, want.n)
    for one, other in zip(got.sums, want.sums, strict=True):
        for name in ("keys", "n", "total"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_items_that_no_cell_has_do_not_exist():
    y = np.full((1, 1, 2, 1, 4), 1.0)
    y[..., 3] = np.nan
    assert item_counts(scores_of_items(y)) == {"task-01": 3}


def test_cells_at_arrival_are_what_learning_accuracy_reads():
    cells = np.random.default_rng(2).integers(0, 2, (1, 2, 3, 4)).astype(float)
    scores = scores_of_items(at_arrival(cells))
    found = column_statistics(scores, "stream", lambda c, k: c[..., k], items={}, difference=False)
    for j, statistic in enumerate(found.values()):
        assert statistic.values == pytest.approx(cells[0, :, j].mean(-1))
