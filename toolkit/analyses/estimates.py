"""How an interval becomes an estimate, and the difference of two releases a change."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from toolkit.analyses.evidence import Evidence
from toolkit.cube import Cube
from toolkit.inference.interval import Interval
from toolkit.inference.ladder import interval
from toolkit.inference.statistic import Statistic
from toolkit.results import Change, Estimate
from toolkit.results.estimate import Axis

Terms = tuple[Statistic, ...]


def estimate_of(result: Interval, *, quantity: str, axis: Axis, level: float, **fields: object) -> Estimate:
    """An `Estimate` from an interval; a value that is not finite is missing."""
    value = result.value if np.isfinite(result.value) else None
    return Estimate.model_validate({
        "quantity": quantity, "axis": axis, "value": value, "low": result.low, "high": result.high,
        "level": level, "n": result.n, "scope": result.scope, "method": result.method,
        "se": None if result.variance is None else float(np.sqrt(result.variance)), "df": result.df,
        "variance": result.parts.by_source() if result.parts else {}, "p_value": result.p_value,
        "reason": result.reason, **fields,
    })  # fmt: skip


def named(base: Estimate, result: Interval, **fields: object) -> Estimate:
    """An interval as an estimate that is otherwise like `base`."""
    return estimate_of(
        result, quantity=base.quantity, axis=base.axis, arm=base.arm, against=base.against, unit=base.unit,
        level=base.level, **({"task": base.task, "stage": base.stage, "group": base.group} | fields),
    )  # fmt: skip


def value_bounds(evidence: Evidence, *, difference: bool) -> tuple[float, float]:
    """Smallest and largest possible value of a score, or of a difference of two."""
    low, high = evidence.bounds
    return (low - high, high - low) if difference else (low, high)


def not_comparable(new: Cube, old: Cube) -> str | None:
    """Why two releases' scores cannot be subtracted, or None."""
    if new.config.score_range != old.config.score_range:
        return "not comparable: the score range differs"
    if new.config.higher_is_better != old.config.higher_is_better:
        return "not comparable: the direction of the scores differs"
    return None


def change_terms(new: Sequence[Statistic], old: Sequence[Statistic]) -> Terms:
    """The terms of new - old; releases are trained separately, so no seeds are paired."""
    return (*new, *(-term for term in old))


def change_of(terms: Terms, against: str, evidence: Evidence) -> Change:
    """The difference to the baseline with its interval."""
    width = 2 * (evidence.bounds[1] - evidence.bounds[0])
    result = interval(terms, level=evidence.level, bounds=(-width, width))
    return change_from(result, against)


def change_from(result: Interval, against: str) -> Change:
    """A `Change` from an interval; a value that is not finite is missing."""
    value = result.value if np.isfinite(result.value) else None
    se = None if result.variance is None else float(np.sqrt(result.variance))
    return Change(
        against=against, value=value, low=result.low, high=result.high, se=se, df=result.df, reason=result.reason
    )
