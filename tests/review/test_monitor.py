"""The sequences behind alarms: their intervals by hand, their shares of alpha, and how they are carried on."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from tests.review.looks import NOBODY, a_look, course, fresh_look, share, some_items
from toolkit.results import AXES, Monitor
from toolkit.review.items import Items
from toolkit.review.monitor import ALPHA, RECENT, Measured, advance, measured


def by_name(states: tuple[Monitor, ...]) -> dict[str, Monitor]:
    return {m.sequence: m for m in states}


def test_the_spending_interval_is_a_t_interval_at_the_share_of_its_look():
    """Look 10: 1/110 of half of a fifth of half of .05; in block 2 its second look: 1/6 of a sixth of that."""
    states = by_name(course(a_look(Measured(-0.03, 0.01, 40)) for _ in range(10))[-1])
    alpha = 0.05 / 5 / 2 / 2
    for name, level in (("all", alpha / 110), ("recent", alpha / 6 / 6)):
        found = states[name]
        assert (found.low, found.high) == pytest.approx(stats.t.interval(1 - level, 40, -0.03, 0.01), rel=1e-9)
    assert (states["all"].looks, states["recent"].looks, states["recent"].blocks) == (10, 2, 2)


def test_the_fresh_interval_is_the_closed_formula_less_the_baselines_interval():
    """Seven looks of 50, by hand from their values and standard errors: by then narrower than the look alone."""
    before, counts = share(40, 50), (38, 41, 35, 40, 39, 37, 42)
    states = by_name(course(fresh_look(right, before, 50, k) for k, right in enumerate(counts))[-1])
    values = np.array(counts) / 50
    variance = 50 * values * (1 - values) / 49  # of one item, as each look's standard error implies
    half_alpha = 0.05 / 5 / 2 / 2 / 2 / 2
    mean = values.mean()
    sd = math.sqrt(variance.mean() + (values**2).mean() - mean**2)
    sd *= stats.t.isf(half_alpha / 2, 7 * 49) / stats.norm.isf(half_alpha / 2)
    log = -2 * math.log(half_alpha)
    r2 = (log + math.log(log + 1)) / 250
    n = 350
    half = sd * math.sqrt(2 * (n * r2 + 1) / (n * n * r2) * math.log(math.sqrt(n * r2 + 1) / half_alpha))
    half += before.se * stats.t.isf(half_alpha / 2, 49)
    found = states["all"]
    assert (found.value, found.low, found.high) == pytest.approx((mean - 0.8, mean - 0.8 - half, mean - 0.8 + half))
    assert (found.n, found.sum, found.averaged, found.mode) == (350, pytest.approx(272), 7, "fresh items")


@pytest.mark.parametrize(("fresh", "least"), [(0, 0.03), (2, 0.015)])
def test_all_baselines_blocks_and_axes_together_spend_no_more_than_alpha(fresh, least):
    """Three baselines of forty looks, with fresh items for the first few; what is spent never falls."""
    spent = 0.0
    for axis in AXES:
        looks = [
            fresh_look(80, share(80, 100), 100, 100 * b + k, axis=axis, against=str(b), independent=b < fresh)
            for b in range(3) for k in range(40)
        ]  # fmt: skip
        history = course(looks)
        for name in ("all", "recent"):
            course_of = [by_name(states)[name].alpha_spent for states in history]
            assert (np.diff(course_of) >= 0).all()
            spent += course_of[-1]
    assert least < spent <= ALPHA


def test_a_new_baseline_starts_anew_with_less():
    """Another release, or another revision of it: first look again, 1/6 and 1/12 in place of 1/2."""
    look = Measured(-0.01, 0.01, 50)
    history = course([a_look(look), a_look(look), a_look(look, revision=2), a_look(look, against="2")])
    assert [by_name(s)["all"].looks for s in history] == [1, 2, 1, 1]
    assert [by_name(s)["all"].baselines for s in history] == [1, 1, 2, 3]
    shares = [by_name(s)["all"].alpha for s in history]
    assert shares == pytest.approx([0.01 / k / 2 for k in (2, 2, 6, 12)])
    assert [by_name(s)["recent"].blocks for s in history] == [1, 1, 1, 1]


def test_the_latest_looks_are_counted_anew_in_each_block():
    history = course(a_look(Measured(0, 0.01)) for _ in range(2 * RECENT + 1))
    found = [(by_name(s)["recent"].blocks, by_name(s)["recent"].looks) for s in history]
    assert found == [(k // RECENT + 1, k % RECENT + 1) for k in range(2 * RECENT + 1)]


def test_at_fresh_items_the_harm_of_one_look_is_seen_beside_a_harmless_mean():
    """Forty looks above the baseline, then one far below it: the mean is still above."""
    before = share(4000, 5000)
    history = course(fresh_look(430 if k < 40 else 330, before, 500, k) for k in range(41))
    good, bad = (by_name(states)["all"] for states in history[-2:])
    assert (good.averaged, good.low > 0) == (40, True)
    assert (bad.averaged, bad.value, bad.high < 0) == (1, pytest.approx(-0.14), True)
    level = 0.05 / 5 / 2 / 2 / 2 / (41 * 42)  # the half that each look alone has
    change = fresh_look(330, before, 500, 40).change
    assert bad.low == pytest.approx(stats.t.interval(1 - level, change.df, change.value, change.se)[0])


def test_items_that_come_back_end_the_averaging_for_good():
    """Two looks at fresh items, then some of the first again: from there each look speaks for itself, for good."""
    before = share(80, 100)
    looks = [fresh_look(70, before, 100, k) for k in range(3)]
    again = some_items(0).hashes[:1]
    overlap = Items("partly old", np.union1d(again, looks[2].items.hashes))
    looks[2] = replace(looks[2], items=overlap)
    history = course([*looks, fresh_look(70, before, 100, 9)])
    assert [by_name(s)["all"].mode for s in history] == ["fresh items"] * 2 + ["same items"] * 2
    third = by_name(history[2])["all"]
    level = 0.05 / 5 / 2 / 2 / 2 / 12  # the half that each look alone has, third look
    change = looks[2].change
    assert (third.low, third.high) == pytest.approx(stats.t.interval(1 - level, change.df, change.value, change.se))
    assert third.items_seen == ()


@pytest.mark.parametrize(
    "doubt",
    [
        {"independent": False},
        {"items": NOBODY},
        {"before_items": NOBODY},
        {"before": None},
        {"count": 19},
        {"items": some_items(5), "before_items": some_items(5)},
    ],
)
def test_whenever_in_doubt_each_look_speaks_for_itself(doubt):
    """Models that may be the same, items unknown or the baseline's, no baseline value, few items."""
    look = fresh_look(70, share(80, 100), 100, 0)
    assert advance((), look)[0].mode == "fresh items"
    assert {m.mode for m in advance((), replace(look, **doubt))} == {"same items"}


def test_a_state_of_an_older_file_loads_and_is_followed_by_a_new_start():
    """Only the fields of the first contract: it counts as one baseline, and what it spent stays spent."""
    old = Monitor.model_validate_json(
        '{"quantity": "backward_transfer", "looks": 12, "n": 0, "sum": 0.0, "sumsq": 0.0, "items_sha": "",'
        ' "alpha_spent": 0.004, "alarm": null}'
    )
    first = advance([old], a_look(Measured(0, 0.01)))[0]
    assert (first.looks, first.baselines, first.axis) == (1, 2, "forgetting")
    assert first.alpha_spent > 0.004
    assert Monitor.model_validate_json(first.model_dump_json()) == first


def test_a_standard_error_that_is_not_given_follows_from_the_interval():
    assert measured(0.1, 0.0, 0.2, 0.03, 12.0, 0.95) == Measured(0.1, 0.03, 12.0)
    normal = measured(0.1, 0.0, 0.2, None, None, 0.95)
    assert normal.se == pytest.approx(0.1 / 1.959964)
    assert measured(0.1, 0.0, 0.2, None, 4.0, 0.95).se == pytest.approx(0.1 / stats.t.isf(0.025, 4))
    assert measured(0.1, None, None, None, None, 0.95) is None
    assert measured(None, 0.0, 0.2, 0.1, None, 0.95) is None
