"""How many samples are accepted, what they cost, and how many carry a wrong label?"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from toolkit.analyses.estimates import change_from, change_terms, estimate_of
from toolkit.analyses.evidence import Analysis, Evidence
from toolkit.cube import Cube
from toolkit.inference.ladder import interval
from toolkit.inference.proportions import newcombe, wilson
from toolkit.inference.quantiles import z_quantile
from toolkit.inference.simultaneous import bonferroni
from toolkit.inference.statistic import Statistic
from toolkit.results import Change, Estimate

if TYPE_CHECKING:
    import pandas as pd

NO_SAMPLES = "needs samples: a table of generated samples by stage and task"
Part = Callable[["pd.DataFrame"], tuple[float, float]]  # rows of one seed to (numerator, denominator)


def _accepted(rows: pd.DataFrame) -> tuple[float, float]:
    known = rows[rows["accepted"].notna()]
    return float(known.loc[known["accepted"].astype(bool), "n"].sum()), float(known["n"].sum())


def _parse_failed(rows: pd.DataFrame) -> tuple[float, float]:
    return float(rows["parse_failed"].sum()), float(rows["parse_known"].sum())


def _label_wrong(rows: pd.DataFrame) -> tuple[float, float]:
    kept = rows[rows["accepted"].fillna(True).astype(bool)]
    return float(kept["label_wrong"].sum()), float(kept["label_checked"].sum())


def _cost(rows: pd.DataFrame) -> tuple[float, float]:
    known = rows[rows["cost_known"] > 0]
    accepted = known.loc[known["accepted"].fillna(True).astype(bool), "n"].sum()
    return float(known["cost"].sum()), float(accepted)


SHARES: dict[str, tuple[Part, str]] = {
    "label_error_rate": (_label_wrong, "needs verified_label beside target_label in samples"),
    "acceptance_rate": (_accepted, "needs accepted (true or false) in samples"),
    "parse_failure_rate": (_parse_failed, "needs parse_ok in samples"),
}


def generation(evidence: Evidence, arm: str = "stream") -> Analysis:
    """Estimates of the generation axis: label errors, acceptance, parse failures, cost per accepted sample."""
    rows = synthetic_samples(evidence.cube, arm)
    if rows is None:
        reason = NO_SAMPLES
        base = Estimate(quantity="label_error_rate", axis="generation", arm=arm, level=evidence.level, unit="share")
        return Analysis((base.model_copy(update={"reason": reason}),))
    old = None if evidence.baseline is None else synthetic_samples(evidence.baseline, arm)
    estimates = []
    for quantity, (part, need) in SHARES.items():
        overall = _estimate(evidence, arm, quantity, part, rows, need, bounds=(0.0, 1.0))
        estimates.append(_with_change(evidence, overall, part, rows, old))
        estimates += _by_task(evidence, arm, quantity, part, rows, need)
        for stage in sorted(int(s) for s in rows["stage"].unique()):
            at = rows[rows["stage"] == stage]
            estimates.append(_estimate(evidence, arm, quantity, part, at, need, bounds=(0.0, 1.0), stage=stage))
    cost = _estimate(
        evidence, arm, "cost_per_accepted", _cost, rows, "needs cost in samples", bounds=(0.0, np.inf),
        unit="cost per accepted sample",
    )  # fmt: skip
    return Analysis((*estimates, cost))


def synthetic_samples(cube: Cube, arm: str) -> pd.DataFrame | None:
    """Counts of samples that were generated, not written by people."""
    table = cube.table("samples")
    if table is None:
        return None
    frame = table.to_pandas()
    frame = frame[(frame["arm"] == arm) & (frame["origin"].fillna("synthetic") != "human")]
    return None if frame.empty else frame


def _statistic(part: Part, rows: pd.DataFrame) -> tuple[Statistic, float, float] | None:
    seeds, values, above, below = [], [], 0.0, 0.0
    for seed, group in rows.groupby("seed"):
        numerator, denominator = part(group)
        if denominator > 0:
            seeds.append(int(str(seed)))
            values.append(numerator / denominator)
            above, below = above + numerator, below + denominator
    if not seeds:
        return None
    return Statistic(tuple(seeds), np.array(values), difference=False), above, below


def _estimate(
    evidence: Evidence,
    arm: str,
    quantity: str,
    part: Part,
    rows: pd.DataFrame,
    need: str,
    *,
    bounds: tuple[float, float],
    unit: str = "share",
    level: float | None = None,
    **fields: object,
) -> Estimate:
    base = Estimate(quantity=quantity, axis="generation", arm=arm, level=evidence.level, unit=unit)
    found = _statistic(part, rows)
    if found is None:
        return base.model_copy(update={"reason": need, **fields})
    statistic, above, below = found
    nominal = level or evidence.level
    result = interval([statistic], level=nominal, bounds=bounds)
    estimate = estimate_of(
        result, quantity=quantity, axis="generation", arm=arm, unit=unit, level=evidence.level, **fields
    )
    update: dict[str, object] = {"n": {"samples": int(below), **result.n}}
    if result.low is None and bounds == (0.0, 1.0):
        # One training run, or seeds that agree to the last digit: new samples from the same generators.
        low, high = wilson(above, below, nominal)
        value = above / below
        update |= {"value": value, "low": low, "high": high, "scope": "items",
                   "method": "Wilson score interval", "reason": None}  # fmt: skip
    return estimate.model_copy(update=update)


def _by_task(evidence: Evidence, arm: str, quantity: str, part: Part, rows: pd.DataFrame, need: str) -> list[Estimate]:
    tasks = [task.name for task in evidence.config.tasks if (rows["task"] == task.name).any()]
    level = bonferroni(evidence.level, len(tasks))
    return [
        _estimate(evidence, arm, quantity, part, rows[rows["task"] == task], need, bounds=(0.0, 1.0),
                  level=level, task=task, simultaneous=len(tasks) > 1)
        for task in tasks
    ]  # fmt: skip


def _with_change(
    evidence: Evidence, estimate: Estimate, part: Part, rows: pd.DataFrame, old: pd.DataFrame | None
) -> Estimate:
    against = evidence.baseline_release
    if against is None or evidence.baseline is None:
        return estimate
    new, before = _statistic(part, rows), None if old is None else _statistic(part, old)
    if new is None or before is None:
        return estimate.model_copy(update={"change": Change(against=against, reason=f"{against} has no value")})
    result = interval(change_terms([new[0]], [before[0]]), level=evidence.level, bounds=(-1.0, 1.0))
    change = change_from(result, against)
    if result.low is None and result.n.get("seeds") == 1:
        # One training run each: new samples from the same generators.
        low, high = newcombe(new[1:], before[1:], evidence.level)
        se = (high - low) / 2 / z_quantile(evidence.level)
        change = change.model_copy(update={"low": low, "high": high, "se": se, "reason": None})
    return estimate.model_copy(update={"change": change})
