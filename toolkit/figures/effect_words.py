"""What do effects below each other show, in words, and what is each row called?"""

from __future__ import annotations

from collections.abc import Sequence

from toolkit.figures.canvas import named
from toolkit.figures.rows import shown_ends
from toolkit.language import (
    Number,
    Parts,
    better_side,
    choice,
    clean,
    group_text,
    joined,
    plain,
    scale_for,
    tally,
    with_interval,
    wording_of,
)
from toolkit.language.numbers import Range
from toolkit.language.pieces import capitalised
from toolkit.results import Estimate


def finding(
    rows: Sequence[tuple[str, Estimate]],
    extra: Sequence[tuple[str, Estimate]],
    margin: float | None,
    side: int,
    score_range: Range,
) -> Parts:
    """What the rows show, in words: the extremes, and how many lie wholly beyond their margin."""
    if not rows:
        return ("Nothing could be drawn.",)
    parts: list[Parts] = []
    own = margins_of([e for _, e in (*rows, *extra)], margin)[: len(rows)]
    factor = scale_for(rows[0][1], score_range).factor
    if any(own):
        ends = [shown_ends(e, score_range) for _, e in rows]
        beyond = [
            text for (text, _), e, m in zip(rows, ends, own, strict=True) if e and m and _harmful(e, m * factor, side)
        ]
        head: Parts = (tally(len(beyond), "rows"), " of ", tally(len(rows), "rows"), " lie wholly beyond ")
        which = joined(((named(text),) for text in beyond[:5]), ", ")
        limit = _margin_words(own, [e for _, e in (*rows, *extra)], factor)
        parts.append((*head, *limit, ": ", *which) if beyond else (*head, *limit))
    low = min(rows, key=lambda row: row[1].value or 0)
    high = max(rows, key=lambda row: row[1].value or 0)
    if len(rows) == 1:
        parts.append((named(low[0]), ": ", *with_interval(low[1], score_range)))
    else:
        parts.append((
            "from ", named(low[0]), ", ", *with_interval(low[1], score_range),
            ", to ", named(high[0]), ", ", *with_interval(high[1], score_range),
        ))  # fmt: skip
    parts += [(f"{title.lower()}: ", *with_interval(e, score_range)) for title, e in extra]
    return (*capitalised(joined(parts, "; ")), ".")


def margins_of(shown: Sequence[Estimate], margin: float | None) -> list[float | None]:
    """The margin of each row in its raw unit: the one given for all, else its own, else that of another row."""
    other = margin or next((e.margin for e in shown if e.margin), None)
    return [margin or e.margin or other for e in shown]


def _margin_words(own: Sequence[float | None], shown: Sequence[Estimate], factor: float) -> Parts:
    """The margin as the caption prints it, or from which to which they go, marked with estimates that carry them."""
    known = sorted({m for m in own if m})
    if len(known) == 1:
        return ("the margin of ", _margin_number(known[0], shown, factor))
    ends = (_margin_number(known[0], shown, factor), " to ", _margin_number(known[-1], shown, factor))
    return ("their margins of ", *ends)


def _margin_number(margin: float, shown: Sequence[Estimate], factor: float) -> Number:
    carrier = next((e for e in shown if e.margin == margin), None)
    if carrier is None:
        return choice(plain(margin * factor), margin, "margin")
    return Number(plain(margin * factor), margin, carrier.id, "margin")


def _harmful(ends: tuple[float, float], limit: float, side: int) -> bool:
    below, above = ends[1] < -limit, ends[0] > limit
    return below if side > 0 else above if side < 0 else below or above


def side_of(estimates: Sequence[Estimate]) -> int:
    """+1 where more is better, -1 where less is, 0 where neither."""
    return better_side(estimates[0]) if estimates else 0


def task_name(estimate: Estimate) -> str:
    """The task, or all that tells an estimate apart where it is of none."""
    return clean(estimate.task) if estimate.task is not None else full_name(estimate)


def full_name(estimate: Estimate) -> str:
    """Quantity, task, part and stage."""
    parts = [wording_of(estimate.quantity).title, estimate.task or "", group_text(estimate)]
    if estimate.stage is not None:
        parts.append(f"stage {estimate.stage}")
    return clean(", ".join(part for part in parts if part))
