"""Since when a verdict stands, by whose margin it was reached, and what is read otherwise than in the baseline."""

import datetime as dt

import pytest

from tests.builders import config
from tests.reporting.support_results import some_results
from toolkit.results import Estimate
from toolkit.review import Past, changed_notices, judged, past_of, review_axes, review_sheet, with_decisions
from toolkit.review.decisions import acting_since, past_of_results

MARGINS = {"margins": {"forgetting": {"value": 0.02}}}
TASK = "backward_transfer/stream/task%201"


def backward(value, low, high, task=None, **more):
    return Estimate(quantity="backward_transfer", axis="forgetting", task=task, value=value, low=low, high=high,
                    **{"scope": "seeds", "method": "t", "n": {"seeds": 3, "items": 90}} | more)  # fmt: skip


def lost(task=None, **more):
    return backward(-0.06, -0.08, -0.04, task, **more)


def reviewed(found, settings, **more):
    found = judged(found, settings)
    return next(
        r for r in with_decisions(review_axes(found, settings), found, settings, **more) if r.axis == "forgetting"
    )


def before(release, axis, task="healthy"):
    return Past(release, {"forgetting": axis}, {TASK: task})


def baseline(found, settings, release="2026.10"):
    """A publication of these estimates, judged by these settings."""
    found = judged(found, settings)
    kept = settings.model_dump(mode="json")
    return some_results(
        *review_axes(found, settings), estimates=found, release=release, config={**kept, "name": "tickets"}
    )


@pytest.mark.parametrize(
    ("now", "earlier", "expected"),
    [
        ("act", [], (None, False)),  # nothing to compare with
        ("act", ["healthy"], (None, True)),
        ("act", ["act", "healthy", None], (None, True)),
        ("act", ["act", "healthy", "act", "act"], (2, False)),
        ("act", ["act", "act"], (0, False)),
        ("watch", ["act", "act"], (None, False)),
        (None, ["act"], (None, False)),
    ],
)
def test_the_unbroken_run_of_act_up_to_now(now, earlier, expected):
    """It begins where act begins, and a release between that was not act, or not judged, begins it anew."""
    assert acting_since(now, earlier) == expected


def test_axis_and_tasks_have_each_their_own_course():
    past = [before("2026.08", "act"), before("2026.09", "act"), before("2026.10", "act", task="act")]
    review = reviewed([lost(), lost("task 1"), lost("task 2")], config(2, review=MARGINS), past=past)
    assert (review.standing, review.since, review.new) == (True, "2026.08", False)
    told = {d.task: (d.since, d.new) for d in review.decisions}
    assert told == {None: (None, True), "task 1": ("2026.10", False), "task 2": (None, True)}


def test_history_goes_before_the_baseline():
    """What was act in a baseline of old and not in the release before this one is new."""
    settings = config(2, review=MARGINS)
    old = baseline([lost()], settings, "2026.01")
    assert reviewed([lost()], settings, baseline=old).since == "2026.01"
    review = reviewed([lost()], settings, baseline=old, past=[before("2026.01", "act"), before("2026.02", "healthy")])
    assert (review.standing, review.since, review.new) == (False, None, True)


def test_a_first_release_is_neither_new_nor_standing():
    review = reviewed([lost()], config(1, review=MARGINS))
    assert (review.standing, review.since, review.new) == (False, None, False)


def test_the_past_reads_the_same_from_json_and_from_results():
    results = baseline([lost(), lost("task 1")], config(2, review=MARGINS))
    found = past_of(results.model_dump(mode="json"))
    assert found == past_of_results(results)
    assert (found.axes["forgetting"], found.findings[TASK]) == ("act", "act")


def test_another_margin_is_said_with_the_verdict_under_the_old_one():
    """6 points lost, at least 4: beyond 2 points, inside 10."""
    then = config(1, review={"margins": {"forgetting": {"value": 0.1}}})
    now = config(1, review=MARGINS)
    review = reviewed([lost()], now, baseline=baseline([lost()], then))
    assert (review.verdict, review.under_baseline_margins) == ("act", "healthy")
    (text,) = review.changed
    assert text == (
        "The margin was 10\u00a0points in 2026.10 and is 2\u00a0points now. Under 2026.10's margins: healthy."
    )
    (notice,) = changed_notices([review])
    assert (notice.code, notice.message) == ("read-otherwise", f"Forgetting: {text}")


def test_a_margin_that_somebody_has_chosen_since_is_another():
    """Two points were provisional; chosen, they are the same number by somebody's word."""
    review = reviewed([lost()], config(1, review=MARGINS), baseline=baseline([lost()], config(1)))
    assert "provisional" in review.changed[0]
    assert review.under_baseline_margins == "act"


def test_a_regulated_margin_alone_is_said_by_its_task():
    stricter = {"margins": {**MARGINS["margins"], "regulated": {"forgetting": {"value": 0.01}}}}
    small = backward(-0.01, -0.015, -0.005)
    task = small.model_copy(update={"task": "task 1"})
    then, now = (config(1, review=r, regulated=("task 1",)) for r in (MARGINS, stricter))
    review = reviewed([small, task], now, baseline=baseline([small, task], then))
    assert (review.verdict, review.under_baseline_margins) == ("watch", "healthy")
    assert review.changed[0].startswith("The margin of task 1 was 2\u00a0points")


def test_nothing_is_said_where_nothing_changed():
    """Who chose it and why may be written more fully; the number is what judges."""
    said = {"margins": {"forgetting": {"value": 0.02, "chosen_by": "quality board"}}}
    review = reviewed([lost()], config(1, review=said), baseline=baseline([lost()], config(1, review=MARGINS)))
    assert (review.under_baseline_margins, review.changed) == (None, ())


def test_another_scope_and_level_of_the_headline_are_said():
    settings = config(1, review=MARGINS)
    old = baseline([lost(scope="items", level=0.9, n={"seeds": 1, "items": 90})], settings)
    scope, level = reviewed([lost()], settings, baseline=old).changed
    assert "this training run only" in scope
    assert "models trained anew" in scope
    assert "90" in level
    assert "95" in level


def test_a_baseline_whose_settings_cannot_be_read_is_passed_over():
    """Written by another version, say: the verdict stands, and nothing is claimed of its margins."""
    settings = config(1, review=MARGINS)
    strange = baseline([lost()], settings)
    kept = strange.provenance.model_copy(update={"config": {"name": "tickets", "unheard-of": 1}})
    review = reviewed([lost()], settings, baseline=strange.model_copy(update={"provenance": kept}))
    assert (review.verdict, review.under_baseline_margins, review.changed) == ("act", None, ())


def test_every_axis_says_whose_margin_it_is():
    """Also one that was not measured; without a choice the margin is provisional, 2 % of the scale."""
    chosen = {"value": 0.03, "chosen_by": "board", "reason": "cost", "date": "2026-11-02"}
    settings = config(1, review={"margins": {"forgetting": chosen, "regulated": {"forgetting": {"value": 0.01}}}},
                      regulated=("task 1",))  # fmt: skip
    axes = {r.axis: r for r in review_sheet(judged([lost()], settings), settings).axes}
    margin = axes["forgetting"].margin
    assert (margin.value, margin.provisional, margin.by, margin.reason) == (0.03, False, "board", "cost")
    assert margin.date == dt.date(2026, 11, 2)
    assert axes["forgetting"].margin_regulated.value == 0.01
    assert (axes["alignment"].margin.value, axes["alignment"].margin.provisional) == (0.02, True)
