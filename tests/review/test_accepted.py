"""What is accepted stays what it is, is borne until its day has passed, and bears nothing else."""

import datetime as dt

import pytest

from tests.builders import config
from toolkit.results import Estimate
from toolkit.review import accepted_notices, judged, review_axes, review_sheet, with_accepted, with_decisions

DAY = dt.date(2026, 12, 31)
MARGINS = {"margins": {"forgetting": {"value": 0.02}, "regulated": {"forgetting": {"value": 0.01}}}}
MEAN, FIRST, SECOND = (f"backward_transfer/stream/{name}" for name in ("all", "task%201", "task%202"))


def backward(value, low, high, task=None):
    return Estimate(quantity="backward_transfer", axis="forgetting", task=task, value=value, low=low, high=high,
                    scope="seeds", method="t")  # fmt: skip


def harmless(task=None):
    return backward(0, -0.005, 0.005, task)


def lost(task=None):
    return backward(-0.06, -0.08, -0.04, task)


def accepting(*findings, until=DAY, regulated=(), tasks=3):
    entries = tuple(
        {"finding": f, "by": "quality board", "why": "retired in January", "until": until} for f in findings
    )
    return config(tasks, review=MARGINS, regulated=regulated, accepted=entries)


def reviewed(found, settings, today=DAY):
    """The estimates as a run of that day marks them, and the review of forgetting."""
    marked = with_accepted(judged(found, settings), settings, today)
    reviews = with_decisions(review_axes(marked, settings), marked, settings)
    return marked, next(r for r in reviews if r.axis == "forgetting")


@pytest.mark.parametrize(("today", "borne"), [("2026-12-30", True), ("2026-12-31", True), ("2027-01-01", False)])
def test_a_finding_is_borne_until_its_day_has_passed(today, borne):
    """The day itself is included, as for alarms."""
    (_, task), review = reviewed([harmless(), lost("task 1")], accepting(FIRST), dt.date.fromisoformat(today))
    assert (task.accepted is not None) is borne
    assert (review.besides_accepted, review.accepted_until) == (("healthy", DAY) if borne else (None, None))


def test_the_verdict_stays_what_it_is():
    """Task, axis and release stay act; the decision names who bears it, why and until when."""
    settings = accepting(FIRST)
    marked, review = reviewed([harmless(), lost("task 1")], settings)
    assert [e.verdict for e in marked] == ["healthy", "act"]
    assert (review.verdict, review.because) == ("act", ("task 1",))
    (decision,) = review.decisions
    assert (decision.finding, decision.task, decision.verdict) == (FIRST, "task 1", "act")
    borne = decision.accepted
    assert (borne.by, borne.why, borne.until) == ("quality board", "retired in January", DAY)
    assert review_sheet(marked, settings).verdict == "act"


def test_another_task_beyond_its_margin_still_makes_the_axis_act():
    _, review = reviewed([harmless(), lost("task 1"), lost("task 2")], accepting(FIRST))
    assert (review.verdict, review.besides_accepted) == ("act", "act")
    assert [(d.task, d.accepted is not None) for d in review.decisions] == [("task 1", True), ("task 2", False)]


def test_the_mean_and_a_task_are_accepted_one_by_one():
    """A mean beyond its margin counts though the task that pulls it there is accepted, and the other way round."""
    found = [lost(), lost("task 1")]
    assert reviewed(found, accepting(FIRST))[1].besides_accepted == "act"
    assert reviewed(found, accepting(MEAN))[1].besides_accepted == "act"
    assert reviewed(found, accepting(MEAN, FIRST))[1].besides_accepted == "healthy"


def test_what_is_left_is_judged_as_ever():
    """A mean to be watched is to be watched still; a regulated task that is not healthy still forbids healthy."""
    mean = backward(-0.015, -0.025, -0.005)
    assert reviewed([mean, lost("task 1")], accepting(FIRST))[1].besides_accepted == "watch"
    open_ = backward(-0.005, -0.015, 0.005, "task 2")
    settings = accepting(FIRST, regulated=("task 2",))
    assert reviewed([harmless(), lost("task 1"), open_], settings)[1].besides_accepted == "unclear"


def test_a_regulated_finding_is_accepted_and_always_told():
    """Also one that the mean's verdict would hide, and the verdict without it is healthy again."""
    open_ = backward(-0.005, -0.015, 0.005, "task 1")
    _, review = reviewed([harmless(), open_], accepting(FIRST, regulated=("task 1",)))
    assert (review.verdict, review.besides_accepted) == ("unclear", "healthy")
    (decision,) = review.decisions
    assert (decision.task, decision.regulated, decision.accepted.until) == ("task 1", True, DAY)


def test_the_first_day_to_pass_ends_it_and_the_longest_entry_of_a_finding_holds():
    settings = accepting(MEAN, FIRST)
    later = dt.date(2027, 3, 1)
    more = settings.accepted[1].model_copy(update={"until": later})
    settings = settings.model_copy(update={"accepted": (*settings.accepted, more)})
    (mean, task), review = reviewed([lost(), lost("task 1")], settings)
    assert (mean.accepted.until, task.accepted.until, review.accepted_until) == (DAY, later, DAY)


def test_what_is_healthy_needs_nobody_to_bear_it():
    marked, review = reviewed([harmless(), harmless("task 1")], accepting(FIRST))
    assert [e.accepted for e in marked] == [None, None]
    assert (review.decisions, review.besides_accepted) == ((), None)


def test_an_id_that_no_finding_has_is_a_notice_with_the_nearest():
    settings = accepting("backward_transfer/stream/task%2O1", "nonsense")
    marked, _ = reviewed([harmless(), lost("task 1")], settings)
    near, far = accepted_notices(marked, settings, DAY)
    assert (near.code, far.code) == ("accepted-unknown", "accepted-unknown")
    assert f"`{FIRST}`" in near.message
    assert "`nonsense`" in far.message
    assert "nearest" not in far.message


def test_a_day_that_has_passed_is_a_notice_while_the_finding_is_there():
    """Nothing is said of one that has become healthy, and nothing while it is still accepted."""
    settings = accepting(FIRST, SECOND)
    marked, _ = reviewed([harmless(), lost("task 1"), harmless("task 2")], settings)
    assert accepted_notices(marked, settings, DAY) == ()
    (notice,) = accepted_notices(marked, settings, DAY + dt.timedelta(1))
    assert notice.code == "accepted-ended"
    assert FIRST in notice.message
    assert "2026-12-31" in notice.message
