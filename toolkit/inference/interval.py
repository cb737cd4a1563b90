"""What an interval is: a value, its ends, what they generalise to, and what the variance is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from toolkit.inference.quantiles import t_quantile

Bounds = tuple[float, float]


@dataclass(frozen=True)
class Interval:
    """A value with its interval, or the reason why there is none.

    variance, df: of the value, where the interval is value +- t(df) sqrt(variance); None otherwise
    p_value: of no difference, two-sided; None for levels and where there is no such test
    own_p_value: where the variance is pooled over tasks, that of the task's own seeds, which has to agree
    parts: what the variance is made of, for planning; None where it is not known
    """

    value: float
    low: float | None
    high: float | None
    scope: Literal["items", "seeds", "tasks"] | None
    method: str | None
    n: dict[str, int]
    variance: float | None = None
    df: float | None = None
    p_value: float | None = None
    own_p_value: float | None = None
    parts: Parts | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Parts:
    """What the variance of a value is made of.

    items: from drawing other items, the trained models fixed; seeds: from training anew, and its df, one a
    group of seeds; residual: what both contain; tasks: from drawing other tasks
    """

    items: float
    items_df: float
    seeds: tuple[tuple[float, float], ...] = ()
    residual: tuple[tuple[float, float], ...] = ()
    difference: bool = True
    tasks: float = 0.0

    @property
    def seed_variance(self) -> float:
        """Variance from training anew, over all groups of seeds."""
        return sum(v for v, _ in self.seeds)

    def by_source(self) -> dict[str, float]:
        """The parts by name, those that are there."""
        named = {
            "items": self.items, "tasks": self.tasks, "seeds": self.seed_variance, "residual": self.residual_variance
        }  # fmt: skip
        return {name: float(v) for name, v in named.items() if v > 0}

    @property
    def residual_variance(self) -> float:
        """Variance that both other parts contain."""
        return sum(v for v, _ in self.residual)


def satterthwaite(total: float, pieces: Sequence[tuple[float, float]], floor: float, ceiling: float) -> float:
    """Degrees of freedom of a sum of variances (variance, df), clipped; the floor where nothing can be said."""
    spread = sum(v * v / df for v, df in pieces if v > 0)
    return float(np.clip(total * total / spread if spread > 0 and total > 0 else floor, floor, ceiling))


def p_of(value: float, variance: float, df: float) -> float:
    """Two-sided p-value of a t statistic."""
    return float(2 * special.stdtr(df, -abs(value) / np.sqrt(variance)))


def t_ends(value: float, variance: float, df: float, level: float, bounds: Bounds) -> Bounds:
    """value +- t(df) sqrt(variance), kept within what is possible."""
    half = t_quantile(level, df) * np.sqrt(variance)
    return clip(value - half, value + half, bounds)


def clip(low: float, high: float, bounds: Bounds) -> Bounds:
    """The ends, kept within what is possible."""
    return max(float(low), bounds[0]), min(float(high), bounds[1])
