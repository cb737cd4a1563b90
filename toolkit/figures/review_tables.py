"""Which tables does a review hold: the people plan, the latest tasks, the ledger, the releases?"""

from __future__ import annotations

from collections import Counter
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
    sentences,
    table_view,
    text_view,
    words,
)
from toolkit.figures.tables import DASH
from toolkit.language import (
    Name,
    Number,
    Parts,
    Quoted,
    change,
    chip,
    clean,
    digits,
    interval,
    joined,
    quoted,
    reading,
    tally,
    text_of,
)
from toolkit.language.numbers import Range
from toolkit.language.phrases import UNIT_RANGE
from toolkit.language.pieces import parts_of
from toolkit.results import Estimate, LedgerEntry, Notice, PlanRow, Verdict

ADVICE = {"watch": "Keep a watch sample", "review": "Review a sample", "required": "People required"}
_DRAWING = (
    "streamreview sample draws them among the answers of the latest stage that were judged and people have not seen, "
    "as many as there are."
)
_SHARED = 3
_HEAVIEST = {"required": 0, "review": 1, "watch": 2}
_NEWEST = 12  # releases that a table has a column for


def plan_table(rows: Sequence[PlanRow]) -> Block:
    """Where people must stay: per task the advice, how many labels for what, and all reasons; the heaviest first.

    The strongest reason stands first, the others below it. What is the same for many tasks is said once, below: how
    answers are drawn, and a further reason that three tasks or more share.
    """
    ordered = sorted(rows, key=lambda row: (_HEAVIEST[row.advice], row.risk != "regulated"))
    drawn = rows[0].drawn if len({row.drawn for row in rows}) == 1 else None
    counts = Counter(reason for row in rows for reason in row.reasons[1:])
    shared = [reason for reason, count in counts.items() if count >= _SHARED]
    notes: list[Parts] = [_further(reason, counts[reason], rows) for reason in shared]
    if drawn:
        notes.append(("Answers are drawn ", quoted(clean(drawn), rows[0].task, "drawn", "plan"), "."))
    notes += [(_DRAWING,)] if any(row.drawn for row in rows) else []
    view = table_view(
        "What people do before the next release, task by task",
        [
            column("Task"),
            column("Risk"),
            column("Advice"),
            column("Human labels"),
            column("Why"),
        ],
        [
            [
                name_cell(row.task),
                said(row.risk),
                {"parts": [ADVICE[row.advice]], "strong": True},
                _labels_cell(row, drawn),
                _why_cell(row, shared),
            ]
            for row in ordered
        ],
        note=sentences(notes),
        found=False,
    )
    return Block("plan", view, plain_table(view))


def _labels_cell(row: PlanRow, drawn: str | None) -> Cell:
    """The number, what it is for, and how the answers are drawn where not all tasks' are drawn alike."""
    below: list[Parts] = []
    if row.purpose:
        below.append((quoted(clean(row.purpose), row.task, "purpose", "plan"),))
    if row.drawn and row.drawn != drawn:
        below.append(("drawn ", quoted(clean(row.drawn), row.task, "drawn", "plan")))
    cell = words((Number(digits(row.labels, 0), row.labels, row.task, "labels", "plan"),))
    return cell | {"small": said(joined(below, "; "))["parts"]} if below else cell


def _why_cell(row: PlanRow, shared: Sequence[str]) -> Cell:
    """The strongest reason, and below it the others, but for those that are said of many tasks."""
    if not row.reasons:
        return words((quoted(clean(row.why), row.task, "why", "plan"),))
    others = [(_reason(row, place),) for place, reason in enumerate(row.reasons) if place and reason not in shared]
    return words((_reason(row, 0),)) | ({"small": said(sentences(others))["parts"]} if others else {})


def _reason(row: PlanRow, place: int) -> Quoted:
    """A reason of a task, quoted, its numbers marked."""
    parts = parts_of(row.reason_parts[place]) if row.reason_parts else (clean(row.reasons[place]),)
    return Quoted(parts, row.task, f"reasons.{place}", "plan")


def _further(reason: str, count: int, rows: Sequence[PlanRow]) -> Parts:
    """A reason that many tasks have."""
    first = next(row for row in rows if reason in row.reasons[1:])
    head = ("A further reason on ", tally(count, "tasks"), " of ", tally(len(rows), "tasks"), " tasks: ")
    return (*head, _reason(first, first.reasons.index(reason)))


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
            [name_cell(task), _with_interval(gain, score_range), _with_interval(effect, score_range)]
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
    note = "Releases before these stand on the page of all releases, and each in its own results.json." if older else ""
    heads = [column("Question"), *(column((Name(clean(name)),)) for name in releases)]
    view = table_view(caption, heads, body, note=note)
    return Block("releases", view, plain_table(view))


def _release_cell(estimate: Estimate | None, before: Verdict | None, score_range: Range) -> Cell:
    if estimate is None:
        return said("not reported")
    if not estimate.measured:
        return missing(estimate, "not measured")
    cell = _with_interval(estimate, score_range)
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


def _with_interval(estimate: Estimate, score_range: Range) -> Cell:
    if not estimate.measured:
        return missing(estimate, "not measured")
    ends = interval(estimate, score_range)
    return said((*reading(estimate, score_range), *((" (", *ends, ")") if ends else ())))


def _rows(count: int, table: str, part: str) -> Number:
    """A count of rows of one table; of all tables where it has no name."""
    return Number(digits(count, 0), count, table, part, "ledger")


def _reasons(table: str, entry: LedgerEntry) -> Parts:
    told = sorted(entry.reasons.items(), key=lambda x: -x[1])
    return joined(((Name(clean(why)), ": ", _rows(count, table, f"reasons.{why}")) for why, count in told), "; ")
