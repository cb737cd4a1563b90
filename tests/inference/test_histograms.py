"""Divergences of histograms: against SciPy on plug-in shares, and what sampling alone adds, by hand and by lot."""

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy as scipy_entropy

from toolkit.inference.histograms import (
    bin_edges,
    entropy,
    jensen_shannon,
    js_bias,
    stability_index,
    total_variation,
)

FIRST = np.array([[12.0, 0, 30, 8, 5], [3, 9, 0, 0, 1]])
SECOND = np.array([[10.0, 4, 22, 0, 9], [1, 0, 12, 0, 0]])


def test_plug_in_divergence_equals_scipys():
    """SciPy returns the square root of the divergence, in nats by default."""
    want = jensenshannon(FIRST.T, SECOND.T) ** 2
    assert jensen_shannon(FIRST, SECOND) == pytest.approx(want, abs=1e-12)
    shares = FIRST / FIRST.sum(-1, keepdims=True)
    assert entropy(shares) == pytest.approx(scipy_entropy(shares.T), abs=1e-12)


def test_its_largest_value_is_the_logarithm_of_two():
    assert jensen_shannon(np.array([5.0, 0]), np.array([0.0, 9])) == pytest.approx(np.log(2), abs=1e-12)


def test_miller_madow_by_hand():
    """55 and 45 observations in 4 and 4 of 5 categories; the mixture errs like one of 4 / (1/55 + 1/45) = 99."""
    by_hand = (3 / (2 * 55) + 3 / (2 * 45)) / 2 - 4 / (2 * 99)
    assert js_bias(FIRST, SECOND)[0] == pytest.approx(by_hand, abs=1e-12)


def test_the_correction_removes_most_of_the_bias():
    """Means over 4,000 pairs of samples of 60 in six categories; uncorrected, the plug-in is far off (control)."""
    rng = np.random.default_rng(1)
    for p, q in (
        ([0.1, 0.2, 0.3, 0.2, 0.1, 0.1],) * 2,
        ([0.1, 0.2, 0.3, 0.2, 0.1, 0.1], [0.3, 0.2, 0.2, 0.1, 0.1, 0.1]),
    ):
        first, second = (rng.multinomial(60, share, 4000).astype(float) for share in (p, q))
        truth = float(jensen_shannon(np.array(p), np.array(q)))
        plug_in = jensen_shannon(first, second)
        assert plug_in.mean() - truth > 0.014
        assert (plug_in - js_bias(first, second)).mean() == pytest.approx(truth, abs=0.003)


def test_total_variation_and_stability_index_by_their_formulas():
    p, q = FIRST[0] / 55, SECOND[0] / 45
    assert total_variation(FIRST, SECOND)[0] == pytest.approx(np.maximum(p - q, 0).sum(), abs=1e-12)
    smooth_p, smooth_q = (FIRST[0] + 0.5) / 57.5, (SECOND[0] + 0.5) / 47.5
    want = scipy_entropy(smooth_p, smooth_q) + scipy_entropy(smooth_q, smooth_p)
    assert stability_index(FIRST, SECOND)[0] == pytest.approx(want, abs=1e-12)


def test_few_values_are_their_own_categories_and_many_are_put_in_bins():
    values = np.array([1.0, 2, 5, 2, 1])
    assert np.searchsorted(bin_edges(values, 10), values, side="right").tolist() == [0, 1, 2, 1, 0]
    many = np.random.default_rng(2).normal(size=1000)
    counts = np.bincount(np.searchsorted(bin_edges(many, 10), many, side="right"))
    assert counts.tolist() == [100] * 10
