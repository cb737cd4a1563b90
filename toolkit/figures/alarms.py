"""Which alarms stand, and what do the sequences behind them say of the change since the baseline?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from toolkit.figures.blocks import Block
from toolkit.figures.cells import Cell, column, plain_table, said, table_view, text_view, words
from toolkit.figures.tables import DASH
from toolkit.language import (
    AXIS_TITLES,
    Name,
    Number,
    Parts,
    choice,
    clean,
    digits,
    joined,
    quoted,
    text_of,
    wording_of,
)
from toolkit.language.alarms import change_so_far, monitor_key
from toolkit.language.numbers import NBSP, Range
from toolkit.language.phrases import UNIT_RANGE
from toolkit.results import AXES, Monitor

NONE_YET = "Alarms start with the second publication: there is no baseline yet from which anything could have changed."
HOLDS: Parts = (
    "These intervals, and only these, hold at every look: over any number of looks, the chance that any of them "
    "misses is at most ",
    choice(f"5{NBSP}%", 0.05, "anytime_miss"),
    ". All other intervals on this page are those of this publication alone.",
)
KINDS = {
    "fresh items": "Items are new at each look: the change is that of this look, or of the mean over looks.",
    "same items": "Items come back, or may: the change is that of this look, as wide as repeated looks ask for.",
}


def alarms_table(states: Sequence[Monitor], *, score_range: Range = UNIT_RANGE) -> Block:
    """One row an axis: looks, the anytime-valid intervals of the change since the baseline, and the alarm's state."""
    rows = [row for axis in AXES if (row := _row([s for s in states if s.axis == axis], score_range))]
    if not rows:
        return Block("alarms", {"line": NONE_YET, "table": None}, NONE_YET)
    against = dict.fromkeys(clean(s.against) for s in states if s.value is not None and s.against is not None)
    since = joined(((Name(name),) for name in against), ", ") or ("the baseline",)
    columns = [
        column("Question"),
        column("Looks", numeric=True),
        column("Change over all looks", numeric=True),
        column("Over the latest looks", numeric=True),
        column("State"),
    ]
    kinds = [KINDS[mode] for mode in KINDS if any(s.mode == mode and s.value is not None for s in states)]
    view = table_view(
        ("Changes since ", *since, ", with anytime-valid intervals"), columns, rows, note=" ".join(kinds), found=False
    )
    return Block("alarms", text_view("line", HOLDS) | {"table": view}, f"{text_of(HOLDS)}\n{plain_table(view)}")


def _row(states: list[Monitor], score_range: Range) -> list[Cell]:
    if not states:
        return []
    found = {state.sequence: state for state in states}
    whole = found.get("all", states[0])
    title = AXIS_TITLES[whole.axis] if whole.axis else wording_of(whole.quantity).title
    watched = wording_of(whole.quantity).title
    head: dict[str, Any] = said(title) | ({"small": [watched]} if watched != title else {})
    changes = [_change(found.get(name), score_range) for name in ("all", "recent")]
    return [head, said((_count(whole, "looks"),)), *changes, _state(states)]


def _count(state: Monitor, field: Literal["looks", "averaged"]) -> Number:
    count = getattr(state, field)
    return Number(digits(count, 0), count, monitor_key(state), field, "monitor")


def _change(state: Monitor | None, score_range: Range) -> Cell:
    if state is None or not (text := change_so_far(state, score_range)):
        return said(DASH)
    mean = said(("mean of ", _count(state, "averaged"), " looks"))["parts"]
    return said(text) | ({"small": mean} if state.averaged > 1 else {})


def _state(states: list[Monitor]) -> Cell:
    """No alarm, or the alarm and what it is: new, standing, accepted; and why nothing was added this time."""
    alarmed = next((state for state in states if state.alarm), None)
    missed = next((_missed(state) for state in states if state.reason), ())
    if alarmed is None:
        return words(missed or "No alarm")
    kind = "Standing alarm" if alarmed.standing else "New alarm"
    if alarmed.accepted_until is not None:
        until: Parts = (", accepted until ", Name(alarmed.accepted_until.isoformat(), "time"))
    else:
        until = ()
    told = quoted(clean(alarmed.alarm or ""), monitor_key(alarmed), "alarm", "monitor")
    cell = words((kind, *until, ": ", told, ".")) | {"strong": True}
    return cell | ({"small": said(missed)["parts"]} if missed else {})


def _missed(state: Monitor) -> Parts:
    """Why nothing was added to a sequence."""
    reason = clean(state.reason or "").rstrip(".").removeprefix("not comparable: ")
    return ("Not compared this time: ", quoted(reason, monitor_key(state), "reason", "monitor"), ".")
