"""Alarms: on which side, new, standing or accepted, and what becomes of them where nothing can be compared."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest

from tests.builders import config, cube_from_scores, scores_from_items
from tests.reporting.support_results import some_results
from tests.review.looks import a_look, estimate_of, fresh_look, share
from toolkit.analyses import Evidence
from toolkit.analyses.forgetting import BACKWARD
from toolkit.analyses.measure import measure
from toolkit.analyses.transfer import ZERO_SHOT
from toolkit.results import Estimate, Monitor, Results
from toolkit.review import Publication, judged, monitors, review_sheet
from toolkit.review.alarms import with_alarms
from toolkit.review.monitor import Measured, advance

TODAY = dt.date(2026, 11, 23)


def alarm(change, *, axis="forgetting", value=0.0, before=(), look=None, **settings):
    """The alarms after one look whose change is known to .001."""
    look = look or a_look(Measured(change, 0.001), current=Measured(value, 0.001), axis=axis)
    return with_alarms(advance(before, look), before, estimate_of(look), config(1, **settings), TODAY)


def test_an_alarm_is_one_plain_sentence_with_its_interval():
    text = alarm(-0.021, value=-0.05)[0].alarm
    # 3.227 standard errors: the normal quantile at half of half of half of a fifth of .05
    assert text == (
        "backward transfer has fallen by 2.10\u00a0points since 1 (anytime-valid 95\u00a0% interval 1.78 to 2.42; "
        "holds for these trained models, new test items)"
    )


@pytest.mark.parametrize(
    ("axis", "value", "change", "alarmed"),
    [
        ("forgetting", -0.05, -0.02, True),
        ("forgetting", 0.05, 0.02, False),
        ("generation", 0.05, 0.02, True),
        ("generation", 0.05, -0.02, False),
        ("alignment", -0.05, -0.02, True),
        ("feedback", 0.05, 0.02, True),  # a bias that grows, on either side
        ("feedback", -0.05, -0.02, True),
        ("feedback", 0.05, -0.02, False),  # and one that shrinks
        ("feedback", 0.01, -0.02, False),
        ("feedback", -0.03, -0.05, True),  # through zero and out on the other side
        ("forgetting", -0.05, -0.003, False),  # within the anytime-valid interval, not within an ordinary one
    ],
)
def test_alarms_are_raised_on_the_harmful_side_alone(axis, value, change, alarmed):
    assert [m.alarm is not None for m in alarm(change, axis=axis, value=value)] == [alarmed] * 2


def test_lower_is_better_turns_the_harmful_side_round():
    assert alarm(0.02, higher_is_better=False)[0].alarm
    assert not alarm(-0.02, higher_is_better=False)[0].alarm


def test_a_bias_says_on_which_side_it_now_is():
    assert (
        "has moved by 5.00\u00a0points since 1, and is now too low ("
        in alarm(-0.05, axis="feedback", value=-0.03)[0].alarm
    )


def test_a_mean_over_fresh_looks_says_over_how_many_it_goes():
    states, before = (), share(800, 1000)
    for k in range(9):
        look = fresh_look(500, before, 1000, k)
        states = alarm(0, look=look, before=states)
    assert "by 30\u00a0points on average over the nine looks since 1 (" in states[0].alarm
    assert "on average over" not in states[1].alarm  # the latest looks have just begun anew
    for k in range(9, 14):
        states = alarm(0, look=fresh_look(500, before, 1000, k), before=states)
    assert "on average over the latest six looks since 1 (" in states[1].alarm


def test_an_alarm_stands_until_the_change_is_gone_or_the_baseline_another():
    first = alarm(-0.02)
    second = alarm(-0.02, before=first)
    assert [m.standing for m in (*first, *second)] == [False, False, True, True]
    third = alarm(0.0, before=second)
    assert {m.alarm for m in third} == {None}
    again = alarm(-0.02, before=third)
    assert not again[0].standing
    other = a_look(Measured(-0.02, 0.001), against="2")
    anew = alarm(-0.02, look=other, before=second)
    assert (bool(anew[0].alarm), anew[0].standing) == (True, False)


@pytest.mark.parametrize(("until", "borne"), [("2026-11-23", True), ("2026-11-22", False)])
def test_an_accepted_alarm_stays_visible_and_says_until_when(until, borne):
    accepted = [{"finding": "backward_transfer/stream/all", "by": "board", "why": "known", "until": until}]
    found = alarm(-0.02, accepted=accepted)[0]
    assert found.alarm
    assert found.accepted_until == (dt.date.fromisoformat(until) if borne else None)
    other = alarm(0.02, axis="generation", accepted=accepted)[0]
    assert (bool(other.alarm), other.accepted_until) == (True, None)


def test_an_interval_ends_where_no_change_can_go():
    """Two degrees of freedom: thousands of standard errors, but a change of scores is at most twice their range."""
    look = a_look(Measured(-0.02, 0.1, 2))
    states = ()
    for _ in range(30):
        states = alarm(0, look=look, before=states)
    assert (states[0].low, states[0].high) == (-2, 2)


def publication(seed, lost, *, baseline=None, release=None, items=300, **settings):
    """A publication of a small log with its estimates: two tasks, one seed; `lost`: of the first, at the end."""
    rng = np.random.default_rng(seed)
    y = (rng.random((1, 1, 3, 2, items)) < 0.8).astype(float)
    y[0, 0, 2, 0] = y[0, 0, 1, 0] * (rng.random(items) > lost)
    y[0, 0, 0] = 0.0
    cube = cube_from_scores(scores_from_items(y), config(2, **settings))
    old = baseline and baseline[0]
    evidence = Evidence(cube, old and old.evidence.cube, baseline and baseline[2].release)
    found = judged([e for what in (BACKWARD, ZERO_SHOT) for e in measure(evidence, what, undefined="")], cube.config)
    results = some_results(estimates=found, release=release or "look")
    return Publication(evidence, baseline and baseline[2], release is None, TODAY), found, results


def watched(made: tuple[Publication, tuple[Estimate, ...], Results], preceding=()) -> tuple[Monitor, ...]:
    sheet = review_sheet(made[1], made[0].evidence.config)
    return monitors(made[0], sheet.axes, made[1], preceding)


def test_a_first_release_has_no_sequences():
    assert watched(publication(0, 0.05, release="1")) == ()


def test_looks_at_a_growing_loss_raise_an_alarm_that_then_stands():
    """The real estimates of real cubes: the interval of the first look is that of the change itself, wider."""
    first = publication(0, 0.02, release="1")
    states: tuple[Monitor, ...] = ()
    history = []
    for seed, lost in ((1, 0.02), (2, 0.3), (3, 0.3)):
        made = publication(seed, lost, baseline=first)
        states = watched(made, states)
        history.append({m.sequence: m for m in states if m.axis == "forgetting"})
    alarms = [(h["all"].looks, h["all"].alarm is not None, h["all"].standing) for h in history]
    assert alarms == [(1, False, False), (2, True, False), (3, True, True)]
    change = next(e for e in made[1] if e.id == "backward_transfer/stream/all").change
    assert history[-1]["all"].value == pytest.approx(change.value)
    assert history[-1]["all"].low < change.low
    assert history[-1]["all"].high > change.high
    assert history[-1]["all"].mode == "same items"


def test_what_cannot_be_compared_is_carried_on_and_so_is_its_alarm():
    """The scale differs from the baseline's: no look is counted, nothing is spent, and the alarm stands."""
    first = publication(0, 0.02, release="1")
    states = watched(publication(1, 0.4, baseline=first))
    other = watched(publication(2, 0.4, baseline=first, score_range=(0, 2)), states)
    before, after = (next(m for m in s if m.axis == "forgetting") for s in (states, other))
    assert after.alarm == before.alarm is not None
    assert after.standing
    assert (after.looks, after.alpha_spent, after.value) == (before.looks, before.alpha_spent, None)
    assert "score range differs" in after.reason


def test_an_axis_that_is_measured_and_not_compared_says_why():
    """No look is counted, so that it starts with the full share once it can be compared."""
    first = publication(0, 0.02, release="1")
    waiting = watched(publication(1, 0.4, baseline=first, score_range=(0, 2)))
    state = next(m for m in waiting if m.axis == "forgetting")
    assert (state.looks, state.alpha_spent, state.alarm) == (0, 0.0, None)
    started = watched(publication(2, 0.02, baseline=first), waiting)
    assert next((m.looks, m.baselines) for m in started if m.axis == "forgetting") == (1, 1)


def test_what_is_watched_does_not_change_before_the_baseline_does():
    """Forward transfer was watched; without its arm the fallback is not put in its place."""
    first = publication(0, 0.02, release="1")
    made = publication(1, 0.02, baseline=first)
    states = watched(made)
    zero_shot = next(m for m in states if m.axis == "transfer")
    assert zero_shot.quantity == "zero_shot_transfer"
    pretended = [m.model_copy(update={"estimate": "forward_transfer/stream:isolated/all"}) for m in states]
    after = next(m for m in watched(made, pretended) if m.axis == "transfer")
    assert (after.looks, after.value) == (1, None)
    assert after.reason
    assert math.isfinite(zero_shot.low)
