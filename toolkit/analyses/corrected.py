"""What would people say of the student on average, from few human labels and many scores of a judge?

Gated PPI++ (Angelopoulos et al. 2023) over all judged answers, by task and by stage; how many labels the judge
replaces; how many the next release needs; and transfer and forgetting by people's measure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from toolkit.analyses.corrected_changes import corrected_changes
from toolkit.analyses.estimates import estimate_of
from toolkit.analyses.evidence import Evidence
from toolkit.analyses.judged import (
    Judged,
    Terms,
    corrected_by_task,
    corrected_interval,
    corrected_terms,
    judged,
    seeds_known,
    side_of,
)
from toolkit.inference.interval import Interval
from toolkit.inference.labels import labels_needed, labels_saved
from toolkit.inference.ppi import Corrected
from toolkit.inference.ppi_design import ppi_design
from toolkit.inference.simultaneous import bonferroni
from toolkit.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

Made = tuple[Terms, Interval]

UNIT = "points of the feedback scale"
LABELS = "labels"
PROVISIONAL_SHARE = 0.02
NOT_TRUSTED = (
    "the labels show too few of the judge's errors to rely on it: needs at least five labels of each class, and "
    "five where judge and people differ"
)


def corrected(evidence: Evidence, arm: str = "stream", *, half_width: float | None = None) -> list[Estimate]:
    """corrected_score, labels_saved and labels_needed, overall and by task; transfer and forgetting corrected.

    half_width: of the interval that labels_needed aims at, in points of the feedback scale; default the
    provisional margin, 2 % of the scale.
    """
    found = judged(evidence.cube, arm)
    if isinstance(found, str):
        quantities = (("corrected_score", UNIT), ("labels_saved", LABELS), ("labels_needed", LABELS))
        return [_base(evidence, arm, quantity, unit, reason=found) for quantity, unit in quantities]
    low, high = evidence.config.feedback.range or evidence.config.score_range
    target = PROVISIONAL_SHARE * (high - low) if half_width is None else half_width
    rows, level = found.rows, evidence.level
    estimates = list(_of_part(evidence, arm, found, rows, level, target))
    order = [task.name for task in evidence.config.tasks]
    tasks = sorted(rows["task"].unique(), key=order.index)
    parts = {task: rows[rows["task"] == task] for task in tasks}
    results, each = _by_task(evidence, parts), bonferroni(level, len(tasks))
    for task, part in parts.items():
        estimates += _of_part(
            evidence, arm, found, part, each, target, task=task, simultaneous=len(tasks) > 1, made=results.get(task)
        )
    stages = sorted(int(stage) for stage in rows["stage"].unique())
    each = bonferroni(level, len(stages))
    for stage in stages:
        part = rows[rows["stage"] == stage]
        estimates.append(_score(evidence, arm, found, part, each, stage=stage, simultaneous=len(stages) > 1))
    return [*estimates, *corrected_changes(evidence, arm, found)]


def _base(evidence: Evidence, arm: str, quantity: str, unit: str, **fields: Any) -> Estimate:
    fields = {"axis": "alignment", "level": evidence.level, **fields}
    return Estimate(quantity=quantity, arm=arm, unit=unit, **fields)


def _of_part(
    evidence: Evidence, arm: str, found: Judged, rows: pd.DataFrame, level: float, target: float, **fields: Any
) -> Iterator[Estimate]:
    """Score, labels saved and labels needed of some of the judged answers."""
    yield _score(evidence, arm, found, rows, level, **fields)
    where = {key: value for key, value in fields.items() if key == "task"}
    pooled = _pooled(evidence, rows, evidence.level)
    counts = {"labels": pooled.labels, "items": pooled.judged}
    saved = labels_saved(pooled) if pooled.weight else None
    if saved is None:
        reason = pooled.reason or NOT_TRUSTED
        yield _base(evidence, arm, "labels_saved", LABELS, n=counts, reason=reason, **where)
    else:
        yield _base(
            evidence, arm, "labels_saved", LABELS, value=max(saved, 0.0), n=counts,
            method="labels x (variance of the labels alone / variance with the judge - 1)",
            reason="a ratio of two variances of the same labels: read it as a size, it has no interval", **where,
        )  # fmt: skip
    low, high = evidence.config.feedback.range or evidence.config.score_range
    needed = labels_needed(pooled, target, level=evidence.level, design=_design(pooled), scale=high - low)
    method = f"PPI++, upper 80 % bound of the residual variance, for {target:g} {UNIT} to each side"
    if needed.labels is None:
        yield _base(evidence, arm, "labels_needed", LABELS, n=counts, reason=needed.reason, **where)
    else:
        yield _base(
            evidence, arm, "labels_needed", LABELS, value=float(needed.labels), n=counts, method=method,
            reason="is itself an upper bound, which four of five cases stay within", **where,
        )  # fmt: skip


def _design(found: Corrected) -> float:
    """How much more the mean varies than that of as many labels drawn independently; at least 1."""
    of_judge = found.weight**2 * found.judge_variance / max(found.judged - found.labels, 1)
    independent = found.residual_variance / found.labels + of_judge
    return max(1.0, found.variance / independent) if independent > 0 and found.variance > 0 else 1.0


def _bounds(evidence: Evidence) -> tuple[float, float]:
    return evidence.config.feedback.range or evidence.config.score_range


def _pooled(evidence: Evidence, rows: pd.DataFrame, level: float) -> Corrected:
    return ppi_design(
        rows["y"], rows["f"], clusters=rows["cluster"], chance=rows["chance"], level=level, bounds=_bounds(evidence)
    )  # fmt: skip


def _by_task(evidence: Evidence, parts: Mapping[str, pd.DataFrame]) -> dict[str, Made]:
    """The tasks' scores over seeds, together; empty where a task has a seed with too few labels."""
    sides = {task: side_of(part, by_seed=True) for task, part in parts.items() if seeds_known(part)}
    found = {task: corrected_terms([side]) for task, side in sides.items() if side is not None}
    if len(found) < len(parts):
        return {}
    results = corrected_by_task(found, level=evidence.level, bounds=_bounds(evidence))
    return {task: (found[task], results[task]) for task in parts}


def _score(
    evidence: Evidence,
    arm: str,
    found: Judged,
    rows: pd.DataFrame,
    level: float,
    *,
    made: Made | None = None,
    **fields: Any,
) -> Estimate:
    """The corrected score: over seeds where each has labels enough, else pooled over seeds with items as clusters.

    made: terms and interval, where they were made together with others'.
    """
    clusters = int(rows.loc[rows["y"].notna(), "cluster"].nunique())
    counts = {"labels": int(rows["y"].notna().sum()), "items": len(rows), "clusters": clusters}
    if made is None and seeds_known(rows) and (side := side_of(rows, by_seed=True)) is not None:
        terms = corrected_terms([side])
        made = terms, corrected_interval(terms, level=level, bounds=_bounds(evidence))
    if made is not None:
        terms, result = made
        estimate = estimate_of(
            result, quantity="corrected_score", axis="alignment", arm=arm, unit=UNIT, level=evidence.level, **fields
        )
        used = "PPI++" if terms.weight else "human labels alone"
        method = f"{used}, {estimate.method}{found.remark}" if estimate.method else None
        return estimate.model_copy(update={"n": {**counts, "seeds": result.n["seeds"]}, "method": method})
    got = _pooled(evidence, rows, level)
    over = ", pooled over seeds" if rows["seed"].nunique() > 1 else ""
    measured = got.low is not None
    return _base(
        evidence, arm, "corrected_score", UNIT, value=got.value, low=got.low, high=got.high, n=counts,
        scope="items" if measured else None, method=f"{got.method}{over}{found.remark}" if measured else None,
        se=got.variance**0.5 if got.variance > 0 else None, df=got.df if got.df > 0 else None,
        variance={"items": got.variance} if got.variance > 0 else {}, reason=got.reason, **fields,
    )  # fmt: skip
