"""Linear against saturating growth: R's nls, and known laws of replacing and of accumulating data."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import special

from toolkit.inference.growth import ACCUMULATED, accumulation_bound, fit_growth

ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "amplification.json").read_text())["saturating"]


def regressions(rounds, *, accumulate, n=100, dims=10, chains=200, seed=0):
    """[chain, round]: squared distance of the coefficients from the truth when labels are one's own, with noise 1.

    Linear regression on orthonormal regressors (Gerstgrasser et al. 2024): each round's labels come from the model of
    the last one; it is fitted to them alone, or to those of all rounds.
    """
    rng = np.random.default_rng(seed)
    error = np.zeros((chains, dims))
    kept = np.zeros((chains, dims))
    found = []
    for k in range(1, rounds + 1):
        fresh = error + rng.normal(size=(chains, dims)) / np.sqrt(n)  # least squares on this round's labels
        kept = kept + (fresh - kept) / k
        error = kept if accumulate else fresh
        found.append((error**2).sum(1))
    return np.array(found).T


def test_the_limit_and_curve_are_those_of_nls():
    """Weighted saturating fit of six rounds, against R's Gauss-Newton."""
    got = fit_growth(ORACLE["rounds"], ORACLE["distances"], ORACLE["variances"], "saturating")
    assert got.limit == pytest.approx(ORACLE["limit"], rel=1e-3)
    assert got.fitted == pytest.approx(ORACLE["fitted"], rel=1e-3)


def test_the_line_is_numpys():
    k, d, v = np.arange(1, 7.0), np.array(ORACLE["distances"]), np.array(ORACLE["variances"])
    got = fit_growth(k, d, v, "linear")
    assert got.fitted == pytest.approx(np.polyval(np.polyfit(k, d, 1, w=1 / np.sqrt(v)), k), rel=1e-9)
    left_out = np.polyval(np.polyfit(k[1:], d[1:], 1, w=1 / np.sqrt(v[1:])), 1.0)
    assert got.prediction[0] == pytest.approx((d[0] - left_out) ** 2 / v[0])


def test_replacing_grows_linearly_and_accumulating_stays_below_its_bound():
    """Mean squared errors follow k and the partial sums of 1 / k^2, below pi^2 / 6 of the first."""
    replaced, kept = (regressions(12, accumulate=a).mean(0) for a in (False, True))
    k = np.arange(1, 13)
    assert replaced / replaced[0] == pytest.approx(k, rel=0.15)
    assert kept / kept[0] == pytest.approx(accumulation_bound(k), rel=0.1)
    assert kept.max() < 1.05 * ACCUMULATED * kept[0]


def test_each_law_is_told_by_rounds_left_out():
    """Of accumulated errors a saturating course foretells better, with a limit that covers; replaced have none."""
    k = np.arange(1, 13)
    for accumulate in (True, False):
        chains = regressions(12, accumulate=accumulate)
        mean, variance = chains.mean(0), chains.var(axis=0, ddof=1) / len(chains)
        line, level = (fit_growth(k, mean, variance, shape) for shape in ("linear", "saturating"))
        if accumulate:
            assert level.prediction.mean() < line.prediction.mean()
            assert level.limit_low < ACCUMULATED * mean[0] * 1.02
        else:
            assert level.limit_high == np.inf


@pytest.mark.parametrize("rate", [0.3, 0.8])
def test_the_limit_covers(rate):
    rng = np.random.default_rng(5)
    k = np.arange(1, 11)
    inside = 0
    for _ in range(300):
        d = 1 - np.exp(-rate * k) + 0.08 * rng.normal(size=10)
        got = fit_growth(k, d, np.full(10, 0.08**2), "saturating")
        inside += got.limit_low <= 1 <= got.limit_high
    assert inside / 300 >= 0.93


def test_a_straight_course_has_no_limit():
    rng = np.random.default_rng(6)
    k = np.arange(1, 9)
    highs = [
        fit_growth(k, 0.1 * k + 0.05 * rng.normal(size=8), np.full(8, 0.05**2), "saturating").limit_high
        for _ in range(100)
    ]
    assert np.isinf(highs).mean() >= 0.9


def test_the_bound_is_the_trigamma_function():
    """Partial sums of 1 / i^2 are pi^2 / 6 - psi'(k + 1)."""
    k = np.array([1, 2, 10, 1000])
    assert accumulation_bound(k) == pytest.approx(np.pi**2 / 6 - special.polygamma(1, k + 1), rel=1e-12)


def test_bad_input():
    with pytest.raises(ValueError, match="at least 4 rounds"):
        fit_growth([1, 2, 3], [1, 2, 3], [1, 1, 1], "linear")
    with pytest.raises(ValueError, match="positive variance"):
        fit_growth([1, 2, 3, 4], [1, 2, 3, 4], [1, 0, 1, 1], "linear")
