"""How large is each effect, beside the change that matters? Dots with intervals, one a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from toolkit.figures.blocks import Block
from toolkit.figures.effect_rows import effect_rows
from toolkit.figures.effect_words import full_name, side_of, task_name
from toolkit.language import (
    scale_for,
    wording_of,
)
from toolkit.language.numbers import Range
from toolkit.language.phrases import UNIT_RANGE
from toolkit.results import Estimate

Namer = Callable[[Estimate], str]


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
    summary, prediction: the mean over tasks and the interval for one further task, below the rows; a mean over one
    task is that task's row.
    Those without a value are named under the figure. Of more than 24 rows, the ten at either end are drawn, and the
    table holds all.
    """
    side = side_of(estimates)
    drawn = sorted((e for e in estimates if e.measured), key=lambda e: (side or 1) * (e.value or 0.0))
    several = None if summary is not None and summary.n.get("tasks") == 1 == len(drawn) else summary
    extra = [
        (title, e) for title, e in (("All tasks", several), ("Next task", prediction)) if e is not None and e.measured
    ]
    title = wording_of(estimates[0].quantity).title if estimates else "Effects"
    return effect_rows(
        [((name or task_name)(e), e) for e in drawn],
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
    return effect_rows(
        [((name or full_name)(e), e) for e in estimates if e.measured],
        [],
        [e for e in estimates if not e.measured],
        margin,
        score_range,
        caption,
        heading,
        turn=side_of(estimates) == -1,
    )


def _axis_unit(estimate: Estimate, score_range: Range) -> str:
    """Shares and differences of shares, % and points, fit one axis; other units only themselves."""
    scale = scale_for(estimate, score_range)
    return "hundredths" if scale.factor == 100 and scale.unit in ("%", "points") else scale.unit
