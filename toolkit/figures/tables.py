"""How does a table of estimates look, and any other table?"""

from __future__ import annotations

from collections.abc import Sequence

from toolkit.figures.blocks import Block
from toolkit.figures.cells import (
    Cell,
    chip_cell,
    column,
    missing,
    name_cell,
    plain_table,
    said,
    sentences,
    table_view,
    words,
)
from toolkit.language import (
    Name,
    Parts,
    Quoted,
    amount,
    chip,
    clean,
    counts,
    group_text,
    interval,
    joined,
    level_of,
    margin,
    quoted,
    reading,
    scope_text,
    settling,
    text_of,
    wording_of,
)
from toolkit.language.decisions import accepted_parts
from toolkit.language.numbers import NBSP, Number, Range
from toolkit.language.phrases import UNIT_RANGE
from toolkit.results import Estimate

DASH = "–"
SMALLEST_P = 0.001
IN_SIGHT = 12  # rows; the rest of a long table unfolds


def table(
    caption: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    numeric: Sequence[int] = (),
    note: str = "",
) -> Block:
    """Any table. A cell is text, a sentence of `toolkit.language`, a cell made here, or None (a dash).

    numeric: the numbers of the columns that hold numbers, counted from 0.
    """
    heads = [column(title, numeric=place in numeric) for place, title in enumerate(columns)]
    view = table_view(caption, heads, [[_cell(item) for item in row] for row in rows], note=note, fold=IN_SIGHT)
    return Block("table", view, plain_table(view))


def estimates_table(
    estimates: Sequence[Estimate],
    caption: str,
    *,
    score_range: Range = UNIT_RANGE,
    note: str = "",
    empty: str = "",
    tested: bool = False,
    in_sight: int = IN_SIGHT,
) -> Block:
    """Estimates with interval, counts, scope and method; one that was not measured shows its reason.

    empty: what stands there without estimates. tested: with a column of p-values of no difference, for distances
    whose interval cannot exclude zero. in_sight: rows before the rest folds.

    Columns that would be empty throughout (task, verdict) are left away.
    """
    by_task = any(estimate.task is not None for estimate in estimates)
    judged = any(estimate.verdict is not None for estimate in estimates)
    titled = len({estimate.quantity for estimate in estimates}) > 1 or not by_task
    details = {detail(estimate) for estimate in estimates}
    detailed = len(details) > 1 or (len(estimates) == 1 and details != {""})
    scopes, methods = {scope(e) for e in estimates}, {e.method for e in estimates}
    scoped, told = len(scopes) > 1, len(methods) > 1  # what all rows share is said once, below
    columns = [
        *([column("Quantity")] if titled else []),
        *([column("Task")] if by_task else []),
        *([column("Part")] if detailed else []),
        column("Estimate", numeric=True),
        column(_level(estimates), numeric=True),
        *([column("p of no difference", numeric=True)] if tested else []),
        *([column("Verdict")] if judged else []),
        column("From"),
        *([column(" · ".join(("Holds for",) * scoped + ("Method",) * told))] if scoped or told else []),
    ]
    rows = []
    for estimate in estimates:
        ends = interval(estimate, score_range)
        rows.append(
            [
                *([said((Name(wording_of(estimate.quantity).title),))] if titled else []),
                *([name_cell(estimate.task) if estimate.task is not None else said("all tasks")] if by_task else []),
                *([_part_cell(estimate)] if detailed else []),
                said(reading(estimate, score_range)),
                said(ends) if ends else missing(estimate, DASH),
                *([p_cell(estimate.p_value, estimate, "p_value")] if tested else []),
                *([_verdict(estimate)] if judged else []),
                said(counts(estimate) or DASH),
                *([_basis(estimate, scoped=scoped, told=told)] if scoped or told else []),
            ]
        )
    limits = {text_of(limit): limit for estimate in estimates if (limit := margin(estimate, score_range))}
    notes: list[Parts | str] = [note]
    if not detailed and details - {""}:
        notes.append(("All rows: ", Name(next(iter(details))), "."))
    if not scoped and estimates and scope(estimates[0]) != DASH:
        notes.append(f"Intervals hold for {scope(estimates[0])}.")
    if not told and estimates and estimates[0].method:
        notes.append(("Method: ", _method(estimates[0]), "."))
    if len(limits) == 1:
        notes.append(("Smallest change that matters: ", *next(iter(limits.values())), "."))
    view = table_view(caption, columns, rows, note=sentences(notes), empty=empty, fold=in_sight)
    view["bare"] = not any(estimate.measured for estimate in estimates)
    return Block("estimates", view, plain_table(view))


def _basis(estimate: Estimate, *, scoped: bool, told: bool) -> Cell:
    """What an interval holds for and how it was made, in one cell: two columns would crowd out the numbers."""
    known: list[Parts] = [(scope(estimate),)] if scoped and scope(estimate) != DASH else []
    known += [(_method(estimate),)] if told and estimate.method else []
    return words(joined(known, "; ") or DASH)


def _method(estimate: Estimate) -> Quoted:
    return quoted(clean(estimate.method or ""), estimate.id, "method")


def _part_cell(estimate: Estimate) -> Cell:
    """Which part an estimate is of: a name, whatever digits are in it."""
    part = detail(estimate)
    return said((Name(part),) if part else DASH)


def p_cell(p: float | None, estimate: Estimate, field: str) -> Cell:
    """A p-value, marked with where it comes from; small ones as smaller than a thousandth."""
    if p is None:
        return said(DASH)
    text = f"<{NBSP}{SMALLEST_P:g}" if p < SMALLEST_P else f"{p:.2g}"
    return said((Number(text, p, estimate.id, field),))


def _verdict(estimate: Estimate) -> Cell:
    """The verdict's chip, and under it who bears the finding and what would settle an unclear one."""
    if estimate.verdict is None:
        return said(DASH)
    borne = accepted_parts(estimate.accepted, estimate.id, "accepted") if estimate.accepted is not None else ()
    remark = joined((parts for parts in (borne, settling(estimate)) if parts), "; ")
    return chip_cell(chip(estimate.verdict, estimate.finding), remark)


def _cell(item: object) -> Cell:
    if item is None:
        return said(DASH)
    if isinstance(item, dict):
        return item
    if isinstance(item, Estimate):
        return said(amount(item))
    if isinstance(item, tuple):
        return said(item)
    return said(clean(str(item)))


def detail(estimate: Estimate) -> str:
    """Which part of a quantity an estimate is of: arms, stage and group in words; empty for the whole."""
    arm = "" if estimate.arm in (None, "stream") and not estimate.against else f"{estimate.arm or DASH}"
    if estimate.against:
        arm += f" against {estimate.against}"
    stage = f"stage {estimate.stage}" if estimate.stage is not None else ""
    parts = [part for part in (arm, stage, group_text(estimate)) if part]
    return clean(", ".join(parts)) if parts else ""


def scope(estimate: Estimate) -> str:
    """What an interval generalises to, and whether it holds for all rows of its family together."""
    said_scope = scope_text(estimate) or DASH
    return f"{said_scope}; all rows together" if estimate.simultaneous and estimate.has_interval else said_scope


def _level(estimates: Sequence[Estimate]) -> Parts:
    levels = {estimate.level for estimate in estimates}
    return (level_of(estimates[0]) if len(levels) == 1 else "Its", " interval")
