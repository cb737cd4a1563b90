"""What changes when many numbers are looked at together: definitions of one word, tasks, and headlines?"""

from __future__ import annotations

from collections.abc import Sequence

from toolkit.figures.blocks import Block
from toolkit.figures.cells import Cell, column, missing, name_cell, plain_table, said, table_view, words
from toolkit.figures.tables import DASH, IN_SIGHT, p_cell
from toolkit.language import (
    Name,
    Parts,
    clean,
    group_text,
    interval,
    joined,
    level_of,
    quoted,
    reading,
    term,
    wording_of,
)
from toolkit.language.numbers import Range
from toolkit.language.phrases import UNIT_RANGE
from toolkit.results import Estimate


def definitions_table(estimates: Sequence[Estimate], caption: str, *, score_range: Range = UNIT_RANGE) -> Block:
    """One word by several definitions, ours first, and the spread between them where their units agree."""
    against = {(e.quantity, e.against) for e in estimates}
    several = {e.quantity for e in estimates if sum(quantity == e.quantity for quantity, _ in against) > 1}
    rows = [
        [
            said((Name(_definition(e, several=e.quantity in several)),)),
            said(reading(e, score_range)),
            _ends(e, score_range),
            words(_source(e)),
        ]
        for e in estimates
    ]
    heads = [column("Definition"), column("Estimate", numeric=True), column("Interval", numeric=True), column("Source")]
    view = table_view(caption, heads, rows, note=_spread(estimates, score_range))
    return Block("table", view, plain_table(view))


def tasks_table(
    tasks: Sequence[Estimate], shrunk: Sequence[Estimate], caption: str, *, score_range: Range = UNIT_RANGE
) -> Block:
    """Each task's effect as it was measured, drawn towards the mean of all, and whether it stands out among them."""
    drawn = {e.task: e for e in shrunk}
    if len(tasks) > IN_SIGHT + IN_SIGHT // 3:  # the table folds: what moved most stands in sight
        tasks = sorted(tasks, key=lambda e: -abs(e.value or 0.0))
    rows = []
    for e in tasks:
        guess = drawn.get(e.task)
        rows.append([
            name_cell(e.task or ""), said(reading(e, score_range)), _ends(e, score_range),
            said(reading(guess, score_range)) if guess else said(DASH),
            _ends(guess, score_range) if guess else said(DASH), _p_cell(e),
        ])  # fmt: skip
    heads = [
        column("Task"), column("As measured", numeric=True), column("Interval of all together", numeric=True),
        column("Drawn to the mean", numeric=True), column("Its interval", numeric=True),
        column("Adjusted p", numeric=True),
    ]  # fmt: skip
    adjustment = next((e.adjustment for e in tasks if e.adjustment), None)
    note = ""
    if adjustment:
        note = f"Adjusted p: of no effect, corrected over the tasks ({adjustment}); it sorts, and decides no verdict."
    view = table_view(caption, heads, rows, note=note, fold=IN_SIGHT)
    return Block("table", view, plain_table(view))


def family_table(headlines: Sequence[Estimate], *, score_range: Range = UNIT_RANGE) -> Block:
    """The headlines, with p-values that allow for asking all of them at once."""
    rows = [
        [said((Name(wording_of(e.quantity).title),)), said(reading(e, score_range)), _ends(e, score_range), _p_cell(e)]
        for e in headlines
    ]
    heads = [
        column("Headline"), column("Estimate", numeric=True), column("Interval", numeric=True),
        column("Adjusted p", numeric=True),
    ]  # fmt: skip
    note = "Adjusted p: of no effect, corrected for the number of headlines (Holm). Verdicts rest on intervals."
    view = table_view("The headlines, looked at together", heads, rows, note=note)
    return Block("table", view, plain_table(view))


def _definition(estimate: Estimate, *, several: bool) -> str:
    """The title of a definition; several: with the arm compared with, where one quantity has more than one."""
    title = wording_of(estimate.quantity).title
    arm = f", against {clean(estimate.against)}" if several and estimate.against else ""
    return f"{title}{arm}: {group_text(estimate)}" if estimate.group else f"{title}{arm} (this report)"


def _source(estimate: Estimate) -> Parts:
    """Who defined it, and how its interval is made; other definitions name their source in their method."""
    defined = "" if estimate.group else term(estimate.quantity).source
    known: list[Parts] = [(Name(defined, "cite"),)] if defined else []
    known += [(quoted(clean(estimate.method), estimate.id, "method"),)] if estimate.method else []
    return joined(known, "; ") or (DASH,)


def _ends(estimate: Estimate, score_range: Range) -> Cell:
    ends = interval(estimate, score_range)
    return said(ends) if ends else missing(estimate, DASH)


def _p_cell(estimate: Estimate) -> Cell:
    return p_cell(estimate.p_adjusted, estimate, "p_adjusted")


def _spread(estimates: Sequence[Estimate], score_range: Range) -> Parts:
    known = [e for e in estimates if e.value is not None and e.unit == estimates[0].unit]
    if len(known) < 2:
        return ()
    low, high = (pick(known, key=lambda e: e.value or 0.0) for pick in (min, max))
    main = estimates[0]
    told: Parts = ("From ", *reading(low, score_range), " to ", *reading(high, score_range), " by definition alone")
    if main.has_interval:
        told = (*told, "; the ", level_of(main), " interval of the first is ", *interval(main, score_range))
    return (*told, ".")
