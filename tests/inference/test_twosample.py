"""Energy distance and MMD: published formulas as double sums, SciPy, and level, coverage and power by simulation."""

import time
import tracemalloc

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtri

from toolkit.inference.histograms import jensen_shannon
from toolkit.inference.kernels import ENERGY, gaussian, median_distance
from toolkit.inference.permutation import bootstrap_weights, signs, summed, two_samples
from toolkit.inference.twosample import compare, detectable_divergence, js_measure, kernel_measure

SHARES = np.array([0.1, 0.15, 0.25, 0.3, 0.2])


def distance(a, b):
    return np.sqrt(((a[:, None] - b[None]) ** 2).sum(-1))


def apart(k, same):
    """Mean of k over pairs of different clusters."""
    return k[~same].mean()


@pytest.mark.parametrize("kernel", [gaussian(1.3), ENERGY])
def test_unpaired_statistics_are_the_published_u_statistics_under_every_permutation(kernel):
    """Gretton et al. 2012, equation 3 (energy: the same sums of distances, Szekely & Rizzo 2013), two clusters' pairs
    left out; all pairs as V-statistics."""
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(24, 3)), rng.normal(size=(18, 3)) + 0.4
    cx, cy = np.arange(24) // 2, 100 + np.arange(18) // 3
    samples = two_samples(x, y, (cx, cy))
    arrangement = signs(samples, 6)
    plug_in, bias = kernel_measure(kernel)(samples, arrangement, False)
    z, c = np.r_[x, y], np.r_[cx, cy]
    names = np.unique(c)
    for b in range(7):
        first = np.isin(c, names[arrangement[b] > 0])
        k, same = kernel.of(distance(z, z)), c[:, None] == c
        xx, yy, xy = (np.ix_(p, q) for p, q in ((first, first), (~first, ~first), (first, ~first)))
        unbiased = apart(k[xx], same[xx]) + apart(k[yy], same[yy]) - 2 * k[xy].mean()
        assert plug_in[b] == pytest.approx(k[xx].mean() + k[yy].mean() - 2 * k[xy].mean(), abs=1e-11)
        assert plug_in[b] - bias[b] == pytest.approx(unbiased, abs=1e-11)


@pytest.mark.parametrize("kernel", [gaussian(1.3), ENERGY])
def test_paired_statistics_leave_out_pairs_of_one_cluster(kernel):
    """Gretton et al. 2012, equation 4: h(i, j) = k(x, x') + k(y, y') - k(x, y') - k(x', y) over different clusters."""
    rng = np.random.default_rng(2)
    x, c = rng.normal(size=(20, 2)), np.arange(20) // 2
    y = x + rng.normal(size=(20, 2))
    plug_in, bias = kernel_measure(kernel)(samples := two_samples(x, y, (c, c)), signs(samples, 3), False)
    k = [kernel.of(distance(a, b)) for a, b in ((x, x), (y, y), (x, y), (y, x))]
    h = k[0] + k[1] - k[2] - k[3]
    assert plug_in[0] - bias[0] == pytest.approx(apart(h, c[:, None] == c), abs=1e-11)


@pytest.mark.parametrize("paired", [True, False])
def test_bootstrap_statistics_are_those_of_the_drawn_clusters(paired):
    """Copies of one cluster count as that cluster: their pairs are left out."""
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=12), rng.normal(size=12)
    clusters = (np.arange(12), np.arange(12) + (0 if paired else 12))
    samples = two_samples(x, y, clusters)
    weights = bootstrap_weights(samples, 5)
    plug_in, bias = kernel_measure(ENERGY)(samples, weights, True)
    for b in range(5):
        w = weights[b].astype(int)
        wx, wy = (w, w) if paired else (w[:12], w[12:])
        a, c = np.repeat(x, wx), np.repeat(y, wy)
        ia, ic = np.repeat(np.arange(12), wx), np.repeat(np.arange(12), wy)
        k = [-np.abs(p[:, None] - q) for p, q in ((a, a), (c, c), (a, c))]
        cross = apart(k[2], ia[:, None] == ic) if paired else k[2].mean()
        want = apart(k[0], ia[:, None] == ia) + apart(k[1], ic[:, None] == ic) - 2 * cross
        assert plug_in[b] - bias[b] == pytest.approx(want, abs=1e-11)


def test_energy_distance_of_all_pairs_is_the_square_of_scipys():
    """SciPy gives the root of the distance with all pairs, in one dimension."""
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=80), rng.normal(0.5, 2, 50)
    samples = two_samples(x, y)
    plug_in, _ = kernel_measure(ENERGY)(samples, signs(samples, 0), False)
    assert plug_in[0] == pytest.approx(stats.energy_distance(x, y) ** 2, abs=1e-10)


def test_unbiased_statistics_average_to_the_truth():
    """N(0, 1) against N(.5, 1): the energy distance in closed form, by clusters of two (control: all pairs)."""
    d = 0.5
    between = 2 * (d * stats.norm.cdf(d / np.sqrt(2)) + np.sqrt(2) * stats.norm.pdf(d / np.sqrt(2))) - d
    truth = 2 * between - 2 * 2 / np.sqrt(np.pi)
    rng = np.random.default_rng(5)
    found = []
    for _ in range(1000):
        c = np.arange(40) // 2
        x, y = (rng.normal(size=20).repeat(2) * 0.8 + 0.6 * rng.normal(size=40) + shift for shift in (0, d))
        plug_in, bias = kernel_measure(ENERGY)(s := two_samples(x, y, (c, 100 + c)), signs(s, 0), False)
        found.append((plug_in[0] - bias[0], plug_in[0]))
    unbiased, all_pairs = np.array(found).T
    error = unbiased.std() / np.sqrt(1000)
    assert unbiased.mean() == pytest.approx(truth, abs=2.6 * error)
    assert all_pairs.mean() - truth > 10 * error


def scores(rng, clusters, each, other):
    """Both sides' scores of the same items, correlated within items and clusters; `other`: shares of the second."""
    cluster = np.repeat(np.arange(clusters), each)
    item = (rng.normal(size=clusters)[cluster] + rng.normal(size=len(cluster))) / np.sqrt(2)
    latent = [np.sqrt(0.6) * item + np.sqrt(0.4) * rng.normal(size=len(cluster)) for _ in range(2)]
    first, second = (
        np.searchsorted(ndtri(np.cumsum(p)[:-1]), z) + 1.0 for p, z in zip((SHARES, other), latent, strict=True)
    )
    return first, second, (cluster, cluster)


def truths(other):
    """Population values of Jensen-Shannon, energy distance and MMD (bandwidth 1)."""
    d = np.abs(np.subtract.outer(np.arange(5), np.arange(5)))
    difference = SHARES - other
    return [
        float(jensen_shannon(SHARES, other)), float(-difference @ d @ difference),
        float(difference @ np.exp(-0.5 * d**2) @ difference),
    ]  # fmt: skip


MEASURES = [js_measure, kernel_measure(ENERGY), kernel_measure(gaussian(1.0))]


@pytest.mark.parametrize("shift", [0.0, 0.15, 0.5])
def test_level_and_coverage_of_the_upper_bound(shift):
    """100 clusters of two items: size .03 to .07 with no difference, the bound above the truth in 92 % or more, and
    useful: below six times the detectable divergence above it."""
    other = SHARES * np.exp(shift * np.linspace(-1, 1, 5))
    other /= other.sum()
    rng, replicates = np.random.default_rng(6), 300
    rejected, covered, excess = np.zeros(3), np.zeros(3), np.zeros(3)
    for r in range(replicates):
        samples = two_samples(*scores(rng, 100, 2, other))
        for k, (measure, truth) in enumerate(zip(MEASURES, truths(other), strict=True)):
            found = compare(samples, measure, permutations=199, draws=299, random_seed=r)
            rejected[k] += found.p_value <= 0.05
            covered[k] += found.upper >= truth
            excess[k] += (found.upper - truth) / found.detectable / replicates
    error = 2.6 * np.sqrt(0.05 * 0.95 / replicates)
    if shift == 0:
        assert (rejected / replicates >= 0.03 - error).all()
        assert (rejected / replicates <= 0.07 + error).all()
    assert (covered / replicates >= 0.95 - error).all()
    assert (excess < 6).all()


def test_a_difference_of_the_detectable_size_is_found_in_about_four_of_five_cases():
    """Shares moved along the scale until the population value is the detectable one: power .6 to .95, by an
    approximation that does not know in which direction scores shift."""
    rng = np.random.default_rng(7)
    pilot = [
        compare(two_samples(*scores(rng, 150, 1, SHARES)), m, draws=None).detectable for m in MEASURES for _ in "12345"
    ]
    goals = np.reshape(pilot, (3, 5)).mean(1)
    grid = [SHARES * np.exp(s * np.linspace(-1, 1, 5)) for s in np.linspace(0, 1, 401)]
    grid = [p / p.sum() for p in grid]
    for k, (measure, goal) in enumerate(zip(MEASURES, goals, strict=True)):
        other = grid[int(np.searchsorted([truths(p)[k] for p in grid], goal))]
        found = [
            compare(two_samples(*scores(rng, 150, 1, other)), measure, permutations=199, draws=None).p_value <= 0.05
            for _ in range(200)
        ]
        assert 0.6 <= np.mean(found) <= 0.95, k


@pytest.mark.parametrize(("df", "tolerance"), [(1, 0.01), (3, 0.03), (9, 0.03)])
def test_the_detectable_divergence_of_a_chi_square_is_scipys(df, tolerance):
    """Scale two: the non-central chi-square exceeds the central one's quantile with 80 % power."""
    null = 2 * stats.chi2.ppf((np.arange(200_000) + 0.5) / 200_000, df)
    got = detectable_divergence(null) / 2
    assert stats.ncx2.sf(stats.chi2.ppf(0.95, df), df, got) == pytest.approx(0.8, abs=tolerance)
    assert detectable_divergence(np.zeros(10)) == 0.0


def test_equivalence_is_shown_by_the_upper_bound():
    rng = np.random.default_rng(8)
    found = compare(two_samples(*scores(rng, 800, 1, SHARES)), js_measure, draws=499)
    assert found.within(0.02)
    assert not found.within(found.value)
    assert not compare(two_samples([1.0, 2], [2.0, 1]), js_measure, permutations=9, draws=None).within(1.0)


def test_single_precision_gives_the_p_values_of_double(monkeypatch):
    """3,000 points in 20 dimensions: p-values from single precision are the same to one permutation in a hundred."""
    rng = np.random.default_rng(9)
    samples = two_samples(rng.normal(size=(1500, 20)), rng.normal(size=(1500, 20)) + 0.03)
    kernel = gaussian(median_distance(samples.points, sum(samples.counts)))
    single = compare(samples, kernel_measure(kernel), permutations=99, draws=None)
    monkeypatch.setattr("toolkit.inference.kernels.EXACT", 10_000)
    double = compare(samples, kernel_measure(kernel), permutations=99, draws=None)
    assert single.value == pytest.approx(double.value, abs=1e-8)
    assert single.p_value == pytest.approx(double.p_value, abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("dimensions", [1, 50])
@pytest.mark.nightly
def test_a_thousand_permutations_of_ten_thousand_points_take_seconds_and_bounded_memory(dimensions):
    """MMD of 5,000 against 5,000: under 30 s on two cores and 400 MB (the kernel matrix alone would take 800 MB)."""
    rng = np.random.default_rng(10)
    x, y = rng.normal(size=(2, 5000, dimensions))
    start = time.process_time()
    samples = two_samples(x, y)
    kernel = gaussian(median_distance(samples.points, sum(samples.counts)))
    compare(samples, kernel_measure(kernel), permutations=1000, draws=None)
    assert time.process_time() - start < 60
    tracemalloc.start()
    compare(samples, kernel_measure(kernel), permutations=1000, draws=None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 400e6


def test_signs_are_summed_into_counts():
    samples = two_samples([1.0, 1, 2], [2.0, 3, 3])
    assert summed(np.ones((1, 6), np.float32), samples.first + samples.second).tolist() == [[2, 2, 2]]


@pytest.mark.parametrize("share", [0.01, 0.15, 0.5, 0.94, 0.99])
def test_a_null_of_two_values_has_a_detectable_divergence(share):
    """Nearly constant scores: the search does not run off."""
    null = np.where(np.arange(1000) < 1000 * share, 0.01, 0.0)
    assert 0 < detectable_divergence(null) < 0.1
