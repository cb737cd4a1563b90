"""What an interval generalises to, and how wide it must be for that: new items, or models trained anew.

One seed: the paired sandwich over clusters of items (scope `items`). Two seeds or more: items and seeds are
crossed, V = V_items + V_seeds - V_residual, floored at the larger part, with Satterthwaite degrees of freedom
(scope `seeds`; Owen 2007 for the variance of crossed designs, Satterthwaite 1946). Without items: t over seeds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from toolkit.inference.interval import Interval, Parts, clip, p_of, satterthwaite, t_ends
from toolkit.inference.proportions import mcnemar, tango, wilson
from toolkit.inference.quantiles import z_quantile
from toolkit.inference.statistic import Statistic, summed_by_key

Floats = npt.NDArray[np.float64]


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
    total = total_influence(terms)
    if min(groups) == 1 and max(groups) > 1:
        # One side was trained once: what seeds add cannot be told for the difference.
        reason = "one of the two was trained with a single seed; log the same seeds for both"
        return Interval(value, None, None, None, None, n, reason=reason)
    if max(groups) == 1:
        if total is None:
            reason = "needs item-level scores or at least two seeds"
            return Interval(value, None, None, None, None, n, reason=reason)
        return _items_scope(terms, total, value, level, bounds, binary, n)
    return _seeds_scope(parts_of(terms, total), value, level, bounds, n, total)


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


def total_influence(terms: Sequence[Statistic]) -> Floats | None:
    """[cluster]: what each cluster adds to the sum of the terms' means over seeds."""
    known = [(t.influence, t.keys) for t in terms if t.influence is not None and t.keys is not None]
    if len(known) < len(terms):
        return None
    influence, _ = summed_by_key([(influence.mean(1), keys) for influence, keys in known])
    return influence


def parts_of(terms: Sequence[Statistic], total: Floats | None) -> Parts:
    """The variance components of a sum of terms; total: what `total_influence` gives."""
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
    return Parts(items, items_df, tuple(seeds), tuple(residual), is_difference(terms))


def is_difference(terms: Sequence[Statistic]) -> bool:
    """Whether the sum of the terms is a difference of scores, for which zero means no effect."""
    return len(terms) > 1 or terms[0].difference


def _seeds_scope(
    parts: Parts, value: float, level: float, bounds: tuple[float, float], n: dict[str, int], total: Floats | None
) -> Interval:
    v_seeds, v_residual = parts.seed_variance, parts.residual_variance
    raw = parts.items + v_seeds - v_residual
    variance = max(raw, parts.items, v_seeds)
    pieces = [*parts.seeds, *parts.residual]
    if total is not None:
        pieces.append((parts.items, parts.items_df))
    floor = min(df for _, df in parts.seeds)
    ceiling = parts.items_df if total is not None else sum(df for _, df in parts.seeds)
    df = satterthwaite(raw, pieces, floor, max(floor, ceiling))
    if variance == 0:
        return _no_variation(value, level, bounds, n, "seeds", total, difference=parts.difference)
    crossed = "items x seeds, Satterthwaite t" if total is not None else "t over seeds"
    method = crossed if len(parts.seeds) == 1 else f"{crossed} (seeds not shared)"
    low, high = t_ends(value, variance, df, level, bounds)
    p_value = p_of(value, variance, df) if parts.difference else None
    return Interval(value, low, high, "seeds", method, n, variance, df, p_value, parts=parts)


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
    parts = Parts(variance, df, difference=is_difference(terms))
    exact = _binary_interval(terms, level) if binary and len(terms) == 1 else None
    if exact is not None:
        low, high, method, p_value = exact
        return Interval(value, low, high, "items", method, n, variance, df, p_value, parts=parts)
    if variance == 0:
        return _no_variation(value, level, bounds, n, "items", total, difference=parts.difference)
    low, high = t_ends(value, variance, df, level, bounds)
    p_value = p_of(value, variance, df) if parts.difference else None
    return Interval(value, low, high, "items", "paired cluster sandwich t", n, variance, df, p_value, parts=parts)


def _binary_interval(terms: Sequence[Statistic], level: float) -> tuple[float, float, str, float | None] | None:
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
        return (*tango(n10, n01, size, level), "Tango score interval", mcnemar(n10, n01))
    return (*wilson(n10, size, level), "Wilson score interval", None)


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
    low, high = clip(value - half, value + half, bounds)
    return Interval(value, low, high, scope, "score interval, no item differs", n)
