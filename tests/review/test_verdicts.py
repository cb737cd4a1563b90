"""Findings and verdicts: the rules of the report, case by case, and what one task does to an axis."""

import pytest
from scipy import stats

from tests.builders import config
from toolkit.results import Estimate
from toolkit.review import judged, review_axes, review_sheet
from toolkit.review.verdicts import finding_of, verdict_of


@pytest.mark.parametrize(
    ("value", "low", "high", "verdict", "finding"),
    [
        (0.00, -0.01, 0.01, "healthy", "no material change"),
        (0.05, 0.03, 0.07, "healthy", "better"),
        (0.03, -0.01, 0.07, "healthy", "unclear"),
        (-0.05, -0.07, -0.03, "act", "worse"),
        (-0.015, -0.025, -0.005, "watch", "worse"),  # zero excluded, margin not
        (-0.03, -0.07, 0.01, "watch", "unclear"),  # the value itself is beyond the margin
        (-0.01, -0.07, 0.05, "unclear", "unclear"),
    ],
)
def test_where_less_is_harm(value, low, high, verdict, finding):
    assert verdict_of(value, low, high, margin=0.02, harm="low") == verdict
    assert finding_of(value, low, high, margin=0.02, harm="low") == finding
    mirrored = (-value, -high, -low)
    assert verdict_of(*mirrored, margin=0.02, harm="high") == verdict
    assert finding_of(*mirrored, margin=0.02, harm="high") == finding


@pytest.mark.parametrize(
    ("value", "low", "high", "verdict", "finding"),
    [
        (0.00, -0.01, 0.01, "healthy", "no material change"),
        (0.05, 0.03, 0.07, "act", "worse"),
        (-0.05, -0.07, -0.03, "act", "worse"),
        (0.02, 0.01, 0.03, "watch", "worse"),
        (0.00, -0.05, 0.05, "unclear", "unclear"),
    ],
)
def test_where_either_side_is_harm(value, low, high, verdict, finding):
    assert verdict_of(value, low, high, margin=0.02, harm="both") == verdict
    assert finding_of(value, low, high, margin=0.02, harm="both") == finding


MARGINS = {"margins": {"forgetting": {"value": 0.02}, "regulated": {"forgetting": {"value": 0.01}}}}


def backward(value, low, high, task=None, **more):
    return Estimate(
        quantity="backward_transfer", axis="forgetting", task=task, value=value, low=low, high=high,
        scope="seeds", method="t", **more,
    )  # fmt: skip


def axis(estimates, settings):
    found = judged(estimates, settings)
    return next(a for a in review_axes(found, settings) if a.axis == "forgetting")


def test_one_task_beyond_its_margin_makes_the_axis_act_and_is_named():
    settings = config(2, review=MARGINS)
    got = axis([backward(0, -0.01, 0.01), backward(-0.06, -0.08, -0.04, "task 2")], settings)
    assert got.verdict == "act"
    assert got.because == ("task 2",)
    assert "task 2" in got.sentence.lower()


def test_a_regulated_task_that_is_not_healthy_forbids_healthy():
    mild = backward(-0.005, -0.015, 0.005, "task 1")
    whole = backward(0, -0.01, 0.01)
    assert axis([whole, mild], config(2, review=MARGINS)).verdict == "healthy"
    got = axis([whole, mild], config(2, review=MARGINS, regulated=("task 1",)))
    assert got.verdict == "unclear"
    assert got.because == ("task 1",)


def test_provisional_margins_are_marked_and_do_not_clear_regulated_tasks():
    (found,) = judged([backward(0, -0.001, 0.001, "task 1")], config(1, regulated=("task 1",)))
    assert (found.margin, found.margin_provisional, found.verdict) == (0.02, True, "unclear")
    assert "somebody has chosen" in found.reason


def test_lower_is_better_turns_harm_round():
    (found,) = judged([backward(0.05, 0.04, 0.06)], config(1, higher_is_better=False, review=MARGINS))
    assert (found.verdict, found.finding) == ("act", "worse")


def test_an_assumed_ceiling_proves_no_harm():
    gap = Estimate(quantity="agreement_gap", axis="alignment", value=-0.3, low=-0.4, high=-0.2, group="ceiling=1")
    settings = config(1)
    assert judged([gap], settings)[0].verdict == "unclear"
    close = gap.model_copy(update={"value": -0.01, "low": -0.015, "high": -0.005})
    assert judged([close], settings)[0].verdict == "healthy"


def test_the_release_is_its_worst_required_axis():
    settings = config(1, review=MARGINS)
    bias = Estimate(quantity="feedback_bias", axis="feedback", value=0, low=-0.001, high=0.001)
    lost = backward(-0.06, -0.08, -0.04)
    sheet = review_sheet(judged([bias, lost], settings), settings)
    assert (sheet.verdict, sheet.measured) == ("act", 2)
    only = config(1, review={**MARGINS, "required": ["feedback"]})
    assert review_sheet(judged([bias, lost], only), only).verdict == "healthy"
    missing = config(1, review={**MARGINS, "required": ["feedback", "transfer"]})
    assert review_sheet(judged([bias, lost], missing), missing).verdict == "not measured"


def test_the_plan_never_says_that_no_one_is_needed():
    settings = config(2, review=MARGINS, regulated=("task 1",))
    nothing = review_sheet([], settings).people_plan
    assert {row.advice for row in nothing} == {"required"}
    assert all(row.labels >= 30 for row in nothing)
    fine = [
        Estimate(quantity="feedback_bias", axis="feedback", task=f"task {j}", value=0, low=-0.001, high=0.001,
                 n={"labels": 200})
        for j in (1, 2)
    ]  # fmt: skip
    chosen = config(2, review={"margins": {"feedback_bias": {"value": 0.05}}}, regulated=("task 1",))
    plan = review_sheet(judged(fine, chosen), chosen).people_plan
    assert [(row.task, row.advice) for row in plan] == [("task 1", "review"), ("task 2", "watch")]
    assert plan[1].labels == 20


def test_an_unclear_verdict_says_what_would_settle_it():
    """1.8 points from the margin, nine tenths of the variance from seeds: more seeds settle it, more items do not."""
    more = {"se": 0.01, "df": 4.0, "variance": {"items": 1e-5, "seeds": 9e-5}, "n": {"items": 400, "seeds": 5}}
    (unclear,) = judged([backward(-0.002, -0.030, 0.026, **more)], config(3, review=MARGINS))
    assert unclear.verdict == "unclear"
    seeds = unclear.settled_by.pop("seeds")
    assert unclear.settled_by == {}
    multiple = stats.t.ppf(0.975, seeds - 1) + stats.norm.ppf(0.8)
    assert multiple * (9e-5 * 5 / seeds + 1e-5) ** 0.5 <= 0.018
    assert multiple * (9e-5 * 5 / (seeds - 1) + 1e-5) ** 0.5 > 0.018 * 0.98
    (healthy,) = judged([backward(0.0, -0.01, 0.01, **more)], config(3, review=MARGINS))
    assert healthy.settled_by == {}
    (unclear,) = judged([backward(-0.002, -0.030, 0.026, **more)], config(3, review=MARGINS))
    review = review_axes([unclear], config(3, review=MARGINS))[1]
    assert f"About {seeds}" in review.sentence.replace(",", "")


def test_what_stands_beside_an_estimate_is_not_judged():
    """Other definitions, scopes, models and shrunken values have no verdict, and decide no axis."""
    groups = ["definition=all-pairs", "scope=tasks", "model=mixed", "shrunk=morris", "part=fixed"]
    beside = [backward(-0.5, -0.6, -0.4, task="task 1", group=group) for group in groups]
    main = backward(0.0, -0.01, 0.01)
    got = judged([main, *beside], config(3, review=MARGINS))
    assert [e.verdict for e in got] == ["healthy", None, None, None, None, None]
    assert review_axes(got, config(3, review=MARGINS))[1].verdict == "healthy"
