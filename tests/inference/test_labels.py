"""Labels saved and needed: theory's ratio, the formula by hand, and how often the target is met."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from toolkit.inference.labels import labels_needed, labels_saved
from toolkit.inference.ppi import ppi_mean

CUTS = np.array([-2.0, -1.2, -0.4, 0.6])


def scored(size, rng, correlation=0.8):
    y, e = rng.normal(size=(2, size))
    return y, correlation * y + np.sqrt(1 - correlation**2) * e


def test_labels_saved_are_those_of_theory():
    """rho .8, n 200, N 20,000: the variance is 1 - .64 N / (n + N), so about 348 labels are saved (in the median)."""
    rng = np.random.default_rng(1)
    found = []
    for _ in range(300):
        y, f = scored(20200, rng)
        found.append(labels_saved(ppi_mean(y[:200], f[:200], f[200:])))
    ratio = 1 / (1 - 0.64 * 20000 / 20200)
    assert np.median(found) == pytest.approx(200 * (ratio - 1), rel=0.05)


def test_the_formula_by_hand():
    rng = np.random.default_rng(2)
    y, f = scored(1050, rng)
    found = ppi_mean(y[:50], f[:50], f[50:])
    r = y[:50] - found.weight * f[:50]
    upper = ((r - r.mean()) ** 2).sum() / stats.chi2.ppf(0.2, 48)
    z = stats.norm.ppf(0.975)
    want = z**2 * upper / (0.15**2 - z**2 * found.weight**2 * f.var(ddof=1) / 1000)
    assert labels_needed(found, 0.15).labels == math.ceil(want)
    assert labels_needed(found, 0.15, design=2.0).labels == math.ceil(2 * want)


@pytest.mark.parametrize(("pilot", "target"), [(30, 0.15), (50, 0.1), (100, 0.1)])
def test_the_target_is_met_in_four_of_five_cases(pilot, target):
    """A Likert scale: within 1.05 times the target in 81 to 92 % of cases; the plug-in variance is not enough."""
    rng = np.random.default_rng(pilot)

    def drawn():
        z, e = rng.normal(size=(2, 4000))
        return 1.0 + (z[:, None] > CUTS).sum(1), 1.0 + ((0.4 + 0.8 * z + 0.6 * e)[:, None] > CUTS).sum(1)

    def met(labels):
        y, f = drawn()
        got = ppi_mean(y[:labels], f[:labels], f[labels:])
        return (got.high - got.low) / 2 <= 1.05 * target

    ours, plugged, replicates = 0, 0, 500
    for _ in range(replicates):
        y, f = drawn()
        found = ppi_mean(y[:pilot], f[:pilot], f[pilot:])
        ours += met(labels_needed(found, target).labels)
        df = pilot - 2
        shrunk = replace(found, residual_variance=found.residual_variance * stats.chi2.ppf(0.2, df) / df)
        plugged += met(labels_needed(shrunk, target).labels)  # undoes the upper bound
    spread = 2.6 * np.sqrt(0.15 * 0.85 / replicates)
    assert 0.81 - spread <= ours / replicates <= 0.92 + spread
    assert plugged / replicates < 0.78


def test_what_labels_cannot_reach_is_said():
    """The judge's mean over 100 items is itself too uncertain for the target; labels that do not vary say nothing."""
    rng = np.random.default_rng(3)
    y, f = scored(100, rng)
    found = ppi_mean(y[:50], f[:50], f[50:])
    needed = labels_needed(found, 0.01)
    assert needed.labels is None
    assert needed.reason.startswith("more judged items needed")
    alike = ppi_mean(np.ones(20), np.ones(20), np.ones(100))
    assert labels_needed(alike, 0.05).reason
    assert labels_saved(alike) is None
    assert labels_needed(ppi_mean([1.0, 2.0], [1.0, 2.0], [1.0]), 0.1).labels is None
    with pytest.raises(ValueError, match="positive"):
        labels_needed(found, 0)


def test_rare_errors_need_a_bound_of_their_own():
    """Right or wrong, judge and people apart in 8 %: the planned labels meet the target in four of five cases.

    By the plain chi-squared bound, made for normal residuals, they do not.
    """
    rng = np.random.default_rng(9)
    target, replicates = 0.03, 400

    def drawn():
        f = (rng.random(6000) < 0.7).astype(float)
        return np.where(rng.random(6000) < 0.08, 1 - f, f), f

    met = {1.0: 0, None: 0}
    for _ in range(replicates):
        y, f = drawn()
        found = ppi_mean(y[:80], f[:80], f[80:])
        again, g = drawn()
        for scale in met:
            labels = labels_needed(found, target, scale=scale).labels
            if labels is None:
                met[scale] += 1  # more judged items needed: nothing is promised
                continue
            got = ppi_mean(again[:labels], g[:labels], g[labels:])
            met[scale] += (got.high - got.low) / 2 <= 1.05 * target
    assert met[1.0] / replicates >= 0.78
    assert met[None] / replicates < met[1.0] / replicates
