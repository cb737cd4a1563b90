"""Calibration of scores: R's and statsmodels' binomial GLMs, the binned error by hand, the test's size and power."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import special, stats

from toolkit.inference.recalibration import calibration_bins, consistency, recalibration

RECORDED = json.loads((Path(__file__).parents[1] / "oracles" / "agreement.json").read_text())


def drawn(rng, n, slope=1.0, intercept=0.0):
    p = rng.uniform(0.02, 0.98, n)
    return p, (rng.random(n) < special.expit(intercept + slope * special.logit(p))).astype(float)


def test_slope_and_intercept_are_those_of_r():
    intercept, slope = recalibration(RECORDED["p"], RECORDED["y"], level=0.95)
    assert slope.value == pytest.approx(RECORDED["slope"], abs=1e-9)
    assert intercept.value == pytest.approx(RECORDED["intercept"], abs=1e-9)


def test_the_interval_is_statsmodels_cluster_robust_t():
    """Clusters of three; covariance with G / (G - 1), t with G - 1."""
    rng = np.random.default_rng(1)
    p, y = drawn(rng, 300, 0.7, 0.3)
    cluster = np.arange(300) // 3
    logit = special.logit(p)
    settings = {"cov_type": "cluster", "cov_kwds": {"groups": cluster, "use_correction": False}, "tol": 1e-14}
    full = sm.GLM(y, np.column_stack([logit, np.ones(300)]), family=sm.families.Binomial()).fit(**settings)
    level = sm.GLM(y, np.ones(300), family=sm.families.Binomial(), offset=logit).fit(**settings)
    intercept, slope = recalibration(p, y, level=0.9, cluster=cluster)
    for found, fit in ((slope, full), (intercept, level)):
        half = stats.t.ppf(0.95, 99) * fit.bse[0] * np.sqrt(100 / 99)
        assert found.value == pytest.approx(fit.params[0], abs=1e-8)
        assert (found.low, found.high) == pytest.approx((fit.params[0] - half, fit.params[0] + half), rel=1e-6)
    assert slope.n == {"labels": 300, "clusters": 100}


def test_weights_are_copies():
    """An item of weight two moves the coefficients as two items do."""
    p, y = drawn(np.random.default_rng(2), 120, 0.8)
    twice = np.arange(120) % 2 + 1
    weighted = recalibration(p, y, level=0.95, weight=twice)
    copied = recalibration(np.repeat(p, twice), np.repeat(y, twice), level=0.95)
    assert [one.value for one in weighted] == pytest.approx([one.value for one in copied], abs=1e-9)
    error = consistency(p, y, weight=twice, draws=10).observed
    assert error == pytest.approx(consistency(np.repeat(p, twice), np.repeat(y, twice), draws=10).observed)


def test_bins_and_error_by_hand():
    """Two bins: .2 and .3 stated, one of two right; .9 stated three times, two right."""
    judge, right = [0.2, 0.25, 0.9, 0.9, 0.9], [0, 1, 1, 1, 0]
    curve = calibration_bins(judge, right, level=0.95)
    assert curve.n.tolist() == [2, 3]
    assert curve.judge == pytest.approx([0.225, 0.9])
    assert curve.human == pytest.approx([0.5, 2 / 3])
    assert (curve.low < curve.human).all()
    assert (curve.human < curve.high).all()
    want = 2 / 5 * abs(0.225 - 0.5) + 3 / 5 * abs(0.9 - 2 / 3)
    assert consistency(judge, right).observed == pytest.approx(want)
    assert calibration_bins([1.0, 0.0], [1, 0], level=0.95).n.tolist() == [1, 1]


def test_a_perfect_judge_has_an_error_by_chance_and_no_more():
    """Observed less by-chance averages to zero, though the plain error is some seven points; size .03 to .07."""
    rng = np.random.default_rng(3)
    found = [consistency(*drawn(rng, 200), draws=200) for _ in range(600)]
    plain = np.array([one.observed for one in found])
    excess = plain - [one.by_chance for one in found]
    assert abs(excess.mean()) < 3 * excess.std() / np.sqrt(600)
    assert plain.mean() > 0.06  # the control: uncorrected
    rejected = np.mean([one.p_value <= 0.05 for one in found])
    error = 2.6 * np.sqrt(0.05 * 0.95 / 600)
    assert 0.03 - error <= rejected <= 0.07 + error


def test_a_judge_that_is_too_sure_is_found_out():
    rng = np.random.default_rng(4)
    found = [consistency(*drawn(rng, 200, slope=0.4), draws=200).p_value <= 0.05 for _ in range(100)]
    assert np.mean(found) > 0.8


def test_intervals_cover_and_items_of_one_answer_are_not_evidence_twice():
    """Slope .7, intercept from the truth by a large sample; 60 clusters of three alike. Control: clusters forgotten."""
    rng = np.random.default_rng(5)

    def clustered(clusters):
        p = np.repeat(rng.uniform(0.02, 0.98, clusters), 3)
        p = np.clip(p + rng.normal(0, 0.01, len(p)), 0.02, 0.98)
        uniform = np.repeat(rng.random(clusters), 3)
        return p, (uniform < special.expit(0.2 + 0.7 * special.logit(p))).astype(float)

    truth = [one.value for one in recalibration(*clustered(200_000), level=0.95)]
    hits, forgotten, replicates = np.zeros(2), np.zeros(2), 400
    for _ in range(replicates):
        p, y = clustered(60)
        by_cluster = recalibration(p, y, level=0.95, cluster=np.arange(180) // 3)
        hits += [one.low <= true <= one.high for one, true in zip(by_cluster, truth, strict=True)]
        plain = recalibration(p, y, level=0.95)
        forgotten += [one.low <= true <= one.high for one, true in zip(plain, truth, strict=True)]
    error = 2.6 * np.sqrt(0.05 * 0.95 / replicates)
    assert (hits / replicates >= 0.93 - error).all(), hits / replicates
    assert (hits / replicates <= 0.985 + error).all(), hits / replicates
    assert (forgotten / replicates < 0.85).all()


def test_clusters_that_err_together_are_not_taken_for_evidence():
    """A calibrated judge asked four times of each answer: size at most .07; taken for independent it is above .15."""
    rng = np.random.default_rng(6)
    together, apart = 0, 0
    for _ in range(300):
        p = np.repeat(rng.uniform(0, 1, 50), 4)
        y = (np.repeat(rng.random(50), 4) < p).astype(float)
        together += consistency(p, y, cluster=np.arange(200) // 4, draws=200).p_value <= 0.05
        apart += consistency(p, y, draws=200).p_value <= 0.05
    assert together / 300 <= 0.07 + 2.6 * np.sqrt(0.05 * 0.95 / 300)
    assert apart / 300 > 0.15


def test_what_cannot_be_had_says_why():
    p = np.linspace(0.01, 0.99, 60)
    intercept, slope = recalibration(p, p > 0.5, level=0.95)
    assert slope.low is None
    assert "without overlap" in slope.reason
    assert intercept.low is not None
    assert "found right, and 10 wrong" in recalibration(p, p > 0.9, level=0.95)[1].reason
    assert "more than one score" in recalibration(np.full(60, 0.5), p > 0.5, level=0.95)[1].reason
    with pytest.raises(ValueError, match="0, 1"):
        consistency([1.5], [1])
