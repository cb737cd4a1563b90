"""Does --fail-on fail exactly where results.md and report.md say it does?"""

from __future__ import annotations

import datetime as dt

import pytest

from tests.reporting.support_results import as_stored, axis, judged, some_results
from toolkit.errors import UsageError
from toolkit.reporting.gate import CHOICES, exit_code, gate, parse_fail_on
from toolkit.results import Monitor, Verdict

VERDICTS: tuple[Verdict, ...] = ("healthy", "watch", "act", "unclear", "not measured")


@pytest.mark.parametrize("verdict", VERDICTS)
@pytest.mark.parametrize("asked", VERDICTS)
def test_a_named_verdict_of_a_required_axis_is_reached(verdict: Verdict, asked: Verdict) -> None:
    """3 exactly where the verdict was asked for, under a margin that somebody chose."""
    results = some_results(axis(verdict), estimates=(judged(verdict, provisional=False),))
    assert exit_code(as_stored(results), frozenset({asked}), stale=False) == (3 if asked == verdict else 0)


def test_the_worst_axis_does_not_hide_another() -> None:
    """Asked for watch only, a watch axis counts beside one that has to act."""
    axes = (axis("act"), axis("watch", name="generation"))
    found = gate(as_stored(some_results(*axes)), frozenset({"watch"}))
    assert found.reached == ("generation: watch",)


def test_an_axis_that_is_not_required_does_not_count() -> None:
    results = some_results(axis("act", required=False), estimates=(judged("act", provisional=False),))
    assert exit_code(as_stored(results), frozenset({"act"}), stale=False) == 0


def test_a_provisional_margin_does_not_count_and_says_so() -> None:
    results = as_stored(some_results(axis("act"), estimates=(judged("act", provisional=True),)))
    found = gate(results, frozenset({"act"}))
    assert found.reached == ()
    assert "forgetting: act under a provisional margin does not count" in found.not_counted[0]
    assert exit_code(results, frozenset({"act"}), stale=False) == 0


def test_one_chosen_margin_behind_the_verdict_is_enough() -> None:
    """The mean has a provisional margin, but a regulated or named task was judged by a chosen one."""
    estimates = (judged("act", provisional=True), judged("act", provisional=False, task="a"))
    results = as_stored(some_results(axis("act"), estimates=estimates))
    assert exit_code(results, frozenset({"act"}), stale=False) == 3


def test_the_headline_decides_where_no_estimate_has_the_verdict() -> None:
    headline = judged("watch", provisional=True)
    results = some_results(axis("act", headline=headline.id), estimates=(headline,))
    assert exit_code(as_stored(results), frozenset({"act"}), stale=False) == 0


def test_without_fail_on_no_verdict_fails_a_standard_stream() -> None:
    results = some_results(axis("act"), estimates=(judged("act", provisional=False),))
    assert exit_code(as_stored(results), None, stale=False) == 0


@pytest.mark.parametrize("verdict", VERDICTS)
def test_with_a_regulated_task_everything_but_healthy_fails(verdict: Verdict) -> None:
    results = some_results(axis(verdict), estimates=(judged(verdict, provisional=False),), regulated=True)
    assert exit_code(as_stored(results), None, stale=False) == (0 if verdict == "healthy" else 3)


def test_with_a_regulated_task_a_provisional_healthy_shows_nothing() -> None:
    """Harmlessness must be shown, and a margin that nobody chose cannot show it."""
    results = some_results(axis("healthy"), estimates=(judged("healthy", provisional=True),), regulated=True)
    assert exit_code(as_stored(results), None, stale=False) == 3
    assert exit_code(as_stored(results), frozenset(), stale=False) == 0


def test_an_alarm_is_asked_for_by_name() -> None:
    alarm = Monitor(
        quantity="backward_transfer", looks=3, n=9, sum=1, sumsq=1, items_sha="", alpha_spent=0.1, alarm="new"
    )
    results = as_stored(some_results(axis("healthy"), monitor=(alarm,)))
    assert exit_code(results, frozenset({"alarm"}), stale=False) == 3
    assert exit_code(results, frozenset({"act"}), stale=False) == 0


def alarmed(quantity: str = "backward_transfer", **more: object) -> Monitor:
    """A sequence with an alarm."""
    state = {"quantity": quantity, "looks": 3, "n": 9, "sum": 1, "sumsq": 1, "items_sha": "", "alpha_spent": 0.1}
    return Monitor.model_validate({**state, "alarm": "it has fallen", **more})


def test_a_standing_alarm_counts_and_both_sequences_of_an_axis_are_one() -> None:
    """All looks and the latest looks say the same of one axis; another axis has a line of its own."""
    states = (alarmed(standing=True), alarmed(standing=True, sequence="recent"), alarmed("feedback_bias"))
    found = gate(as_stored(some_results(axis("healthy"), monitor=states)), frozenset({"alarm"}))
    assert found.reached == ("backward_transfer: alarm, it has fallen", "feedback_bias: alarm, it has fallen")


@pytest.mark.parametrize(("today", "code"), [("2026-12-30", 0), ("2026-12-31", 0), ("2027-01-01", 3)])
def test_an_accepted_alarm_does_not_count_until_its_day_has_passed(today: str, code: int) -> None:
    """Asked of a stored verdict: what was accepted when it was published may no longer be."""
    state = alarmed(accepted_until=dt.date(2026, 12, 31))
    results = as_stored(some_results(axis("healthy"), monitor=(state,)))
    found = gate(results, frozenset({"alarm"}), today=dt.date.fromisoformat(today))
    assert (3 if found.reached else 0) == code
    assert bool(found.not_counted) == (code == 0)
    assert all("accepted until 2026-12-31 does not count" in line for line in found.not_counted)


def test_accepting_one_alarm_leaves_the_others() -> None:
    states = (alarmed(accepted_until=dt.date(9999, 1, 1)), alarmed("feedback_bias"))
    results = as_stored(some_results(axis("healthy"), monitor=states))
    assert exit_code(results, frozenset({"alarm"}), stale=False) == 3
    assert exit_code(results, None, stale=False) == 0


def test_a_stale_log_has_its_own_code() -> None:
    """A verdict over a log that has stopped speaks of the past."""
    results = as_stored(some_results(axis("act"), estimates=(judged("act", provisional=False),)))
    assert exit_code(results, frozenset({"act"}), stale=True) == 5


def test_fail_on_is_read_as_it_is_written() -> None:
    assert parse_fail_on(None) is None
    assert parse_fail_on("none") == frozenset()
    assert parse_fail_on("act, Not-Measured,not_measured") == {"act", "not measured"}
    assert parse_fail_on(",".join(CHOICES)) == set(CHOICES)
    for wrong in ("", "acts", "act,,watch", "none,act"):
        with pytest.raises(UsageError, match="--fail-on: unknown verdict"):
            parse_fail_on(wrong)
