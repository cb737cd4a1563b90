"""Agreement coefficients against statsmodels and against their definitions, item by item."""

import numpy as np
import pytest
from statsmodels.stats.inter_rater import cohens_kappa

from toolkit.inference.agreement import agreement_intervals, by_cluster, coefficients


def _ratings(seed=0, n=120):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, n)
    noise = lambda: np.where(rng.random(n) < 0.25, rng.integers(0, 3, n), truth)  # noqa: E731
    return noise(), noise()


def test_kappa_equals_statsmodels():
    a, b = _ratings()
    C = by_cluster(a, b, np.ones(len(a)), np.arange(len(a))).sum(0)
    assert float(coefficients(C)["cohen_kappa"]) == pytest.approx(cohens_kappa(C).kappa, abs=1e-12)


def test_alpha_equals_its_definition_by_pairs_of_values():
    """Krippendorff: 1 - observed disagreement within items / disagreement over all pairs of values."""
    a, b = _ratings(1)
    values = np.concatenate([a, b])
    within = np.mean(a != b)
    n = len(values)
    every = sum(values[i] != values[k] for i in range(n) for k in range(n) if i != k) / (n * (n - 1))
    C = by_cluster(a, b, np.ones(len(a)), np.arange(len(a))).sum(0)
    assert float(coefficients(C)["krippendorff_alpha"]) == pytest.approx(1 - within / every, abs=1e-12)


def test_ac1_equals_gwets_formula():
    """AC1 = (pa - pe) / (1 - pe), pe = sum of pi_k (1 - pi_k) / (q - 1), pi_k the mean share of category k."""
    a, b = _ratings(2)
    shares = [np.mean([np.mean(a == k), np.mean(b == k)]) for k in range(3)]
    chance = sum(p * (1 - p) for p in shares) / 2
    want = (np.mean(a == b) - chance) / (1 - chance)
    C = by_cluster(a, b, np.ones(len(a)), np.arange(len(a))).sum(0)
    assert float(coefficients(C)["gwet_ac1"]) == pytest.approx(want, abs=1e-12)


def test_intervals_cover():
    """Kappa of two raters who each repeat the truth with probability .8, prevalence .3, 100 items."""
    rng = np.random.default_rng(3)

    def draw(n):
        truth = (rng.random(n) < 0.3).astype(int)
        flip = lambda: np.where(rng.random(n) < 0.1, 1 - truth, truth)  # noqa: E731
        return flip(), flip()

    a, b = draw(2_000_000)
    true = {k: float(v) for k, v in coefficients(by_cluster(a, b, np.ones(len(a)), np.zeros(len(a)))[0]).items()}
    hits = dict.fromkeys(true, 0)
    replicates = 400
    for _ in range(replicates):
        a, b = draw(100)
        found = agreement_intervals(by_cluster(a, b, np.ones(100), np.arange(100)), 0.95)
        for name, one in found.items():
            hits[name] += one.low is not None and one.low <= true[name] <= one.high
    error = 2.6 * np.sqrt(0.05 * 0.95 / replicates)
    for name in ("cohen_kappa", "gwet_ac1", "krippendorff_alpha"):
        assert 0.93 - error <= hits[name] / replicates <= 0.985 + error, name


def test_weights_do_not_make_few_ratings_many():
    """Five ratings in the minority that count a hundred each are still five."""
    a = np.r_[np.zeros(5), np.ones(95)]
    C = by_cluster(a, a, np.full(100, 100.0), np.arange(100))
    found = agreement_intervals(C, 0.95, counts=by_cluster(a, a, np.ones(100), np.arange(100)).sum(0))
    assert "fewer than 10" in found["cohen_kappa"].reason


def test_what_cannot_be_estimated_says_why():
    same = by_cluster([1, 1, 1], [1, 1, 1], np.ones(3), np.arange(3))
    found = agreement_intervals(same, 0.95)
    assert found["agreement"].value == 1
    assert found["agreement"].low < 1
    assert "fewer than 10" in found["cohen_kappa"].reason
