"""Tail mass, log variance and distances of cells: exact under no difference, and known laws of collapse."""

import numpy as np
import pytest
from scipy import stats

from toolkit.inference.cell_distance import cell_distances
from toolkit.inference.collapse import in_tail, label_tail_mass, log_variance, median_log_variance, tail_mass
from toolkit.inference.kernels import ENERGY, gaussian
from toolkit.inference.permutation import two_samples
from toolkit.inference.twosample import compare, kernel_measure


def normal(rng, n, dims=6, sd=1.0):
    return sd * rng.normal(size=(n, dims))


class TestInTail:
    @pytest.mark.parametrize("size", [3, 10, 19, 50])
    def test_it_is_exact_at_any_size(self, size):
        """Mean .05 though 1 / (size + 1) is no multiple of it: scores of one distribution, without ties."""
        rng = np.random.default_rng(0)
        found = [in_tail(rng.normal(size=200), rng.normal(size=size)).mean() for _ in range(3000)]
        assert np.mean(found) == pytest.approx(0.05, abs=3.5 * np.std(found) / np.sqrt(3000))

    def test_it_is_exact_with_ties(self):
        """Few distinct scores; with a single one exactly .05 every time."""
        rng = np.random.default_rng(1)
        found = [in_tail(rng.integers(0, 3, 100), rng.integers(0, 3, 20)).mean() for _ in range(3000)]
        assert np.mean(found) == pytest.approx(0.05, abs=3.5 * np.std(found) / np.sqrt(3000))
        assert in_tail(np.zeros(5), np.zeros(30)) == pytest.approx(0.05)


class TestTailMass:
    @pytest.mark.parametrize(("synthetic", "human"), [(50, 50), (200, 60), (30, 200)])
    def test_nothing_lost_is_a_twentieth(self, synthetic, human):
        rng = np.random.default_rng(2)
        found = [tail_mass(normal(rng, synthetic), normal(rng, human)) for _ in range(300)]
        values = np.array([f.value for f in found])
        assert values.mean() == pytest.approx(0.05, abs=3.5 * values.std() / np.sqrt(300))
        inside = [low <= 0.05 <= high for low, high in (f.share_interval(0.95) for f in found)]
        assert np.mean(inside) >= 0.92

    def test_lost_tails_lie_below_and_drifted_samples_above(self):
        rng = np.random.default_rng(3)
        human = normal(rng, 300)
        assert tail_mass(normal(rng, 300, sd=0.8), human).share_interval(0.95)[1] < 0.05
        assert tail_mass(normal(rng, 300) + 2, human).share_interval(0.95)[0] > 0.05

    def test_a_lost_tail_has_a_short_interval(self):
        """No sample in the tail, though drawing human samples again may bring one there: at most a few in 200."""
        rng = np.random.default_rng(13)
        found = [tail_mass(normal(rng, 200, 4, 0.6), normal(rng, 200, 4)) for _ in range(20)]
        assert min(f.value for f in found) == 0
        assert all(f.share_interval(0.95)[1] < 0.03 for f in found if f.value == 0)

    def test_it_comes_near_the_mass_below_the_true_quantile(self):
        """One dimension, where distance to the nearest human samples orders as the density does: P(|sd z| > 1.96)."""
        rng = np.random.default_rng(4)
        found = [tail_mass(normal(rng, 500, 1, 1.3), normal(rng, 500, 1)).value for _ in range(40)]
        assert np.mean(found) == pytest.approx(2 * stats.norm.sf(1.96 / 1.3), abs=0.02)

    def test_labels(self):
        """Rare labels that are never generated: the mass of the tail is gone; of one distribution it is .05."""
        rng = np.random.default_rng(5)
        p = np.array([0.4, 0.3, 0.24, 0.02, 0.02, 0.02])
        same = [label_tail_mass(rng.choice(6, 200, p=p), rng.choice(6, 200, p=p)).value for _ in range(300)]
        assert np.mean(same) == pytest.approx(0.05, abs=3.5 * np.std(same) / np.sqrt(300))
        lost = label_tail_mass(rng.choice(3, 400, p=[0.4, 0.3, 0.3]), rng.choice(6, 400, p=p))
        assert lost.share_interval(0.95)[1] < 0.05

    def test_embeddings_that_are_all_the_same(self):
        """Nothing is more unusual than anything else: .05 to the last digit."""
        assert tail_mass(np.ones((30, 3)), np.ones((30, 3))).value == pytest.approx(0.05)

    def test_too_few(self):
        with pytest.raises(ValueError, match="at least 20"):
            tail_mass(np.zeros((19, 2)), np.zeros((100, 2)))


class TestLogVariance:
    @pytest.mark.parametrize("size", [3, 10, 100])
    def test_it_is_unbiased(self, size):
        """Mean of log s^2 with the correction against log sigma^2 = log 4; without it a known bias of psi."""
        points = np.random.default_rng(6).normal(0, 2, (size, 60_000))
        found = log_variance(points)
        assert found.mean() == pytest.approx(np.log(4), abs=4 * found.std() / np.sqrt(60_000))

    @pytest.mark.parametrize("sd", [1.0, 0.5])
    def test_its_interval_covers(self, sd):
        rng = np.random.default_rng(7)
        found = [median_log_variance(normal(rng, 80, 5, sd), normal(rng, 120, 5)) for _ in range(300)]
        inside = [low <= 2 * np.log(sd) <= high for low, high in (f.t_interval(0.95) for f in found)]
        assert 0.92 <= np.mean(inside) <= 0.985

    def test_refitting_loses_the_median_and_not_the_mean(self):
        """A normal fitted to its own M samples for 200 generations: each log variance falls by what a log
        chi-square(M - 1) / (M - 1) has for mean, about 1 / (M - 1) a generation. The mean variance shows nothing.
        """
        rng = np.random.default_rng(8)
        size, dims = 100, 2000
        human = rng.normal(size=(size, dims))
        mean, sd = np.zeros(dims), np.ones(dims)
        law = stats.chi2(size - 1).expect(np.log, lb=1e-9, ub=np.inf) - np.log(size - 1)
        for generation in range(1, 201):
            samples = mean + sd * rng.normal(size=(size, dims))
            if generation in (1, 51, 101, 200):
                got = median_log_variance(samples, human)
                assert got.value == pytest.approx((generation - 1) * law, abs=0.12)
            mean, sd = samples.mean(0), samples.std(0, ddof=1)
        assert np.exp(got.value) == pytest.approx(np.exp(-199 / 99), abs=0.02)  # .13
        assert samples.var(axis=0, ddof=1).mean() == pytest.approx(1, abs=0.25)

    def test_constant_embeddings(self):
        varied = normal(np.random.default_rng(9), 30)
        with pytest.raises(ValueError, match="human samples' embeddings are all the same"):
            median_log_variance(varied, np.ones((30, 6)))
        with pytest.raises(ValueError, match="do not vary"):
            median_log_variance(np.ones((30, 6)), varied)


class TestCellDistances:
    def test_they_are_those_of_the_general_comparison(self):
        """Value to the last digits; p and upper bound, whose draws differ, within their Monte Carlo error."""
        rng = np.random.default_rng(10)
        x, y = normal(rng, 60), normal(rng, 60) + 0.3
        kernels = [gaussian(2.0), ENERGY]
        got = cell_distances(x, y, kernels, permutations=1999, draws=1999)
        for distance, kernel in zip(got, kernels, strict=True):
            want = compare(two_samples(x, y), kernel_measure(kernel), permutations=1999, draws=1999)
            assert distance.value == pytest.approx(want.value, rel=1e-9)
            assert distance.p_value == pytest.approx(want.p_value, abs=0.02)
            assert distance.upper == pytest.approx(want.upper, rel=0.1)

    def test_unequal_sides(self):
        rng = np.random.default_rng(11)
        x, y = normal(rng, 40), normal(rng, 70)
        want = compare(two_samples(x, y), kernel_measure(ENERGY), permutations=9, draws=None)
        assert cell_distances(x, y, [ENERGY], permutations=9)[0].value == pytest.approx(want.value, rel=1e-9)

    def test_the_level_holds(self):
        rng = np.random.default_rng(12)
        kernels = [gaussian(2.0), ENERGY]
        p = np.array([
            [d.p_value for d in cell_distances(normal(rng, 40), normal(rng, 40), kernels, permutations=99, draws=None)]
            for _ in range(600)
        ])  # fmt: skip
        assert (p <= 0.05).mean(0) == pytest.approx(0.05, abs=0.025)
        assert (p <= 0.5).mean(0) == pytest.approx(0.5, abs=0.06)

    def test_too_few(self):
        with pytest.raises(ValueError, match="two samples"):
            cell_distances(np.zeros((1, 2)), np.zeros((5, 2)), [ENERGY])
