"""Draws of the item layer: Poisson weights that belong to a cluster, and nothing else."""

import numpy as np
import pytest
from scipy import stats
from threadpoolctl import threadpool_info, threadpool_limits

from tests.builders import scores_from_items
from toolkit.inference.draws import drawn_influence, drawn_scores, poisson_weights


def test_weights_are_poisson_with_mean_one():
    """Every count as often as the Poisson distribution has it, to Monte Carlo error."""
    W = poisson_weights(np.arange(400), 5_000, random_seed=1)
    found = np.bincount(W.astype(int).ravel(), minlength=8)[:7]
    expected = stats.poisson(1).pmf(np.arange(7)) * W.size
    assert np.abs(found - expected).max() < 5 * np.sqrt(expected.max())
    assert W.mean() == pytest.approx(1, abs=5 / np.sqrt(W.size))


def test_weights_of_different_clusters_draws_and_seeds_are_unrelated():
    """Neighbouring keys, neighbouring draws and neighbouring seeds: correlations like those of independent numbers."""
    W = poisson_weights(np.arange(60), 20_000, random_seed=2)
    between = np.corrcoef(W.T)[np.triu_indices(60, 1)]
    along = [np.corrcoef(W[:-lag, k], W[lag:, k])[0, 1] for k in range(20) for lag in (1, 2, 3, 4)]
    other = poisson_weights(np.arange(60), 20_000, random_seed=3)
    seeds = [np.corrcoef(W[:, k], other[:, k])[0, 1] for k in range(60)]
    for found in (between, along, seeds):
        assert np.abs(found).max() < 5 / np.sqrt(20_000)


def test_a_weight_belongs_to_its_cluster():
    """Whatever other clusters a task has, in whatever order, and in whatever portions the draws are made."""
    keys = np.array([7, -3, 2**62, 11])
    W = poisson_weights(keys, 100, random_seed=5)
    assert np.array_equal(W[:, [2, 0]], poisson_weights(keys[[2, 0]], 100, random_seed=5))
    parts = [poisson_weights(keys, 40, random_seed=5), poisson_weights(keys, 60, random_seed=5, first=40)]
    assert np.array_equal(W, np.concatenate(parts))
    with pytest.raises(ValueError, match="multiple of four"):
        poisson_weights(keys, 10, random_seed=5, first=3)


def test_drawn_scores_are_weighted_means_of_the_items():
    rng = np.random.default_rng(3)
    y = rng.random((1, 2, 3, 2, 30))
    y[0, 1, 2, 1, :10] = np.nan
    scores = scores_from_items(y)
    for j, R in drawn_scores(scores, "stream", draws=50, random_seed=9):
        W = poisson_weights(scores.sums[j].keys, 50, random_seed=9)
        here = np.isfinite(y[0, :, :, j])
        want = np.einsum("bi,ski->bsk", W, np.nan_to_num(y[0, :, :, j])) / np.einsum("bi,ski->bsk", W, here)
        assert np.allclose(R, want, rtol=1e-4)


def test_draws_do_not_depend_on_the_number_of_threads():
    """Several portions, of cells with the same and with other item counts: to the last bit."""
    y = np.random.default_rng(6).random((1, 2, 3, 2, 300))
    y[0, 1, 2, 1, :10] = np.nan
    scores = scores_from_items(y)
    influence = scores.sums[0].total[0].reshape(-1, 300).T
    found = []
    for threads in (1, 2, 3):
        with threadpool_limits(threads, "blas"):
            drawn = dict(drawn_scores(scores, "stream", draws=8_000))
            assert {info["num_threads"] for info in threadpool_info() if info["user_api"] == "blas"} == {threads}
            found.append([*drawn.values(), drawn_influence(influence, scores.sums[0].keys, draws=8_000)])
    for other in found[1:]:
        assert all(np.array_equal(one, two) for one, two in zip(found[0], other, strict=True))


def test_spread_over_draws_is_the_standard_error():
    """Differences of paired stages, and tasks that share items: the draws keep both covariances."""
    rng = np.random.default_rng(4)
    item = rng.normal(0, 0.2, (1, 1, 1, 1, 200))
    y = 0.5 + item + rng.normal(0, 0.1, (1, 1, 3, 2, 200))
    drawn = dict(drawn_scores(scores_from_items(y, shared_items=True), "stream", draws=8_000))
    change = np.mean([R[:, 0, 2] - R[:, 0, 1] for R in drawn.values()], axis=0)
    level = np.mean([R[:, 0, 2] for R in drawn.values()], axis=0)
    d = (y[0, 0, 2] - y[0, 0, 1]).mean(0)
    assert change.std() == pytest.approx(d.std(ddof=1) / np.sqrt(200), rel=0.04)
    assert level.std() == pytest.approx(y[0, 0, 2].mean(0).std(ddof=1) / np.sqrt(200), rel=0.04)


def test_drawn_influence_has_the_influences_covariance():
    rng = np.random.default_rng(5)
    influence = rng.normal(0, 1, (300, 2)) @ np.array([[1.0, 0.8], [0, 0.6]])
    moved = drawn_influence(influence, np.arange(300), draws=20_000)
    assert np.cov(moved.T) == pytest.approx(influence.T @ influence, rel=0.05)
