"""How near does the judge come to people, and is its confidence borne out? Agreement and calibration."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from matplotlib.figure import Figure

from toolkit.figures.blocks import Block
from toolkit.figures.canvas import draw, draw_intervals, is_narrow, label, named
from toolkit.figures.cells import column, plain_table, said, table_view
from toolkit.figures.palette import GOOD, INK, LINE, SERIES, SOFT
from toolkit.figures.rows import limits, not_drawn, numbers_table, shown_ends, shown_value, unit_label
from toolkit.language import Number, Parts, clean, counts, interval, joined, reading, tally, with_interval, wording_of
from toolkit.language.numbers import NBSP, Range
from toolkit.language.phrases import UNIT_RANGE
from toolkit.results import Estimate

_MOST, _LOWEST = 24, 20  # bars up to which all are drawn, and how many of the lowest where there are more
_TOLD = 6  # bars up to which the caption says each, else the lowest and the highest


def agreement(
    estimates: Sequence[Estimate],
    ceiling: Estimate | None,
    caption: str = "Agreement with people, beside the agreement of people with each other",
    *,
    score_range: Range = UNIT_RANGE,
    name: Callable[[Estimate], str] | None = None,
) -> Block:
    """Bars with intervals, one an estimate, against the human ceiling, a line with its interval as a band.

    estimates: agreements or coefficients of one unit; ceiling: people with each other, None if not measured.
    Of more than 24, the twenty lowest are drawn, the lowest first; the table holds all.
    """
    measured = [e for e in estimates if e.measured]
    cut = len(measured) > _MOST
    drawn = sorted(measured, key=lambda e: e.value or 0.0)[:_LOWEST] if cut else measured
    called = name or (_part_name if len({e.quantity for e in drawn}) == 1 else _name)
    top = ceiling if ceiling is not None and ceiling.measured else None

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        places = [float(-i) for i in range(len(drawn))]
        values = [shown_value(e, score_range) or 0.0 for e in drawn]
        low, high = limits([*drawn, *([top] if top else [])], score_range, 0.0)
        axes.set_xlim(min(0.0, low) if min(values, default=0) < 0 else 0.0, high)
        axes.set_ylim((places[-1] if places else 0) - 0.7, 0.9)
        if top is not None:
            ends = shown_ends(top, score_range)
            if ends:
                axes.axvspan(*ends, color=GOOD, alpha=0.16, linewidth=0, zorder=0)
            axes.axvline(shown_value(top, score_range) or 0.0, color=GOOD, linewidth=1.6, zorder=2)
            axes.annotate(
                "people with each other", (shown_value(top, score_range) or 0.0, 1),
                xycoords=("data", "axes fraction"),
                xytext=(-5, -3), textcoords="offset points", ha="right", va="top", color=GOOD, fontsize=11.5,
            )  # fmt: skip
        axes.barh(places, values, height=0.5, color=SERIES[5], alpha=0.28, zorder=1)
        draw_intervals(axes, places, values, [shown_ends(e, score_range) for e in drawn], colour=INK)
        axes.set_yticks(places, [label(called(e), 16 if is_narrow(figure) else 26) for e in drawn])
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.set_xlabel(unit_label(drawn, score_range))

    rows = [((called(e),), e) for e in [*estimates, *([ceiling] if ceiling is not None else [])]]
    table = numbers_table(caption, ["Measure"], rows, score_range)
    if not drawn:
        return not_drawn(table)
    notes = ["Only the twenty lowest are drawn; the numbers behind this figure hold all."] if cut else []
    if top is None:
        notes.append("The human ceiling was not measured: two people on the same items are needed.")
    return draw(
        paint,
        height=80 + 36 * len(drawn),
        narrow_height=80 + 30 * len(drawn),
        caption=caption,
        alt=_finding(drawn, top, called, score_range),
        table=table,
        note=" ".join(notes),
    )


def calibration(
    bins: Sequence[Estimate] = (),
    caption: str = "Stated confidence against observed truth",
    *,
    reason: str = "",
) -> Block:
    """Reliability diagram: bins of stated confidence against the share found right, with intervals.

    bins: shares found right, each with the mean stated confidence, a share too, as `at["stated"]`. reason: why there
    are none; it then stands in the place of the figure.
    """
    heads = [column(t, numeric=True) for t in ("Stated", "Found right", "Interval")] + [column("From")]
    if reason or not bins:
        view = table_view(caption, heads, [], empty=f"Not measurable: {reason}." if reason else "")
        return Block("table", view, plain_table(view))
    x, y, ends = zip(*((100 * e.at["stated"], shown_value(e, UNIT_RANGE), shown_ends(e, UNIT_RANGE)) for e in bins),
                     strict=True)  # fmt: skip

    def paint(figure: Figure) -> None:
        axes = figure.subplots()
        axes.set(xlim=(0, 100), ylim=(0, 104), xlabel="stated confidence, %", ylabel="found right, %")
        axes.plot([0, 100], [0, 100], color=LINE, linewidth=1)
        axes.annotate("as good as its word", (97, 100), xytext=(-8, -4), textcoords="offset points", color=SOFT,
                      fontsize=11, ha="right")  # fmt: skip
        draw_intervals(axes, x, y, ends, horizontal=False, width=2)

    body = [
        [
            said((Number(f"{stated:.0f}", e.at["stated"], e.id, "at.stated"), f"{NBSP}%")),
            said(reading(e)), said(interval(e) or "none"), said(counts(e) or "–"),
        ]
        for stated, e in zip(x, bins, strict=True)
    ]  # fmt: skip
    sure = [(stated, pair) for stated, pair in zip(x, ends, strict=True) if pair is not None]
    told: Parts = (
        "Of ", tally(len(bins), "bins"), " bins, ",
        tally(sum(high < stated for stated, (_, high) in sure), "bins"), " overconfident and ",
        tally(sum(low > stated for stated, (low, _) in sure), "bins"), " underconfident beyond their interval.",
    )  # fmt: skip
    return draw(paint, height=340, width=460, caption=caption, alt=told, table=table_view(caption, heads, body))


def _finding(
    drawn: Sequence[Estimate], top: Estimate | None, called: Callable[[Estimate], str], score_range: Range
) -> Parts:
    parts: list[Parts] = [(named(called(e)), ": ", *with_interval(e, score_range)) for e in drawn]
    if len(drawn) > _TOLD:
        low, high = (end(drawn, key=lambda e: e.value or 0.0) for end in (min, max))
        told = (named(called(low)), ", ", *with_interval(low, score_range), ", to ", named(called(high)))
        parts = [("From ", *told, ", ", *with_interval(high, score_range))]
    if top is not None:
        parts.append(("people with each other: ", *with_interval(top, score_range)))
        ceiling = shown_ends(top, score_range)
        if ceiling:
            under = [e for e in drawn if (pair := shown_ends(e, score_range)) and pair[1] < ceiling[0]]
            parts.append((tally(len(under), "rows"), " of ", tally(len(drawn), "rows"), " lie wholly below people"))
    return (*joined(parts, "; "), ".") if parts else ("Nothing could be drawn.",)


def _part_name(estimate: Estimate) -> str:
    part = (estimate.group or "").partition("=")[2] or estimate.group
    return clean(", ".join(text for text in (part, estimate.task) if text) or _name(estimate))


def _name(estimate: Estimate) -> str:
    parts = [wording_of(estimate.quantity).title, estimate.group or "", estimate.task or ""]
    return clean(", ".join(part for part in parts if part))
