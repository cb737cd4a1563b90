"""Does --fail-on pass over what is accepted, until its day has passed, and does the message say so?"""

from __future__ import annotations

import datetime as dt

import pytest

from tests.reporting.support_results import as_stored, axis, judged, some_results
from toolkit.reporting.gate import gate
from toolkit.reporting.summary import summary_markdown
from toolkit.results import AxisReview, Results, Verdict
from toolkit.results.estimate import Acceptance
from toolkit.results.report import Decision

DAY = dt.date(2026, 12, 31)
BORNE = Acceptance(by="quality board", why="retired in [January](x)", until=DAY)


def borne_axis(besides: Verdict = "healthy", **more: object) -> AxisReview:
    """Forgetting that is act by an accepted finding, and `besides` without it."""
    decision = Decision(finding="backward_transfer/stream/a", task="a", verdict="act", accepted=BORNE)
    update = {"besides_accepted": besides, "accepted_until": DAY, "decisions": (decision,)}
    return axis("act", headline="backward_transfer/stream/all").model_copy(update=update | more)


def results(besides: Verdict = "healthy", *, provisional: bool = False, regulated: bool = False) -> Results:
    """A release whose one finding that acts is accepted."""
    mean = judged(besides, provisional=provisional)
    task = judged("act", provisional=provisional, task="a").model_copy(update={"accepted": BORNE})
    return some_results(borne_axis(besides), estimates=(mean, task), regulated=regulated)


@pytest.mark.parametrize(("today", "reached"), [("2026-12-30", False), ("2026-12-31", False), ("2027-01-01", True)])
def test_an_accepted_verdict_does_not_count_until_its_day_has_passed(today: str, reached: bool) -> None:
    """Asked of a stored verdict: no new run is needed for it to count again."""
    found = gate(as_stored(results()), frozenset({"act"}), today=dt.date.fromisoformat(today))
    assert bool(found.reached) is reached
    assert found.not_counted == (() if reached else ("forgetting: act accepted until 2026-12-31 does not count",))


def test_the_verdict_without_it_counts() -> None:
    """A mean to be watched beside an accepted task: reached by watch, and not by act."""
    stored = as_stored(results("watch"))
    assert gate(stored, frozenset({"act", "watch"}), today=DAY).reached == ("forgetting: watch",)
    assert gate(stored, frozenset({"act"}), today=DAY).reached == ()


def test_another_finding_that_acts_makes_the_axis_count() -> None:
    found = gate(as_stored(results("act")), frozenset({"act"}), today=DAY)
    assert (found.reached, found.not_counted) == (("forgetting: act",), ())


def test_accepted_for_a_regulated_stream_by_its_default() -> None:
    """Everything but healthy fails there; without the accepted finding the axis is healthy by a chosen margin."""
    assert gate(as_stored(results(regulated=True)), None, today=DAY).reached == ()
    assert gate(as_stored(results(regulated=True)), None, today=dt.date(2027, 1, 1)).reached == ("forgetting: act",)


def test_acceptance_does_not_choose_a_margin() -> None:
    """Under a provisional margin nothing is shown for regulated tasks, whatever is accepted."""
    found = gate(as_stored(results(provisional=True, regulated=True)), None, today=DAY)
    assert "shows nothing for regulated tasks" in found.reached[0]


def test_nothing_is_said_of_acceptance_that_was_not_asked_for() -> None:
    assert gate(as_stored(results()), frozenset(), today=DAY).not_counted == ()


def test_the_message_says_who_bears_what_until_when() -> None:
    """With the verdict, as plain text whatever the reason looks like."""
    text = summary_markdown(results())
    assert "| Forgetting | Act, accepted until 2026-12-31 |" in text
    assert "A: act, accepted by quality board until 2026-12-31: retired in " in text.replace("\\", "")
    assert "[January](x)" not in text


def test_the_message_says_since_when_and_what_is_read_otherwise() -> None:
    known = borne_axis().model_copy(update={"since": "2026.08", "standing": True, "changed": ("The margin was 9.",)})
    text = summary_markdown(some_results(known)).replace("\\", "")
    assert "- Forgetting: Standing since 2026.08." in text
    assert "- Forgetting: The margin was 9." in text
    assert "Decisions" not in summary_markdown(some_results(axis("healthy")))
