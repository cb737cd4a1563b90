"""How many samples are accepted, what they cost, and how many carry a wrong label?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from toolkit.analyses.estimates import change_from, change_terms, named
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

    from toolkit.inference.interval import Bounds

NO_SAMPLES = "needs samples: a table of generated samples by stage and task"
SHARE: Bounds = (0.0, 1.0)
Part = Callable[["pd.DataFrame"], tuple[float, float]]  # rows of one seed to (numerator, denominator)


def accepted_share(rows: pd.DataFrame) -> tuple[float, float]:
    """Samples accepted, of those of which it is known."""
    known = rows[rows["accepted"].notna()]
    return float(known.loc[known["accepted"].astype(bool), "n"].sum()), float(known["n"].sum())


def _parse_failed(rows: pd.DataFrame) -> tuple[float, float]:
    return float(rows["parse_failed"].sum()), float(rows["parse_known"].sum())


def label_wrong(rows: pd.DataFrame) -> tuple[float, float]:
    """Accepted samples whose verified label is not the one asked for, of those with both; unknown is accepted."""
    kept = rows[taken(rows)]
    return float(kept["label_wrong"].sum()), float(kept["label_checked"].sum())


def spent(column: str) -> Part:
    """What `column` (cost, tokens, seconds) sums to over all samples, over the accepted ones.

    A cell of which some samples lack it counts the others' mean for them; a cell that lacks it counts nowhere.
    """

    def part(rows: pd.DataFrame) -> tuple[float, float]:
        known = rows[rows[f"{column}_known"] > 0]
        total = (known[column].astype(float) * known["n"] / known[f"{column}_known"]).sum()
        return float(total), float(known.loc[taken(known), "n"].sum())

    return part


def taken(rows: pd.DataFrame) -> pd.Series[bool]:
    """[row]: whether it was accepted; where that is not known, it was."""
    return rows["accepted"].astype("boolean").fillna(True).astype(bool)


SHARES: dict[str, tuple[Part, str]] = {
    "label_error_rate": (label_wrong, "needs verified_label beside target_label in samples"),
    "acceptance_rate": (accepted_share, "needs accepted (true or false) in samples"),
    "parse_failure_rate": (_parse_failed, "needs parse_ok in samples"),
}


def generation(evidence: Evidence, arm: str = "stream") -> Analysis:
    """Estimates of the generation axis: label errors, acceptance, parse failures, cost per accepted sample."""
    rows = synthetic_samples(evidence.cube, arm)
    if rows is None:
        return Analysis((no_share(evidence, arm, "label_error_rate", NO_SAMPLES),))
    old = None if evidence.baseline is None else synthetic_samples(evidence.baseline, arm)
    estimates = []
    for quantity, (part, need) in SHARES.items():
        base = no_share(evidence, arm, quantity, need)
        estimates.append(_with_change(evidence, ratio_estimate(base, part, rows), part, rows, old))
        estimates += by_task(evidence, base, part, rows)
        for stage in sorted(int(s) for s in rows["stage"].unique()):
            at = base.model_copy(update={"stage": stage})
            estimates.append(ratio_estimate(at, part, rows[rows["stage"] == stage]))
    base = no_share(evidence, arm, "cost_per_accepted", "needs cost in samples", unit="cost per accepted sample")
    return Analysis((*estimates, ratio_estimate(base, spent("cost"), rows, bounds=(0.0, np.inf))))


def synthetic_samples(cube: Cube, arm: str, table: str = "samples") -> pd.DataFrame | None:
    """Counts of samples that were generated, not written by people; None where there are none."""
    counts = cube.table(table)
    if counts is None:
        return None
    frame = counts.to_pandas()
    frame = frame[(frame["arm"] == arm) & (frame["origin"].fillna("synthetic") != "human")]
    return None if frame.empty else frame


def no_share(evidence: Evidence, arm: str, quantity: str, reason: str | None, *, unit: str = "share") -> Estimate:
    """An estimate of the generation axis without a value; what others are made from."""
    return Estimate(quantity=quantity, axis="generation", arm=arm, level=evidence.level, unit=unit, reason=reason)


def ratio_estimate(
    base: Estimate, part: Part, rows: pd.DataFrame, *, bounds: Bounds = SHARE, level: float | None = None
) -> Estimate:
    """The mean over seeds of a ratio with its interval: t over seeds; a share of a single seed has Wilson's.

    base: names and place of the estimate, its reason where nothing is known
    rows: counts of samples by seed; level: at which the interval is drawn, that of `base` by default
    """
    found = _statistic(part, rows)
    if found is None:
        return base
    statistic, above, below = found
    if not np.isfinite(statistic.values).all():
        runs = int((~np.isfinite(statistic.values)).sum())
        reason = f"no sample was accepted in {runs} of {len(statistic.seeds)} runs, where an accepted one has no cost"
        return base.model_copy(update={"reason": reason})
    nominal = level or base.level
    result = interval([statistic], level=nominal, bounds=bounds)
    update: dict[str, object] = {"n": {"samples": int(below), **result.n}, "simultaneous": base.simultaneous}
    if result.low is None and bounds == SHARE:
        # One training run, or seeds that agree to the last digit: new samples from the same generators.
        low, high = wilson(above, below, nominal)
        update |= {"value": above / below, "low": low, "high": high, "scope": "items",
                   "method": "Wilson score interval", "reason": None}  # fmt: skip
    elif result.low is None and len(statistic.seeds) == 1:
        update["reason"] = "needs at least two seeds: what is spent is kept as a sum of each stage and task"
    return named(base, result).model_copy(update=update)


def _statistic(part: Part, rows: pd.DataFrame) -> tuple[Statistic, float, float] | None:
    seeds, values, above, below = [], [], 0.0, 0.0
    for seed, group in rows.groupby("seed"):
        numerator, denominator = part(group)
        if denominator > 0 or numerator > 0:
            seeds.append(int(str(seed)))
            values.append(numerator / denominator if denominator else np.inf)
            above, below = above + numerator, below + denominator
    if not seeds:
        return None
    return Statistic(tuple(seeds), np.array(values), difference=False), above, below


def by_task(
    evidence: Evidence, base: Estimate, part: Part, rows: pd.DataFrame, *, bounds: Bounds = SHARE
) -> list[Estimate]:
    """The ratio of each task, in order of arrival, with intervals that hold for all together."""
    tasks = [task.name for task in evidence.config.tasks if (rows["task"] == task.name).any()]
    return _by("task", tasks, base, part, rows, bounds)


def by_stage(base: Estimate, part: Part, rows: pd.DataFrame, *, bounds: Bounds = SHARE) -> list[Estimate]:
    """The ratio at each stage, with intervals that hold for all together."""
    return _by("stage", sorted(int(stage) for stage in rows["stage"].unique()), base, part, rows, bounds)


def _by(
    field: str, values: Sequence[object], base: Estimate, part: Part, rows: pd.DataFrame, bounds: Bounds
) -> list[Estimate]:
    level = bonferroni(base.level, len(values))
    shared = {"simultaneous": len(values) > 1}
    return [
        ratio_estimate(base.model_copy(update={field: value, **shared}), part, rows[rows[field] == value],
                       bounds=bounds, level=level)
        for value in values
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
