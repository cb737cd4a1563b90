"""Which tables does a review hold besides the people plan: the latest tasks, the ledger, the releases?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from toolkit.figures.blocks import Block
from toolkit.figures.cells import (
    Cell,
    chip_cell,
    column,
    missing,
    name_cell,
    plain_table,
    said,
    table_view,
    text_view,
)
from toolkit.figures.tables import DASH
from toolkit.language import (
    Name,
    Number,
    Parts,
    change,
    chip,
    clean,
    digits,
    joined,
    text_of,
    with_interval,
)
from toolkit.language.numbers import Range
from toolkit.language.phrases import UNIT_RANGE
from toolkit.results import Estimate, LedgerEntry, Notice, Verdict

_NEWEST = 12  # releases that a table has a column for


def latest_table(pairs: Sequence[tuple[str, Estimate, Estimate]], *, score_range: Range = UNIT_RANGE) -> Block:
    """The latest tasks: what each gained from earlier experience, and what it did to earlier tasks."""
    view = table_view(
        "The latest tasks, with intervals",
        [
            column("Task"),
            column("Gain from earlier experience", numeric=True),
            column("Effect on earlier tasks", numeric=True),
        ],
        [
            [name_cell(task), _read_cell(gain, score_range), _read_cell(effect, score_range)]
            for task, gain, effect in pairs
        ],
    )
    return Block("latest", view, plain_table(view))


def ledger_table(ledger: Mapping[str, LedgerEntry], notices: Sequence[Notice] = ()) -> Block:
    """Rows read, used and rejected by table, with reasons, and what a reader must know of the log."""
    view = table_view(
        "Rows of the log: read = used + rejected",
        [
            column("Table"),
            column("Read", numeric=True),
            column("Used", numeric=True),
            column("Rejected", numeric=True),
            column("Reasons"),
        ],
        [
            [
                name_cell(name),
                *(said((_rows(getattr(entry, part), name, part),)) for part in ("read", "used", "rejected")),
                said(_reasons(name, entry) or DASH),
            ]
            for name, entry in ledger.items()
        ],
    )
    parts = rows_sentence(ledger)
    sentence = text_of(parts)
    data = {
        **text_view("sentence", parts),
        "table": view,
        "notices": [{"code": n.code, "message": n.message} for n in notices],
    }
    return Block("ledger", data, "\n".join([sentence, *(f"  {n.message}" for n in notices)]))


def rows_sentence(ledger: Mapping[str, LedgerEntry]) -> Parts:
    """How much of the log was used: "203,100 rows read, 203,100 used, 0 rejected."."""
    read, used, rejected = (
        _rows(sum(getattr(entry, part) for entry in ledger.values()), "", part) for part in ("read", "used", "rejected")
    )
    return (read, " rows read, ", used, " used, ", rejected, " rejected.")


def releases_table(
    releases: Sequence[str],
    rows: Sequence[tuple[str, Sequence[Estimate | None]]],
    verdicts: Sequence[Verdict | None] = (),
    *,
    score_range: Range = UNIT_RANGE,
    caption: str = "Headlines over releases, the newest last",
) -> Block:
    """Headline quantities by release.

    releases: names, oldest first; rows: (title, one estimate or None a release); verdicts: of the releases.
    A cell shows reading, interval and verdict, and marks where the verdict is not that of the release before.
    The newest twelve are shown.
    """
    body: list[list[Cell]] = []
    if verdicts:
        body.append(
            [
                said("Release verdict"),
                *(_verdict_cell(v, b) for v, b in zip(verdicts, [None, *verdicts], strict=False)),
            ]
        )
    for title, values in rows:
        before: Verdict | None = None
        cells: list[Cell] = [said(title)]
        for estimate in values:
            cells.append(_release_cell(estimate, before, score_range))
            before = estimate.verdict if estimate is not None else None
        body.append(cells)
    older = len(releases) > _NEWEST
    if older:  # a column a release: a long history would be wider than any page
        releases, body = releases[-_NEWEST:], [[row[0], *row[1:][-_NEWEST:]] for row in body]
    notes = ["Releases before these stand on the page of all releases, and each in its own results.json."] * older
    if any(estimate is not None and estimate.verdict for _, values in rows for estimate in values):
        notes.append("A row's verdict is that of its number; one task alone can make that of a question worse.")
    heads = [column("Question"), *(column((Name(clean(name)),)) for name in releases)]
    view = table_view(caption, heads, body, note=" ".join(notes))
    return Block("releases", view, plain_table(view))


def _release_cell(estimate: Estimate | None, before: Verdict | None, score_range: Range) -> Cell:
    if estimate is None:
        return said("not reported")
    if not estimate.measured:
        return missing(estimate, "not measured")
    cell = _read_cell(estimate, score_range)
    moved = change(estimate, score_range)
    extra: dict[str, Any] = {"small": said(moved)["parts"]} if moved else {}
    if estimate.verdict:
        extra |= _verdict_cell(estimate.verdict, before)
    return cell | extra


def _verdict_cell(verdict: Verdict | None, before: Verdict | None) -> Cell:
    if verdict is None:
        return said(DASH)
    changed = f"was {before}" if before is not None and before != verdict else ""
    return chip_cell(chip(verdict)) | {"changed": changed}


def _read_cell(estimate: Estimate, score_range: Range) -> Cell:
    if not estimate.measured:
        return missing(estimate, "not measured")
    return said(with_interval(estimate, score_range))


def _rows(count: int, table: str, part: str) -> Number:
    """A count of rows of one table; of all tables where it has no name."""
    return Number(digits(count, 0), count, table, part, "ledger")


def _reasons(table: str, entry: LedgerEntry) -> Parts:
    told = sorted(entry.reasons.items(), key=lambda x: -x[1])
    return joined(((Name(clean(why)), ": ", _rows(count, table, f"reasons.{why}")) for why, count in told), "; ")
