"""What stands beside a verdict: its chip with what is accepted, since when, what changed, and whose margin it is?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from toolkit.figures.cells import chip_view, said
from toolkit.language import Parts, chip, text_of
from toolkit.language.decisions import (
    accepted_lines,
    axis_chip,
    changed_lines,
    is_borne,
    margin_lines,
    release_until,
    since_line,
)
from toolkit.language.numbers import Range
from toolkit.results import AxisReview, Estimate, Verdict


def axis_chip_view(review: AxisReview) -> dict[str, str]:
    """The chip of an axis; the day until which it is accepted stands by itself, as `until`."""
    view = chip_view(axis_chip(review))
    if not is_borne(review) or review.accepted_until is None:
        return view
    day = review.accepted_until.isoformat()
    return view | {"text": view["text"].removesuffix(f" {day}"), "until": day}


def release_chip_view(verdict: Verdict, axes: Sequence[AxisReview]) -> dict[str, str]:
    """The chip of a whole release; where all that decides its verdict is accepted, it says until when."""
    view, until = chip_view(chip(verdict)), release_until(axes, verdict)
    if until is None:
        return view
    return view | {"text": f"{view['text']}, accepted until", "until": until.isoformat()}


def decided_view(review: AxisReview, estimate: Estimate | None, score_range: Range) -> dict[str, Any]:
    """`decided`: what a reader must know of decisions, on sheet and axis page; `margins`: who chose them."""
    told: list[Parts] = [since_line(review), *accepted_lines(review), *changed_lines(review)]
    return {
        "decided": [said(parts) for parts in told if parts],
        "margins": [said(parts) for parts in margin_lines(review, estimate, score_range)],
    }


def decided_text(review: AxisReview) -> str:
    """The same in plain words, for readers without HTML."""
    told = [since_line(review), *accepted_lines(review), *changed_lines(review)]
    return " ".join(text_of(parts) for parts in told if parts)
