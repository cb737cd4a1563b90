"""How does a quantity run along the stream? Lines with intervals, stage by stage."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from toolkit.figures.blocks import Block
from toolkit.figures.canvas import draw, draw_intervals, draw_margin, draw_zero, label, named
from toolkit.figures.cells import said
from toolkit.figures.palette import DASHES, LINE, MARKERS, SERIES
from toolkit.figures.rows import close_limits, not_drawn, numbers_table, shown_ends, shown_value, unit_label
from toolkit.language import (
    Name,
    Part,
    Parts,
    better_side,
    harms_both_sides,
    joined,
    scale_for,
    stage_of,
    tally,
    with_interval,
    wording_of,
)
from toolkit.language.numbers import Range
from toolkit.language.phrases import UNIT_RANGE
from toolkit.results import Estimate

_BARS = 30  # estimates of a series up to which each carries its own interval
_CUT = "Some intervals reach beyond what is drawn; the numbers behind this figure hold their ends."


def over_stages(
    series: Mapping[str, Sequence[Estimate]],
    caption: str,
    *,
    score_range: Range = UNIT_RANGE,
    margin: float | None = None,
    x_label: str = "stage (tasks learned so far)",
    y_label: str | None = None,
    at: Callable[[Estimate], int | None] = attrgetter("stage"),
    place: str = "stage",
) -> Block:
    """One line a series over stages, each estimate with its interval; of many stages the intervals make a band.

    series: name -> estimates of one unit, each with a stage (or whatever whole number `at` gives, called
    `place`); margin in their raw unit. Up to six series are
    told apart by colour, marker and dash and named at their end; with more, all are grey but the three that
    end lowest. Estimates without a value leave a gap, and stand in the table with their reason.
    """
    lines = {
        name: sorted((e for e in line if at(e) is not None), key=lambda e: at(e) or 0) for name, line in series.items()
    }
    everything = [estimate for line in lines.values() for estimate in line]
    drawn = {name: [e for e in line if e.measured] for name, line in lines.items()}
    factor = scale_for(everything[0], score_range).factor if everything else 1.0
    limit = margin * factor if margin is not None else None
    zeroed = bool(everything) and (wording_of(everything[0].quantity).signed or limit is not None)
    also = ([0.0] if zeroed else []) + ([-1.2 * limit, 1.2 * limit] if limit is not None else [])
    bounds, cut = close_limits(everything, score_range, *also)
    told = _told_apart(drawn, score_range)

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        stages = [at(e) or 0 for e in everything]
        axes.set_xlim(min(stages, default=0) - 0.4, max(stages, default=1) + 0.4)
        axes.set_ylim(*bounds)
        if limit is not None and everything:
            side = 0 if harms_both_sides(everything[0]) else better_side(everything[0])
            draw_margin(axes, limit, side, horizontal=False)
        if zeroed:
            draw_zero(axes, horizontal=False)
        ends: list[tuple[float, str, str]] = []
        for turn, (name, line) in enumerate(drawn.items()):
            style = told.get(name)
            if not line:
                continue
            shift = (turn - (len(drawn) - 1) / 2) * min(0.09, 0.5 / max(1, len(drawn))) if style else 0.0
            x = [(at(e) or 0) + shift for e in line]
            y = [shown_value(e, score_range) or 0.0 for e in line]
            _line(axes, x, y, style)
            if style and len(line) > _BARS:
                _band(axes, x, [shown_ends(e, score_range) for e in line], style["color"])
                ends.append((y[-1], label(name, 22), style["color"]))
            elif style:
                draw_intervals(
                    axes, x, y, [shown_ends(e, score_range) for e in line],
                    colour=style["color"], marker=style["marker"], horizontal=False, size=7, width=2,
                )  # fmt: skip
                ends.append((y[-1], label(name, 22), style["color"]))
        if len(drawn) > 1:
            _names(axes, ends)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        axes.set(xlabel=x_label, ylabel=y_label if y_label is not None else unit_label(everything, score_range))

    rows = [((name, said((_at(e, at),))), e) for name, line in lines.items() for e in line]
    table = numbers_table(caption, ["Series", place.capitalize()], rows, score_range)
    if not any(drawn.values()):
        return not_drawn(table)
    return draw(
        paint,
        height=330,
        narrow_height=250,
        caption=caption,
        alt=_finding(drawn, score_range, lambda e: (f"{place} ", _at(e, at))),
        note=_CUT if cut else "",
        table=table,
    )


def _told_apart(drawn: Mapping[str, Sequence[Estimate]], score_range: Range) -> dict[str, dict[str, Any]]:
    names = [name for name, line in drawn.items() if line]
    if len(names) > len(SERIES):
        names = sorted(names, key=lambda name: shown_value(drawn[name][-1], score_range) or 0.0)[:3]
    return {name: {"color": SERIES[i], "marker": MARKERS[i], "linestyle": DASHES[i]} for i, name in enumerate(names)}


def _line(axes: Axes, x: Sequence[float], y: Sequence[float], style: Mapping[str, Any] | None) -> None:
    if style is None:
        axes.plot(x, y, color=LINE, linewidth=0.9, zorder=2)
    else:
        axes.plot(x, y, color=style["color"], linestyle=style["linestyle"], linewidth=1.4, zorder=2.5)


def _band(axes: Axes, x: Sequence[float], ends: Sequence[tuple[float, float] | None], colour: str) -> None:
    low, high = ([pair[side] if pair else math.nan for pair in ends] for side in (0, 1))
    axes.fill_between(x, low, high, color=colour, alpha=0.2, linewidth=0, zorder=1.5)


def _names(axes: Axes, ends: Sequence[tuple[float, str, str]]) -> None:
    """Series names at the right edge, pushed apart where they would overlap."""
    low, high = axes.get_ylim()
    gap = (high - low) * 0.06
    at = low - gap
    for y, name, colour in sorted(ends):
        at = max(y, at + gap)
        axes.annotate(
            name, (1, at), xycoords=("axes fraction", "data"), xytext=(6, 0), textcoords="offset points",
            va="center", color=colour, fontsize=12, annotation_clip=False,
        )  # fmt: skip


def _finding(drawn: Mapping[str, Sequence[Estimate]], score_range: Range, where: Callable[[Estimate], Parts]) -> Parts:
    parts: list[Parts] = []
    for name, line in list(drawn.items())[:6]:
        if line:
            first, last = line[0], line[-1]
            between = _turning_point(line, score_range)
            places = [first, *([between] if between is not None else []), *([last] if len(line) > 1 else [])]
            told = joined(((*with_interval(e, score_range), " at ", *where(e)) for e in places), ", ")
            parts.append((named(name), ": ", *told))
    more: Parts = ("; and ", tally(len(drawn) - 6, "series"), " more") if len(drawn) > 6 else ()
    return (*joined(parts, "; "), *more, ".") if parts else ("Nothing could be drawn.",)


def _turning_point(line: Sequence[Estimate], score_range: Range) -> Estimate | None:
    """The estimate that lies furthest above or below both ends, where that is further than the ends lie apart."""
    values = [shown_value(e, score_range) or 0.0 for e in line]
    low, high = sorted((values[0], values[-1]))
    beyond = [max(value - high, low - value) for value in values]
    place = max(range(len(line)), key=beyond.__getitem__)
    return line[place] if beyond[place] > max(high - low, 0.1 * abs(high)) else None


def _at(estimate: Estimate, at: Callable[[Estimate], int | None]) -> Part:
    """The place of an estimate: its stage, marked, or what names it, such as the age in its group."""
    place = at(estimate)
    return stage_of(estimate) if place == estimate.stage else Name(f"{place}")
