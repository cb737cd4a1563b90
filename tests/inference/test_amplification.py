"""The bound on amplification, Fieller's set and the biases of a round: published values, R, and simulation."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from toolkit.inference.amplification import (
    amplification_bound,
    amplification_limit,
    fieller,
    label_bias,
    property_bias,
)

ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "amplification.json").read_text())


class TestBound:
    def test_published_values(self):
        """Taori & Hashimoto: 50,000 first samples, 1,000 human and 4,000 model-labelled ones a round."""
        bound = amplification_bound(50_000, [1000] * 50, [4000] * 50)
        assert bound[[0, 9, 49]] == pytest.approx([1.07, 1.50, 2.19], abs=5e-3)

    def test_it_is_the_sum_of_the_theorem(self):
        """Rounds of unequal size, against the sum over i and the product over j written out."""
        rng = np.random.default_rng(0)
        m, k = rng.integers(1, 50, 8), rng.integers(1, 50, 8)
        n = 200 + np.cumsum(m + k)
        written = [
            1 + sum(k[i] / n[i] * np.prod([(n[j] - m[j]) / n[j] for j in range(i + 1, t + 1)]) for i in range(t + 1))
            for t in range(8)
        ]
        assert amplification_bound(200, m, k) == pytest.approx(written, rel=1e-12)

    def test_the_worst_loop_stays_on_it(self):
        """Data whose model adds the same bias to what it was trained on, followed share by share."""
        n, bias, delta, seen = 100.0, 0.0, 1.0, []
        for m, k in ((10, 40), (5, 80), (30, 10)):
            bias = (n * bias + m * 0 + k * (bias + delta)) / (n + m + k)
            n += m + k
            seen.append(bias + delta)
        assert amplification_bound(100, [10, 5, 30], [40, 80, 10]) == pytest.approx(seen, rel=1e-12)

    def test_limit(self):
        """It tends to (m + k) / m from below, and has no limit without human samples."""
        bound = amplification_bound(10, [4] * 20_000, [1] * 20_000)
        assert bound[-1] == pytest.approx(amplification_limit(4, 1), abs=1e-3)
        assert (bound < 1.25).all()
        assert amplification_limit(0, 4) == np.inf

    @pytest.mark.parametrize(("initial", "human", "synthetic"), [(0, [1], [1]), (10, [-1], [1]), (10, [1, 2], [1])])
    def test_counts_that_cannot_be(self, initial, human, synthetic):
        with pytest.raises(ValueError, match="counts"):
            amplification_bound(initial, human, synthetic)


class TestFieller:
    @pytest.mark.parametrize("case", ORACLE["fieller"])
    def test_it_inverts_the_paired_t_test(self, case):
        """The ends at which R's paired t test of Student's sleep data just rejects."""
        got = fieller(
            case["above"], case["below"], (case["variance_above"], case["variance_below"]), case["covariance"],
            df=case["df"], level=case["level"],
        )  # fmt: skip
        assert got.shape == case["shape"]
        assert (got.low, got.high) == pytest.approx(sorted(case["ends"]), abs=1e-6)

    def test_a_denominator_of_nothing_leaves_every_ratio(self):
        got = fieller(0.1, 0.0, (1.0, 1.0), df=np.inf, level=0.95)
        assert got.shape == "unbounded"
        assert got.contains(1e9)

    @pytest.mark.parametrize(("mean", "rho"), [(0.5, 0.0), (0.5, 0.6), (3.0, 0.6), (8.0, -0.5)])
    def test_it_covers(self, mean, rho):
        """.95 whether the denominator is near zero or far from it, independent or not; a delta interval does not."""
        rng = np.random.default_rng(1)
        e = rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], 4000)
        covered = [fieller(2 * mean + a, mean + b, (1.0, 1.0), rho, df=np.inf, level=0.95).contains(2.0) for a, b in e]
        assert np.mean(covered) == pytest.approx(0.95, abs=0.012)

    def test_negative_control(self):
        """The delta method misses the ratio of two estimates whose denominator is one standard error from zero."""
        e = np.random.default_rng(1).normal(size=(4000, 2))
        above, below = 2 + e[:, 0], 1 + e[:, 1]
        r = above / below
        inside = np.abs(r - 2) <= 1.96 * np.sqrt(1 + r**2) / np.abs(below)
        assert not 0.938 <= inside.mean() <= 0.962

    def test_an_impossible_covariance(self):
        with pytest.raises(ValueError, match="covariance"):
            fieller(1, 1, (1.0, 1.0), 1.5, df=5, level=0.95)


class TestLabelBias:
    def test_no_difference_is_zero_where_the_plug_in_is_not(self):
        """Two samples of one distribution over ten labels: mean zero; the plug-in lies well above."""
        rng = np.random.default_rng(2)
        found = [label_bias(rng.integers(0, 10, 100), rng.integers(0, 10, 100), random_seed=i) for i in range(300)]
        values = np.array([f.value for f in found])
        assert abs(values.mean()) < 3 * values.std() / np.sqrt(300)
        assert np.mean([f.plug_in for f in found]) > 0.1

    def test_a_large_difference_is_the_total_variation(self):
        rng = np.random.default_rng(3)
        p, q = np.array([0.7, 0.1, 0.1, 0.1]), np.full(4, 0.25)
        got = label_bias(rng.choice(4, 4000, p=p), rng.choice(4, 4000, p=q))
        assert got.value == pytest.approx(np.abs(p - q).sum() / 2, abs=0.03)
        assert got.value <= got.plug_in + 1e-12

    def test_too_few(self):
        with pytest.raises(ValueError, match="at least 20"):
            label_bias(np.zeros(19, int), np.zeros(100, int))


class TestPropertyBias:
    def test_its_interval_covers(self):
        """Standardised difference of .5 from 60 and 40 values, t with the smaller side's degrees of freedom."""
        rng = np.random.default_rng(4)
        inside = 0
        for _ in range(2000):
            got = property_bias(rng.normal(0.5, 1, 60), rng.normal(0, 1, 40))
            half = stats.t.ppf(0.975, 39) * np.sqrt((got.first**2).sum() + (got.second**2).sum())
            inside += abs(got.value - 0.5) <= half
        assert inside / 2000 == pytest.approx(0.95, abs=0.015)

    def test_a_reference_that_does_not_vary(self):
        with pytest.raises(ValueError, match="all the same"):
            property_bias(np.arange(30.0), np.full(30, 2.0))
