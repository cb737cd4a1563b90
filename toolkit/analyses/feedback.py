"""Do synthetic judges score higher or lower than people on the same items, where, and does that grow?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from toolkit.analyses.bias import UNIT, bias_bounds, bias_by, bias_of, by_attribute, difference, no_bias
from toolkit.analyses.conditional import attribute_slopes
from toolkit.analyses.estimates import change_from, change_terms, estimate_of
from toolkit.analyses.evidence import Analysis, Evidence
from toolkit.analyses.judgements import Paired, paired
from toolkit.analyses.position import preference_biases
from toolkit.analyses.preference import family_preference
from toolkit.analyses.raters import bias_for_new_raters
from toolkit.analyses.rules import rule_feedback
from toolkit.inference.ladder import interval
from toolkit.inference.metaregression import meta_regression
from toolkit.inference.simultaneous import max_t_level
from toolkit.results import Change, Estimate, Notice

if TYPE_CHECKING:
    import pandas as pd

FEW_LABELS = 30


def feedback(evidence: Evidence, arm: str = "stream") -> Analysis:
    """Estimates of the feedback axis: judge minus human, by task, stage, judge, criterion and attribute, its trend,
    preference for one's own family, rules beside judges and people, and the position and length bias of preferences.
    """
    pairs = paired(evidence.cube, arm=arm)
    found = _judge_minus_people(evidence, arm, pairs)
    table = evidence.cube.table("judgements")
    if table is not None:
        frame = table.to_pandas()
        base = no_bias(evidence, arm, "feedback_bias", None)
        found += rule_feedback(frame, base, bounds=bias_bounds(evidence))
        found += preference_biases(frame, base)
    notices = _notices(evidence, pairs) if isinstance(pairs, Paired) and _scored(pairs) else ()
    return Analysis(tuple(found), tuple(notices))


def _judge_minus_people(evidence: Evidence, arm: str, pairs: Paired | str) -> list[Estimate]:
    if isinstance(pairs, str):
        return [no_bias(evidence, arm, "feedback_bias", pairs)]
    if not _scored(pairs):
        reason = "needs numeric judgements on both sides; class labels are compared under human alignment"
        return [no_bias(evidence, arm, "feedback_bias", reason)]
    old = None if evidence.baseline is None else paired(evidence.baseline, arm=arm)
    rows = pairs.rows
    overall = bias_of(evidence, arm, rows)
    overall = _with_change(evidence, overall, rows, old)
    named = rows[rows["criterion"] != ""]
    parts = [("rater", rows), ("criterion", named)]
    base = no_bias(evidence, arm, "feedback_bias", None)
    return [
        overall,
        bias_for_new_raters(evidence, arm),
        *bias_by(evidence, arm, rows, "task"),
        *_by_stage(evidence, arm, rows),
        trend(evidence, arm, rows),
        amplification(evidence, arm, rows),
        *(e for name, part in parts if part[name].nunique() > 1 for e in bias_by(evidence, arm, part, name)),
        *by_attribute(evidence, arm, rows),
        *attribute_slopes(rows, base),
        *family_preference(rows, base),
    ]


def _scored(pairs: Paired) -> bool:
    return bool((pairs.rows["judge"].notna() & pairs.rows["human"].notna()).any())


def _parts(rows: pd.DataFrame, column: str) -> Iterator[tuple[int, pd.DataFrame]]:
    for value in sorted(rows[column].unique()):
        yield int(value), rows[rows[column] == value]


def _by_stage(evidence: Evidence, arm: str, rows: pd.DataFrame) -> list[Estimate]:
    """The bias at each stage, with intervals that hold for all stages together."""
    parts = dict(_parts(rows, "stage"))
    known = {stage: statistic for stage, part in parts.items() if (statistic := difference(part)) is not None}
    level = max_t_level(list(known.values()), evidence.level)
    results = {stage: interval([s], level=level, bounds=bias_bounds(evidence)) for stage, s in known.items()}
    several = len(parts) > 1
    return [
        bias_of(evidence, arm, part, result=results.get(stage), stage=stage, simultaneous=several)
        for stage, part in parts.items()
    ]


def trend(evidence: Evidence, arm: str, rows: pd.DataFrame) -> Estimate:
    """Change of the bias per stage: meta-regression of the stages' biases on stage."""
    base = Estimate(quantity="feedback_bias_trend", axis="feedback", arm=arm, level=evidence.level,
                    unit=f"{UNIT} per stage")  # fmt: skip
    points = []
    for stage, part in _parts(rows, "stage"):
        statistic = difference(part)
        if statistic is not None:
            result = interval([statistic], level=evidence.level, bounds=bias_bounds(evidence))
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
        "se": float(fit.errors[1]), "df": float(fit.df),
        "n": {"stages": len(points), "labels": len(rows)},
        "method": "random-effects meta-regression on stage, Knapp-Hartung t",
    }  # fmt: skip
    return base.model_copy(update=update)


def amplification(evidence: Evidence, arm: str, rows: pd.DataFrame) -> Estimate:
    """Bias at the last stage minus bias at the first stage that has both kinds of judgement."""
    stages = sorted(rows["stage"].unique())
    if len(stages) < 2:
        reason = "needs human and synthetic judgements at two stages or more"
        return no_bias(evidence, arm, "bias_amplification", reason)
    first, last = (difference(rows[rows["stage"] == stage]) for stage in (stages[0], stages[-1]))
    if first is None or last is None:
        return no_bias(evidence, arm, "bias_amplification", "no numeric judgements on both sides")
    low, high = bias_bounds(evidence)
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
    new, before = difference(rows), None if isinstance(old, str) else difference(old.rows)
    scale = evidence.baseline.config.feedback.range or evidence.baseline.config.score_range
    if isinstance(old, str):
        change = Change(against=against, reason=f"{against}: {old}")
    elif scale != (evidence.config.feedback.range or evidence.config.score_range):
        change = Change(against=against, reason="not comparable: the feedback scale differs")
    elif new is None or before is None:
        change = Change(against=against, reason="no numeric judgements on both sides")
    else:
        low, high = bias_bounds(evidence)
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
