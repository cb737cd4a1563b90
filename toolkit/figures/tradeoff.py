"""Does quality cost variety? Wrong labels against diversity, stage by stage, before and after the gates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from toolkit.figures.blocks import Block
from toolkit.figures.canvas import draw, draw_intervals, label, named
from toolkit.figures.cells import column, missing, said, table_view
from toolkit.figures.palette import LINE, MARKERS, SERIES, SOFT
from toolkit.figures.rows import limits, not_drawn, shown_ends, shown_value, unit_label
from toolkit.language import Name, Parts, interval, joined, reading, stage_of, with_interval, wording_of
from toolkit.language.numbers import Range
from toolkit.language.phrases import UNIT_RANGE
from toolkit.results import Estimate

_FAR = 5.0  # times the middle value: from there on the scale is that of the square root
_TICKS = (0, 1, 2, 5, 10, 20, 40, 60, 80, 100)
Point = tuple[Estimate, Estimate]
"""Diversity and share of wrong labels of one stage."""


def frontier(series: Mapping[str, Sequence[Point]], caption: str, *, score_range: Range = UNIT_RANGE) -> Block:
    """Diversity to the right, fewer wrong labels upwards: what lies up and right of another is better in both.

    series: name (accepted, generated) -> one pair of estimates a stage, of one unit each. Pairs of the same stage are
    joined by a line: what the gates did. Stages without both values stand in the table with the reason.
    """
    drawn = {name: [p for p in points if p[0].measured and p[1].measured] for name, points in series.items()}
    across = [pair[0] for points in drawn.values() for pair in points]
    upwards = [pair[1] for points in drawn.values() for pair in points]
    rooted = _one_stands_out([shown_value(e, score_range) or 0.0 for e in upwards])

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        axes.set_xlim(*limits(across, score_range, pad=0.1))
        low, high = limits(upwards, score_range, pad=0.1)
        if rooted:
            axes.set_yscale("function", functions=(_root, np.square))
            axes.set_yticks([tick for tick in _TICKS if tick <= high], [f"{tick}" for tick in _TICKS if tick <= high])
        axes.set_ylim(high, 0.0 if rooted else max(low, -0.02 * high))  # fewer wrong labels stand higher
        _joined(axes, drawn, score_range)
        for turn, (name, points) in enumerate(drawn.items()):
            x, y = ([shown_value(pair[side], score_range) or 0.0 for pair in points] for side in (0, 1))
            looks: Any = {
                "colour": SERIES[turn % len(SERIES)],
                "marker": MARKERS[turn % len(MARKERS)],
                "size": 8.0,
                "width": 1.2,
            }
            draw_intervals(axes, y, x, [shown_ends(p[0], score_range) for p in points], horizontal=True, **looks)
            draw_intervals(axes, x, y, [shown_ends(p[1], score_range) for p in points], horizontal=False, **looks)
            axes.plot(
                [],
                [],
                color=SERIES[turn % len(SERIES)],
                marker=MARKERS[turn % len(MARKERS)],
                linestyle="none",
                label=label(name),
            )
        for at, pair in enumerate(drawn[next(iter(drawn))] if drawn else []):
            place = [shown_value(e, score_range) or 0.0 for e in pair]
            axes.annotate(str(pair[0].stage or at), (place[0], place[1]), xytext=(7, 6), textcoords="offset points",
                          fontsize=11, color=SOFT)  # fmt: skip
        if len(drawn) > 1:
            axes.legend(loc="best")
        titles = [wording_of(side[0].quantity).title.lower() if side else "" for side in (across, upwards)]
        axes.set(
            xlabel=f"{titles[0]}, {unit_label(across, score_range)} (more to the right)",
            ylabel=f"{titles[1]}, {unit_label(upwards, score_range)} (fewer upwards{', root scale' * rooted})",
        )

    heads = [column("Samples"), column("Stage"), column("Diversity", numeric=True), column("Interval", numeric=True),
             column("Wrong labels", numeric=True), column("Interval", numeric=True)]  # fmt: skip
    rows = [
        [said((Name(name),)), said(_place(pair[0])), *(cell for e in pair for cell in _cells(e, score_range))]
        for name, points in series.items()
        for pair in points
    ]
    table = table_view(caption, heads, rows)
    if not across:
        return not_drawn(table)
    return draw(
        paint, height=360, narrow_height=320, caption=caption, alt=_finding(drawn, score_range), table=table,
    )  # fmt: skip


def _one_stands_out(values: Sequence[float]) -> bool:
    """Whether one value is so far above the others that a plain scale would press those together."""
    return len(values) > 2 and min(values) >= 0 and max(values) > _FAR * float(np.median(values))


def _root(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    return np.sqrt(np.maximum(np.asarray(values, float), 0.0))


def _joined(axes: Axes, drawn: Mapping[str, Sequence[Point]], score_range: Range) -> None:
    """A thin line between the points of one stage."""
    by_stage: dict[int | None, list[Point]] = {}
    for points in drawn.values():
        for pair in points:
            by_stage.setdefault(pair[0].stage, []).append(pair)
    for pairs in by_stage.values():
        x, y = ([shown_value(pair[side], score_range) or 0.0 for pair in pairs] for side in (0, 1))
        axes.plot(x, y, color=LINE, linewidth=1, zorder=1)


def _cells(estimate: Estimate, score_range: Range) -> list[dict[str, object]]:
    ends = interval(estimate, score_range)
    return [said(reading(estimate, score_range)), said(ends) if ends else missing(estimate, "none")]


def _finding(drawn: Mapping[str, Sequence[Point]], score_range: Range) -> Parts:
    """The first and the last stage, and the one with most wrong labels."""
    parts: list[Parts] = []
    for name, points in drawn.items():
        if points:
            worst = max(range(len(points)), key=lambda place: points[place][1].value or 0.0)
            places = sorted({0, worst, len(points) - 1})
            parts.append((named(name), ": ", *joined((_read(points[place], score_range) for place in places), ", ")))
    return (*joined(parts, "; "), ".")


def _read(pair: Point, score_range: Range) -> Parts:
    diversity, wrong = (with_interval(estimate, score_range) for estimate in pair)
    return ("diversity ", *diversity, " with ", *wrong, " at ", *_place(pair[0]))


def _place(estimate: Estimate) -> Parts:
    return ("all stages",) if estimate.stage is None else ("stage ", stage_of(estimate))
