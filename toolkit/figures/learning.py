"""How fast was each task learned, with and without experience? Learning curves in small multiples."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from toolkit.figures.blocks import Block
from toolkit.figures.canvas import draw, is_narrow, label
from toolkit.figures.cells import column, name_cell, said, table_view
from toolkit.figures.palette import DASHES, MARKERS, SERIES, SOFT
from toolkit.language import decimals, digits, scale_of
from toolkit.language.numbers import Range
from toolkit.language.phrases import UNIT_RANGE

_NARROW_COLUMNS = 2


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

    def __post_init__(self) -> None:
        lengths = {len(part) for part in (self.step, self.value, self.low, self.high) if part is not None}
        if len(lengths) != 1:
            raise ValueError(f"curve of {self.task!r}, {self.arm!r}: step, value, low and high differ in length")


def curves(
    lines: Sequence[Curve],
    caption: str,
    *,
    step_unit: str = "steps",
    score_range: Range = UNIT_RANGE,
    unit: str = "score",
    columns: int = 3,
) -> Block:
    """Learning curves: one panel a task, one line an arm, all panels on the same scales."""
    tasks = list(dict.fromkeys(line.task for line in lines))
    arms = list(dict.fromkeys(line.arm for line in lines))
    if len(arms) > len(SERIES):
        raise ValueError(f"{len(arms)} arms are more than can be told apart; show at most {len(SERIES)}")
    scale = scale_of(unit, score_range)
    columns = max(1, min(columns, len(tasks)))
    rows = max(1, math.ceil(len(tasks) / columns))

    def paint(figure: Figure) -> None:
        across = min(columns, _NARROW_COLUMNS) if is_narrow(figure) else columns
        down = math.ceil(len(tasks) / across) if tasks else 1
        panels = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False)
        for panel in panels.flat[len(tasks) :]:
            panel.set_visible(False)
        for task, panel in zip(tasks, panels.flat, strict=False):
            panel.set_title(label(task, 16 if is_narrow(figure) else 24))
            for line in (line for line in lines if line.task == task):
                _curve(panel, line, arms.index(line.arm), scale.factor)
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
                ncols=len(arms),
            )

    body = []
    for line in lines:
        for i, (step, value) in enumerate(zip(line.step, line.value, strict=True)):
            low, high = (None if ends is None else ends[i] * scale.factor for ends in (line.low, line.high))
            places = decimals(low, high, value * scale.factor)
            ends = "none" if low is None or high is None else f"{digits(low, places)} to {digits(high, places)}"
            body.append(
                [
                    name_cell(line.task),
                    name_cell(line.arm),
                    said(f"{step:,g}"),
                    said(digits(value * scale.factor, places)),
                    said(ends),
                ]
            )
    head = [
        column("Task"),
        column("Arm"),
        column(step_unit, numeric=True),
        column("Score", numeric=True),
        column("Interval", numeric=True),
    ]
    return draw(
        paint,
        height=80 + 185 * rows,
        narrow_height=80 + 130 * math.ceil(max(1, len(tasks)) / _NARROW_COLUMNS),
        caption=caption,
        alt=_finding(lines, tasks, arms, scale.factor),
        table=table_view(caption, head, body),
    )


def _curve(panel: Axes, line: Curve, place: int, factor: float) -> None:
    step, value = np.asarray(line.step, float), np.asarray(line.value, float) * factor
    colour = SERIES[place]
    if line.low is not None and line.high is not None:
        low, high = (np.asarray(ends, float) * factor for ends in (line.low, line.high))
        panel.fill_between(step, low, high, color=colour, alpha=0.18, linewidth=0)
    panel.plot(
        step, value, color=colour, linestyle=DASHES[place], linewidth=1.6,
        marker=MARKERS[place], markersize=4, markevery=max(1, len(step) // 8),
    )  # fmt: skip


def _finding(lines: Sequence[Curve], tasks: Sequence[str], arms: Sequence[str], factor: float) -> str:
    """Which arm ended higher, on how many tasks."""
    if len(arms) != 2:
        return f"Learning curves of {len(tasks)} tasks in {len(arms)} arm{'s' if len(arms) != 1 else ''}."
    last = {(line.task, line.arm): line.value[-1] * factor for line in lines if len(line.value)}
    both = [task for task in tasks if all((task, arm) in last for arm in arms)]
    higher = sum(1 for task in both if last[task, arms[0]] > last[task, arms[1]])
    return f"{label(arms[0])} ended above {label(arms[1])} on {higher} of {len(both)} tasks."
