"""Spearman's correlation: SciPy and R for the value, the published formula for the interval, coverage by simulation."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from toolkit.inference.rankcorrelation import rank_interval, spearman, spearman_influence

RECORDED = json.loads((Path(__file__).parents[1] / "oracles" / "agreement.json").read_text())


def test_the_value_is_scipys_and_rs():
    a, b = RECORDED["a"], RECORDED["b"]
    assert spearman(a, b) == pytest.approx(RECORDED["spearman"], abs=1e-12)
    assert spearman(a, b) == pytest.approx(stats.spearmanr(a, b)[0], abs=1e-12)


def test_an_item_with_weight_two_counts_as_two_items():
    a, b = np.array(RECORDED["a"]), np.array(RECORDED["b"])
    twice = np.arange(90) % 2 + 1
    want = stats.spearmanr(np.repeat(a, twice), np.repeat(b, twice))[0]
    assert spearman(a, b, twice) == pytest.approx(want, abs=1e-12)


def test_the_interval_is_bonett_and_wrights():
    """tanh(atanh r -+ 1.96 sqrt((1 + r^2 / 2) / (n - 3)))."""
    x, y = np.random.default_rng(1).multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], 40).T
    r = stats.spearmanr(x, y)[0]
    half = stats.norm.ppf(0.975) * np.sqrt((1 + r**2 / 2) / 37)
    found = rank_interval(x, y, level=0.95)
    assert (found.value, found.low, found.high) == pytest.approx(
        (r, np.tanh(np.arctanh(r) - half), np.tanh(np.arctanh(r) + half)), abs=1e-12
    )
    assert found.n == {"items": 40}


def test_the_influence_is_the_derivative_along_each_weight():
    """By central differences, with ties and unequal weights."""
    rng = np.random.default_rng(2)
    x = rng.integers(1, 6, 50)
    y = x + rng.integers(-2, 3, 50)
    w = rng.random(50)
    step = 1e-6 * w * np.eye(50)
    numeric = [(spearman(x, y, w + one) - spearman(x, y, w - one)) / 2e-6 for one in step]
    assert spearman_influence(x, y, w) == pytest.approx(np.array(numeric), abs=1e-7)


def test_the_variance_of_clusters_is_nearly_that_of_leaving_each_out():
    """200 clusters of three: within 3 % of the delete-one-cluster jackknife's standard error."""
    rng = np.random.default_rng(3)
    shared = np.repeat(rng.normal(size=200), 3)
    x, y = (shared + rng.normal(size=600) for _ in range(2))
    cluster = np.repeat(np.arange(200), 3)
    without = np.array([stats.spearmanr(x[cluster != g], y[cluster != g])[0] for g in range(200)])
    se = np.sqrt(199 / 200 * ((without - without.mean()) ** 2).sum())
    found = rank_interval(x, y, level=0.95, cluster=cluster)
    half = (np.arctanh(found.high) - np.arctanh(found.low)) / 2
    assert half * (1 - found.value**2) / stats.t.ppf(0.975, 199) == pytest.approx(se, rel=0.03)
    assert "cluster" in found.method
    assert found.n == {"items": 600, "clusters": 200}


def normal(rng, n, size):
    """Correlated pairs, half of the variance shared within clusters of `size`."""
    a, e = (
        np.sqrt(0.5) * np.repeat(rng.normal(size=n // size), size) + np.sqrt(0.5) * rng.normal(size=n) for _ in range(2)
    )
    return a, 0.7 * a + np.sqrt(0.51) * e


def five(rng, n, size):
    """The same cut into five grades."""
    return tuple(np.searchsorted([-1.2, -0.4, 0.4, 1.2], side) for side in normal(rng, n, size))


def two(rng, n, size):
    """The same cut into right and wrong, a fifth right."""
    return tuple((side > 0.8).astype(int) for side in normal(rng, n, size))


@pytest.mark.parametrize(("draw", "n", "size"), [(normal, 20, 1), (five, 50, 1), (two, 120, 1), (five, 80, 4)])
def test_intervals_cover(draw, n, size):
    rng = np.random.default_rng(4)
    truth, replicates, hits, known = spearman(*draw(rng, 1_000_000, size)), 400, 0, 0
    for _ in range(replicates):
        a, b = draw(rng, n, size)
        found = rank_interval(a, b, level=0.95, cluster=np.arange(n) // size)
        known += found.low is not None
        hits += found.low is not None and found.low <= truth <= found.high
    error = 2.6 * np.sqrt(0.05 * 0.95 / known)
    assert known > 0.95 * replicates
    assert 0.93 - error <= hits / known <= 0.985 + error


def test_clusters_forgotten_or_two_values_taken_for_many_cover_too_little():
    """The controls: 20 clusters of four as 80 items, and Bonett and Wright's formula on right and wrong."""
    rng = np.random.default_rng(5)
    shared, binary = spearman(*clustered(rng, 1_000_000)), spearman(*two(rng, 1_000_000, 1))
    forgotten, wrong = 0, 0
    for _ in range(400):
        found = rank_interval(*clustered(rng, 80), level=0.95)
        forgotten += found.low <= shared <= found.high
        r = spearman(*two(rng, 120, 1))
        half = 1.96 * np.sqrt((1 + r**2 / 2) / 117)
        wrong += abs(np.arctanh(r) - np.arctanh(binary)) <= half
    assert forgotten / 400 < 0.85
    assert wrong / 400 < 0.9


def clustered(rng, n):
    """Pairs that are nearly the same within clusters of four."""
    a = np.repeat(rng.normal(size=n // 4), 4)
    b = 0.5 * a + np.repeat(rng.normal(size=n // 4), 4)
    return a + 0.1 * rng.normal(size=n), b + 0.1 * rng.normal(size=n)


def test_few_units_are_shown_as_uninformative():
    """Six systems: the value stands, and the method says what its interval is worth."""
    found = rank_interval([1, 2, 3, 4, 5, 6], [2, 1, 4, 3, 6, 5], level=0.95, units="families")
    assert found.high - found.low > 1
    assert "uninformative" in found.method
    assert "uninformative" not in rank_interval(np.arange(50), np.arange(50), level=0.95).method


def test_perfect_order_of_a_few_is_not_certain():
    """The interval is that of one exchange of neighbours, up to 1."""
    found = rank_interval(np.arange(8), np.arange(8), level=0.95)
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(
        np.tanh(np.arctanh(1 - 12 / 504) - stats.norm.ppf(0.975) * np.sqrt((1 + (1 - 12 / 504) ** 2 / 2) / 5))
    )


def test_what_cannot_be_had_says_why():
    assert "does not vary" in rank_interval([1, 1, 1, 1, 1], [1, 2, 3, 4, 5], level=0.95).reason
    three = rank_interval([1, 2, 3], [1, 3, 2], level=0.95, units="families")
    assert (three.value, three.low) == (pytest.approx(0.5), None)
    assert "four independent families" in three.reason
    rare = np.r_[np.ones(5), np.zeros(95)]
    assert "fewer than 10" in rank_interval(rare, rare, level=0.95).reason
    assert np.isnan(rank_interval([], [], level=0.95).value)
    with pytest.raises(ValueError, match="does not vary"):
        spearman_influence([1, 1], [1, 2])
