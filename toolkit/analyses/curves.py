"""How fast is a task learned, and does experience make it faster? From scores logged with their step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from toolkit.analyses.estimates import Terms, estimate_of, named, value_bounds
from toolkit.analyses.evidence import Evidence
from toolkit.analyses.families import flagged
from toolkit.analyses.measure import needs_arm
from toolkit.inference.interval import Bounds
from toolkit.inference.ladder import interval
from toolkit.inference.pooled import interval_by_task
from toolkit.inference.speed import curve_area, samples_saved, saved, time_to_threshold
from toolkit.inference.statistic import Statistic, mean_of
from toolkit.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]
Curve = tuple[Floats, Floats]  # steps and scores
NO_CURVES = "needs learning curves: scores within a stage with their `step`"
NO_PAIRS = "needs learning curves of the same tasks and seeds in the arms stream and isolated, of two steps or more"
THRESHOLD = 0.9  # of what the isolated arm gains from its first step to the end of the budget


@dataclass(frozen=True)
class _Pair:
    """Curves of one task in both arms, seed by seed, scaled so that 0 is the worst score and 1 the best.

    stream, isolated: (steps, scores) a seed; budget: the largest step that all of them reach
    """

    seeds: tuple[int, ...]
    stream: tuple[Curve, ...]
    isolated: tuple[Curve, ...]
    budget: float

    def threshold(self) -> float | None:
        """What both arms are to reach; None where the isolated arm gains nothing within the budget."""
        ends = np.mean([np.interp(self.budget, *curve) for curve in self.isolated])
        starts = np.mean([scores[0] for _, scores in self.isolated])
        return float(starts + THRESHOLD * (ends - starts)) if ends > starts else None


def learning_curves(evidence: Evidence) -> list[Estimate]:
    """Score of a task while it is learned, by arm and step: quantity `score`, group `step=...`, t over seeds."""
    frame = _frame(evidence)
    if frame is None:
        return []
    bounds = value_bounds(evidence, difference=False)
    estimates = []
    for (arm, task, stage, step), rows in frame.groupby(["arm", "task", "stage", "step"], sort=True):
        statistic = Statistic(tuple(rows["seed"]), rows["mean"].to_numpy(), difference=False)
        result = interval([statistic], level=evidence.level, bounds=bounds)
        estimates.append(estimate_of(
            result, quantity="score", axis="transfer", arm=arm, task=task, stage=int(str(stage)),
            group=f"step={step:g}", level=evidence.level,
        ))  # fmt: skip
    return estimates


def speed(evidence: Evidence) -> list[Estimate]:
    """Samples saved to a threshold, area under the learning curve, and normalised area transfer."""
    bases = [
        Estimate(quantity="samples_saved", axis="transfer", against="isolated", level=evidence.level,
                 unit=evidence.config.step_unit),
        Estimate(quantity="normalised_area_transfer", axis="transfer", against="isolated", level=evidence.level,
                 unit="share"),
        Estimate(quantity="learning_curve_area", axis="transfer", level=evidence.level, unit="share"),
    ]  # fmt: skip
    frame = _frame(evidence)
    if frame is None:
        return [base.model_copy(update={"reason": NO_CURVES}) for base in bases]
    if not (frame["arm"] == "isolated").any():
        return [base.model_copy(update={"reason": needs_arm("isolated")}) for base in bases]
    pairs = _pairs(evidence)
    if not pairs:
        return [base.model_copy(update={"reason": NO_PAIRS}) for base in bases]
    transfers = {task: (pair.seeds, _area_transfer(pair)) for task, pair in pairs.items()}
    heights = {task: (pair.seeds, _area(pair)) for task, pair in pairs.items()}
    return [
        *_saved(evidence, bases[0], pairs),
        *_areas(evidence, bases[1], transfers, (-np.inf, 1.0)),
        *_areas(evidence, bases[2], heights, (0.0, 1.0)),
    ]


def _frame(evidence: Evidence) -> pd.DataFrame | None:
    """Mean scores by arm, seed, task and step at the tasks' arrival stages; None where none were logged."""
    table, scores = evidence.cube.table("curves"), evidence.scores
    if table is None or scores is None:
        return None
    frame = table.to_pandas()
    place = {task: j + 1 for j, task in enumerate(scores.tasks)}
    frame = frame[(frame["task_order"] == scores.order) & (frame["stage"] == frame["task"].map(place))]
    return None if frame.empty else frame.assign(mean=frame["total"] / frame["n"] / 1e9)


def scaled_curves(evidence: Evidence) -> dict[tuple[str, str, int], Curve]:
    """Steps and scores by arm, task and seed, scores scaled so that 0 is the worst and 1 the best."""
    frame = _frame(evidence)
    if frame is None:
        return {}
    worst, best = evidence.bounds if evidence.config.higher_is_better else evidence.bounds[::-1]
    curves: dict[tuple[str, str, int], Curve] = {}
    for (arm, task, seed), rows in frame.sort_values("step").groupby(["arm", "task", "seed"]):
        if len(rows) > 1:
            height = (rows["mean"].to_numpy(dtype=float) - worst) / (best - worst)
            curves[str(arm), str(task), int(str(seed))] = (rows["step"].to_numpy(dtype=float), height)
    return curves


def _pairs(evidence: Evidence) -> dict[str, _Pair]:
    curves = scaled_curves(evidence)
    pairs = {}
    for task in evidence.scores.tasks if evidence.scores else ():
        seeds = tuple(sorted({s for a, t, s in curves if t == task and a == "stream" and ("isolated", t, s) in curves}))
        both = [[curves[arm, task, s] for s in seeds] for arm in ("stream", "isolated")]
        if seeds:
            budget = min(float(steps[-1]) for arm in both for steps, _ in arm)
            pairs[task] = _Pair(seeds, tuple(both[0]), tuple(both[1]), budget)
    return pairs


def _saved(evidence: Evidence, base: Estimate, pairs: dict[str, _Pair]) -> list[Estimate]:
    times = {task: _times(pair, aim) for task, pair in pairs.items() if (aim := pair.threshold()) is not None}
    if not times:
        return [base.model_copy(update={"reason": "the isolated arm gains nothing within the budget: no threshold"})]
    common = set.intersection(*(set(pairs[task].seeds) for task in times))
    if not common:
        return [base.model_copy(update={"reason": "no seed has learning curves of all tasks in both arms"})]
    keep = {task: np.isin(pairs[task].seeds, sorted(common)) for task in times}
    stream, alone = (np.array([both[arm][keep[task]] for task, both in times.items()]) for arm in (0, 1))
    budget = np.array([pairs[task].budget for task in times])
    overall = named(base, samples_saved(stream, alone, budget, level=evidence.level))
    each = {}
    for task, (with_experience, without) in times.items():
        values = saved(with_experience[None], without[None], np.array([pairs[task].budget]))[0]
        each[task] = (Statistic(pairs[task].seeds, values),)
    return [overall, *_by_task(evidence, base, each, (-np.inf, np.inf))]


def _times(pair: _Pair, aim: float) -> tuple[Floats, Floats]:
    """Steps to the threshold by seed, in the stream and alone."""
    stream, isolated = (
        np.array([time_to_threshold(*curve, aim) for curve in arm]) for arm in (pair.stream, pair.isolated)
    )
    return stream, isolated


def _area(pair: _Pair) -> Floats:
    return np.array([curve_area(*curve, pair.budget) for curve in pair.stream])


def _area_transfer(pair: _Pair) -> Floats:
    """(A - A_isolated) / (1 - A_isolated) by seed (Wolczyk et al. 2021, Continual World)."""
    alone = np.array([curve_area(*curve, pair.budget) for curve in pair.isolated])
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(alone < 1, (_area(pair) - alone) / (1 - alone), np.nan)


def _areas(
    evidence: Evidence, base: Estimate, values: dict[str, tuple[tuple[int, ...], Floats]], bounds: Bounds
) -> list[Estimate]:
    """The mean over tasks and each task, from one value a seed; seeds without a value are left out."""
    difference = base.against is not None
    each = {}
    for task, (seeds, v) in values.items():
        here = np.isfinite(v)
        if here.any():
            kept = tuple(seed for seed, ok in zip(seeds, here, strict=True) if ok)
            each[task] = (Statistic(kept, v[here], difference=difference),)
    if not each:
        return [base.model_copy(update={"reason": "the isolated arm is perfect from its first step on"})]
    mean = mean_of([terms[0] for terms in each.values()])
    overall = named(base, interval([mean], level=evidence.level, bounds=bounds))
    overall = overall.model_copy(update={"n": {**overall.n, "tasks": len(each)}})
    return [overall, *_by_task(evidence, base, each, bounds)]


def _by_task(evidence: Evidence, base: Estimate, each: Mapping[str, Terms], bounds: Bounds) -> list[Estimate]:
    results = interval_by_task(each, level=evidence.level, bounds=bounds)
    several = len(each) > 1
    estimates = [named(base, result, task=task, simultaneous=several) for task, result in results.items()]
    return flagged(estimates, list(results.values()))
