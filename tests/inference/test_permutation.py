"""Permutations of two samples: exact against enumerations and SciPy, and their level with and without clusters."""

from itertools import combinations, product

import numpy as np
import pytest
from scipy import stats

from toolkit.inference.histograms import jensen_shannon
from toolkit.inference.permutation import (
    bootstrap_weights,
    hypergeometric_counts,
    p_value,
    permuted_counts,
    signs,
    two_samples,
)


def divergences(samples, permutations, seed=0):
    return jensen_shannon(*permuted_counts(samples, signs(samples, permutations, random_seed=seed)))


def test_paired_p_values_come_close_to_the_enumeration_of_all_swaps():
    """Six items in three categories: all 64 swaps, counted one by one."""
    first, second = np.array([0, 0, 1, 0, 1, 2]), np.array([1, 2, 2, 1, 1, 0])
    statistics = []
    for swapped in product([False, True], repeat=6):
        a, b = np.where(swapped, second, first), np.where(swapped, first, second)
        statistics.append(jensen_shannon(np.bincount(a, minlength=3) / 1.0, np.bincount(b, minlength=3) / 1.0))
    exact = np.mean(np.array(statistics) >= statistics[0] - 1e-12)
    samples = two_samples(first, second, (np.arange(6), np.arange(6)))
    assert p_value(divergences(samples, 20_000)) == pytest.approx(exact, abs=0.012)


def test_unpaired_p_values_come_close_to_the_enumeration_of_all_splits_of_clusters():
    """Seven clusters of one to three observations, three of them on the first side: all 35 splits."""
    values = [np.array(v) for v in ([0], [0, 1], [0, 0, 1], [1], [1, 1], [2], [2, 1, 1])]
    sizes = [len(v) for v in values]
    cluster = np.repeat(np.arange(7), sizes)
    flat = np.concatenate(values)
    samples = two_samples(flat[cluster < 3], flat[cluster >= 3], (cluster[cluster < 3], cluster[cluster >= 3]))
    statistics = []
    for chosen in combinations(range(7), 3):
        here = np.isin(cluster, chosen)
        statistics.append(jensen_shannon(*(np.bincount(flat[s], minlength=3) / 1.0 for s in (here, ~here))))
    exact = np.mean(np.array(statistics) >= statistics[0] - 1e-12)  # (0, 1, 2) comes first
    assert p_value(divergences(samples, 20_000)) == pytest.approx(exact, abs=0.012)


def test_counts_of_two_categories_permute_as_fishers_exact_test_says():
    """Equal sizes: the ordering by divergence is that by probability, and p is Fisher's."""
    first, second = np.array([14.0, 6]), np.array([7.0, 13])
    statistics = jensen_shannon(*hypergeometric_counts(first, second, 40_000))
    want = stats.fisher_exact(np.array([first, second])).pvalue
    assert p_value(statistics) == pytest.approx(want, abs=0.004)


def test_permuting_counts_is_permuting_observations():
    first, second = np.array([8.0, 11, 1]), np.array([5.0, 9, 16])
    counts = jensen_shannon(*hypergeometric_counts(first, second, 20_000))
    samples = two_samples(*(np.repeat(np.arange(3), side.astype(int)) for side in (first, second)))
    assert stats.ks_2samp(counts[1:], divergences(samples, 20_000)[1:]).statistic < 0.02


def test_every_permutation_keeps_the_points_and_their_number():
    rng = np.random.default_rng(3)
    cluster = np.repeat(np.arange(20), 2)
    samples = two_samples(rng.integers(0, 4, 40), rng.integers(0, 4, 40), (cluster, cluster))
    first, second = permuted_counts(samples, signs(samples, 50))
    assert samples.paired
    assert (first.sum(1) == 40).all()
    assert (first + second == first[0] + second[0]).all()
    assert (first >= 0).all()


def test_the_bootstrap_draws_as_many_clusters_as_there_are_on_each_side():
    unpaired = two_samples(np.arange(7.0), np.arange(5.0))
    weights = bootstrap_weights(unpaired, 5000)
    assert (weights[:, unpaired.sizes[0] > 0].sum(1) == 7).all()
    assert (weights[:, unpaired.sizes[1] > 0].sum(1) == 5).all()
    assert weights.var() == pytest.approx((7 * 6 / 7 + 5 * 4 / 5) / 12, abs=0.02)  # multinomial: 1 - 1/n each


def replicate(rng, paired):
    """Sixty clusters of four answers in five classes, correlated within clusters, both sides alike."""
    latent = np.repeat(rng.normal(size=60), 4) * 1.2
    if paired:
        cluster = np.repeat(np.arange(60), 4)
        return (*(np.clip(np.rint(latent + rng.normal(0, 0.5, 240)), -2, 2) for _ in range(2)), (cluster, cluster))
    y = np.clip(np.rint(latent + rng.normal(0, 0.5, 240)), -2, 2)
    cluster = np.repeat(np.arange(60), 4)
    return y[:120], y[120:], (cluster[:120], cluster[120:])


@pytest.mark.parametrize("paired", [True, False])
def test_clustered_permutation_holds_its_level_and_permuting_observations_does_not(paired):
    """Size at 5 % within 2.6 Monte Carlo errors of .03 to .07; observations as their own clusters reject too often
    (unpaired) or hardly ever (paired): negative controls."""
    rng, replicates = np.random.default_rng(4), 400
    rejected = np.zeros(2)
    for r in range(replicates):
        first, second, clusters = replicate(rng, paired)
        for k, known in enumerate((clusters, None)):
            samples = two_samples(first, second, known)
            rejected[k] += p_value(divergences(samples, 199, seed=r)) <= 0.05
    size, ignoring = rejected / replicates
    error = 2.6 * np.sqrt(0.05 * 0.95 / replicates)
    assert 0.03 - error <= size <= 0.07 + error
    assert ignoring < 0.02 if paired else ignoring > 0.15


def test_half_paired_clusters_and_missing_values_are_refused():
    with pytest.raises(ValueError, match="as many observations"):
        two_samples([1.0, 2, 3], [1.0, 2], ([0, 0, 1], [0, 1]))
    with pytest.raises(ValueError, match="finite"):
        two_samples([1.0, np.nan], [1.0, 2])
    with pytest.raises(ValueError, match="both samples"):
        two_samples([], [1.0])
