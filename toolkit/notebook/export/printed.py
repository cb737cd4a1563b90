"""How do estimates read as a table outside of a page: rounded as on pages, a missing one with its reason?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from toolkit.errors import UsageError
from toolkit.figures.tables import detail, scope
from toolkit.language import clean, counts, level_text, scale_for, text_of, wording_of
from toolkit.language.numbers import Scale, number
from toolkit.results import Estimate

if TYPE_CHECKING:
    from toolkit.notebook.estimates import Estimates

IntervalAs = Literal["cell", "columns"]
NONE = "–"


@dataclass(frozen=True)
class Printed:
    """A table of text: its heads, its rows, and which columns hold numbers (from 0)."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int]


def printed(estimates: Estimates, *, interval: IntervalAs = "cell") -> Printed:
    """One row an estimate, digits by the width of its interval, columns without content left away.

    interval: `cell` prints −3.1 (−4.4 to −1.8) in one cell, `columns` estimate, low and high apart. A value that is
    missing reads `not measured: reason`. UsageError for another `interval`.
    """
    if interval not in get_args(IntervalAs):
        raise UsageError(f"interval is {interval!r}: it must be one of {', '.join(get_args(IntervalAs))}")
    scales = [scale_for(e, estimates.score_range) for e in estimates]
    by_task = any(e.task is not None for e in estimates)
    titled = len(estimates.quantities) > 1 or not by_task
    columns: list[tuple[str, list[str]]] = [
        *([("Quantity", [wording_of(e.quantity).title for e in estimates])] if titled else []),
        *([("Task", [clean(e.task) if e.task is not None else "all tasks" for e in estimates])] if by_task else []),
        ("Part", [detail(e) for e in estimates]),
    ]
    first = sum(any(cells) for _, cells in columns)
    numbers = _in_cell(estimates, scales) if interval == "cell" else _in_columns(estimates, scales)
    columns += numbers
    columns += [
        ("Unit", [_unit(e, scale) for e, scale in zip(estimates, scales, strict=True)]),
        ("From", [text_of(counts(e)) for e in estimates]),
        ("Holds for", [scope(e) if e.scope else "" for e in estimates]),
        *([("Note", [_why_no_interval(e) for e in estimates])] if interval == "columns" else []),
    ]
    numeric = {name for name, _ in numbers}
    kept = [(name, cells) for name, cells in columns if any(cells) or name in numeric]
    rows = zip(*([cell or NONE for cell in cells] for _, cells in kept), strict=True)
    return Printed(tuple(name for name, _ in kept), tuple(rows), frozenset(range(first, first + len(numbers))))


def _in_cell(estimates: Sequence[Estimate], scales: Sequence[Scale]) -> list[tuple[str, list[str]]]:
    levels = {e.level for e in estimates}
    head = f"Estimate ({level_text(levels.pop())} interval)" if len(levels) == 1 else "Estimate (interval)"
    cells = []
    for e, scale in zip(estimates, scales, strict=True):
        value, low, high = _ends(e, scale)
        why = _why_no_interval(e)
        tail = f" ({low} to {high})" if low and high else f" ({why})" if why else ""
        cells.append(f"{value}{tail}")
    return [(head, cells)]


def _in_columns(estimates: Sequence[Estimate], scales: Sequence[Scale]) -> list[tuple[str, list[str]]]:
    rows = [_ends(e, scale) for e, scale in zip(estimates, scales, strict=True)]
    return [(head, [row[place] for row in rows]) for place, head in enumerate(("Estimate", "Low", "High"))]


def _ends(estimate: Estimate, scale: Scale) -> tuple[str, str, str]:
    """Value, low and high as printed; of a value that is missing the reason."""
    value, low, high = (number(estimate, field, scale) for field in ("value", "low", "high"))
    if value is None:
        return (f"not measured: {clean(estimate.reason)}" if estimate.reason else "not measured", "", "")
    return (value.text, low.text if low else "", high.text if high else "")


def _unit(estimate: Estimate, scale: Scale) -> str:
    """Of points, of which scale: beside each other, points of a hundred and of a judge's scale would look alike."""
    if not estimate.measured:
        return ""
    return clean(estimate.unit) if estimate.unit.startswith("points of ") else scale.unit


def _why_no_interval(estimate: Estimate) -> str:
    if not estimate.measured or estimate.has_interval:
        return ""
    why = clean(estimate.reason) if estimate.reason else ""
    return why if why.startswith("no interval") else f"no interval: {why}" if why else "no interval"
