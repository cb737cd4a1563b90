"""How fast was each task learned, with and without experience? Learning curves in small multiples."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from toolkit.figures.blocks import Block
from toolkit.figures.canvas import draw, is_narrow, label, named
from toolkit.figures.cells import column, name_cell, said, table_view
from toolkit.figures.palette import DASHES, MARKERS, SERIES, SOFT
from toolkit.figures.rows import not_drawn
from toolkit.language import Name, Number, Parts, decimals, digits, joined, scale_of, tally
from toolkit.language.numbers import Range
from toolkit.language.phrases import UNIT_RANGE

_NARROW_COLUMNS = 2
_MOST, _DRAWN = 15, 12  # tasks up to which all are drawn, and how many where there are more
_BANDS = 3  # arms up to which each has its band: more of them lie over each other and hide the lines
_COMPARED = ("stream", "isolated")
_LEGEND = 2  # names of arms that stand beside each other on a phone
_Field = Literal["value", "low", "high"]


@dataclass(frozen=True)
class Curve:
    """The mean score of one task in one arm over training, on the raw scale.

    step: increasing; value, low, high: as long as step; low and high None where there is no interval.
    """

    task: str
    arm: str
    step: Sequence[float]
    value: Sequence[float]
    low: Sequence[float] | None = None
    high: Sequence[float] | None = None
    ids: Sequence[str] = ()  # of the estimates behind the points, where they are known

    def __post_init__(self) -> None:
        lengths = {
            len(part) for part in (self.step, self.value, self.low, self.high, self.ids or None) if part is not None
        }
        if len(lengths) != 1:
            raise ValueError(f"curve of {self.task!r}, {self.arm!r}: step, value, low, high and ids differ in length")


def curves(
    lines: Sequence[Curve],
    caption: str,
    *,
    step_unit: str = "steps",
    score_range: Range = UNIT_RANGE,
    unit: str = "score",
    columns: int = 3,
) -> Block:
    """Learning curves: one panel a task, one line an arm, all panels on the same scales.

    Of more than fifteen tasks the twelve are drawn whose arms end furthest apart, and of more than three arms only
    the stream and the isolated arm with their intervals; the table holds all.
    """
    tasks = list(dict.fromkeys(line.task for line in lines))
    arms = list(dict.fromkeys(line.arm for line in lines))
    if len(arms) > len(SERIES):
        raise ValueError(f"{len(arms)} arms are more than can be told apart; show at most {len(SERIES)}")
    scale = scale_of(unit, score_range)
    banded = _banded(arms)
    columns = max(1, min(columns, len(tasks)))
    drawn = tasks if len(tasks) <= _MOST else sorted(tasks, key=lambda task: _apart(lines, task))[:_DRAWN]
    rows = max(1, math.ceil(len(drawn) / columns))

    def paint(figure: Figure) -> None:
        across = min(columns, _NARROW_COLUMNS) if is_narrow(figure) else columns
        down = math.ceil(len(drawn) / across) if drawn else 1
        panels = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False)
        for panel in panels.flat[len(drawn) :]:
            panel.set_visible(False)
        for task, panel in zip(drawn, panels.flat, strict=False):
            panel.set_title(label(task, 16 if is_narrow(figure) else 24))
            for line in (line for line in lines if line.task == task):
                _curve(panel, line, arms.index(line.arm), scale.factor, band=line.arm in banded)
            panel.xaxis.set_major_locator(MaxNLocator(2 if is_narrow(figure) else 4))
        figure.supxlabel(step_unit, fontsize=12, color=SOFT)
        figure.supylabel(scale.unit or "score", fontsize=12, color=SOFT)
        if len(arms) > 1:
            figure.legend(
                handles=[
                    Line2D([], [], color=SERIES[i], linestyle=DASHES[i], marker=MARKERS[i], markersize=5)
                    for i in range(len(arms))
                ],
                labels=[label(arm) for arm in arms],
                loc="outside upper left",
                ncols=min(len(arms), _LEGEND) if is_narrow(figure) else len(arms),
            )

    body = []
    for line in lines:
        for i, (step, value) in enumerate(zip(line.step, line.value, strict=True)):
            low, high = (None if ends is None else ends[i] * scale.factor for ends in (line.low, line.high))
            places = decimals(low, high, value * scale.factor)
            fields: tuple[_Field, ...] = ("value",) if low is None or high is None else ("value", "low", "high")
            shown = [_number(line, i, field, scale.factor, places) for field in fields]
            body.append(
                [
                    name_cell(line.task),
                    name_cell(line.arm),
                    said((Name(f"{step:,g}"),)),
                    said((shown[0],)),
                    said((shown[1], " to ", shown[2]) if len(shown) > 1 else "none"),
                ]
            )
    head = [
        column("Task"),
        column("Arm"),
        column(step_unit, numeric=True),
        column("Score", numeric=True),
        column("Interval", numeric=True),
    ]
    table = table_view(caption, head, body)
    if not tasks:
        return not_drawn(table)
    return draw(
        paint,
        height=80 + 185 * rows,
        narrow_height=80
        + 20 * (math.ceil(len(arms) / _LEGEND) - 1)
        + 130 * math.ceil(max(1, len(drawn)) / _NARROW_COLUMNS),
        caption=caption,
        alt=_finding(lines, tasks, arms, scale.factor),
        table=table,
        note=_note(lines, banded, few_tasks=len(drawn) < len(tasks)),
    )


def _banded(arms: Sequence[str]) -> tuple[str, ...]:
    """The arms whose intervals are drawn: all of a few, else those that the question is about."""
    if len(arms) <= _BANDS:
        return tuple(arms)
    return tuple(arm for arm in arms if arm in _COMPARED) or (arms[0],)


def _note(lines: Sequence[Curve], banded: Sequence[str], *, few_tasks: bool) -> Parts:
    """What the drawing leaves away and the table holds."""
    told: list[Parts] = []
    if few_tasks:
        told.append(
            ("Only the twelve tasks are drawn whose arms end furthest apart, or with one arm that end lowest.",)
        )
    if any(line.low is not None and line.arm not in banded for line in lines):
        whose = joined([(named(arm),) for arm in banded], " and ")
        told.append(("Intervals are drawn for ", *whose, " alone."))
    return joined([*told, ("The numbers behind this figure hold all.",)], " ") if told else ()


def _apart(lines: Sequence[Curve], task: str) -> float:
    """Sorts a task before others whose arms end nearer to each other; with one arm, before those that end higher."""
    last = [float(line.value[-1]) for line in lines if line.task == task and len(line.value)]
    return min(last) - max(last) if len(last) > 1 else last[0] if last else math.inf


def _curve(panel: Axes, line: Curve, place: int, factor: float, *, band: bool) -> None:
    step, value = np.asarray(line.step, float), np.asarray(line.value, float) * factor
    colour = SERIES[place]
    if band and line.low is not None and line.high is not None:
        low, high = (np.asarray(ends, float) * factor for ends in (line.low, line.high))
        panel.fill_between(step, low, high, color=colour, alpha=0.18, linewidth=0)
    panel.plot(
        step, value, color=colour, linestyle=DASHES[place], linewidth=1.6,
        marker=MARKERS[place], markersize=4, markevery=max(1, len(step) // 8),
    )  # fmt: skip


def _finding(lines: Sequence[Curve], tasks: Sequence[str], arms: Sequence[str], factor: float) -> Parts:
    """Which of the two arms that are compared ended higher, on how many tasks."""
    compared = [arm for arm in arms if arm in _COMPARED] if len(arms) > 2 else arms
    if len(compared) != 2:
        ending = f" arm{'s' if len(arms) != 1 else ''}."
        return ("Learning curves of ", tally(len(tasks), "tasks"), " tasks in ", tally(len(arms), "arms"), ending)
    last = {(line.task, line.arm): line.value[-1] * factor for line in lines if len(line.value)}
    both = [task for task in tasks if all((task, arm) in last for arm in compared)]
    higher = sum(1 for task in both if last[task, compared[0]] > last[task, compared[1]])
    told: Parts = (named(compared[0]), " ended above ", named(compared[1]), " on ")
    return (*told, tally(higher, "tasks"), " of ", tally(len(both), "tasks"), " tasks.")


def _number(line: Curve, place: int, field: _Field, factor: float, places: int) -> Number | Name:
    """One number of a curve's table, marked with its estimate where it has one."""
    raw = float((getattr(line, field) or ())[place])
    text = digits(raw * factor, places)
    if line.ids:
        return Number(text, raw, line.ids[place], field)
    return Name(text)
