"""What alarms cost over a year of weekly looks, and what they find, by simulation with known truth."""

from __future__ import annotations

import math

import numpy as np
from scipy import stats

from tests.review.looks import a_look, course, first_harm, fresh_look, share
from toolkit.results import AXES
from toolkit.review.monitor import Measured

WEEKS = 52


def chance_allows(rate: float, years: int) -> float:
    """A rate that a true `rate` does not exceed in simulation."""
    return rate + 2.6 * math.sqrt(rate * (1 - rate) / years)


def test_a_year_of_looks_at_the_same_items_raises_no_false_alarm_on_any_axis():
    """Nothing changes; baseline error shared by all looks, correlation .8 from look to look, axes correlated."""
    years, rng = 200, np.random.default_rng(1)
    alarmed = peeked = 0
    for _ in range(years):
        common = rng.normal(size=(1, WEEKS + 1))
        noise = math.sqrt(0.5) * common + math.sqrt(0.5) * rng.normal(size=(5, WEEKS + 1))
        for k in range(1, WEEKS + 1):  # each look shares most of its error with the one before
            noise[:, k] = 0.8 * noise[:, k - 1] + 0.6 * noise[:, k]
        change = 0.02 * (noise[:, 1:] - rng.normal(size=(5, 1)))
        se = 0.02 * math.sqrt(2) * np.sqrt(rng.chisquare(99, size=change.shape) / 99)
        alarm = False
        for a, axis in enumerate(AXES):
            history = course(a_look(Measured(c, s, 99), axis=axis) for c, s in zip(change[a], se[a], strict=True))
            alarm |= any(m.high < 0 for states in history for m in states)
        alarmed += alarm
        peeked += bool((change < -stats.t.isf(0.025, 99) * se).any())
    assert alarmed / years <= chance_allows(0.05, years)
    assert peeked / years >= 0.3


def test_a_year_of_looks_at_fresh_items_raises_no_false_alarm_on_any_axis():
    """A hundred new items a look and a baseline of a hundred: its error is in all 52 changes."""
    years, n, rng = 60, 100, np.random.default_rng(2)
    alarmed = peeked = 0
    for _ in range(years):
        alarm = peek = False
        for axis in AXES:
            before = share(rng.binomial(n, 0.8), n)
            looks = [fresh_look(rng.binomial(n, 0.8), before, n, k, axis=axis) for k in range(WEEKS)]
            history = course(looks)
            assert {m.mode for states in history for m in states} == {"fresh items"}
            alarm |= any(m.high < 0 for states in history for m in states)
            peek |= any(look.change.value < -1.96 * look.change.se for look in looks)
        alarmed += alarm
        peeked += peek
    assert alarmed / years <= chance_allows(0.05, years)
    assert peeked / years >= 0.5


def test_what_treats_the_baseline_as_known_raises_false_alarms():
    """Why the baseline's error needs its own interval: without it, a mean over fresh looks drifts to its error."""
    years, n, rng, wrong = 40, 100, np.random.default_rng(3), 0
    for _ in range(years):
        before = share(rng.binomial(n, 0.8), n)
        known = Measured(before.value, 1e-9)
        history = course(fresh_look(rng.binomial(n, 0.8), known, n, k) for k in range(WEEKS))
        wrong += first_harm(history, "all") < math.inf
    assert wrong / years >= 0.12


def test_a_real_loss_is_found_at_the_same_items_and_at_fresh_ones():
    rng = np.random.default_rng(4)
    same = course(a_look(Measured(-0.1 + 0.02 * rng.normal(), 0.02, 99)) for _ in range(12))
    assert first_harm(same, "all") <= 3
    fresh = course(fresh_look(rng.binomial(500, 0.7), share(400, 500), 500, k) for k in range(12))
    assert first_harm(fresh, "all") <= 8


def test_a_late_loss_is_found_sooner_by_the_latest_looks():
    """Eight points from look 41 on, 500 fresh items a look: the mean over all looks hardly moves."""
    sooner = 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        right = [rng.binomial(500, 0.8 - 0.08 * (k >= 40)) for k in range(56)]
        history = course(fresh_look(r, share(4000, 5000), 500, k) for k, r in enumerate(right))
        recent, whole = first_harm(history, "recent"), first_harm(history, "all")
        assert 40 < recent <= whole
        sooner += recent < whole
    assert sooner >= 8
