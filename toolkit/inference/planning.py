"""How large would a log have to be to settle what this one leaves open?

The interval must exclude a limit that lies `distance` away from the true value with a power of 80 %:
(t + z(.8)) se <= distance. More items shrink what items contribute to the variance, more seeds what training anew
does; each alone, the rest as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from toolkit.inference.quantiles import t_quantile, z_quantile

POWER = 0.8
MOST = 100  # times as large as the log is: beyond that nobody would
_DIGITS = 2


def settled_by(
    variance: Mapping[str, float], counts: Mapping[str, int], distance: float, *, level: float, df: float | None
) -> dict[str, int]:
    """Counts by kind (items, seeds, tasks), each of which alone would be enough; empty where none would.

    variance: of the value, by source as in `Estimate.variance`; counts: what there is now of each kind;
    distance: from the value, taken as true, to the limit; df: of the present interval.
    """
    found = {}
    for kind in ("items", "seeds", "tasks"):
        now = counts.get(kind, 0)
        if now and variance.get(kind, 0.0) > 0:
            enough = _smallest(now, _needs(variance, kind, counts, distance, level, df))
            if enough is not None:
                found[kind] = enough
    return found


def _needs(
    variance: Mapping[str, float], kind: str, counts: Mapping[str, int], distance: float, level: float, df: float | None
) -> Callable[[float], bool]:
    both = variance.get("residual", 0.0)
    own = max(variance[kind] - both, 0.0)  # shrinks with this kind alone; what is left of the others does not
    others = sum(max(v - both, 0.0) for name, v in variance.items() if name not in (kind, "residual"))

    def enough(times: float) -> bool:
        total = (own + both) / times + others
        there = df if df is not None else float("inf")
        if kind == "seeds":
            there = max(there, counts["seeds"] * times - 1)
        return (t_quantile(level, there) + z_quantile(2 * POWER - 1)) * total**0.5 <= distance

    return enough


def _smallest(now: int, enough: Callable[[float], bool]) -> int | None:
    """The smallest sufficient count above `now`, in two digits; None beyond a hundred times as many."""
    if not enough(MOST):
        return None
    low, high = now, now * MOST
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle / now) else (middle, high)
    return _rounded_up(high)


def _rounded_up(count: int) -> int:
    unit = 10 ** max(len(str(count)) - _DIGITS, 0)
    return -(-count // unit) * unit


def breaking_seed_sd(value: float, item_variance: float, *, level: float) -> float | None:
    """The sd between training runs beyond which one run no longer shows the sign of its value.

    sqrt(value^2 / z^2 - item_variance); None where new test items alone could turn it.
    """
    spare = (value / z_quantile(level)) ** 2 - item_variance
    return float(spare**0.5) if spare > 0 else None
