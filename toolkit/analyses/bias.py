"""What is the bias of the judges, judge minus human, on some of the items that both judged?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.analyses.estimates import estimate_of
from toolkit.analyses.evidence import Evidence
from toolkit.analyses.families import flagged
from toolkit.analyses.judgements import weighted_mean
from toolkit.inference.interval import Interval
from toolkit.inference.ladder import interval
from toolkit.inference.pooled import interval_by_task
from toolkit.inference.statistic import Statistic
from toolkit.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

UNIT = "points of the feedback scale"
MOST_GROUPS = 12


def difference(rows: pd.DataFrame) -> Statistic | None:
    """Judge minus human by seed, weighted; None where nothing is scored on both sides."""
    return weighted_mean(rows, (rows["judge"] - rows["human"]).to_numpy(dtype=float))


def bias_bounds(evidence: Evidence) -> tuple[float, float]:
    """Smallest and largest possible difference of two scores of the feedback scale."""
    low, high = evidence.config.feedback.range or evidence.config.score_range
    return low - high, high - low


def no_bias(evidence: Evidence, arm: str, quantity: str, reason: str | None) -> Estimate:
    """An estimate of the feedback axis without a value, in points of the feedback scale; what others are made from."""
    return Estimate(quantity=quantity, axis="feedback", arm=arm, level=evidence.level, unit=UNIT, reason=reason)


def bias_of(
    evidence: Evidence, arm: str, rows: pd.DataFrame, *, result: Interval | None = None, **fields: object
) -> Estimate:
    """The bias of some rows as an estimate; result: its interval, where that is made together with others'."""
    quantity = str(fields.pop("quantity", "feedback_bias"))
    statistic = difference(rows)
    if statistic is None:
        return no_bias(evidence, arm, quantity, "no numeric judgements on both sides").model_copy(update=fields)
    if result is None:
        result = interval([statistic], level=evidence.level, bounds=bias_bounds(evidence))
    estimate = estimate_of(
        result, quantity=quantity, axis="feedback", arm=arm, unit=UNIT, level=evidence.level, **fields
    )
    counts = {"labels": len(rows), **{key: n for key, n in estimate.n.items() if key != "items"}}
    return estimate.model_copy(update={"n": counts})


def bias_by(evidence: Evidence, arm: str, rows: pd.DataFrame, column: str) -> list[Estimate]:
    """One estimate a value of `column` (task, rater, criterion): intervals hold together, and flags are adjusted."""
    return flagged(*_each(evidence, arm, rows, column, "feedback_bias"))


def _each(
    evidence: Evidence, arm: str, rows: pd.DataFrame, column: str, quantity: str
) -> tuple[list[Estimate], list[Interval | None]]:
    """The estimates of `bias_by` before their flags are adjusted, and their intervals."""
    values = list(dict.fromkeys(rows[column].dropna()))
    if column == "task":
        order = [task.name for task in evidence.config.tasks]
        values.sort(key=order.index)
    parts = {value: rows[rows[column] == value] for value in values}
    known = {value: (statistic,) for value, part in parts.items() if (statistic := difference(part)) is not None}
    results = interval_by_task(known, level=evidence.level, bounds=bias_bounds(evidence))
    estimates = []
    for value, part in parts.items():
        place = {"task": value} if column == "task" else {"group": f"{column}={value}"}
        fields: dict[str, object] = {"quantity": quantity, "simultaneous": len(values) > 1, **place}
        estimates.append(bias_of(evidence, arm, part, result=results.get(value), **fields))
    return estimates, [results.get(value) for value in parts]


def by_attribute(evidence: Evidence, arm: str, rows: pd.DataFrame) -> list[Estimate]:
    """Bias within each value of each attribute of up to twelve values, flags adjusted over all attributes."""
    estimates: list[Estimate] = []
    results: list[Interval | None] = []
    for column in sorted(str(name) for name in rows.columns if str(name).startswith("attr_")):
        if not 2 <= rows[column].nunique() <= MOST_GROUPS:
            continue
        more = _each(evidence, arm, rows, column, "feedback_bias_by_attribute")
        estimates += more[0]
        results += more[1]
    return flagged(estimates, results)
