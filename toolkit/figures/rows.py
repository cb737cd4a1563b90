"""What do figures and the tables behind them read from estimates: printed values, ends and number cells?"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from statistics import median

from toolkit.figures.blocks import Block
from toolkit.figures.cells import Cell, column, missing, name_cell, plain_table, said, table_view
from toolkit.language import counts, interval, reading, scale_for, scope_text
from toolkit.language.numbers import Range
from toolkit.results import Estimate

_IN_SIGHT = 12  # rows of a table that stands in the place of a figure; the rest is folded


def shown_value(estimate: Estimate, score_range: Range) -> float | None:
    """The value on the printed scale."""
    return None if estimate.value is None else estimate.value * scale_for(estimate, score_range).factor


def shown_ends(estimate: Estimate, score_range: Range) -> tuple[float, float] | None:
    """The interval on the printed scale; an infinite end is left to the reader of the table."""
    if estimate.low is None or estimate.high is None:
        return None
    factor = scale_for(estimate, score_range).factor
    return (estimate.low * factor, estimate.high * factor)


def limits(estimates: Sequence[Estimate], score_range: Range, *also: float, pad: float = 0.06) -> tuple[float, float]:
    """Axis limits on the printed scale that hold all values and finite ends, and the numbers in `also`."""
    known = [x for x in also if math.isfinite(x)]
    for estimate in estimates:
        held = (shown_value(estimate, score_range), *(shown_ends(estimate, score_range) or ()))
        known += [x for x in held if x is not None and math.isfinite(x)]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    room = (high - low or abs(high) or 1.0) * pad
    return (low - room, high + room)


def close_limits(estimates: Sequence[Estimate], score_range: Range, *also: float) -> tuple[tuple[float, float], bool]:
    """Like `limits`, but a few far ends do not flatten the rest; and whether an interval is cut.

    What is kept reaches beyond the values by twice the middle interval's longer half, or by their own span.
    """
    whole = limits(estimates, score_range, *also)
    pairs = [(shown_value(e, score_range), shown_ends(e, score_range)) for e in estimates]
    values = [value for value, _ in pairs if value is not None and math.isfinite(value)]
    halves = [max(value - low, high - value) for value, (low, high) in _whole(pairs)]
    if not values or not halves:
        return whole, False
    least, most = min((*values, *also)), max((*values, *also))
    reach = max(2 * median(halves), most - least)
    close = max(whole[0], least - reach), min(whole[1], most + reach)
    return close, close != whole


def _whole(
    pairs: Sequence[tuple[float | None, tuple[float, float] | None]],
) -> Iterator[tuple[float, tuple[float, float]]]:
    """Those with a value and finite ends."""
    for value, ends in pairs:
        if value is not None and ends is not None and all(map(math.isfinite, (value, *ends))):
            yield value, ends


def unit_label(estimates: Sequence[Estimate], score_range: Range) -> str:
    """The unit that an axis shows, where all estimates share one."""
    units = {scale_for(estimate, score_range).unit for estimate in estimates}
    return units.pop() if len(units) == 1 else ""


def not_drawn(table: Cell) -> Block:
    """The table alone, where a figure would be an empty frame: its rows say why nothing was measured."""
    first = _IN_SIGHT if len(table["rows"]) > _IN_SIGHT + _IN_SIGHT // 3 else None
    return Block("table", table | {"first": first, "bare": True}, plain_table(table))


def numbers_table(
    caption: str,
    heads: Sequence[str],
    rows: Sequence[tuple[Sequence[str | Cell], Estimate]],
    score_range: Range,
) -> Cell:
    """The table behind a figure: leading cells, then estimate, interval, counts and scope.

    heads: titles of the leading columns; rows: their cells (a plain string is a name from the log).
    """
    columns = [column(head) for head in heads]
    columns += [
        column("Estimate", numeric=True),
        column("Interval", numeric=True),
        column("From"),
        column("Holds for"),
    ]
    body = []
    for leading, estimate in rows:
        ends = interval(estimate, score_range)
        body.append(
            [
                *(name_cell(cell) if isinstance(cell, str) else cell for cell in leading),
                said(reading(estimate, score_range)),
                said(ends) if ends else missing(estimate, "none"),
                said(counts(estimate) or "–"),
                said(scope_text(estimate) or "–"),
            ]
        )
    return table_view(caption, columns, body)
