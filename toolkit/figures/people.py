"""Where must people stay: task by task, the advice, how many labels for what, and why?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from toolkit.figures.blocks import Block
from toolkit.figures.cells import Cell, column, plain_table, said, sentences, shown_name, table_view, words
from toolkit.language import Number, Parts, Quoted, clean, digits, joined, quoted, tally
from toolkit.language.pieces import parts_of
from toolkit.results import PlanRow

ADVICE = {"watch": "Keep a watch sample", "review": "Review a sample", "required": "People required"}
_DRAWING = (
    "streamreview sample draws them among the answers of the latest stage that were judged and people have not seen, "
    "as many as there are."
)
_SHARED = 3
_HEAVIEST = {"required": 0, "review": 1, "watch": 2}
_IN_SIGHT = 12  # rows; the rest of a long plan unfolds


def plan_table(rows: Sequence[PlanRow]) -> Block:
    """Where people must stay: per task the advice, how many labels for what, and all reasons; the heaviest first.

    Tasks of which all the same is said share a row. The strongest reason stands first, the others below it. What is
    the same for many tasks is said once, below: what labels are for, how answers are drawn, and a further reason that
    at least half of the tasks share.
    """
    ordered = sorted(rows, key=lambda row: (_HEAVIEST[row.advice], row.risk != "regulated"))
    drawn = rows[0].drawn if len({row.drawn for row in rows}) == 1 else None
    counts = Counter(reason for row in rows for reason in row.reasons[1:])
    shared = [reason for reason, count in counts.items() if count >= max(_SHARED, len(rows) / 2)]
    groups: dict[str, list[PlanRow]] = {}
    for row in ordered:
        groups.setdefault(_said_of(row), []).append(row)
    purpose = _common_purpose([alike[0] for alike in groups.values()])
    notes: list[Parts] = [_further(reason, counts[reason], rows) for reason in shared]
    if purpose:
        stated = next(row for row in rows if _parted(row.purpose)[0] == purpose)
        every = all(_parted(row.purpose)[0] == purpose for row in rows)
        head = "Labels are there " if every else "Where no other purpose is given, labels are there "
        notes.append((head, _quoted_purpose(purpose, stated), "."))
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
                said(joined(((shown_name(row.task),) for row in alike), ", ")),
                said(alike[0].risk),
                {"parts": [ADVICE[alike[0].advice]], "strong": True},
                _labels_cell(alike[0], drawn, purpose, each=len(alike) > 1),
                _why_cell(alike[0], shared),
            ]
            for alike in groups.values()
        ],
        note=sentences(notes),
        fold=_IN_SIGHT,
        found=False,
    )
    return Block("plan", view, plain_table(view))


def _said_of(row: PlanRow) -> str:
    """All that is said of a task."""
    return row.model_copy(update={"task": ""}).model_dump_json()


def _common_purpose(said: Sequence[PlanRow]) -> str | None:
    """What the labels of most rows are for, where it would stand in three rows or more and every row has a purpose."""
    purposes = Counter(_parted(row.purpose)[0] for row in said)
    most, count = purposes.most_common(1)[0] if purposes else ("", 0)
    return most if count >= _SHARED and all(purposes) else None


def _parted(purpose: str | None) -> tuple[str, str]:
    """What labels are for, and what is to be said of their number."""
    what, _, rest = (purpose or "").partition("; ")
    return what, rest


def _quoted_purpose(text: str, row: PlanRow) -> Quoted:
    return quoted(clean(text), row.task, "purpose", "plan")


def _labels_cell(row: PlanRow, drawn: str | None, purpose: str | None, *, each: bool) -> Cell:
    """The number, what it is for and how the answers are drawn, where that is not said below the table."""
    below: list[Parts] = []
    own = _parted(row.purpose)[1] if purpose and _parted(row.purpose)[0] == purpose else row.purpose
    if own:
        below.append((_quoted_purpose(own, row),))
    if row.drawn and row.drawn != drawn:
        below.append(("drawn ", quoted(clean(row.drawn), row.task, "drawn", "plan")))
    count = Number(digits(row.labels, 0), row.labels, row.task, "labels", "plan")
    cell = words((count, " a task") if each else (count,))
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
