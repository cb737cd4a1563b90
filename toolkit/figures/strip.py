"""Where do the marks of an interval strip and of a sparkline lie?

Strips share one picture language: harm always on the left, zero in the middle, the margin as a dashed line,
all in percent of the strip's width, so that text keeps its size on any screen.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from toolkit.language import (
    better_side,
    harms_both_sides,
    interval,
    plain,
    reading,
    scale_for,
    text_of,
    wording_of,
)
from toolkit.language.numbers import Range
from toolkit.results import Estimate

ZERO = 50.0  # percent: where zero lies in every strip
_EDGE = 46.0  # percent: from zero to the last place that is drawn to scale
_FEWEST, _MOST = 1.6, 6.0  # margins that one half of a strip shows


def span(estimates: Iterable[Estimate]) -> float:
    """How many margins one half of a strip shows, so that all of `estimates` fit where that is sensible."""
    reached = [
        max(abs(end) for end in _ends(estimate)) / estimate.margin
        for estimate in estimates
        if estimate.measured and estimate.margin and all(map(math.isfinite, _ends(estimate)))
    ]
    return min(_MOST, max([_FEWEST, *(1.05 * reach for reach in reached)]))


def strip(estimate: Estimate, score_range: Range, margins: float | None = None) -> dict[str, Any] | None:
    """The strip of one estimate in percent of its width, or None where there is nothing to draw.

    margins: how many margins one half shows (see `span`), the same for strips that stand below each other.
    An end that lies further out is drawn at the edge with an arrow head (`beyond_left`, `beyond_right`).
    """
    if estimate.value is None:
        return None
    side = better_side(estimate)
    if side == 0:  # a bias: its own side is the harmful one
        side = -1 if estimate.value > 0 else 1
    unit = estimate.margin or max([abs(x) for x in _ends(estimate) if math.isfinite(x)] + [1e-12])
    reach = (margins or span([estimate])) if estimate.margin else 1.05

    def place(raw: float) -> float:
        turned = side * raw / unit if math.isfinite(raw) else math.copysign(math.inf, side * raw)
        return ZERO + _EDGE * max(-1.02, min(1.02, turned / reach))

    ends = sorted(place(x) for x in _ends(estimate))
    limit = ZERO - _EDGE / reach if estimate.margin else None
    words = [text_of(reading(estimate, score_range)), text_of(interval(estimate, score_range))]
    if estimate.margin:
        words.append(f"limit {limit_text(estimate, score_range)}")
    return {
        "label": ", ".join(word for word in words if word),
        "left": round(ends[0], 2),
        "right": round(ends[-1], 2),
        "dot": round(place(estimate.value), 2),
        "interval": estimate.has_interval,
        "beyond_left": ends[0] < ZERO - 1.01 * _EDGE,
        "beyond_right": ends[-1] > ZERO + 1.01 * _EDGE,
        "zero": ZERO,
        "limit": None if limit is None else round(limit, 2),
        "mirror": round(2 * ZERO - limit, 2) if limit is not None and harms_both_sides(estimate) else None,
        "limit_text": limit_text(estimate, score_range) if estimate.margin else "",
    }


def limit_text(estimate: Estimate, score_range: Range) -> str:
    """The margin as the strip names it, on the harmful side: "1 point lost"."""
    if not estimate.margin:
        return ""
    scale = scale_for(estimate, score_range)
    shown = plain(estimate.margin * scale.factor)
    side = better_side(estimate) or (-1 if (estimate.value or 0) > 0 else 1)
    wording = wording_of(estimate.quantity)
    word = (wording.less if side > 0 else wording.more) if wording.signed else ""
    unit = "" if word and scale.unit == "feedback points" else scale.unit_after(shown)  # it stands beside the strip
    return f"{shown}{unit}{' ' + word if word else ''}"


def spark(values: Sequence[float | None], *, width: float = 96, height: float = 24) -> dict[str, Any] | None:
    """A sparkline: runs of points in a `width` x `height` box and its last dot; None under two values.

    A release without the number breaks the line; it is never bridged.
    """
    known = [value for value in values if value is not None and math.isfinite(value)]
    if len(known) < 2:
        return None
    low, high = min(known), max(known)
    step = (width - 8) / max(1, len(values) - 1)
    runs: list[list[str]] = [[]]
    last = (0.0, 0.0)
    for index, value in enumerate(values):
        if value is None or not math.isfinite(value):
            runs.append([])
            continue
        share = 0.5 if high == low else (value - low) / (high - low)
        last = (round(4 + index * step, 1), round(height - 4 - share * (height - 8), 1))
        runs[-1].append(f"{last[0]},{last[1]}")
    return {
        "width": width,
        "height": height,
        "runs": [" ".join(run) for run in runs if run],
        "last": list(last),
        "count": len(known),
    }


def _ends(estimate: Estimate) -> tuple[float, ...]:
    value = estimate.value or 0.0
    if estimate.low is None or estimate.high is None:
        return (value,)
    return (estimate.low, value, estimate.high)
