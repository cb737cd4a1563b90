"""Does the interval of forward transfer cover where only cell means were logged?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from toolkit.analyses.metrics import learning_accuracy
from toolkit.inference.ladder import interval
from toolkit.inference.statistic import Statistic, column_statistics, mean_of
from toolkit.simulation.arrays import scores_of_means
from toolkit.simulation.calibration.models import ARMS
from toolkit.simulation.calibration.study import DIFFERENCE, LEVEL, Generator, Line, Outcome, Study, covers

Floats = npt.NDArray[np.float64]

TASKS, GAIN = 5, 0.04
COMMON_SD, CELL_SD = 0.02, 0.02
RUN_SD = (0.03, 0.015)  # of training with and without experience


def _means(rng: Generator, seeds: int, *, shared: bool) -> list[Statistic]:
    """Learning accuracy of both arms, whose runs of one seed have an effect in common where `shared`."""
    R = np.full((2, seeds, TASKS + 1, TASKS), 0.7) + CELL_SD * rng.standard_normal((2, seeds, TASKS + 1, TASKS))
    R[0] += GAIN
    R += np.reshape(RUN_SD, (2, 1, 1, 1)) * rng.standard_normal((2, seeds, 1, 1))
    if shared:
        R += COMMON_SD * rng.standard_normal((seeds, 1, 1))
    scores = scores_of_means(R, arms=ARMS)
    return [
        mean_of(list(column_statistics(scores, arm, learning_accuracy, items={}, difference=False).values()))
        for arm in ARMS
    ]


def _study(seeds: int) -> Study:
    def replicate(rng: Generator) -> Sequence[Outcome]:
        stream, isolated = _means(rng, seeds, shared=True)
        paired = interval([stream - isolated], level=LEVEL, bounds=DIFFERENCE)
        stream, isolated = _means(rng, seeds, shared=False)
        welch = interval([stream, -isolated], level=LEVEL, bounds=DIFFERENCE)
        return covers(paired, GAIN), covers(welch, GAIN)

    what = f"forward transfer from cell means, {seeds} seeds"
    lines = (
        Line(f"{what} that arms share", "seeds", "t over seeds", (0.93, 0.97)),
        Line(f"{what} of each arm's own", "seeds", "Welch t over seeds", (0.93, 0.99)),
    )
    return Study(f"matrix-{seeds}-seeds", lines, replicate)


STUDIES = (_study(3), _study(5))
