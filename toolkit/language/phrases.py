"""How is an estimate said in a sentence: its size, its interval, what it holds for, and its verdict?

Sentences are parts (toolkit.language.pieces), so that a page can mark each number with the estimate it
comes from; `text_of` joins them into plain words. No sentence speaks of significance: interval and margin do.
"""

from __future__ import annotations

import math

from toolkit.language.numbers import NBSP, Number, Range, Scale, digits, number, scale_of, usable
from toolkit.language.pieces import (
    Name,
    Part,
    Parts,
    capitalised,
    joined,
    power_text,
    quoted,
    text_of,
)
from toolkit.language.wordings import better_side, wording_of
from toolkit.results import Estimate

UNIT_RANGE: Range = (0.0, 1.0)
ASSUMED_CEILING = "ceiling=1"
# Courses, ratios, bounds and limits: they go in no direction, whatever their quantity does.
_LEVELS = frozenset({
    "part=judge", "part=human", "part=ratio", "part=bound", "part=limit", "part=reliability", "part=prediction",
    "model=saturating",
})  # fmt: skip
_WORDS = ("no one two three four five six seven eight nine ten eleven twelve").split()  # noqa: SIM905


def scale_for(estimate: Estimate, score_range: Range = UNIT_RANGE) -> Scale:
    """The scale on which `estimate` is printed; a difference of shares reads as points."""
    return scale_of(estimate.unit, score_range, difference=_signed(estimate))


def amount(estimate: Estimate, score_range: Range = UNIT_RANGE) -> Parts:
    """Value and unit, without the sign where words carry it: "3.1 points"; of an infinite value its lower end."""
    scale = scale_for(estimate, score_range)
    if estimate.value is not None and math.isinf(estimate.value):
        return _infinite(estimate, scale)
    shown = number(estimate, "value", scale, sign=_sign(estimate))
    if shown is None:
        return ("not measured",)
    return (shown, scale.unit_after(shown.text))


def _infinite(estimate: Estimate, scale: Scale) -> Parts:
    low = number(estimate, "low", scale)
    if low is None or math.isinf(low.value):
        return ("ever, as far as can be seen",)
    return ("at least ", low, scale.unit_after(low.text))


def reading(estimate: Estimate, score_range: Range = UNIT_RANGE) -> Parts:
    """Value, unit and direction, as shown beside a picture: "3.1 points lost"."""
    if not estimate.measured:
        return ("not measured",)
    word = _direction_word(estimate, above=(estimate.value or 0) >= 0)
    said = amount(estimate, score_range)
    if estimate.group == ASSUMED_CEILING:  # the true ceiling can only be lower, and the gap smaller
        said = ("at most ", *said)
    if not word or (_signed(estimate) and not _shows_something(said)):
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
        return ("at least ", _must(number(estimate, "low", scale)))
    if math.isinf(low) and not math.isinf(high):
        return ("at most ", _must(number(estimate, "high", scale)))
    if not _signed(estimate):
        return (_must(number(estimate, "low", scale)), " to ", _must(number(estimate, "high", scale)))
    negative = (estimate.value or 0) < 0
    if high > 0 if negative else low < 0:  # an end on the other side of zero: each end says its side
        ends: list[Part] = []
        for field, end in (("low", low), ("high", high)):
            ends += [" to "] if ends else []
            ends.append(_must(number(estimate, field, scale, sign=-1 if end < 0 else 1)))  # type: ignore[arg-type]
            ends.append(f" {_direction_word(estimate, above=end >= 0)}")
        return tuple(ends)
    sign = -1 if negative else 1
    near, far = (
        _must(number(estimate, "low", scale, sign=sign)),
        _must(number(estimate, "high", scale, sign=sign)),
    )
    return (far, " to ", near) if negative else (near, " to ", far)


def sentence(
    estimate: Estimate,
    score_range: Range = UNIT_RANGE,
    *,
    who: str | None = None,
    after: int | None = None,
) -> Parts:
    """The estimate in one plain sentence.

    who: the subject, else the estimate's task, else the quantity's own; after: how many later tasks lie
    between ("after five later tasks"). A quantity without a value says why.
    """
    wording = wording_of(estimate.quantity)
    if not estimate.measured:
        where: Parts = (" on ", Name(estimate.task)) if estimate.task else ()
        reason = quoted(_stop(estimate.reason), estimate.id, "reason") if estimate.reason else "no reason was logged."
        return (Name(wording.title), *where, " could not be measured: ", reason)
    down = (estimate.value or 0) < 0 and bool(wording.down)
    subject: Parts = (who,) if who else _subject(estimate, wording.who)
    said = wording.down if down else wording.up
    if wording.same and not _shows_something(amount(estimate, score_range)):
        said = wording.same
    if after:
        said = said.removesuffix(" since being learned")
    pattern = said.replace("{who}", "\0who\0").replace("{a}", "\0a\0")
    parts: list[Part] = []
    for piece in pattern.split("\0"):
        if piece == "who":
            parts.extend(capitalised(subject))
        elif piece == "a":
            parts.extend(_amount_with_interval(estimate, score_range))
        elif piece:
            parts.append(piece)
    tail = f" after {counted(after, 'later task')}" if after else ""
    if estimate.has_interval or not estimate.reason:
        return (*parts, f"{tail}.")
    return (*parts, f"{tail} (no interval: ", quoted(estimate.reason.rstrip("."), estimate.id, "reason"), ").")


def _shows_something(parts: Parts) -> bool:
    """Whether the printed amount has a digit other than zero."""
    return any(c in "123456789" for c in text_of(parts))


def _subject(estimate: Estimate, who: str) -> Parts:
    """The task that gained or lost; where the judge or the generator is spoken of, what it did on the task."""
    if estimate.task is None:
        return (who,)
    if estimate.axis in ("feedback", "alignment", "generation"):
        return ("on ", Name(estimate.task), f", {who[:1].lower()}{who[1:]}")
    return (Name(estimate.task),)


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


def change(estimate: Estimate, score_range: Range = UNIT_RANGE) -> Parts:
    """The difference to the baseline release, as better or worse: "1.2 worse than 2026.10 (0.1 to 2.3)"."""
    what = estimate.change
    if what is None:
        return ()
    if what.value is None:
        return ("not compared with ", Name(what.against), ": ", _why_not(estimate, what.reason))
    scale = scale_for(estimate, score_range)
    side = better_side(estimate)
    if side == 0:  # a bias is worse the further it lies from zero
        side = -1 if (estimate.value or 0) >= 0 else 1
    turned = side * what.value
    better, worse = ("better", "worse")
    sign = 1 if what.value >= 0 else -1
    value = _must(number(estimate, "change.value", scale, sign=sign))
    word = better if turned >= 0 else worse
    if not any(c in "123456789" for c in value.text):
        head: Parts = ("as in ", Name(what.against))
    else:
        head = (value, f" {word} than ", Name(what.against))
    if what.low is None or what.high is None:
        return (*head, " (", _why_not(estimate, what.reason), ")") if what.reason else head
    if what.low < 0 < what.high:  # both directions are open: each end says which it is
        words = (worse, better) if side > 0 else (better, worse)
        low = _must(number(estimate, "change.low", scale, sign=-1))
        high = _must(number(estimate, "change.high", scale))
        return (*head, " (", low, f" {words[0]} to ", high, f" {words[1]})")
    low = _must(number(estimate, "change.low", scale, sign=sign))
    high = _must(number(estimate, "change.high", scale, sign=sign))
    return (*head, " (", *((low, " to ", high) if sign > 0 else (high, " to ", low)), ")")


def _why_not(estimate: Estimate, reason: str | None) -> Part:
    return quoted(reason.rstrip("."), estimate.id, "change.reason") if reason else "no reason was logged"


def settling(estimate: Estimate) -> Parts:
    """What would settle an unclear verdict: "About 1,400 test items or 6 seeds would settle it (80 % power)."."""
    if not estimate.settled_by:
        return ()
    known: list[Parts] = [
        (Number(digits(count, 0), count, estimate.id, f"settled_by.{kind}"), f"{NBSP}{_settler(kind, estimate)}")
        for kind, count in estimate.settled_by.items()
    ]
    return ("About ", *joined(known, " or "), " in all would settle it (", power_text(), " power).")


def _settler(kind: str, estimate: Estimate) -> str:
    if kind == "items":
        return "human labels" if "labels" in estimate.n else "test items"
    return kind


def counts(estimate: Estimate) -> Parts:
    """What stands behind a number: "4,000 items, 5 seeds, 8 tasks"."""
    known: list[Parts] = [
        (Number(digits(count, 0), count, estimate.id, f"n.{kind}"), f"{NBSP}{_kind(kind, count)}")
        for kind, count in estimate.n.items()
    ]
    return joined(known, ", ")


def _kind(kind: str, count: int) -> str:
    shown = kind.replace("_", " ")
    return shown.rstrip("s") if count == 1 else shown


def counted(count: int, one: str, *, plural: str = "s") -> str:
    """`count` of something, with the number in words up to twelve."""
    shown = _WORDS[count] if 0 <= count < len(_WORDS) else digits(count, 0)
    return f"{shown} {one if count == 1 else one + plural}"


def level_text(level: float) -> str:
    """The nominal coverage: "95 %"."""
    return f"{level * 100:g}{NBSP}%"


def level_of(estimate: Estimate) -> Number:
    """The nominal coverage of one estimate's interval: "95 %"."""
    return Number(level_text(estimate.level), estimate.level, estimate.id, "level")


def stage_of(estimate: Estimate, stage: int | None = None) -> Number:
    """The number of an estimate's stage."""
    shown = estimate.stage if stage is None else stage
    return Number(f"{shown}", float(shown or 0), estimate.id, "stage")


def _amount_with_interval(estimate: Estimate, score_range: Range) -> Parts:
    ends = interval(estimate, score_range)
    if not ends or math.isinf(estimate.value or 0.0):
        return amount(estimate, score_range)
    kind = "simultaneous interval" if estimate.simultaneous else "interval"
    return (*amount(estimate, score_range), " (", level_of(estimate), f" {kind} ", *ends, ")")


def _direction_word(estimate: Estimate, *, above: bool) -> str:
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


def _must(shown: Number | None) -> Number:
    if shown is None:
        raise ValueError("a number that was checked to be there is missing")
    return shown


def _stop(text: str) -> str:
    return text if text.endswith(".") else text + "."
