"""Does the interval of forward transfer cover where all tasks are tested on the same items?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from toolkit.analyses.metrics import learning_accuracy
from toolkit.cube.scores import Scores
from toolkit.inference.draws import drawn_scores
from toolkit.inference.ladder import interval
from toolkit.inference.statistic import mean_of
from toolkit.simulation.arrays import at_arrival, scores_of_items
from toolkit.simulation.calibration.models import ARMS, transfer_by_task
from toolkit.simulation.calibration.study import (
    ALPHA,
    DIFFERENCE,
    LEVEL,
    Generator,
    Line,
    Outcome,
    Study,
    covers,
    ends_cover,
)

Floats = npt.NDArray[np.float64]

TASKS, ITEMS, CORRELATION, DRAWS = 5, 100, 0.6, 1_000
_PATTERNS = np.array([(1, 0), (0, 1), (1, 1), (0, 0)], dtype=float)
_SHARES = (0.22, 0.12, 0.46, 0.20)
TRUTH = _SHARES[0] - _SHARES[1]


def _cells(rng: Generator) -> Floats:
    """y[arm, seed, task, item]: with chance sqrt(correlation) a task repeats what the item did before any task.

    Two tasks' differences on an item then have exactly this correlation.
    """
    shape = (TASKS, ITEMS)
    own, common = rng.choice(4, size=shape, p=_SHARES), rng.choice(4, size=ITEMS, p=_SHARES)
    pattern = np.where(rng.random(shape) < np.sqrt(CORRELATION), common, own)
    return np.moveaxis(_PATTERNS[pattern], -1, 0)[:, None]


def _drawn_interval(scores: Scores, rng: Generator) -> tuple[float, float]:
    """Percentiles of the mean over tasks on drawn items."""
    seed = int(rng.integers(2**31))
    arms = []
    for arm in ARMS:
        drawn = drawn_scores(scores, arm, draws=DRAWS, random_seed=seed)
        arms.append(np.mean([learning_accuracy(R[:, 0], j + 1) for j, R in drawn], axis=0))
    low, high = np.quantile(arms[0] - arms[1], (ALPHA / 2, 1 - ALPHA / 2))
    return float(low), float(high)


def _replicate(rng: Generator) -> Sequence[Outcome]:
    y = at_arrival(_cells(rng))
    shared, apart = (scores_of_items(y, arms=ARMS, shared_items=together) for together in (True, False))
    found = interval([mean_of(transfer_by_task(shared))], level=LEVEL, bounds=DIFFERENCE, binary=True)
    return (
        covers(found, TRUTH),
        ends_cover(*_drawn_interval(shared, rng), TRUTH),
        ends_cover(*_drawn_interval(apart, rng), TRUTH),
    )


_WHAT = "forward transfer, 5 tasks on the same 100 items, correlation .6"
STUDIES = (
    Study(
        "reused-items",
        (
            Line(_WHAT, "items", "paired cluster sandwich t", (0.93, 0.97)),
            Line("the same", "items", "Poisson draws keyed by item", (0.93, 0.97)),
            Line("the same, items drawn anew for each task", "items", "Poisson draws keyed by task and item",
                 (0.0, 0.85), negative=True),
        ),
        _replicate,
    ),
)  # fmt: skip
