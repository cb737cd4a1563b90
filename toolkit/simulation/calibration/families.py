"""Of ten tasks with three true losses, which are flagged: falsely, rightly, and with intervals that cover?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import special

from toolkit.inference.multiplicity import adjusted
from toolkit.inference.pooled import interval_by_task
from toolkit.simulation.arrays import at_arrival, scores_of_items, task_names
from toolkit.simulation.calibration.models import ARMS, transfer_by_task
from toolkit.simulation.calibration.study import ALPHA, DIFFERENCE, LEVEL, Generator, Line, Outcome, Study

Floats = npt.NDArray[np.float64]

TASKS, SEEDS, ITEMS, LOST = 10, 3, 200, 3
SCORE, LOSS = 0.6, 0.18
RUN_SD = 0.2  # of a run's effect on the latent margin, in which an item and an answer's luck have sd 1


def _cells(rng: Generator, expected: Floats, run_sd: Floats, share: float) -> Floats:
    """y[arm, seed, task, item] of probit answers; the second arm scores SCORE in every task and run."""
    item = rng.standard_normal((TASKS, ITEMS))
    luck = rng.standard_normal((2, SEEDS, TASKS, ITEMS))
    run = np.sqrt(share) * rng.standard_normal((SEEDS, 1)) + np.sqrt(1 - share) * rng.standard_normal((SEEDS, TASKS))
    margin = np.sqrt(2.0) * special.ndtri(SCORE) + item + luck
    # Scaled so that over all items and runs the score is exactly as expected.
    centre = np.sqrt(2.0 + run_sd**2) * special.ndtri(expected)
    margin[0] = centre[:, None] + (run_sd * run)[..., None] + item + luck[0]
    return (margin > 0).astype(float)


def _study(name: str, told: str, share: float, *, volatile: bool = False) -> Study:
    lost = np.arange(TASKS) < LOST
    truth = np.where(lost, -LOSS, 0.0)
    run_sd = np.full(TASKS, RUN_SD)
    if volatile:
        run_sd[LOST] *= 3

    def replicate(rng: Generator) -> Sequence[Outcome]:
        statistics = transfer_by_task(scores_of_items(at_arrival(_cells(rng, SCORE + truth, run_sd, share)), arms=ARMS))
        terms = {task: [statistic] for task, statistic in zip(task_names(TASKS), statistics, strict=True)}
        found = list(interval_by_task(terms, level=LEVEL, bounds=DIFFERENCE).values())
        ends = np.array([(f.low, f.high) for f in found], dtype=float)
        flagged = (ends[:, 0] > 0) | (ends[:, 1] < 0)
        own = [f.own_p_value for f in found]
        p = np.array(adjusted([f.p_value for f in found], "Benjamini-Hochberg", own), dtype=float)
        noted = p <= ALPHA
        return (
            Outcome(float((flagged & ~lost).any())),
            Outcome(float(flagged[lost].mean())),
            Outcome(float((noted & ~lost).sum() / max(noted.sum(), 1))),
            Outcome(float(noted[lost].mean())),
            Outcome(float(((ends[:, 0] <= truth) & (truth <= ends[:, 1])).mean()), float(np.ptp(ends, axis=1).mean())),
        )

    highest = 0.10 if volatile else 0.05
    lines = (
        Line(f"10 tasks, 3 seeds, 3 true losses of 18 points; {told}: any false flag", "seeds", POOLED, (0.0, highest),
             kind="false alarms", nominal=ALPHA),
        Line("the same: true losses flagged", "seeds", POOLED, (0.4, 1.0), kind="power", nominal=None),
        Line("the same: share of false ones among those noted", "seeds", EXPLORED, (0.0, highest),
             kind="false alarms", nominal=ALPHA),
        Line("the same: true losses noted", "seeds", EXPLORED, (0.4, 1.0), kind="power", nominal=None),
        Line("the same: intervals of single tasks", "seeds", POOLED, (0.92, 1.0)),
    )  # fmt: skip
    return Study(name, lines, replicate)


POOLED = "pooled and own seed variance, intervals for all tasks at once"
EXPLORED = "Benjamini-Hochberg on pooled p-values, own seeds agreeing"
STUDIES = (
    _study("family-apart", "seeds differ in each task by itself", 0.0),
    _study("family-half", "half of it in all tasks alike", 0.5),
    _study("family-alike", "seeds differ in all tasks alike", 1.0),
    _study("family-volatile", "one task three times as volatile", 0.0, volatile=True),
)
