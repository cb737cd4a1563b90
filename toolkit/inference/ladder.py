"""What an interval generalises to, and how wide it must be for that: new items, or models trained anew.

One seed: the paired sandwich over clusters of items (scope `items`). Two seeds or more: items and seeds are
crossed, V = V_items + V_seeds - V_residual, floored at the larger part, with Satterthwaite degrees of freedom
(scope `seeds`; Owen 2007 for the variance of crossed designs, Satterthwaite 1946). Without items: t over seeds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from toolkit.inference.proportions import tango, wilson
from toolkit.inference.quantiles import t_quantile, z_quantile
from toolkit.inference.statistic import Statistic

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """A value with its interval, or the reason why there is none.

    variance, df: of the value, where the interval is value +- t(df) sqrt(variance); None otherwise
    """

    value: float
    low: float | None
    high: float | None
    scope: Literal["items", "seeds"] | None
    method: str | None
    n: dict[str, int]
    variance: float | None = None
    df: float | None = None
    reason: str | None = None


@dataclass(frozen=True)
class _Parts:
    items: float  # variance from drawing other items, the trained models fixed
    items_df: float
    seeds: list[tuple[float, float]]  # variance from training anew, and its df, one a group of seeds
    residual: list[tuple[float, float]]
    difference: bool


def interval(
    terms: Sequence[Statistic], *, level: float, bounds: tuple[float, float], binary: bool = False
) -> Interval:
    """Interval of the sum of `terms`.

    Terms given separately were trained separately: their seeds are not paired, and the variances from seeds
    add up. Pair terms by subtracting them first. `bounds` are the smallest and largest possible value;
    `binary` says that every item's score is 0 or 1.
    """
    groups = [len(term.seeds) for term in terms]
    n = _counts(terms)
    if min(groups) == 0:
        reason = "no seed has all the scores that this needs"
        return Interval(float("nan"), None, None, None, None, n, reason=reason)
    value = float(sum(term.values.mean() for term in terms))
    total = _total_influence(terms)
    if min(groups) == 1 and max(groups) > 1:
        # One side was trained once: what seeds add cannot be told for the difference.
        reason = "one of the two was trained with a single seed; log the same seeds for both"
        return Interval(value, None, None, None, None, n, reason=reason)
    if max(groups) == 1:
        if total is None:
            reason = "needs item-level scores or at least two seeds"
            return Interval(value, None, None, None, None, n, reason=reason)
        return _items_scope(terms, total, value, level, bounds, binary, n)
    parts = _parts(terms, total)
    return _seeds_scope(parts, value, level, bounds, n, total)


def _counts(terms: Sequence[Statistic]) -> dict[str, int]:
    n = {"seeds": min(len(term.seeds) for term in terms)}
    items = max(term.items for term in terms)
    if items:
        n = {"items": items, **n}
    keys = [term.keys for term in terms if term.keys is not None]
    if keys:
        clusters = len(np.unique(np.concatenate(keys)))
        if clusters != items:
            n["clusters"] = clusters
    return n


def _total_influence(terms: Sequence[Statistic]) -> Floats | None:
    """[cluster]: what each cluster adds to the sum of the terms' means over seeds."""
    known = [(t.influence, t.keys) for t in terms if t.influence is not None and t.keys is not None]
    if len(known) < len(terms):
        return None
    keys, place = np.unique(np.concatenate([keys for _, keys in known]), return_inverse=True)
    total = np.zeros(len(keys))
    np.add.at(total, place, np.concatenate([influence.mean(1) for influence, _ in known]))
    return total


def _parts(terms: Sequence[Statistic], total: Floats | None) -> _Parts:
    seeds, residual = [], []
    items_df = float(len(total) - 1) if total is not None else np.inf
    for term in terms:
        count = len(term.seeds)
        seeds.append((float(term.values.var(ddof=1)) / count, count - 1.0))
        if total is not None and term.influence is not None:
            spread = term.influence - term.influence.mean(1, keepdims=True)
            variance = float((spread**2).sum()) / (count * (count - 1))
            residual.append((variance, items_df * (count - 1)))
    items = float((total**2).sum()) if total is not None else 0.0
    return _Parts(items, items_df, seeds, residual, any(term.difference for term in terms))


def _seeds_scope(
    parts: _Parts, value: float, level: float, bounds: tuple[float, float], n: dict[str, int], total: Floats | None
) -> Interval:
    v_seeds = sum(v for v, _ in parts.seeds)
    v_residual = sum(v for v, _ in parts.residual)
    raw = parts.items + v_seeds - v_residual
    variance = max(raw, parts.items, v_seeds)
    pieces = [*parts.seeds, *parts.residual]
    if total is not None:
        pieces.append((parts.items, parts.items_df))
    spread = sum(v * v / df for v, df in pieces if v > 0)
    floor = min(df for _, df in parts.seeds)
    ceiling = parts.items_df if total is not None else sum(df for _, df in parts.seeds)
    df = float(np.clip(raw * raw / spread if spread > 0 and raw > 0 else floor, floor, max(floor, ceiling)))
    if variance == 0:
        return _no_variation(value, level, bounds, n, "seeds", total, difference=parts.difference)
    half = t_quantile(level, df) * np.sqrt(variance)
    crossed = "items x seeds, Satterthwaite t" if total is not None else "t over seeds"
    method = crossed if len(parts.seeds) == 1 else f"{crossed} (seeds not shared)"
    low, high = _clip(value - half, value + half, bounds)
    return Interval(value, low, high, "seeds", method, n, variance, df)


def _items_scope(
    terms: Sequence[Statistic],
    total: Floats,
    value: float,
    level: float,
    bounds: tuple[float, float],
    binary: bool,
    n: dict[str, int],
) -> Interval:
    clusters = len(total)
    if clusters < 2:
        return Interval(value, None, None, None, None, n, reason="needs at least two test items")
    variance, df = float((total**2).sum()), clusters - 1.0
    exact = _binary_interval(terms, level) if binary and len(terms) == 1 else None
    if exact is not None:
        low, high, method = exact
        return Interval(value, low, high, "items", method, n, variance, df)
    if variance == 0:
        difference = any(term.difference for term in terms)
        return _no_variation(value, level, bounds, n, "items", total, difference=difference)
    half = t_quantile(level, df) * np.sqrt(variance)
    low, high = _clip(value - half, value + half, bounds)
    return Interval(value, low, high, "items", "paired cluster sandwich t", n, variance, df)


def _binary_interval(terms: Sequence[Statistic], level: float) -> tuple[float, float, str] | None:
    """Tango or Wilson where one seed, one task and one item a cluster leave plain counts."""
    (term,) = terms
    if term.influence is None or term.items != len(term.influence) or term.items < 2:
        return None
    size = term.items
    each = term.values[0] + term.influence[:, 0] * np.sqrt(size * (size - 1.0))  # undoes the scaling
    counts = np.rint(each)
    if np.abs(each - counts).max() > 1e-6 or np.abs(counts).max() > 1:
        return None
    n10, n01 = int((counts == 1).sum()), int((counts == -1).sum())
    if term.difference:
        return (*tango(n10, n01, size, level), "Tango score interval")
    return (*wilson(n10, size, level), "Wilson score interval")


def _no_variation(
    value: float,
    level: float,
    bounds: tuple[float, float],
    n: dict[str, int],
    scope: Literal["items", "seeds"],
    total: Floats | None,
    *,
    difference: bool,
) -> Interval:
    """All items agree: the score interval of a proportion with no success still has a width, z^2 / (n + z^2).

    That is in units of the score's range; a difference of two scores has bounds twice as far apart.
    """
    scale = (bounds[1] - bounds[0]) / (2 if difference else 1)
    if total is None or not np.isfinite(scale):
        reason = "all values are the same to the last digit, which says nothing of how they vary"
        return Interval(value, None, None, None, None, n, reason=reason)
    z2 = z_quantile(level) ** 2
    half = z2 / (len(total) + z2) * scale
    low, high = _clip(value - half, value + half, bounds)
    return Interval(value, low, high, scope, "score interval, no item differs", n)


def _clip(low: float, high: float, bounds: tuple[float, float]) -> tuple[float, float]:
    return max(float(low), bounds[0]), min(float(high), bounds[1])
