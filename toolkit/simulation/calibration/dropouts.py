"""Do intervals cover where items are missing, tasks differ in size and an arm has lost a seed?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from toolkit.analyses.metrics import average_accuracy, backward_transfer
from toolkit.inference.bracket import max_forgetting_brackets, mean_bracket
from toolkit.inference.interval import Bounds, Interval
from toolkit.inference.ladder import interval
from toolkit.inference.statistic import Statistic, column_statistics, mean_of
from toolkit.simulation.arrays import at_arrival, item_counts, scores_of_items
from toolkit.simulation.calibration.forgetting import answers, hump, population
from toolkit.simulation.calibration.models import ARMS, TransferModel, transfer_by_task
from toolkit.simulation.calibration.study import DIFFERENCE, LEVEL, Generator, Line, Outcome, Study, covers

Floats = npt.NDArray[np.float64]

SIZES = (50, 200, 100, 140, 80)
TASKS, SEEDS, MISSING = len(SIZES), 6, 0.2
_SIZE = max(SIZES)


def _holes(y: Floats, rng: Generator) -> Floats:
    """y[arm, seed, stage, task, item] of tasks of unequal size, a fifth of the evaluations missing."""
    y[..., np.arange(_SIZE) >= np.array(SIZES)[:, None]] = np.nan
    y[rng.random(y.shape) < MISSING] = np.nan
    return y


def _study() -> Study:
    model = TransferModel(TASKS, SEEDS, _SIZE, seed_sd=0.2, cell_sd=0.2)
    gained = model.truth()
    R = population(hump, TASKS)
    lost = float(np.mean([R[-1, j] - R[j + 1, j] for j in range(TASKS - 1)]))
    best = float(np.mean([R[j + 1 : -1, j].max() - R[-1, j] for j in range(TASKS - 1)]))

    def replicate(rng: Generator) -> Sequence[Outcome]:
        y = _holes(at_arrival(model.cells(rng)), rng)
        y[1, -1] = np.nan
        transfer = transfer_by_task(scores_of_items(y, arms=ARMS))
        scores = scores_of_items(_holes(answers(R[None], rng, seeds=SEEDS, items=_SIZE, run_sd=0.2), rng))
        items = item_counts(scores)
        backward = column_statistics(scores, "stream", backward_transfer, items=items, difference=True)
        accuracy = column_statistics(scores, "stream", average_accuracy, items=items, difference=False)
        bracket = mean_bracket(max_forgetting_brackets(scores, "stream", items=items))
        return (
            covers(_mean(transfer), gained),
            covers(_mean(list(backward.values())), lost),
            covers(_mean(list(accuracy.values()), (0.0, 1.0)), float(R[-1].mean())),
            covers(bracket.interval(level=LEVEL, bounds=DIFFERENCE), best),
        )

    crossed = "items x seeds, Satterthwaite t"
    lines = (
        Line("20 % missing, 50 to 200 items, 6 seeds, one lost in one arm: forward transfer", "seeds", crossed,
             (0.92, 0.98)),
        Line("the same: backward transfer", "seeds", crossed, (0.92, 0.98)),
        Line("the same: average accuracy", "seeds", crossed, (0.92, 0.98)),
        Line("the same: max-forgetting", "seeds", "bracket of cross-fit and plug-in", (0.92, 1.0)),
    )  # fmt: skip
    return Study("dropouts", lines, replicate)


def _mean(statistics: Sequence[Statistic], bounds: Bounds = DIFFERENCE) -> Interval:
    return interval([mean_of(statistics)], level=LEVEL, bounds=bounds, binary=True)


STUDIES = (_study(),)
