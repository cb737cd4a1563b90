"""How are effects drawn below each other: intervals one a row, the margin as a band, harm on the left?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from toolkit.figures.blocks import Block
from toolkit.figures.canvas import draw, draw_intervals, draw_margin, draw_zero, is_narrow, label, named
from toolkit.figures.effect_words import finding, full_name, margins_of, side_of, task_name
from toolkit.figures.palette import BAD, INK, SOFT
from toolkit.figures.rows import limits, not_drawn, numbers_table, shown_ends, shown_value, unit_label
from toolkit.language import (
    Parts,
    harms_both_sides,
    joined,
    scale_for,
    wording_of,
)
from toolkit.language.numbers import Range, digits, places_of
from toolkit.results import Estimate

_EITHER_END = 10  # rows drawn from each end where there are a good many more
_MOST = 24  # rows up to which all are drawn


def effect_rows(
    rows: Sequence[tuple[str, Estimate]],
    extra: Sequence[tuple[str, Estimate]],
    absent: Sequence[Estimate],
    margin: float | None,
    score_range: Range,
    caption: str,
    heading: str,
    *,
    turn: bool,
) -> Block:
    """Rows (name, estimate) from the top down, then the extra ones apart from them; `absent` stand in the table alone.

    margin: in the estimates' raw unit, else the one they carry; heading: of the name column; turn: whether more is
    harm, so that the axis runs the other way.
    """
    every, cut = rows, _EITHER_END if len(rows) > _MOST else None
    rows = [*rows[:cut], *rows[-cut:]] if cut else rows
    both = [*rows, *extra]
    shown = [estimate for _, estimate in both]
    factor = scale_for(shown[0], score_range).factor if shown else 1.0
    own = margins_of(shown, margin)
    limit = max((m * factor for m in own if m), default=None)
    side = side_of(shown)
    zeroed = bool(shown) and (wording_of(shown[0].quantity).signed or limit is not None)
    reach = [0.0] if zeroed else []
    gaps = [0.6 * (bool(cut) and i >= _EITHER_END) + 0.6 * (i >= len(rows)) for i in range(len(both))]
    if limit is not None:
        reach += [-1.4 * limit] * (side >= 0) + [1.4 * limit] * (side <= 0)

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        places = [-i - gap for i, gap in enumerate(gaps)]
        axes.set_xlim(*limits(shown, score_range, *reach))
        axes.set_ylim((places[-1] if places else 0) - 0.6, 0.6)
        for one, share in _bands(own, places, axes.get_ylim()):
            draw_margin(axes, one * factor, 0 if harms_both_sides(shown[0]) else side, share=share)
        if zeroed:
            draw_zero(axes)
        draw_intervals(
            axes,
            places,
            [shown_value(e, score_range) for e in shown],
            [shown_ends(e, score_range) for e in shown],
        )
        narrow = is_narrow(figure)
        axes.set_yticks(places, [label(text, 16 if narrow else 26) for text, _ in both])
        for tick, (_, estimate) in zip(axes.get_yticklabels(), both, strict=True):
            tick.set_color(INK if estimate.verdict != "act" else BAD)
        axes.tick_params(axis="y", length=0)
        axes.spines[["left", "right"]].set_visible(False)
        if narrow:  # the numbers stand in the table below
            axes.xaxis.set_major_locator(MaxNLocator(5))
        else:
            _numbers_beside(axes, places, [_numbers(e, score_range) for e in shown])
        unit = unit_label(shown, score_range)
        axes.set_xlabel(unit)
        if turn:
            axes.invert_xaxis()
        if limit is not None and side:
            axes.annotate(
                "← harm",
                (0, 1),
                xycoords="axes fraction",
                xytext=(2, 3),
                textcoords="offset points",
                color=BAD,
                fontsize=11,
            )

    names = [
        ((text,), estimate)
        for text, estimate in [
            *every,
            *extra,
            *((full_name(e) if e.task is None else task_name(e), e) for e in absent),
        ]
    ]
    table = numbers_table(caption, [heading], names, score_range)
    if not both:
        return not_drawn(table)
    note: Parts = ()
    if cut:
        note = ("Only the ten rows at either end are drawn; the numbers behind this figure hold all. ",)
    if absent:
        unseen = joined(((named(task_name(e)),) for e in absent[:_EITHER_END]), ", ")
        note += ("Not drawn, because not measured: ", *unseen, " and others." if absent[_EITHER_END:] else ".")
    return draw(
        paint,
        height=64 + 25 * len(both),
        narrow_height=64 + 25 * len(both),
        caption=caption,
        alt=finding(every, extra, margin, side, score_range),
        table=table,
        note=note,
    )


def _bands(
    margins: Sequence[float | None], places: Sequence[float], ends: tuple[float, float]
) -> Iterator[tuple[float, tuple[float, float]]]:
    """Each margin with the share of the height that it holds for: all of it where rows have the same."""
    if len(set(margins)) == 1:
        yield from ((m, (0.0, 1.0)) for m in margins[:1] if m)
        return
    low, high = ends
    for margin, place in zip(margins, places, strict=True):
        if margin:
            yield margin, ((place - 0.5 - low) / (high - low), (place + 0.5 - low) / (high - low))


def _numbers_beside(axes: Axes, places: Sequence[float], texts: Sequence[str]) -> None:
    right = axes.twinx()
    right.set_ylim(axes.get_ylim())
    right.set_yticks(places, texts)
    right.tick_params(axis="y", length=0, labelcolor=SOFT, labelsize=11)
    right.spines[["left", "right"]].set_visible(False)


def _numbers(estimate: Estimate, score_range: Range) -> str:
    factor = scale_for(estimate, score_range).factor
    ends = shown_ends(estimate, score_range)
    places = places_of(estimate, scale_for(estimate, score_range))
    value = digits((estimate.value or 0.0) * factor, places)
    if ends is None:
        return value
    return f"{value} ({digits(ends[0], places)} to {digits(ends[1], places)})"
