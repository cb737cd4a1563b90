"""What readers see of alarms: a row an axis, the interval of the change, and what kind of alarm it is."""

from __future__ import annotations

import datetime as dt

import pytest

from toolkit.figures import alarms_table
from toolkit.figures.alarms import HOLDS, NONE_YET
from toolkit.language import text_of
from toolkit.results import Monitor

BASE = {
    "quantity": "backward_transfer", "axis": "forgetting", "estimate": "backward_transfer/stream/all",
    "against": "2026.10", "looks": 12, "n": 0, "sum": 0.0, "sumsq": 0.0, "items_sha": "", "alpha_spent": 0.0,
    "value": -0.021, "low": -0.038, "high": -0.004,
}  # fmt: skip
ALARM = "backward transfer has fallen by 2.1 points since 2026.10 (...)"


def states(**more: object) -> list[Monitor]:
    recent = BASE | {"sequence": "recent", "looks": 4, "low": -0.05, "high": 0.01} | more
    return [Monitor.model_validate(BASE | more), Monitor.model_validate(recent)]


def cells(found: list[Monitor]) -> list[str]:
    """The one row, as text."""
    *_, row = alarms_table(found).text.splitlines()
    return row.replace("\u00a0", " ").split(" | ")


def test_before_there_is_a_baseline_one_line_says_when_alarms_start() -> None:
    block = alarms_table([])
    assert block.text == NONE_YET
    assert "second publication" in block.html()
    assert "<table" not in block.html()


def test_a_row_shows_looks_and_both_intervals_in_printed_units() -> None:
    row = cells(states())
    assert row == ["Forgetting", "12", "−2.1 points (−3.8 to −0.4)", "−2.1 points (−5.0 to 1.0)", "No alarm"]
    page = alarms_table(states()).html()
    assert "since 2026.10" in page
    assert text_of(HOLDS).split(":")[0] in page


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"alarm": ALARM}, f"New alarm: {ALARM}."),
        ({"alarm": ALARM, "standing": True}, f"Standing alarm: {ALARM}."),
        (
            {"alarm": ALARM, "accepted_until": dt.date(2026, 12, 31)},
            f"New alarm, accepted until 2026-12-31: {ALARM}.",
        ),
    ],
)
def test_new_standing_and_accepted_alarms_are_told_apart(more: dict[str, object], words: str) -> None:
    assert cells(states(**more))[-1] == words


def test_an_alarm_of_the_latest_looks_alone_is_shown_too() -> None:
    whole, recent = states()
    assert cells([whole, recent.model_copy(update={"alarm": ALARM})])[-1] == f"New alarm: {ALARM}."


def test_what_was_not_compared_says_why_beside_an_alarm_that_stands() -> None:
    gone = {"value": None, "low": None, "high": None, "reason": "not comparable: the score range differs"}
    assert cells(states(**gone)) == [
        "Forgetting", "12", "–", "–", "Not compared this time: the score range differs."
    ]  # fmt: skip
    page = alarms_table(states(**gone, alarm=ALARM, standing=True)).html()
    assert "Standing alarm" in page
    assert "the score range differs" in page


def test_names_from_logs_stay_text() -> None:
    page = alarms_table(states(against="<b>x</b>", reason="<script>")).html()
    assert "<b>x" not in page
    assert "<script>" not in page


def test_axes_stand_in_their_usual_order() -> None:
    other = [m.model_copy(update={"axis": "transfer", "quantity": "forward_transfer"}) for m in states()]
    lines = alarms_table([*states(), *other]).text.splitlines()
    assert [line.split(" | ")[0] for line in lines[-2:]] == ["Transfer", "Forgetting"]
