"""Do synthetic judges score higher or lower than people on the same items, and does that grow?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from toolkit.analyses.estimates import change_from, change_terms, estimate_of
from toolkit.analyses.evidence import Analysis, Evidence
from toolkit.analyses.families import flagged
from toolkit.analyses.judgements import Paired, paired, weighted_mean
from toolkit.inference.interval import Interval
from toolkit.inference.ladder import interval
from toolkit.inference.metaregression import meta_regression
from toolkit.inference.pooled import interval_by_task
from toolkit.inference.simultaneous import max_t_level
from toolkit.inference.statistic import Statistic
from toolkit.results import Change, Estimate, Notice

if TYPE_CHECKING:
    import pandas as pd

UNIT = "points of the feedback scale"
FEW_LABELS = 30


def feedback(evidence: Evidence, arm: str = "stream") -> Analysis:
    """Estimates of the feedback axis: judge minus human, by task, stage, judge and attribute, and its trend."""
    pairs = paired(evidence.cube, arm=arm)
    if isinstance(pairs, str):
        return Analysis((_empty(evidence, arm, "feedback_bias", pairs),))
    if not (pairs.rows["judge"].notna() & pairs.rows["human"].notna()).any():
        reason = "needs numeric judgements on both sides; class labels are compared under human alignment"
        return Analysis((_empty(evidence, arm, "feedback_bias", reason),))
    old = None if evidence.baseline is None else paired(evidence.baseline, arm=arm)
    rows = pairs.rows
    overall = _bias(evidence, arm, rows)
    overall = _with_change(evidence, overall, rows, old)
    estimates = [
        overall,
        *_together(evidence, arm, rows, "task", lambda task: {"task": task}),
        *_by_stage(evidence, arm, rows),
        trend(evidence, arm, rows),
        amplification(evidence, arm, rows),
    ]
    if rows["rater"].nunique() > 1:
        estimates += _together(evidence, arm, rows, "rater", lambda rater: {"group": f"rater={rater}"})
    for column in sorted(name for name in rows.columns if str(name).startswith("attr_")):
        estimates += by_attribute(evidence, arm, rows, str(column))
    return Analysis(tuple(estimates), tuple(_notices(evidence, pairs)))


def _parts(rows: pd.DataFrame, column: str) -> Iterator[tuple[int, pd.DataFrame]]:
    for value in sorted(rows[column].unique()):
        yield int(value), rows[rows[column] == value]


def _difference(rows: pd.DataFrame) -> Statistic | None:
    return weighted_mean(rows, (rows["judge"] - rows["human"]).to_numpy(dtype=float))


def _bounds(evidence: Evidence) -> tuple[float, float]:
    low, high = evidence.config.feedback.range or evidence.config.score_range
    return low - high, high - low


def _empty(evidence: Evidence, arm: str, quantity: str, reason: str) -> Estimate:
    return Estimate(quantity=quantity, axis="feedback", arm=arm, level=evidence.level, unit=UNIT, reason=reason)


def _bias(
    evidence: Evidence, arm: str, rows: pd.DataFrame, *, result: Interval | None = None, **fields: object
) -> Estimate:
    """The bias of some rows as an estimate; result: its interval, where that is made together with others'."""
    quantity = str(fields.pop("quantity", "feedback_bias"))
    statistic = _difference(rows)
    if statistic is None:
        return _empty(evidence, arm, quantity, "no numeric judgements on both sides").model_copy(update=fields)
    if result is None:
        result = interval([statistic], level=evidence.level, bounds=_bounds(evidence))
    estimate = estimate_of(
        result, quantity=quantity, axis="feedback", arm=arm, unit=UNIT, level=evidence.level, **fields
    )
    counts = {"labels": len(rows), **{key: n for key, n in estimate.n.items() if key != "items"}}
    return estimate.model_copy(update={"n": counts})


def _together(
    evidence: Evidence, arm: str, rows: pd.DataFrame, column: str, fields: Callable[[str], dict[str, object]]
) -> list[Estimate]:
    """One estimate a value of `column`, with intervals that hold for all of them together, and adjusted flags."""
    values = list(dict.fromkeys(rows[column].dropna()))
    if column == "task":
        order = [task.name for task in evidence.config.tasks]
        values.sort(key=order.index)
    parts = {value: rows[rows[column] == value] for value in values}
    known = {value: (statistic,) for value, part in parts.items() if (statistic := _difference(part)) is not None}
    results = interval_by_task(known, level=evidence.level, bounds=_bounds(evidence))
    several = len(values) > 1
    estimates = [
        _bias(evidence, arm, part, result=results.get(value), simultaneous=several, **fields(value))
        for value, part in parts.items()
    ]
    return flagged(estimates, [results.get(value) for value in parts])


def _by_stage(evidence: Evidence, arm: str, rows: pd.DataFrame) -> list[Estimate]:
    """The bias at each stage, with intervals that hold for all stages together."""
    parts = dict(_parts(rows, "stage"))
    known = {stage: statistic for stage, part in parts.items() if (statistic := _difference(part)) is not None}
    level = max_t_level(list(known.values()), evidence.level)
    results = {stage: interval([s], level=level, bounds=_bounds(evidence)) for stage, s in known.items()}
    several = len(parts) > 1
    return [
        _bias(evidence, arm, part, result=results.get(stage), stage=stage, simultaneous=several)
        for stage, part in parts.items()
    ]


def by_attribute(evidence: Evidence, arm: str, rows: pd.DataFrame, column: str) -> list[Estimate]:
    """Bias within each value of an attribute; attributes with many values are left to the analyst."""
    values = rows[column].dropna().unique()
    if not 2 <= len(values) <= 12:
        return []
    return _together(
        evidence, arm, rows, column,
        lambda value: {"group": f"{column}={value}", "quantity": "feedback_bias_by_attribute"},
    )  # fmt: skip


def trend(evidence: Evidence, arm: str, rows: pd.DataFrame) -> Estimate:
    """Change of the bias per stage: meta-regression of the stages' biases on stage."""
    base = Estimate(quantity="feedback_bias_trend", axis="feedback", arm=arm, level=evidence.level,
                    unit=f"{UNIT} per stage")  # fmt: skip
    points = []
    for stage, part in _parts(rows, "stage"):
        statistic = _difference(part)
        if statistic is not None:
            result = interval([statistic], level=evidence.level, bounds=_bounds(evidence))
            if result.variance:
                points.append((stage, result.value, result.variance))
    if len(points) < 3:
        reason = "needs human and synthetic judgements with an interval at three stages or more"
        return base.model_copy(update={"reason": reason})
    x, y, v = np.array(points, dtype=float).T
    fit = meta_regression(y, v, np.column_stack([np.ones_like(x), x - x.mean()]))
    low, high = fit.interval(1, evidence.level)
    update = {
        "value": float(fit.coefficients[1]), "low": low, "high": high, "scope": "tasks",
        "n": {"stages": len(points), "labels": len(rows)},
        "method": "random-effects meta-regression on stage, Knapp-Hartung t",
    }  # fmt: skip
    return base.model_copy(update=update)


def amplification(evidence: Evidence, arm: str, rows: pd.DataFrame) -> Estimate:
    """Bias at the last stage minus bias at the first stage that has both kinds of judgement."""
    stages = sorted(rows["stage"].unique())
    if len(stages) < 2:
        reason = "needs human and synthetic judgements at two stages or more"
        return _empty(evidence, arm, "bias_amplification", reason)
    first, last = (_difference(rows[rows["stage"] == stage]) for stage in (stages[0], stages[-1]))
    if first is None or last is None:
        return _empty(evidence, arm, "bias_amplification", "no numeric judgements on both sides")
    low, high = _bounds(evidence)
    result = interval([last - first], level=evidence.level, bounds=(2 * low, 2 * high))
    group = f"stage={stages[0]},stage={stages[-1]}"
    return estimate_of(
        result, quantity="bias_amplification", axis="feedback", arm=arm, unit=UNIT, level=evidence.level,
        group=group,
    )  # fmt: skip


def _with_change(evidence: Evidence, estimate: Estimate, rows: pd.DataFrame, old: Paired | str | None) -> Estimate:
    against = evidence.baseline_release
    if old is None or against is None or evidence.baseline is None:
        return estimate
    new, before = _difference(rows), None if isinstance(old, str) else _difference(old.rows)
    scale = evidence.baseline.config.feedback.range or evidence.baseline.config.score_range
    if isinstance(old, str):
        change = Change(against=against, reason=f"{against}: {old}")
    elif scale != (evidence.config.feedback.range or evidence.config.score_range):
        change = Change(against=against, reason="not comparable: the feedback scale differs")
    elif new is None or before is None:
        change = Change(against=against, reason="no numeric judgements on both sides")
    else:
        low, high = _bounds(evidence)
        result = interval(change_terms([new], [before]), level=evidence.level, bounds=(2 * low, 2 * high))
        change = change_from(result, against)
    return estimate.model_copy(update={"change": change})


def _notices(evidence: Evidence, pairs: Paired) -> Iterator[Notice]:
    if not pairs.probability:
        sampling = evidence.config.review.human_sampling
        yield Notice(
            code="human-sample",
            message=f"human sampling is {sampling!r} and no probability was logged: what is said of the judge "
            "holds for the items that people saw, and no further",
        )
    if pairs.labelled < FEW_LABELS:
        yield Notice(
            code="few-labels",
            message=f"only {pairs.labelled} judged items carry a human label; intervals rest on few items",
        )
