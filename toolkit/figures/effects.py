"""How large is each effect, beside the change that matters? Dots with intervals, one a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from toolkit.figures.blocks import Block
from toolkit.figures.canvas import draw, draw_intervals, draw_margin, draw_zero, is_narrow, label, named
from toolkit.figures.palette import BAD, INK, SOFT
from toolkit.figures.rows import limits, not_drawn, numbers_table, shown_ends, shown_value, unit_label
from toolkit.language import (
    Number,
    Parts,
    better_side,
    choice,
    clean,
    group_text,
    harms_both_sides,
    interval,
    joined,
    plain,
    reading,
    scale_for,
    tally,
    wording_of,
)
from toolkit.language.numbers import Range, digits, places_of
from toolkit.language.phrases import UNIT_RANGE
from toolkit.language.pieces import capitalised
from toolkit.results import Estimate

Namer = Callable[[Estimate], str]
_EITHER_END = 10  # rows drawn from each end where there are a good many more
_MOST = 24  # rows up to which all are drawn


def forest(
    estimates: Sequence[Estimate],
    margin: float | None = None,
    *,
    score_range: Range = UNIT_RANGE,
    summary: Estimate | None = None,
    prediction: Estimate | None = None,
    caption: str | None = None,
    name: Namer | None = None,
) -> Block:
    """Forest plot: one row a task, the most harmful first, harm always on the left, the margin as a band.

    estimates: of one quantity, one a task; margin: in the estimates' raw unit, else the one they carry;
    summary, prediction: the mean over tasks and the interval for one further task, below the rows.
    Those without a value are named under the figure. Of more than 24 rows, the ten at either end are drawn, and the
    table holds all.
    """
    side = _side(estimates)
    drawn = sorted((e for e in estimates if e.measured), key=lambda e: (side or 1) * (e.value or 0.0))
    extra = [
        (title, e) for title, e in (("All tasks", summary), ("Next task", prediction)) if e is not None and e.measured
    ]
    title = wording_of(estimates[0].quantity).title if estimates else "Effects"
    return _rows(
        [((name or _task_name)(e), e) for e in drawn],
        extra,
        [e for e in estimates if not e.measured],
        margin,
        score_range,
        caption or f"{title} by task, with {'simultaneous ' if any(e.simultaneous for e in drawn) else ''}intervals",
        "Task",
        turn=side == -1,
    )


def intervals(
    estimates: Sequence[Estimate],
    caption: str,
    *,
    score_range: Range = UNIT_RANGE,
    margin: float | None = None,
    name: Namer | None = None,
    heading: str = "Quantity",
) -> Block:
    """A few estimates of one unit as dots with intervals, in the order given, harm on the left.

    name: what each row is called, else its quantity, task and part; heading: the name column's title.
    ValueError where units differ, since one axis cannot hold them.
    """
    if len({_axis_unit(e, score_range) for e in estimates}) > 1:
        raise ValueError("one axis cannot hold several units; draw them apart or show them as a table")
    return _rows(
        [((name or _full_name)(e), e) for e in estimates if e.measured],
        [],
        [e for e in estimates if not e.measured],
        margin,
        score_range,
        caption,
        heading,
        turn=_side(estimates) == -1,
    )


def _rows(
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
    every, cut = rows, _EITHER_END if len(rows) > _MOST else None
    rows = [*rows[:cut], *rows[-cut:]] if cut else rows
    both = [*rows, *extra]
    shown = [estimate for _, estimate in both]
    if margin is None:
        margin = next((e.margin for e in shown if e.margin), None)
    factor = scale_for(shown[0], score_range).factor if shown else 1.0
    limit = margin * factor if margin else None
    side = _side(shown)
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
        if limit is not None:
            draw_margin(axes, limit, 0 if shown and harms_both_sides(shown[0]) else side)
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
            *((_full_name(e) if e.task is None else _task_name(e), e) for e in absent),
        ]
    ]
    table = numbers_table(caption, [heading], names, score_range)
    if not both:
        return not_drawn(table)
    note: Parts = ()
    if cut:
        note = ("Only the ten rows at either end are drawn; the numbers behind this figure hold all. ",)
    if absent:
        unseen = joined(((named(_task_name(e)),) for e in absent[:_EITHER_END]), ", ")
        note += ("Not drawn, because not measured: ", *unseen, " and others." if absent[_EITHER_END:] else ".")
    return draw(
        paint,
        height=64 + 25 * len(both),
        narrow_height=64 + 25 * len(both),
        caption=caption,
        alt=_finding(every, extra, _limit(shown, margin, factor), side, score_range),
        table=table,
        note=note,
    )


def _numbers_beside(axes: Axes, places: Sequence[float], texts: Sequence[str]) -> None:
    right = axes.twinx()
    right.set_ylim(axes.get_ylim())
    right.set_yticks(places, texts)
    right.tick_params(axis="y", length=0, labelcolor=SOFT, labelsize=11)
    right.spines[["left", "right"]].set_visible(False)


def _finding(
    rows: Sequence[tuple[str, Estimate]],
    extra: Sequence[tuple[str, Estimate]],
    limit: Number | None,
    side: int,
    score_range: Range,
) -> Parts:
    """What the rows show, in words: the extremes, and how many lie wholly beyond the margin."""
    if not rows:
        return ("Nothing could be drawn.",)
    parts: list[Parts] = []
    known = [(text, e, shown_ends(e, score_range)) for text, e in rows]
    if limit is not None:
        reach = limit.value * scale_for(rows[0][1], score_range).factor
        beyond = [text for text, _, ends in known if ends and _harmful(ends, reach, side)]
        head: Parts = (
            tally(len(beyond), "rows"),
            " of ",
            tally(len(rows), "rows"),
            " lie wholly beyond the margin of ",
        )
        which = joined(((named(text),) for text in beyond[:5]), ", ")
        parts.append((*head, limit, ": ", *which) if beyond else (*head, limit))
    low = min(rows, key=lambda row: row[1].value or 0)
    high = max(rows, key=lambda row: row[1].value or 0)
    parts.append((
        "from ", named(low[0]), ", ", *reading(low[1], score_range),
        ", to ", named(high[0]), ", ", *reading(high[1], score_range),
    ))  # fmt: skip
    parts += [(f"{title.lower()}: ", *reading(e, score_range), ", ", *interval(e, score_range)) for title, e in extra]
    return (*capitalised(joined(parts, "; ")), ".")


def _limit(shown: Sequence[Estimate], margin: float | None, factor: float) -> Number | None:
    """The margin as the caption prints it, marked with an estimate that carries it."""
    if not margin or not shown:
        return None
    carrier = next((e for e in shown if e.margin == margin), None)
    if carrier is None:
        return choice(plain(margin * factor), margin, "margin")
    return Number(plain(margin * factor), margin, carrier.id, "margin")


def _harmful(ends: tuple[float, float], limit: float, side: int) -> bool:
    below, above = ends[1] < -limit, ends[0] > limit
    return below if side > 0 else above if side < 0 else below or above


def _side(estimates: Sequence[Estimate]) -> int:
    return better_side(estimates[0]) if estimates else 0


def _numbers(estimate: Estimate, score_range: Range) -> str:
    factor = scale_for(estimate, score_range).factor
    ends = shown_ends(estimate, score_range)
    places = places_of(estimate, scale_for(estimate, score_range))
    value = digits((estimate.value or 0.0) * factor, places)
    if ends is None:
        return value
    return f"{value} ({digits(ends[0], places)} to {digits(ends[1], places)})"


def _axis_unit(estimate: Estimate, score_range: Range) -> str:
    """Shares and differences of shares, % and points, fit one axis; other units only themselves."""
    scale = scale_for(estimate, score_range)
    return "hundredths" if scale.factor == 100 and scale.unit in ("%", "points") else scale.unit


def _task_name(estimate: Estimate) -> str:
    return clean(estimate.task) if estimate.task is not None else _full_name(estimate)


def _full_name(estimate: Estimate) -> str:
    parts = [wording_of(estimate.quantity).title, estimate.task or "", group_text(estimate)]
    if estimate.stage is not None:
        parts.append(f"stage {estimate.stage}")
    return clean(", ".join(part for part in parts if part))
