"""How often does a year of weekly reports raise any false alarm, over all five axes together?

The sequences are advanced look by look as publications advance them. The baseline's own error is in every change.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from toolkit.results import AXES, Monitor
from toolkit.results.estimate import Axis
from toolkit.results.quantities import HEADLINES, QUANTITIES
from toolkit.review.items import Items
from toolkit.review.monitor import Look, Measured, advance
from toolkit.simulation.calibration.study import ALPHA, Generator, Line, Outcome, Study

WEEKS, ITEMS, SCORE = 52, 100, 0.8
Year = Callable[[Generator, Axis], Sequence[Look]]


def _look(axis: Axis, change: Measured, current: Measured, before: Measured, items: Items, first: Items) -> Look:
    quantity = HEADLINES[axis][0]
    return Look(
        axis=axis, quantity=quantity, estimate=f"{quantity}/stream/all", unit="score", against="first",
        against_revision=1, change=change, current=current, before=before, count=ITEMS, items=items,
        before_items=first, independent=True, harm=QUANTITIES[quantity].harm,
    )  # fmt: skip


def _items(rng: Generator, count: int) -> Items:
    hashes = np.unique(rng.integers(0, 2**63, count, dtype=np.uint64))
    return Items(str(hashes[0]), hashes)


def _fresh(rng: Generator, axis: Axis) -> Sequence[Look]:
    """A hundred new items each week, and a baseline of a hundred."""
    before, first = _share(rng), _items(rng, ITEMS)
    looks = []
    for _ in range(WEEKS):
        now = _share(rng)
        change = Measured(now.value - before.value, math.hypot(now.se, before.se), 2.0 * (ITEMS - 1))
        looks.append(_look(axis, change, now, before, _items(rng, ITEMS), first))
    return looks


def _share(rng: Generator) -> Measured:
    p = float(rng.binomial(ITEMS, SCORE)) / ITEMS
    # Where all items agree, the error that the score interval implies.
    se = math.sqrt(p * (1 - p) / (ITEMS - 1)) if 0 < p < 1 else 1.96 / (ITEMS + 1.96**2)
    return Measured(p, se, ITEMS - 1.0)


def _again(rng: Generator, axis: Axis) -> Sequence[Look]:
    """The same items each week, scored again by models that differ little."""
    item = math.sqrt(0.6) * rng.standard_normal(ITEMS)
    right = 0.8 + item + math.sqrt(0.4) * rng.standard_normal((WEEKS + 1, ITEMS)) > 0
    same = _items(rng, ITEMS)
    looks = []
    for week in range(1, WEEKS + 1):
        change = right[week].astype(float) - right[0]
        paired = Measured(float(change.mean()), float(change.std(ddof=1)) / math.sqrt(ITEMS) or 1e-6, ITEMS - 1.0)
        now, before = (Measured(float(y.mean()), float(y.std(ddof=1)) / math.sqrt(ITEMS), ITEMS - 1.0)
                       for y in (right[week], right[0]))  # fmt: skip
        looks.append(_look(axis, paired, now, before, same, same))
    return looks


def _study(name: str, told: str, year: Year) -> Study:
    def replicate(rng: Generator) -> Sequence[Outcome]:
        alarmed = peeked = False
        for axis in AXES:
            states: tuple[Monitor, ...] = ()
            for look in year(rng, axis):
                states = advance(states, look)
                alarmed |= any(m.high is not None and m.low is not None and _harmful(look, m) for m in states)
                peeked |= look.change.value < -1.96 * look.change.se
        return Outcome(float(alarmed)), Outcome(float(peeked))

    lines = (
        Line(f"a year of weekly reports, five axes, {told}: any false alarm", "items", "the sequences behind alarms",
             (0.0, 0.05), kind="false alarms", nominal=ALPHA),
        Line("the same, ordinary intervals at every look", "items", "normal interval of each change", (0.2, 1.0),
             kind="false alarms", nominal=ALPHA, negative=True),
    )  # fmt: skip
    return Study(name, lines, replicate)


def _harmful(look: Look, monitor: Monitor) -> bool:
    low, high = monitor.low or 0.0, monitor.high or 0.0
    return {"low": high < 0, "high": low > 0}.get(look.harm, high < 0 or low > 0)


STUDIES = (
    _study("alarms-fresh-items", "fresh items each week", _fresh),
    _study("alarms-same-items", "the same items each week", _again),
)
