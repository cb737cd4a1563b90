"""Does one thing go with another, such as transfer with similarity? Points, the fitted line and its band."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from toolkit.figures.blocks import Block
from toolkit.figures.canvas import draw, draw_intervals, draw_zero, label
from toolkit.figures.cells import said
from toolkit.figures.palette import INK, SERIES, SOFT
from toolkit.figures.rows import limits, not_drawn, numbers_table, shown_ends, shown_value, unit_label
from toolkit.language import (
    Name,
    Number,
    Parts,
    clean,
    joined,
    scale_for,
    tally,
    with_interval,
    wording_of,
)
from toolkit.language.numbers import MINUS, Range
from toolkit.language.phrases import UNIT_RANGE
from toolkit.results import Estimate

_NAMED = 12  # points up to which each carries its name


def scatter_with_line(
    points: Sequence[tuple[float, Estimate]],
    caption: str,
    *,
    x_label: str,
    line_x: ArrayLike | None = None,
    line_y: ArrayLike | None = None,
    line_low: ArrayLike | None = None,
    line_high: ArrayLike | None = None,
    slope: Estimate | None = None,
    y_label: str | None = None,
    score_range: Range = UNIT_RANGE,
) -> Block:
    """Estimates against a number each, with a line and its band that were fitted elsewhere.

    points: (x, estimate), estimates of one unit; line_x, line_y, line_low, line_high: arrays of one length, y
    on the estimates' raw scale; slope: the estimate that the line stands for, said in the alt text.
    """
    drawn = [(x, e) for x, e in points if e.measured]
    factor = scale_for(points[0][1], score_range).factor if points else 1.0
    line = [None if part is None else np.asarray(part, float) for part in (line_x, line_y, line_low, line_high)]

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        also = [float(v) * factor for part in line[1:] if part is not None for v in (part.min(), part.max())]
        axes.set_ylim(*limits([e for _, e in drawn], score_range, *also))
        if drawn and wording_of(drawn[0][1].quantity).signed:
            draw_zero(axes, horizontal=False)
        if line[0] is not None and line[2] is not None and line[3] is not None:
            axes.fill_between(line[0], line[2] * factor, line[3] * factor, color=SERIES[0], alpha=0.16, linewidth=0)
        if line[0] is not None and line[1] is not None:
            axes.plot(line[0], line[1] * factor, color=SERIES[0], linewidth=1.8)
        draw_intervals(
            axes,
            [x for x, _ in drawn],
            [shown_value(e, score_range) for _, e in drawn],
            [shown_ends(e, score_range) for _, e in drawn],
            horizontal=False,
            colour=INK,
            width=1.6,
            size=7,
        )
        if 0 < len(drawn) <= _NAMED:
            _names(axes, [(x, shown_value(e, score_range) or 0.0, label(e.task or "", 18)) for x, e in drawn])
        axes.margins(x=0.12)
        if all(float(x).is_integer() for x, _ in drawn):
            axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        axes.set(
            xlabel=x_label,
            ylabel=y_label if y_label is not None else unit_label([e for _, e in drawn], score_range),
        )

    text: Parts = (tally(len(drawn), "points"), f" points against {clean(x_label)}")
    if drawn:
        (low_x, first), (high_x, last) = (end(drawn, key=lambda point: point[0]) for end in (min, max))
        ends = ((first, low_x), (last, high_x))
        both: list[Parts] = [(*with_interval(e, score_range), " at ", _across(x, 2, e)) for e, x in ends]
        text = (*text, ": ", *joined(both, ", "))
    if slope is not None and slope.measured:
        text = (*text, "; slope ", *with_interval(slope, score_range))
    rows = [((e.task if e.task is not None else "–", said((_across(x, 3, e),))), e) for x, e in points]
    table = numbers_table(caption, ["Task", clean(x_label)], rows, score_range)
    if not drawn:
        return not_drawn(table)
    return draw(
        paint,
        height=340,
        narrow_height=290,
        caption=caption,
        alt=(*text, "."),
        table=table,
    )


def _across(x: float, figures: int, estimate: Estimate) -> Number | Name:
    """What a point lies at, printed with so many digits; marked where its estimate holds it."""
    text = f"{x:.{figures}g}".replace("-", MINUS)
    name = next((name for name, value in estimate.at.items() if value == x), None)
    return Name(text) if name is None else Number(text, float(x), estimate.id, f"at.{name}")


def _names(axes: Axes, points: Sequence[tuple[float, float, str]]) -> None:
    """Names beside points, from the top down, each pushed below those that it would touch.

    Right of the middle they stand on the left of their points, so that none leaves the frame.
    """
    across, (low, high) = [x for x, _, _ in points], axes.get_ylim()
    width = (max(across) - min(across)) or 1.0
    line = (high - low) * 0.055
    middle = min(across) + width / 2
    placed: list[tuple[float, float]] = []
    for x, y, name in sorted(points, key=lambda point: -point[1]):
        at = y - 0.8 * line
        near = sorted((place for was, place in placed if abs(was - x) < 0.45 * width), reverse=True)
        for place in near:
            at = place - line if abs(place - at) < line else at
        placed.append((x, at))
        left = x > middle
        axes.annotate(
            name, (x, at), xytext=(-7 if left else 7, 0), textcoords="offset points",
            ha="right" if left else "left", va="center", fontsize=11, color=SOFT,
        )  # fmt: skip
