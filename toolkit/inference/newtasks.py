"""What would a new stream of tasks of this kind give? The scope `tasks`, over tasks and seeds at once.

Two-way variance V = V_task + V_seed - V_residual, floored at the larger part, Satterthwaite degrees of freedom
between min(T, S) - 1 and T + S - 2. Where neighbouring tasks resemble each other, t over tasks is too narrow: from
ten tasks on the variance then comes from the equally weighted cosine estimator (EWC) with fixed-b critical values
(Lazarus, Lewis, Stock & Watson 2018).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from toolkit.inference.interval import Bounds, Interval, Parts, p_of, satterthwaite, t_ends
from toolkit.inference.statistic import Statistic

Floats = npt.NDArray[np.float64]
SERIAL = 0.3
FEWEST_EWC = 10
FEWEST = 3


@dataclass(frozen=True)
class Spread:
    """Variance of a mean over tasks, from how they scatter, with its df and the name of the method."""

    variance: float
    df: float
    method: str


def tasks_interval(tasks: Sequence[Statistic], *, level: float, bounds: Bounds) -> Interval:
    """Interval of the mean over tasks, in order of arrival, for a new stream of such tasks.

    Needs at least three tasks and two seeds that have all of them: one seed read as new tasks covers too little.
    """
    seeds = tuple(seed for seed in tasks[0].seeds if all(seed in part.seeds for part in tasks)) if tasks else ()
    n = {"items": sum(part.items for part in tasks), "seeds": len(seeds), "tasks": len(tasks)}
    n = {key: count for key, count in n.items() if count or key != "items"}
    values = np.array([part.for_seeds(seeds).values for part in tasks]) if seeds else np.empty((len(tasks), 0))
    value = float(values.mean()) if values.size else float("nan")
    if len(tasks) < FEWEST or len(seeds) < 2:
        reason = f"what new tasks would give needs at least {FEWEST} tasks and two seeds"
        return Interval(value, None, None, None, None, n, reason=reason)
    return _two_way(values, value, level, bounds, n, difference=all(part.difference for part in tasks))


def _two_way(
    values: Floats, value: float, level: float, bounds: Bounds, n: dict[str, int], *, difference: bool
) -> Interval:
    T, S = values.shape
    by_task, by_seed = values.mean(1), values.mean(0)
    task = between_tasks(by_task)
    v_seed = float(by_seed.var(ddof=1)) / S
    rest = values - by_task[:, None] - by_seed + value
    v_rest = float((rest**2).sum()) / ((T - 1) * (S - 1)) / (T * S)
    raw = task.variance + v_seed - v_rest
    variance = max(raw, task.variance, v_seed)
    if variance == 0:
        reason = "all tasks and seeds have the same value, which says nothing of how they vary"
        return Interval(value, None, None, None, None, n, reason=reason)
    pieces = [(task.variance, task.df), (v_seed, S - 1.0), (v_rest, (T - 1.0) * (S - 1))]
    df = satterthwaite(raw, pieces, min(task.df, S - 1.0), task.df + S - 1)
    low, high = t_ends(value, variance, df, level, bounds)
    p_value = p_of(value, variance, df) if difference else None
    parts = Parts(0.0, 0.0, ((v_seed, S - 1.0),), ((v_rest, (T - 1.0) * (S - 1)),), difference, task.variance)
    return Interval(value, low, high, "tasks", task.method, n, variance, df, p_value, parts=parts)


def between_tasks(by_task: Floats) -> Spread:
    """Of effects by_task[task] in order of arrival, at least two."""
    T = len(by_task)
    if T >= FEWEST_EWC and serial_correlation(by_task) > SERIAL:
        nu = max(2, int(0.41 * T ** (2 / 3)))
        waves = np.sqrt(2 / T) * np.cos(np.pi * np.outer(np.arange(1, nu + 1), (np.arange(T) + 0.5) / T))
        return Spread(
            float(((waves @ by_task) ** 2).mean()) / T,
            nu,
            "tasks x seeds, EWC fixed-b t (tasks resemble their neighbours)",
        )
    return Spread(float(by_task.var(ddof=1)) / T, T - 1.0, "tasks x seeds, Satterthwaite t")


def serial_correlation(by_task: Floats) -> float:
    """Lag-1 correlation of the tasks' effects in order of arrival; 0 where they do not vary."""
    centred = by_task - by_task.mean()
    spread = float((centred**2).sum())
    return float((centred[1:] * centred[:-1]).sum()) / spread if spread > 0 else 0.0
