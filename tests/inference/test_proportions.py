"""Score intervals against statsmodels and against a likelihood maximised by brute force."""

import numpy as np
import pytest
from scipy import optimize, stats
from statsmodels.stats.contingency_tables import mcnemar as sm_mcnemar
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from toolkit.inference.proportions import mcnemar, newcombe, tango, wilson


@pytest.mark.parametrize(("k", "n"), [(87, 100), (0, 12), (12, 12), (3, 40)])
def test_wilson_equals_statsmodels(k, n):
    assert wilson(k, n, 0.95) == pytest.approx(proportion_confint(k, n, method="wilson"), abs=1e-12)


def test_wilson_published_value():
    """87 of 100: 0.790196 to 0.922428."""
    assert wilson(87, 100, 0.95) == pytest.approx((0.790196, 0.922428), abs=1e-6)


def _score(n10, n01, n, delta):
    """The score statistic with the restricted maximum found by search over the multinomial likelihood."""
    same = n - n10 - n01

    def minus_log_likelihood(p01):
        p10, rest = p01 + delta, 1 - 2 * p01 - delta
        terms = [k * np.log(max(p, 1e-300)) for k, p in ((n10, p10), (n01, p01), (same, rest)) if k]
        return -sum(terms)

    low, high = max(0.0, -delta), (1 - delta) / 2
    found = optimize.minimize_scalar(minus_log_likelihood, bounds=(low, high), method="bounded",
                                     options={"xatol": 1e-12})  # fmt: skip
    p01 = float(found.x)
    return (n10 - n01 - n * delta) / np.sqrt(n * (2 * p01 + delta - delta**2))


@pytest.mark.parametrize(("n10", "n01", "n"), [(9, 1, 60), (3, 5, 50), (1, 0, 50), (20, 14, 100)])
def test_tango_ends_are_where_the_score_is_z(n10, n01, n):
    low, high = tango(n10, n01, n, 0.95)
    z = stats.norm.isf(0.025)
    assert _score(n10, n01, n, low) == pytest.approx(z, abs=1e-4)
    assert _score(n10, n01, n, high) == pytest.approx(-z, abs=1e-4)


def test_tango_without_discordance_is_symmetric_and_open():
    """No discordant pair: +- z^2 / (n + z^2), the closed form."""
    z2 = stats.norm.isf(0.025) ** 2
    assert tango(0, 0, 30, 0.95) == pytest.approx((-z2 / (30 + z2), z2 / (30 + z2)), abs=1e-6)
    low, high = tango(30, 0, 30, 0.95)
    assert low < 1
    assert high == 1


def test_tango_covers_with_few_discordant_pairs():
    rng = np.random.default_rng(1)
    hits = 0
    replicates = 300
    for _ in range(replicates):
        n10, n01, _ = rng.multinomial(50, [0.03, 0.01, 0.96])
        low, high = tango(int(n10), int(n01), 50, 0.95)
        hits += low <= 0.02 <= high
    error = 2.6 * np.sqrt(0.05 * 0.95 / replicates)
    assert 0.93 - error <= hits / replicates <= 0.99 + error


def test_mcnemar_on_published_counts():
    """[[60, 21], [9, 10]]: exact p .042773945, as statsmodels and R's binom.test have it; equal counts give 1."""
    assert mcnemar(21, 9) == pytest.approx(0.042773945, abs=1e-8)
    assert mcnemar(21, 9) == pytest.approx(sm_mcnemar([[60, 21], [9, 10]], exact=True).pvalue, abs=1e-12)
    assert mcnemar(5, 5) == mcnemar(0, 0) == 1


@pytest.mark.parametrize(("first", "second"), [((56, 70), (48, 80)), ((0, 20), (3, 30)), ((12, 12), (9, 15))])
def test_newcombe_equals_statsmodels(first, second):
    """56 of 70 against 48 of 80 is Newcombe's own example: .0524 to .3339."""
    want = confint_proportions_2indep(*first, *second, method="newcomb")
    assert newcombe(first, second, 0.95) == pytest.approx(want, abs=1e-9)
    if first == (56, 70):
        assert newcombe(first, second, 0.95) == pytest.approx((0.0524, 0.3339), abs=5e-5)
