"""Do the intervals of the half-life and of the samples saved cover, also where nothing fades or nothing is reached?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy import special

from toolkit.inference.decay import fit_decay
from toolkit.inference.speed import samples_saved
from toolkit.simulation.calibration.study import LEVEL, Generator, Line, Outcome, Study, covers, ends_cover

Floats = npt.NDArray[np.float64]

# --- half-life: what is left of a task's score, by age
TASKS, AGES, AT_ARRIVAL = 10, 8, 0.9
RATE_SPREAD = 0.15  # log sd of the tasks' rates


def _retention(rng: Generator, rate: float, items: int) -> Floats:
    """Scores [task, age] of the same items at every age; each task decays at a rate of its own, `rate` on average."""
    spread = np.exp(RATE_SPREAD * rng.standard_normal(TASKS) - RATE_SPREAD**2 / 2)
    share = AT_ARRIVAL * np.exp(-rate * spread[:, None] * np.arange(AGES))
    item = rng.standard_normal((TASKS, 1, items))
    margin = np.sqrt(2) * special.ndtri(share)[..., None] + item + rng.standard_normal((TASKS, AGES, items))
    return np.asarray((margin > 0).mean(-1))


def _half_life() -> Study:
    truth = 8.0

    def replicate(rng: Generator) -> Sequence[Outcome]:
        return (ends_cover(*fit_decay(_retention(rng, math.log(2) / truth, 100)).half_life_interval(LEVEL), truth),)

    line = Line("half-life of 8 stages, 10 tasks, 100 items", "tasks", "mean rate over tasks, inverted", (0.92, 0.98))
    return Study("half-life", (line,), replicate)


def _no_decay() -> Study:
    def replicate(rng: Generator) -> Sequence[Outcome]:
        _, high = fit_decay(_retention(rng, 0.0, 200)).half_life_interval(LEVEL)
        return (Outcome(float(math.isinf(high))),)

    line = Line("half-life where nothing fades: upper end is infinite", "tasks", "mean rate over tasks, inverted",
                (0.95, 1.0))  # fmt: skip
    return Study("half-life-infinite", (line,), replicate)


# --- samples until a threshold is reached: log-normal, with experience a fixed share of without
TASK_SD, SEED_SD, SHARE = 0.4, 0.3, 0.7
_SD = float(np.hypot(TASK_SD, SEED_SD))


def restricted_mean(scale: float, budget: float) -> float:
    """E min(scale exp(N(0, sd^2)), budget), in closed form."""
    z = math.log(budget / scale) / _SD
    return float(scale * math.exp(_SD**2 / 2) * special.ndtr(z - _SD) + budget * special.ndtr(-z))


def _times(rng: Generator, tasks: int, seeds: int, budget: float) -> tuple[Floats, Floats]:
    """Samples needed [task, seed] with and without experience, infinite beyond the budget."""
    task = TASK_SD * rng.standard_normal((tasks, 1))
    stream, isolated = np.exp(task + SEED_SD * rng.standard_normal((2, tasks, seeds)))
    stream = SHARE * stream
    return np.where(stream > budget, np.inf, stream), np.where(isolated > budget, np.inf, isolated)


def _dropped(stream: Floats, isolated: Floats) -> tuple[Floats, Floats]:
    """[task, 1]: means over the seeds that reached the threshold in both arms, of the tasks that have any."""
    both = np.isfinite(stream) & np.isfinite(isolated)
    some = both.any(1)
    kept, count = both[some], both[some].sum(1)
    mean = [np.where(kept, times[some], 0.0).sum(1) / count for times in (stream, isolated)]
    return mean[0][:, None], mean[1][:, None]


def _saved(rng: Generator, budget: float, *, lines: int) -> Sequence[Outcome]:
    stream, isolated = _times(rng, TASKS_SAVED, SEEDS_SAVED, budget)
    truth = restricted_mean(1.0, budget) - restricted_mean(SHARE, budget)
    found = [covers(samples_saved(stream, isolated, np.full(len(stream), budget), level=LEVEL), truth)]
    if lines > 1:
        reached, alone = _dropped(stream, isolated)
        wanted = (1 - SHARE) * math.exp(_SD**2 / 2)  # what leaving out aims at: samples saved without a budget
        found.append(covers(samples_saved(reached, alone, np.full(len(reached), budget), level=LEVEL), wanted))
    return found


TASKS_SAVED, SEEDS_SAVED = 20, 3
_METHOD = "restricted mean, t over tasks"
_NEVER = "samples saved, 20 tasks, threshold never reached alone by"
STUDIES = (
    _half_life(),
    _no_decay(),
    Study(
        "samples-saved-30",
        (Line(f"{_NEVER} 30 %", "tasks", _METHOD, (0.93, 0.97)),),
        partial(_saved, budget=1.3, lines=1),
    ),
    Study(
        "samples-saved-67",
        (
            Line(f"{_NEVER} 67 %", "tasks", _METHOD, (0.93, 0.97)),
            Line("the same, runs that never reach it left out", "tasks", "t over the tasks left", (0.0, 0.85),
                 negative=True),
        ),
        partial(_saved, budget=0.8, lines=2),
    ),
)  # fmt: skip
