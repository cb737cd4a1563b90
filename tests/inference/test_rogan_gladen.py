"""The published correction, its coverage with uncertain sensitivity and specificity, and when it is refused."""

import numpy as np
import pytest
from scipy import stats

from toolkit.inference.rogan_gladen import Calibration, rogan_gladen


def test_the_published_formula():
    """(p + specificity - 1) / (sensitivity + specificity - 1), Rogan & Gladen 1978: (.5 - .2) / .7."""
    got = rogan_gladen(500, 1000, Calibration(100, 90, 100, 80))
    assert got.value == pytest.approx(0.3 / 0.7, abs=1e-12)
    assert (got.sensitivity, got.specificity) == (0.9, 0.8)
    assert got.low < got.value < got.high


def test_large_samples_have_the_error_of_the_delta_method():
    """Against the spread of the formula itself over 20,000 draws of all three samples."""
    rng = np.random.default_rng(1)
    called, a, b = rng.binomial(5000, 0.69, 20000), rng.binomial(1000, 0.9, 20000), rng.binomial(1000, 0.8, 20000)
    drawn = (called / 5000 + b / 1000 - 1) / (a / 1000 + b / 1000 - 1)
    got = rogan_gladen(3450, 5000, Calibration(1000, 900, 1000, 800))
    assert (got.high - got.low) / 2 == pytest.approx(stats.norm.ppf(0.975) * drawn.std(), rel=0.02)


@pytest.mark.parametrize(
    ("share", "sensitivity", "specificity", "judged", "known"),
    [(0.7, 0.9, 0.8, 500, 50), (0.5, 0.8, 0.8, 1000, 100), (0.1, 0.9, 0.95, 200, 50), (0.95, 0.95, 0.7, 300, 40)],
)
def test_coverage(share, sensitivity, specificity, judged, known):
    """Also where a judge makes no mistake on the calibration sample; the known-rates interval is the control."""
    rng = np.random.default_rng(judged)
    hits = naive = 0
    replicates = 1500
    for _ in range(replicates):
        a, b = rng.binomial(known, sensitivity), rng.binomial(known, specificity)
        called = rng.binomial(judged, share * sensitivity + (1 - share) * (1 - specificity))
        got = rogan_gladen(int(called), judged, Calibration(known, int(a), known, int(b)))
        hits += got.low <= share <= got.high
        p, youden = called / judged, (a + b) / known - 1
        half = 1.96 * np.sqrt(p * (1 - p) / judged) / youden
        naive += abs((p + b / known - 1) / youden - share) <= half
    assert hits / replicates >= 0.93 - 2.6 * np.sqrt(0.05 * 0.95 / replicates)
    assert naive / replicates <= 0.90


def test_it_stays_a_share_and_a_useless_judge_is_refused():
    """The plain formula gives 1.07 and -.11 here."""
    assert rogan_gladen(95, 100, Calibration(50, 45, 50, 45)).value == 1.0
    low = rogan_gladen(1, 100, Calibration(50, 45, 50, 45))
    assert (low.value, low.low) == (0.0, 0.0)
    assert low.high > 0
    for useless in (Calibration(50, 26, 50, 26), Calibration(20, 14, 20, 10)):
        got = rogan_gladen(50, 100, useless)
        assert got.value is None
        assert "too near 1" in got.reason
    assert "at least 5" in rogan_gladen(50, 100, Calibration(50, 45, 3, 3)).reason


def test_impossible_counts_are_refused():
    with pytest.raises(ValueError, match="between 0"):
        Calibration(10, 11, 5, 5)
    with pytest.raises(ValueError, match="not possible"):
        rogan_gladen(11, 10, Calibration(10, 9, 10, 9))
