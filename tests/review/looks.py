"""Looks built from numbers, and years of them, for tests of the sequences behind alarms."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from toolkit.results import Change, Estimate, Monitor
from toolkit.results.estimate import Axis
from toolkit.results.quantities import HEADLINES, QUANTITIES, Harm
from toolkit.review.items import Items
from toolkit.review.monitor import Look, Measured, advance

NOBODY = Items("log")


def some_items(start: int, count: int = 8) -> Items:
    """Items of their own for each `start`, spread over all hashes."""
    values = np.random.default_rng(start).integers(0, 2**63, count, dtype=np.uint64)
    return Items(f"set {start}", np.unique(values))


def a_look(
    change: Measured,
    *,
    current: Measured | None = None,
    before: Measured | None = None,
    items: Items = NOBODY,
    before_items: Items = NOBODY,
    axis: Axis = "forgetting",
    against: str = "1",
    revision: int = 1,
    count: int = 100,
    independent: bool = True,
    harm: Harm | None = None,
) -> Look:
    """A look at an axis's headline; without items the sequences spend."""
    quantity = HEADLINES[axis][0]
    return Look(
        axis=axis, quantity=quantity, estimate=f"{quantity}/stream/all", unit="score", against=against,
        against_revision=revision, change=change, current=current or change, before=before, count=count,
        items=items, before_items=before_items, independent=independent,
        harm=harm or QUANTITIES[quantity].harm,
    )  # fmt: skip


def estimate_of(look: Look) -> Estimate:
    """The headline that such a look comes from."""
    return Estimate(
        quantity=look.quantity, axis=look.axis, value=look.current.value, unit=look.unit, scope="items",
        change=Change(against=look.against, value=look.change.value),
    )  # fmt: skip


def share(right: int, n: int) -> Measured:
    """A share of n independent items; where all agree, with the error of the score interval."""
    p = right / n
    if right in (0, n):
        return Measured(p, 1.96 / (n + 1.96**2))
    return Measured(p, math.sqrt(p * (1 - p) / (n - 1)), n - 1.0)


def fresh_look(right: int, before: Measured, n: int, start: int, **more: object) -> Look:
    """New items at this look, `right` of n of them right."""
    now = share(right, n)
    df = 2.0 * (n - 1)
    change = Measured(now.value - before.value, math.hypot(now.se, before.se), df)
    return a_look(
        change, current=now, before=before, items=some_items(start), before_items=some_items(-1 % 2**32), count=n,
        **more,  # type: ignore[arg-type]
    )  # fmt: skip


def course(looks: Iterable[Look]) -> list[tuple[Monitor, ...]]:
    """The states after each look."""
    states: tuple[Monitor, ...] = ()
    history = []
    for look in looks:
        states = advance(states, look)
        history.append(states)
    return history


def first_harm(history: list[tuple[Monitor, ...]], sequence: str) -> float:
    """The look (from 1) at which a whole interval of the sequence was first below zero; infinite: at none."""
    for place, states in enumerate(history, 1):
        if any(m.sequence == sequence and m.high is not None and m.high < 0 for m in states):
            return place
    return math.inf
