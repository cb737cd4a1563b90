"""Few human labels: the published formula by hand and by its authors' package, coverage, and what the gate is for."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from toolkit.inference.ppi import ppi_mean, trusted

CASES = json.loads((Path(__file__).parents[1] / "oracles" / "ppi.json").read_text())["cases"]
CUTS = np.array([-2.0, -1.2, -0.4, 0.6])


def drawn(kind, size, rng):
    """People's scores, a biased judge's scores that correlate .9 (.8) with them on the latent scale, and the truth."""
    name, _, share = kind.partition(" ")
    latent, noise = rng.normal(size=(2, size))
    if name == "likert":
        judge = 0.4 + 0.8 * latent + 0.6 * noise
        return (
            1.0 + (latent[:, None] > CUTS).sum(1),
            1.0 + (judge[:, None] > CUTS).sum(1),
            1 + stats.norm.sf(CUTS).sum(),
        )
    p = float(share)
    y = (stats.norm.ppf(p) + latent > 0).astype(float)
    judge = stats.norm.ppf(p) + 0.3 + 0.9 * latent + np.sqrt(1 - 0.81) * noise
    return y, stats.norm.cdf(judge) if name == "soft" else (judge > 0).astype(float), p


def coverage(kind, labels, replicates, **options):
    rng = np.random.default_rng(1)
    hits = corrected = 0
    for _ in range(replicates):
        y, f, truth = drawn(kind, 2000 + labels, rng)
        got = ppi_mean(y[:labels], f[:labels], f[labels:], **options)
        hits += got.low is not None and got.low <= truth <= got.high
        corrected += got.weight > 0
    return hits / replicates, corrected / replicates


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_the_point_is_that_of_the_authors_package(case):
    """ppi-python at the same weight, to rounding; its own weight divides by n where ours divides by n - 1."""
    got = ppi_mean(case["y"], case["f"], case["unlabelled"])
    fixed = {float(w): value for w, value in case["fixed"].items()}
    assert fixed[0.5] == pytest.approx((fixed[0.0] + fixed[1.0]) / 2, abs=1e-12)
    assert got.value == pytest.approx(fixed[0.0] + got.weight * (fixed[1.0] - fixed[0.0]), abs=1e-12)
    assert abs(got.value - case["value"]) < 0.03 * np.sqrt(got.variance)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_the_price_of_few_labels_is_small(case):
    """At most 12 % wider than ppi-python's normal interval with 20 labels, 5 % from 50 on; never narrower."""
    got = ppi_mean(case["y"], case["f"], case["unlabelled"])
    ratio = (got.high - got.low) / (case["high"] - case["low"])
    assert 1 <= ratio <= (1.12 if got.labels < 50 else 1.05)


def test_the_formula_by_hand():
    y, f, rest = (
        np.array([1.0, 2.0, 4.0, 5.0]),
        np.array([2.0, 1.0, 3.0, 6.0]),
        np.array([1.0, 3.0, 4.0, 5.0, 6.0, 2.0]),
    )
    weight = np.cov(y, f)[0, 1] / ((1 + 4 / 6) * np.var(np.r_[f, rest], ddof=1))
    got = ppi_mean(y, f, rest)
    assert got.weight == pytest.approx(weight, abs=1e-12)
    assert got.value == pytest.approx(3 + weight * (3.5 - 3), abs=1e-12)
    r = y - weight * f
    variance = ((r - r.mean()) ** 2).sum() / 2 / 4 + weight**2 * np.var(rest, ddof=1) / 6
    assert got.variance == pytest.approx(variance, abs=1e-12)
    half = stats.t.ppf(0.975, 2) * np.sqrt(variance)
    assert (got.low, got.high) == pytest.approx((got.value - half, got.value + half))


def test_control_variates_lessen_the_variance_as_theory_says():
    """n 50, N 2000, rho .5: the variance is 1 - rho^2 N / (n + N) = .756 of that of the labels alone."""
    rng = np.random.default_rng(2)
    ours, alone = [], []
    for _ in range(6000):
        y, e = rng.normal(size=(2, 2050))
        f = 0.5 * y + np.sqrt(0.75) * e
        ours.append(ppi_mean(y[:50], f[:50], f[50:]).value)
        alone.append(y[:50].mean())
    assert np.var(ours) / np.var(alone) == pytest.approx(1 - 0.25 * 2000 / 2050, abs=0.035)


@pytest.mark.parametrize(
    ("kind", "labels", "low", "high"),
    [("soft .6", 20, 0.92, 0.975), ("hard .8", 50, 0.92, 0.975), ("soft .95", 50, 0.92, 0.975),
     ("likert", 20, 0.92, 0.975), ("likert", 50, 0.92, 0.975)],
)  # fmt: skip
def test_coverage_with_few_labels(kind, labels, low, high):
    bounds = (1, 5) if kind == "likert" else (0, 1)
    covered, _ = coverage(kind, labels, 1000, bounds=bounds)
    spread = 2.6 * np.sqrt(0.05 * 0.95 / 1000)
    assert low - spread <= covered <= high + spread


def test_without_the_gate_intervals_fail():
    """Negative control: a hard judge, 95 % right, 20 labels: the judge's rare errors go unseen."""
    covered, _ = coverage("hard .95", 20, 600, bounds=(0, 1), gate=False)
    gated, _ = coverage("hard .95", 20, 600, bounds=(0, 1))
    assert covered <= 0.80
    assert gated >= 0.92


def test_the_gate_opens_where_errors_were_seen():
    """Caution must not be all: with 100 labels of a mixed set the judge is used, and narrows the interval."""
    covered, corrected = coverage("hard .6", 100, 300, bounds=(0, 1))
    assert corrected > 0.9
    assert covered >= 0.92
    y = np.array([1] * 10 + [0] * 10)
    assert trusted(y, np.r_[np.zeros(3), np.ones(7), np.ones(2), np.zeros(8)])
    assert not trusted(y, y)
    assert not trusted(np.array([1] * 16 + [0] * 4), np.array([0] * 6 + [1] * 14))


def test_without_the_judges_help_it_is_wilson():
    """87 of 100, a judge without use: the published interval of the labels alone."""
    y = np.r_[np.ones(87), np.zeros(13)]
    got = ppi_mean(y, y, np.ones(500))
    assert (got.low, got.high) == pytest.approx((0.790196, 0.922428), abs=1e-6)
    assert got.weight == 0


def test_all_items_labelled_leave_no_doubt_in_a_fixed_population():
    got = ppi_mean([1.0, 2.0, 3.0, 5.0], [1.0, 2.0, 2.0, 4.0], [], population=True)
    assert (got.low, got.value, got.high) == (2.75, 2.75, 2.75)


def test_too_few_labels_have_no_interval():
    for y, f in (([2.0, 4.0, 3.0], [1.0, 2.0, 3.0]), ([2.0, 2.0, 2.0, 2.0, 2.0], [3.0, 3.0, 3.0, 3.0, 3.0])):
        got = ppi_mean(y, f, [3.0, 4.0, 1.0])
        assert got.low is None
        assert got.reason
    with pytest.raises(ValueError, match="as many human labels"):
        ppi_mean([1.0], [1.0, 2.0], [1.0])
