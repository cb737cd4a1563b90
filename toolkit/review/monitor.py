"""How do the sequences of one axis go on at one more look, so that all looks together keep their chance of error?

An axis has two: one over all looks since the baseline, and one that starts anew every `RECENT` looks, because a
running mean dilutes a change that comes late. ALPHA, over everything and for ever, is shared out:

five axes                     a fifth each
the k-th baseline             1 / (k (k + 1)) of that, so that all restarts together stay within it
all looks / latest looks      half each; of its half the j-th block of latest looks has 1 / (j (j + 1))
each look alone / their mean   half each where items are fresh at every look, else all of it to each look alone

Each look alone: its own interval of the change, at what the look may spend, which holds however the looks depend on
each other: with the same items scored again, and whenever in doubt. Items are fresh while each look has others than
the baseline and all looks before it: then, besides, an asymptotic confidence sequence for the mean of the values
over the looks, set against an interval for the baseline's value, whose error all looks share (half of alpha each).
Of the two intervals, both of which hold, the one that shows harm is kept, else the narrower.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from toolkit.inference.quantiles import t_quantile
from toolkit.inference.sequential import confidence_sequence, spending_interval, spent_at, two_sided_quantile
from toolkit.results import AXES, Axis, Monitor
from toolkit.results.quantities import Harm
from toolkit.results.report import ItemMode
from toolkit.review.items import Items, share_items, smallest

ALPHA = 0.05
RECENT = 8
TUNED = 5  # looks at which a sequence over fresh items is narrowest
FEWEST_ITEMS = 20  # of a look, from which the asymptotic sequence was seen to hold


@dataclass(frozen=True)
class Measured:
    """A value that misses the truth by about t(df) se; df infinite: normal."""

    value: float
    se: float
    df: float = math.inf


@dataclass(frozen=True)
class Look:
    """What one publication brings to the sequences of one axis.

    change: since the baseline, paired where items are the same; current, before: the values of this publication
    and of the baseline, before None where it is not known. count: items, labels or clusters behind `current`.
    items, before_items: their identities. independent: whether nothing but items could tie the looks together,
    such as models that are trained once and scored again. harm: which direction of the quantity does harm.
    """

    axis: Axis
    quantity: str
    estimate: str
    unit: str
    against: str
    against_revision: int
    change: Measured
    current: Measured
    before: Measured | None
    count: int
    items: Items
    before_items: Items
    independent: bool
    harm: Harm


@dataclass(frozen=True)
class Shift:
    """A change since the baseline with its anytime-valid interval; averaged: over how many looks it is a mean."""

    value: float
    low: float
    high: float
    averaged: int = 1

    def harms(self, harm: Harm, before: float) -> bool:
        """Whether the whole interval is on the harmful side of zero; before: the baseline's value.

        Of a quantity that harms on either side, such as a bias: whether it has moved, and further from zero.
        """
        if harm == "both":
            return (self.low > 0 or self.high < 0) and abs(before + self.value) > abs(before)
        return (harm == "low" and self.high < 0) or (harm == "high" and self.low > 0)


def measured(
    value: float | None, low: float | None, high: float | None, se: float | None, df: float | None, level: float
) -> Measured | None:
    """A value with its standard error; where none is given, as the interval of `level` implies it; else None."""
    if value is None or not math.isfinite(value):
        return None
    if se:
        return Measured(value, se, math.inf if df is None else df)
    if low is None or high is None or not low < high or not math.isfinite(high - low):
        return None
    return Measured(value, (high - low) / 2 / t_quantile(level, math.inf if df is None else df))


def same_baseline(state: Monitor, against: str | None, revision: int) -> bool:
    """Whether the sequence has begun, and against this baseline."""
    return state.looks > 0 and (state.against, state.against_revision) == (against, revision)


def advance(preceding: Sequence[Monitor], look: Look) -> tuple[Monitor, Monitor]:
    """Both sequences of an axis after one more look; `preceding` is their state before it, empty at first.

    Anything but another look at the same quantity against the same baseline starts them anew.
    """
    whole, recent = (next((m for m in preceding if m.sequence == name), None) for name in ("all", "recent"))
    begun = (
        whole is not None
        and same_baseline(whole, look.against, look.against_revision)
        and whole.estimate == look.estimate
    )
    baselines = 1
    if whole is not None:
        baselines = whole.baselines + (whole.looks > 0 and not begun)
    fresh, seen = _freshness(whole if begun else None, look)
    alpha = ALPHA / len(AXES) / (baselines * (baselines + 1)) / 2
    common: dict[str, Any] = {
        "quantity": look.quantity, "axis": look.axis, "estimate": look.estimate, "unit": look.unit,
        "against": look.against, "against_revision": look.against_revision, "baselines": baselines,
        "items_sha": look.items.sha, "mode": "fresh items" if fresh else "same items",
        "averaged": 1, "reason": None, "alarm": None, "standing": False, "accepted_until": None,
    }  # fmt: skip
    first = _next(whole, look, common, goes_on=begun, share=alpha)
    first = first.model_copy(update={"items_seen": seen})
    block, place = divmod(first.looks - 1, RECENT)
    share = spent_at(block + 1, alpha)
    second = _next(recent, look, {**common, "sequence": "recent"}, goes_on=begun and place > 0, share=share)
    return first, second.model_copy(update={"blocks": block + 1})


def _freshness(state: Monitor | None, look: Look) -> tuple[bool, tuple[str, ...]]:
    """Whether every look so far has had items of its own, and the sketch of all of them."""
    hashes = look.items.hashes
    if state is not None:
        seen = state.items_seen if state.mode == "fresh items" else ()
    else:
        seen = () if look.before_items.hashes is None else smallest(look.before_items.hashes)
    usable = look.independent and look.before is not None and look.count >= FEWEST_ITEMS
    if hashes is None or not usable or not seen or share_items(hashes, seen):
        return False, ()
    return True, smallest(hashes, seen)


def _next(state: Monitor | None, look: Look, common: dict[str, Any], *, goes_on: bool, share: float) -> Monitor:
    """One sequence after one more look; what it has spent is carried on even where it starts anew."""
    spent = state.alpha_spent if state is not None else 0.0
    mode: ItemMode = common["mode"]
    if state is None or not goes_on:
        alpha = share / 2 if mode == "fresh items" else share
        start: dict[str, Any] = {"looks": 0, "n": 0, "sum": 0.0, "sumsq": 0.0, "df": 0.0, "tuned": TUNED * look.count}
        start |= {"alpha": alpha, "alpha_spent": spent + (alpha if mode == "fresh items" else 0.0)}
        state = Monitor.model_validate({**common, **start})
    n, (value, variance) = look.count, (look.current.value, look.count * look.current.se**2)
    df = None if state.df is None or math.isinf(look.current.df) else state.df + look.current.df
    state = state.model_copy(update={
        **common, "looks": state.looks + 1, "n": state.n + n, "sum": state.sum + n * value,
        "sumsq": state.sumsq + n * (variance + value * value), "df": df,
    })  # fmt: skip
    change = look.change
    shown = Shift(change.value, *spending_interval(change.value, change.se, change.df, state.looks, state.alpha))
    if mode == "fresh items" and look.before is not None:
        before = look.current.value - change.value
        both = (shown, _of_the_mean(state, look.before))
        shown = min(both, key=lambda shift: (not shift.harms(look.harm, before), shift.high - shift.low))
    spent = state.alpha_spent + spent_at(state.looks, state.alpha)
    return state.model_copy(update={**asdict(shown), "alpha_spent": spent})


def _of_the_mean(state: Monitor, before: Measured) -> Shift:
    """The mean over the looks less the baseline's value, and how far apart the two can be."""
    half = state.alpha / 2
    mean = state.sum / state.n
    # The variances are estimates too: with few degrees of freedom the ends move out as those of a t interval do.
    wider = 1.0 if state.df is None else two_sided_quantile(half, state.df) / two_sided_quantile(half)
    sd = wider * math.sqrt(max(state.sumsq / state.n - mean * mean, 0.0))
    low, high = confidence_sequence(state.n, mean, sd, half, n_opt=state.tuned)
    error = two_sided_quantile(half, before.df) * before.se
    value = mean - before.value
    return Shift(value, float(low) - before.value - error, float(high) - before.value + error, state.looks)
