"""What is kept as stages go by, along which curve does it fade, and after how many stages is half of it left?"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from toolkit.analyses.estimates import estimate_of
from toolkit.analyses.evidence import Evidence
from toolkit.analyses.maxforgetting import TOO_SHORT
from toolkit.cube import Scores
from toolkit.inference.decay import Decay, Shape, fit_decay
from toolkit.inference.ladder import interval
from toolkit.inference.quantiles import t_quantile
from toolkit.inference.simultaneous import max_t_level
from toolkit.inference.statistic import Statistic, column_statistics, mean_of, ratio_of
from toolkit.results import Estimate

Floats = npt.NDArray[np.float64]


def retention(evidence: Evidence, arm: str = "stream") -> list[Estimate]:
    """Share of the score at arrival that is left after `age` further stages, over the tasks that reached it.

    Intervals hold for all ages together.
    """
    base = Estimate(quantity="retention", axis="forgetting", arm=arm, level=evidence.level, unit="share")
    scores = evidence.scores
    if scores is None or arm not in scores.arms or len(scores.stages) < 3:
        return [base.model_copy(update={"reason": TOO_SHORT})]
    found = {}
    for age in range(1, len(scores.stages) - 1):
        statistic, tasks = _retained(scores, arm, age, evidence.items)
        if statistic is not None:
            found[age] = (statistic, tasks)
    if not found:
        return [base.model_copy(update={"reason": TOO_SHORT})]
    level = max_t_level([statistic for statistic, _ in found.values()], evidence.level)
    estimates = []
    for age, (statistic, tasks) in found.items():
        result = interval([statistic], level=level, bounds=(0.0, np.inf))
        estimate = estimate_of(
            result, quantity="retention", axis="forgetting", arm=arm, group=f"age={age}", unit="share",
            level=evidence.level, simultaneous=len(found) > 1,
        )  # fmt: skip
        # The test would be that of a share of zero.
        estimates.append(estimate.model_copy(update={"n": {**estimate.n, "tasks": tasks}, "p_value": None}))
    return estimates


def _retained(scores: Scores, arm: str, age: int, items: dict[str, int]) -> tuple[Statistic | None, int]:
    def later(c: Floats, arrival: int) -> Floats:
        return c[..., arrival + age] if arrival + age < c.shape[-1] else np.full(c.shape[:-1], np.nan)

    def first(c: Floats, arrival: int) -> Floats:
        return c[..., arrival] if arrival + age < c.shape[-1] else np.full(c.shape[:-1], np.nan)

    after = column_statistics(scores, arm, later, items=items, difference=False)
    before = column_statistics(scores, arm, first, items=items, difference=False)
    tasks = [task for task in after if task in before]
    if not tasks:
        return None, 0
    below = mean_of([before[task] for task in tasks])
    if not (below.values > 0).all():
        return None, 0
    return ratio_of(mean_of([after[task] for task in tasks]), below), len(tasks)


def half_lives(evidence: Evidence, arm: str = "stream") -> list[Estimate]:
    """Half-life of retention: exponential, beside it that of a power law, and how well each shape predicts."""
    base = Estimate(quantity="retention_half_life", axis="forgetting", arm=arm, level=evidence.level, unit="stages")
    scores = evidence.scores
    if scores is None or arm not in scores.arms or len(scores.stages) < 3:
        return [base.model_copy(update={"reason": TOO_SHORT})]
    curves = curves_by_age(scores, arm)
    try:
        fits: dict[Shape, Decay] = {shape: fit_decay(curves, shape) for shape in ("exponential", "power", "constant")}
    except ValueError as error:
        return [base.model_copy(update={"reason": str(error)})]
    best = min(fits, key=lambda shape: float(fits[shape].prediction.mean()))
    estimates = [_half_life(base, fits["exponential"], best), _half_life(base, fits["power"], best)]
    return [*estimates, *(_compared(base, fits, shape) for shape in ("constant", "power"))]


def curves_by_age(scores: Scores, arm: str) -> Floats:
    """Scores from arrival on, meaned over the seeds: [task, age], nan where not evaluated; unscored tasks left out."""
    R = scores.arm(arm)  # [seed, stage, task]
    last = len(scores.stages) - 1
    curves = np.full((len(scores.tasks), last), np.nan)
    for j in range(min(len(scores.tasks), last)):
        column = R[:, j + 1 :, j]
        whole = np.isfinite(column).any(1)
        if whole.any():
            curves[j, : last - j] = column[whole].mean(0)
    return curves[np.isfinite(curves[:, 0])] if len(curves) else curves


def _half_life(base: Estimate, fit: Decay, best: Shape) -> Estimate:
    low, high = fit.half_life_interval(base.level)
    shown = "exponential decay" if fit.shape == "exponential" else "power law of age"
    told = ", the shape that predicts tasks left out best" if fit.shape == best else ""
    none = ", no decay seen" if math.isinf(fit.half_life) else ", no decay not excluded" if math.isinf(high) else ""
    return base.model_copy(update={
        "value": fit.half_life, "low": low, "high": high, "n": {"tasks": fit.tasks}, "scope": "tasks",
        "group": None if fit.shape == "exponential" else f"model={fit.shape}",
        "method": f"{shown}{told}{none}; interval of the rate inverted, t over tasks",
    })  # fmt: skip


def _compared(base: Estimate, fits: dict[Shape, Decay], shape: Shape) -> Estimate:
    """By how many per cent a shape predicts a task from the others worse than the exponential; below zero better."""
    own, other = fits[shape].prediction, fits["exponential"].prediction
    named_so = {"quantity": "retention_model_error", "unit": "%", "group": f"model={shape}"}
    tasks, mean = len(own), float(other.mean())
    if mean == 0:
        return base.model_copy(update=named_so | {"reason": "exponential decay predicts every task exactly"})
    ratio = float(own.mean()) / mean
    each = (own - ratio * other) / mean  # what each task adds to the ratio of means
    half = t_quantile(base.level, tasks - 1) * float(each.std(ddof=1)) / tasks**0.5
    value, half = 100 * (ratio - 1), 100 * half
    return base.model_copy(update=named_so | {
        "value": value, "low": value - half, "high": value + half, "n": {"tasks": tasks}, "scope": "tasks",
        "method": "deviance of a task predicted from the others, against exponential decay; t over tasks",
    })  # fmt: skip
