"""Sums over all pairs of points for many arrangements: against plain double sums, in one block and in several."""

import numpy as np
import pytest
from scipy.spatial.distance import pdist

from toolkit.inference import kernels
from toolkit.inference.kernels import (
    ENERGY,
    gaussian,
    kernel_sums,
    median_distance,
    quadratic_forms,
    within_clusters,
)
from toolkit.inference.permutation import two_samples


def matrix(points, kernel):
    return np.array([[kernel.of(np.sqrt(((a - b) ** 2).sum())) for b in points] for a in points])


@pytest.mark.parametrize("kernel", [gaussian(0.7), ENERGY])
@pytest.mark.parametrize(("exact", "tolerance"), [(2048, 1e-11), (10, 2e-5)])
def test_blocks_add_up_to_the_double_sum(kernel, exact, tolerance, monkeypatch):
    """Blocks of 16 rows and 8 draws, in double and in single precision (`exact` below the number of points)."""
    monkeypatch.setattr(kernels, "BLOCK", 16)
    monkeypatch.setattr(kernels, "DRAWS", 8)
    monkeypatch.setattr(kernels, "EXACT", exact)
    rng = np.random.default_rng(1)
    points, S = rng.normal(size=(53, 3)) + 100, rng.choice([-1.0, 1.0], (20, 53))
    K = matrix(points, kernel)
    want = np.einsum("bi,ij,bj->b", S, K, S)
    assert quadratic_forms(points, kernel, S) == pytest.approx(want, abs=tolerance * np.abs(want).max())
    assert kernel_sums(points, kernel, S[0]) == pytest.approx(K @ S[0], abs=1e-9)


def test_sums_within_clusters_are_those_of_each_cluster_alone():
    rng = np.random.default_rng(2)
    first, second = rng.normal(size=(30, 2)), rng.normal(size=(30, 2))
    cluster = rng.integers(0, 9, 30)
    samples = two_samples(first, second, (cluster, cluster))
    kernel = gaussian(1.0)
    found = within_clusters(samples.points, kernel, samples.signed)
    for g, key in enumerate(np.unique(cluster)):
        a, b = first[cluster == key], second[cluster == key]
        together, sign = np.r_[a, b], np.r_[np.ones(len(a)), -np.ones(len(b))]
        assert found[g] == pytest.approx(sign @ matrix(together, kernel) @ sign, abs=1e-10)


def test_the_bandwidth_is_the_median_distance_of_all_pairs():
    points = np.random.default_rng(3).normal(size=(102, 4))
    assert median_distance(points, np.ones(102)) == pytest.approx(np.median(pdist(points)), rel=1e-12)


def test_repeated_points_count_as_often_as_they_occur():
    """Likert scores: the median over observations, and over those that differ where most pairs coincide."""
    values, counts = np.array([[1.0], [2], [4]]), np.array([3.0, 4, 2])
    all_pairs = pdist(np.repeat(values, counts.astype(int), axis=0))
    assert median_distance(values, counts) == np.median(all_pairs)
    mostly = np.array([97.0, 1, 2])
    apart = pdist(np.repeat(values, mostly.astype(int), axis=0))
    assert np.median(apart) == 0
    assert median_distance(values, mostly) == np.median(apart[apart > 0])


def test_equal_points_have_no_bandwidth():
    with pytest.raises(ValueError, match="the same"):
        median_distance(np.array([[1.0]]), np.array([5.0]))
    with pytest.raises(ValueError, match="positive"):
        gaussian(0.0)
