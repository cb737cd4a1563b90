"""How are the size of an estimate, its interval, what it holds for and its margin said?

Sentences are parts (toolkit.language.pieces), so that a page can mark each number with the estimate it
comes from; `text_of` joins them into plain words. No sentence speaks of significance: interval and margin do.
"""

from __future__ import annotations

import math

from toolkit.language.numbers import Number, Range, Scale, number, scale_of, usable
from toolkit.language.pieces import (
    Part,
    Parts,
    text_of,
)
from toolkit.language.wordings import wording_of
from toolkit.results import Estimate

UNIT_RANGE: Range = (0.0, 1.0)
ASSUMED_CEILING = "ceiling=1"
_SIGHT = 10  # times the stages that were seen: a half-life beyond is the model's word, not the log's
# Courses, ratios, bounds and limits: they go in no direction, whatever their quantity does.
_LEVELS = frozenset({
    "part=judge", "part=human", "part=ratio", "part=bound", "part=limit", "part=reliability", "part=prediction",
    "model=saturating",
})  # fmt: skip


def scale_for(estimate: Estimate, score_range: Range = UNIT_RANGE) -> Scale:
    """The scale on which `estimate` is printed; a difference of shares reads as points."""
    return scale_of(estimate.unit, score_range, difference=_signed(estimate))


def amount(estimate: Estimate, score_range: Range = UNIT_RANGE) -> Parts:
    """Value and unit, without the sign where words carry it: "3.1 points".

    Of an infinite value, and of one far beyond what was seen, the lower end: "longer than 361 stages".
    """
    scale = scale_for(estimate, score_range)
    if estimate.value is not None and math.isinf(estimate.value):
        return _infinite(estimate, scale)
    if out_of_sight(estimate):
        low = must(number(estimate, "low", scale))
        return ("longer than ", low, scale.unit_after(low.text))
    shown = number(estimate, "value", scale, sign=_sign(estimate))
    if shown is None:
        return ("not measured",)
    return (shown, scale.unit_after(shown.text))


def out_of_sight(estimate: Estimate) -> bool:
    """Whether a half-life lies so far beyond the stages seen, one a task, that only its lower end says something."""
    value, low, tasks = estimate.value, estimate.low, estimate.n.get("tasks")
    if estimate.quantity != "retention_half_life" or value is None or low is None or tasks is None:
        return False
    return math.isfinite(value) and value > _SIGHT * tasks


def _infinite(estimate: Estimate, scale: Scale) -> Parts:
    low = number(estimate, "low", scale)
    if low is None or math.isinf(low.value):
        return ("ever, as far as can be seen",)
    return ("at least ", low, scale.unit_after(low.text))


def reading(estimate: Estimate, score_range: Range = UNIT_RANGE) -> Parts:
    """Value, unit and direction, as shown beside a picture: "3.1 points lost"."""
    if not estimate.measured:
        return ("not measured",)
    word = direction_word(estimate, above=(estimate.value or 0) >= 0)
    said = amount(estimate, score_range)
    if estimate.group == ASSUMED_CEILING:  # the true ceiling can only be lower, and the gap smaller
        said = ("at most ", *said)
    if not word or (_signed(estimate) and not shows_something(said)):
        return said  # a zero goes in neither direction
    return (*said, f" {word}")


def interval(estimate: Estimate, score_range: Range = UNIT_RANGE) -> Parts:
    """The interval in the direction of its value: "1.8 to 4.4", "0.9 lost to 0.1 gained", "at least 4.2"."""
    low, high = estimate.low, estimate.high
    if low is None or high is None or not (usable(low) and usable(high)):
        return ()
    scale = scale_for(estimate, score_range)
    if math.isinf(high) and low == high:
        return ("no end in sight",)
    if math.isinf(high) and not math.isinf(low):
        return ("at least ", must(number(estimate, "low", scale)))
    if math.isinf(low) and not math.isinf(high):
        return ("at most ", must(number(estimate, "high", scale)))
    if not _signed(estimate):
        return (must(number(estimate, "low", scale)), " to ", must(number(estimate, "high", scale)))
    negative = (estimate.value or 0) < 0
    if high > 0 if negative else low < 0:  # an end on the other side of zero: each end says its side
        ends: list[Part] = []
        for field, end in (("low", low), ("high", high)):
            ends += [" to "] if ends else []
            ends.append(must(number(estimate, field, scale, sign=-1 if end < 0 else 1)))  # type: ignore[arg-type]
            ends.append(f" {direction_word(estimate, above=end >= 0)}")
        return tuple(ends)
    sign = -1 if negative else 1
    near, far = (
        must(number(estimate, "low", scale, sign=sign)),
        must(number(estimate, "high", scale, sign=sign)),
    )
    return (far, " to ", near) if negative else (near, " to ", far)


def with_interval(estimate: Estimate, score_range: Range = UNIT_RANGE) -> Parts:
    """A reading with the interval behind it, where there is one: "3.1 points lost (1.8 to 4.4)"."""
    ends = interval(estimate, score_range)
    return (*reading(estimate, score_range), *((" (", *ends, ")") if ends else ()))


def shows_something(parts: Parts) -> bool:
    """Whether the printed amount has a digit other than zero."""
    return any(c in "123456789" for c in text_of(parts))


def scope_text(estimate: Estimate) -> str:
    """What the interval generalises to, in plain words; empty where there is no interval."""
    seeds = estimate.n.get("seeds")
    if estimate.scope == "items":
        if estimate.axis in ("feedback", "alignment", "generation"):
            return "this training run only, new items" if seeds == 1 else "these models, new items"
        return "this training run only, new test items" if seeds == 1 else "these trained models, new test items"
    return {
        "seeds": "these tasks, models trained anew",
        "tasks": "new tasks of this kind",
        "raters": "new people rating new items",
        None: "",
    }[estimate.scope]


def margin(estimate: Estimate, score_range: Range = UNIT_RANGE) -> Parts:
    """The smallest change that matters, with its unit; says where nobody has chosen it."""
    scale = scale_for(estimate, score_range)
    shown = number(estimate, "margin", scale)
    if shown is None:
        return ()
    return (shown, scale.unit_after(shown.text), " (provisional)" if estimate.margin_provisional else "")


def direction_word(estimate: Estimate, *, above: bool) -> str:
    """The word for a value above zero, or below it; empty where the sign says it."""
    wording = wording_of(estimate.quantity)
    if not _signed(estimate):
        return "" if wording.signed else wording.more
    return wording.more if above else wording.less


def _signed(estimate: Estimate) -> bool:
    """Whether the sign goes into words; the shares and courses that a difference is made of are levels."""
    pieces = set((estimate.group or "").split(","))
    shares = estimate.unit == "share" and (estimate.group or "").startswith("part=")
    return wording_of(estimate.quantity).signed and not shares and not pieces & _LEVELS


def _sign(estimate: Estimate) -> int:
    return -1 if _signed(estimate) and (estimate.value or 0) < 0 else 1


def must(shown: Number | None) -> Number:
    """A number that was checked to be there. ValueError where it is not."""
    if shown is None:
        raise ValueError("a number that was checked to be there is missing")
    return shown
