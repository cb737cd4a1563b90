"""Do the intervals of forgetting cover: since arrival, and since the best stage?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from scipy import special

from toolkit.analyses.metrics import backward_transfer
from toolkit.inference.bracket import max_forgetting_brackets, mean_bracket
from toolkit.inference.ladder import interval
from toolkit.inference.statistic import column_statistics, mean_of
from toolkit.simulation.arrays import item_counts, scores_of_items
from toolkit.simulation.calibration.study import DIFFERENCE, LEVEL, Generator, Line, Outcome, Study, covers
from toolkit.simulation.population import probit_share

Floats = npt.NDArray[np.float64]
Course = Callable[[Floats, int], Floats]

ITEM_SHARE = 0.6  # of the variance of an answer's latent margin that belongs to its item
ITEMS = 100


def flat(age: Floats, last: int) -> Floats:
    """Nothing is learned later or lost."""
    return np.full_like(age, 0.8)


def hump(age: Floats, last: int) -> Floats:
    """Later tasks help at first, then harm."""
    return 0.7 + 0.35 * np.sin(np.pi * age / last) - 0.15 * age / last


def decay(age: Floats, last: int) -> Floats:
    """Most of the loss comes at once."""
    return 0.9 - 0.6 * -np.expm1(-age / 3.0)


def population(course: Course, tasks: int) -> Floats:
    """Share of right answers [stage, task], nan before arrival; the course gives probits by age."""
    R = np.full((tasks + 1, tasks), np.nan)
    for j in range(tasks):
        age = np.arange(tasks - j, dtype=float)
        R[j + 1 :, j] = probit_share(course(age, max(tasks - 1, 1)))
    return R


def answers(R: Floats, rng: Generator, *, seeds: int = 1, items: int = ITEMS, run_sd: float = 0.0) -> Floats:
    """y[arm, seed, stage, task, item] of probit answers with population shares R[arm, stage, task], nan as there.

    run_sd: sd of what a run adds at a stage, half of its variance in all tasks alike, to a latent margin whose
    variance is one in all.
    """
    arms, stages, tasks = R.shape
    item = np.sqrt(ITEM_SHARE) * rng.standard_normal((tasks, items))
    alike = rng.standard_normal((arms, seeds, stages, 1, 1))
    run = run_sd * np.sqrt(0.5) * (alike + rng.standard_normal((arms, seeds, stages, tasks, 1)))
    luck = np.sqrt(1 - ITEM_SHARE - run_sd**2) * rng.standard_normal((arms, seeds, stages, tasks, items))
    margin = special.ndtri(R)[:, None, :, :, None] + item + run + luck
    return np.where(np.isfinite(margin), (margin > 0).astype(float), np.nan)


def _backward() -> Study:
    R = population(hump, 5)
    truth = float(np.mean([R[-1, j] - R[j + 1, j] for j in range(4)]))

    def replicate(rng: Generator) -> Sequence[Outcome]:
        scores = scores_of_items(answers(R[None], rng))
        changes = column_statistics(scores, "stream", backward_transfer, items=item_counts(scores), difference=True)
        return (covers(interval([mean_of(list(changes.values()))], level=LEVEL, bounds=DIFFERENCE), truth),)

    line = Line("backward transfer, 5 tasks that gain, then lose; 100 items", "items", "paired cluster sandwich t",
                (0.93, 0.97))  # fmt: skip
    return Study("backward-transfer", (line,), replicate)


def _since_best(course: Course, tasks: int, *, seeds: int = 1, run_sd: float = 0.0) -> Study:
    R = population(course, tasks)
    truth = float(np.mean([R[j + 1 : -1, j].max() - R[-1, j] for j in range(tasks - 1)]))
    name = course.__name__
    scope = "items" if seeds == 1 else "seeds"
    what = f"max-forgetting, {_COURSES[name]}, {tasks} tasks" + ("" if seeds == 1 else f", {seeds} seeds")
    lines = [Line(what, scope, "bracket of cross-fit and plug-in", (0.93, 1.0))]
    if course is flat and seeds == 1:
        lines.append(Line("the same: error of the value", "items", "cross-fit", (-0.003, 0.003), kind="bias",
                          nominal=None))  # fmt: skip
    if course is flat and seeds == 1 and tasks == 20:
        lines.append(Line("the same, after Chaudhry et al.", "items", "plug-in t", (0.0, 0.5), negative=True))

    def replicate(rng: Generator) -> Sequence[Outcome]:
        scores = scores_of_items(answers(R[None], rng, seeds=seeds, run_sd=run_sd))
        both = mean_bracket(max_forgetting_brackets(scores, "stream", items=item_counts(scores)))
        found = both.interval(level=LEVEL, bounds=DIFFERENCE)
        plug_in = interval([both.plug_in], level=LEVEL, bounds=DIFFERENCE)
        return (covers(found, truth), Outcome(found.value - truth), covers(plug_in, truth))[: len(lines)]

    suffix = "" if seeds == 1 else f"-{seeds}-seeds"
    return Study(f"max-forgetting-{name}-{tasks}{suffix}", tuple(lines), replicate)


_COURSES = {"flat": "nothing lost", "hump": "gain, then loss", "decay": "loss at once"}
STUDIES = (
    _backward(),
    *(_since_best(course, tasks) for tasks in (5, 20) for course in (flat, hump, decay)),
    _since_best(flat, 5, seeds=3, run_sd=0.1),
)
