"""Which tasks changed, when three seeds say little of how much each varies from run to run?

The variance from training anew is pooled over tasks; degrees of freedom (S - 1) T / (1 + (T - 1) rho^2) with rho
the share of the variance that all tasks of a seed have in common. Where a task or two are more volatile than the
rest, pooling alone would flag them falsely; so the interval also covers that of the task's own seeds, and a task
lies beyond a margin only where both say so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from toolkit.inference.interval import Bounds, Interval, p_of, t_ends
from toolkit.inference.ladder import interval, parts_of, total_influence
from toolkit.inference.simultaneous import bonferroni
from toolkit.inference.statistic import Statistic

Floats = npt.NDArray[np.float64]
Terms = Sequence[Statistic]


def interval_by_task(
    tasks: Mapping[str, Terms], *, level: float, bounds: Bounds, binary: bool = False
) -> dict[str, Interval]:
    """Intervals that hold for all tasks together: pooled where there are seeds, else Bonferroni on each alone."""
    strict = bonferroni(level, len(tasks))
    seeds = _pooled_seeds(list(tasks.values()))
    if seeds is None:
        return {t: interval(terms, level=strict, bounds=bounds, binary=binary) for t, terms in tasks.items()}
    v_seeds, df = seeds
    result = {}
    for task, terms in tasks.items():
        own = interval(terms, level=level, bounds=bounds, binary=binary)
        result[task] = _both(own, terms, v_seeds, df, strict, bounds)
    return result


def _both(own: Interval, terms: Terms, v_seeds: float, df: float, strict: float, bounds: Bounds) -> Interval:
    """From the lower of both lower ends to the higher of both upper ends, and both p-values."""
    parts = parts_of(terms, total_influence(terms))
    variance = max(parts.items + v_seeds - parts.residual_variance, parts.items)
    if variance <= 0:
        return own
    low, high = t_ends(own.value, variance, df, strict, bounds)
    return replace(
        own,
        low=low if own.low is None else min(low, own.low),
        high=high if own.high is None else max(high, own.high),
        scope="seeds",
        method="seed variance pooled over tasks, and the task's own seeds",
        variance=variance,
        df=df,
        p_value=p_of(own.value, variance, df) if parts.difference else None,
        own_p_value=own.p_value,
        reason=None,
    )


def _pooled_seeds(tasks: list[Terms]) -> tuple[float, float] | None:
    """Variance of a task's mean from training anew, and its degrees of freedom; None where nothing can be pooled."""
    if len(tasks) < 2:
        return None
    total, spread = 0.0, 0.0
    for group in zip(*tasks, strict=True):
        seeds = group[0].seeds
        if len(seeds) < 2 or any(term.seeds != seeds for term in group):
            return None
        pooled, df = pooled_variance(np.array([term.values for term in group]))
        total += pooled / len(seeds)
        spread += (pooled / len(seeds)) ** 2 / df
    return (total, total**2 / spread) if total > 0 else None


def pooled_variance(values: Floats) -> tuple[float, float]:
    """Mean over tasks of the variance between seeds of values[task, seed], and its degrees of freedom."""
    T, S = values.shape
    deviations = values - values.mean(1, keepdims=True)
    pooled = float((deviations**2).sum()) / (T * (S - 1))
    by_seed = values.mean(0)
    shared = T * float(by_seed.var(ddof=1))  # mean square of seeds
    rest = float(((deviations - (by_seed - by_seed.mean())) ** 2).sum()) / ((T - 1) * (S - 1))
    common = max(0.0, (shared - rest) / T)
    rho = common / (common + rest) if common + rest > 0 else 0.0
    return pooled, (S - 1) * T / (1 + (T - 1) * rho**2)
