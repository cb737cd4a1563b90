"""By which factor would the odds of a right answer change with each stage in a new stream of such tasks?

The binomial GLM on task and age, fitted on the sums over seeds, and again without each task in turn: CR3 (Bell &
McCaffrey 2002; MacKinnon, Nielsen & Webb 2023). What a seed does to all tasks at once is not among them, so that, as
for all quantities of the scope `tasks`, V = V_task + V_seed - V_residual, floored at the larger part, with
Satterthwaite degrees of freedom; V_seed comes from leaving out each seed (MacKinnon, Nielsen & Webb 2024).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from toolkit.cube.scores import Scores
from toolkit.inference.interval import Interval, p_of, satterthwaite, t_ends
from toolkit.inference.odds import AgeFit, cells_of, fit_age, varies

Floats = npt.NDArray[np.float64]

FEWEST = 3  # tasks


@dataclass(frozen=True)
class TaskJackknife:
    """The coefficient of age and where its variance comes from.

    value: log odds per stage, over all seeds together; task: variance from leaving out tasks (CR3), T - 1 degrees of
    freedom; seed: the same from leaving out seeds, 0 for a single one; residual: what both contain;
    tasks: those answered both rightly and wrongly; seeds: how many are summed
    """

    value: float
    task: float
    seed: float
    residual: float
    tasks: int
    seeds: int


def jackknife_over_tasks(scores: Scores, arm: str) -> TaskJackknife | str:
    """Leave out each task, and each seed, in turn; or the reason why that cannot be done.

    variance = (T - 1) / T sum over tasks of (coefficient without it - coefficient)^2, and so for seeds.
    """
    cells = cells_of(scores, arm)
    if isinstance(cells, str):
        return cells
    each = np.array([cells.counts(scores, s) for s in cells.seeds])  # [seed, answers or right ones, cell]
    n, right = each.sum(0)
    whole = fit_age(n, right, cells.task, cells.age)
    if isinstance(whole, str):
        return whole
    tasks = [j for j in np.unique(cells.task) if varies(n, right, cells.task == j)]
    if len(tasks) < FEWEST:
        return f"what new tasks would give needs at least {FEWEST} tasks answered both rightly and wrongly"
    moved: dict[str, list[float]] = {"task": [], "seed": []}
    for j in tasks:
        rest = cells.task != j
        fit = fit_age(n[rest], right[rest], cells.task[rest], cells.age[rest])
        if isinstance(fit, str):
            return f"without {scores.tasks[j]}: {fit}"
        moved["task"].append(fit.age - whole.age)
    seeds = len(cells.seeds)
    for own in each if seeds > 1 else []:
        fit = fit_age(n - own[0], right - own[1], cells.task, cells.age)
        if isinstance(fit, str):
            return f"without one seed: {fit}"
        moved["seed"].append(fit.age - whole.age)
    residual = _residual(each, whole, [cells.task == j for j in tasks]) if seeds > 1 else 0.0
    task, seed = _jackknife(moved["task"]), _jackknife(moved["seed"])
    return TaskJackknife(whole.age, task, seed, residual, len(tasks), seeds)


def log_odds_by_tasks(scores: Scores, arm: str, level: float) -> Interval:
    """Interval of the coefficient of age for new tasks and models trained anew; without one the reason is given."""
    found = jackknife_over_tasks(scores, arm)
    if isinstance(found, str):
        return Interval(float("nan"), None, None, None, None, {}, reason=found)
    T, S = found.tasks, found.seeds
    size = {"seeds": S, "tasks": T}
    if S < 2:
        reason = "what new tasks would give needs two seeds: one cannot tell its own effect from that of the tasks"
        return Interval(found.value, None, None, None, None, size, reason=reason)
    raw = found.task + found.seed - found.residual
    variance = max(raw, found.task, found.seed)
    if variance == 0:
        reason = "all tasks change alike to the last digit, which says nothing of how they vary"
        return Interval(found.value, None, None, None, None, size, reason=reason)
    pieces = [(found.task, T - 1.0), (found.seed, S - 1.0), (found.residual, (T - 1.0) * (S - 1))]
    df = satterthwaite(raw, pieces, min(T, S) - 1.0, T + S - 2.0)
    low, high = t_ends(found.value, variance, df, level, (-np.inf, np.inf))
    method = "binomial GLM, jackknife over tasks (CR3) x seeds, Satterthwaite t"
    return Interval(found.value, low, high, "tasks", method, size, variance, df, p_of(found.value, variance, df))


def _jackknife(moved: list[float]) -> float:
    return (len(moved) - 1) / len(moved) * float(np.square(moved).sum()) if moved else 0.0


def _residual(each: Floats, whole: AgeFit, tasks: list[npt.NDArray[np.bool_]]) -> float:
    """Variance from single tasks of single seeds, linear: small beside the others, so that refits are not worth it."""
    residual = whole.gradient * (each[:, 1] - each[:, 0] * whole.share)
    moved = np.array([residual[:, here].sum(1) for here in tasks])
    return float((moved**2).sum()) * moved.size / (moved.size - 1)
