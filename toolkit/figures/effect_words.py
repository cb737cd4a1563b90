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
    interval,
    joined,
    plain,
    reading,
    scale_for,
    tally,
    wording_of,
)
from toolkit.language.numbers import Range
from toolkit.language.pieces import capitalised
from toolkit.results import Estimate


def finding(
    rows: Sequence[tuple[str, Estimate]],
    extra: Sequence[tuple[str, Estimate]],
    limit: Number | None,
    side: int,
    score_range: Range,
) -> Parts:
    """What the rows show, in words: the extremes, and how many lie wholly beyond the margin."""
    if not rows:
        return ("Nothing could be drawn.",)
    parts: list[Parts] = []
    known = [(text, e, shown_ends(e, score_range)) for text, e in rows]
    if limit is not None:
        reach = limit.value * scale_for(rows[0][1], score_range).factor
        beyond = [text for text, _, ends in known if ends and _harmful(ends, reach, side)]
        head: Parts = (
            tally(len(beyond), "rows"),
            " of ",
            tally(len(rows), "rows"),
            " lie wholly beyond the margin of ",
        )
        which = joined(((named(text),) for text in beyond[:5]), ", ")
        parts.append((*head, limit, ": ", *which) if beyond else (*head, limit))
    low = min(rows, key=lambda row: row[1].value or 0)
    high = max(rows, key=lambda row: row[1].value or 0)
    parts.append((
        "from ", named(low[0]), ", ", *reading(low[1], score_range),
        ", to ", named(high[0]), ", ", *reading(high[1], score_range),
    ))  # fmt: skip
    parts += [(f"{title.lower()}: ", *reading(e, score_range), ", ", *interval(e, score_range)) for title, e in extra]
    return (*capitalised(joined(parts, "; ")), ".")


def limit_of(shown: Sequence[Estimate], margin: float | None, factor: float) -> Number | None:
    """The margin as the caption prints it, marked with an estimate that carries it."""
    if not margin or not shown:
        return None
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
