"""Retention curves: rates against statsmodels, half-lives by inversion, and no decay where there is none."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.genmod.families import Poisson
from statsmodels.genmod.generalized_linear_model import GLM

from toolkit.inference.decay import fit_decay


def triangle(curves):
    """What a stream can know: the task at position j is followed for that many stages fewer."""
    curves = curves.copy()
    for j in range(len(curves)):
        curves[j, curves.shape[1] - j :] = np.nan
    return curves


@pytest.mark.parametrize(
    ("shape", "left"), [("exponential", lambda a: 2 ** (-a / 6)), ("power", lambda a: (1 + a) ** -0.4)]
)
def test_exact_curves_give_their_rate_back(shape, left):
    """Levels of 0.5 to 0.9 and one rate, of a triangle of scores."""
    age = np.arange(7)
    got = fit_decay(triangle(np.linspace(0.5, 0.9, 6)[:, None] * left(age)[None, :]), shape)
    assert got.rate == pytest.approx(np.log(2) / 6 if shape == "exponential" else 0.4, rel=1e-6)
    assert got.half_life == pytest.approx(6 if shape == "exponential" else 2 ** (1 / 0.4) - 1, rel=1e-5)
    assert got.curve(age) == pytest.approx(left(age), rel=1e-6)
    assert got.prediction == pytest.approx(np.zeros(6), abs=1e-9)


def test_one_tasks_rate_is_the_poisson_regression_on_age():
    """Tasks that all have the same scores: the mean rate is the slope of statsmodels' quasi-Poisson GLM."""
    scores = np.array([0.9, 0.85, 0.83, 0.7, 0.72, 0.6])
    age = np.arange(6.0)
    for shape, x in (("exponential", age), ("power", np.log1p(age))):
        slope = GLM(scores, np.column_stack([np.ones(6), x]), family=Poisson()).fit().params[1]
        assert fit_decay(np.tile(scores, (4, 1)), shape).rate == pytest.approx(-slope, rel=1e-6)


def test_rates_that_may_be_zero_have_an_infinite_half_life():
    rng = np.random.default_rng(1)
    got = fit_decay(0.8 + 0.01 * rng.normal(size=(6, 6)))
    low, high = got.half_life_interval(0.95)
    assert got.rate_interval(0.95)[0] < 0 < low
    assert high == np.inf
    rising = fit_decay(0.5 + 0.05 * np.arange(6) + 0.005 * rng.normal(size=(6, 6)))
    assert rising.half_life == np.inf
    assert rising.half_life_interval(0.95) == (np.inf, np.inf)


def test_a_task_that_is_lost_at_once_can_be_fitted():
    curves = np.vstack([np.array([0.8, 0, 0, 0]), np.full((4, 4), 0.7) * np.array([1, 0.9, 0.8, 0.7])])
    assert np.isfinite(fit_decay(curves).rate)


@pytest.mark.parametrize(
    ("curves", "reason"),
    [
        (np.full((2, 5), 0.5), "at least 3 tasks"),
        (triangle(np.full((3, 3), 0.5)), "at least 3 tasks"),
        (np.zeros((4, 4)), "above zero"),
        (np.vstack([np.full((3, 4), 0.5), [np.nan, 0.5, 0.5, 0.5]]), "above zero"),
    ],
)
def test_what_cannot_be_fitted_is_said(curves, reason):
    with pytest.raises(ValueError, match=reason):
        fit_decay(curves)


def scores(rng, tasks, ages, items, half_life):
    """Curves of binary items whose tasks differ in their rate, probit with items of different difficulty."""
    rate = 0 if np.isinf(half_life) else np.log(2) / half_life
    each = rate * np.exp(0.15 * rng.normal(size=tasks) - 0.15**2 / 2)
    p = 0.9 * np.exp(-each[:, None] * np.arange(ages))
    item = rng.normal(size=(tasks, 1, items))
    y = np.sqrt(2) * stats.norm.ppf(p)[:, :, None] + item + rng.normal(size=(tasks, ages, items)) > 0
    return y.mean(2)


@pytest.mark.parametrize("half_life", [8.0, np.inf])
def test_half_life_intervals_cover(half_life):
    """Ten tasks of a stream, early ones followed longer: .92 or more; with no decay an infinite end."""
    rng = np.random.default_rng(2)
    streams, hits, unbounded = 300, 0, 0
    for _ in range(streams):
        low, high = fit_decay(triangle(scores(rng, 10, 10, 100, half_life))).half_life_interval(0.95)
        hits += low <= half_life <= high
        unbounded += np.isinf(high)
    assert hits / streams >= 0.92 - 2.6 * np.sqrt(0.05 * 0.95 / streams)
    assert (unbounded / streams > 0.95) == np.isinf(half_life)
