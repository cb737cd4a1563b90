"""How often is a difference called immaterial that lies at the margin, and one that is zero?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from toolkit.analyses.metrics import learning_accuracy
from toolkit.inference.ladder import interval
from toolkit.inference.statistic import column_statistics, mean_of
from toolkit.simulation.arrays import scores_of_means
from toolkit.simulation.calibration.models import ARMS
from toolkit.simulation.calibration.study import ALPHA, DIFFERENCE, REFUSED, Generator, Line, Outcome, Study

TASKS, SEEDS, ITEMS = 20, 5, 500
MARGIN = 0.03
RUN_SD, CELL_SD, DISCORDANCE = 0.01, 0.01, 0.4


def _called_immaterial(rng: Generator, difference: float) -> Outcome:
    """Two one-sided tests: the interval at level 1 - 2 alpha lies inside the margins."""
    R = np.full((2, SEEDS, TASKS + 1, TASKS), 0.7)
    R[0] += difference + RUN_SD * rng.standard_normal((SEEDS, 1, 1))
    R[0] += np.sqrt(CELL_SD**2 + DISCORDANCE / ITEMS) * rng.standard_normal(R.shape[1:])
    scores = scores_of_means(R, arms=ARMS)
    stream, isolated = (
        mean_of(list(column_statistics(scores, arm, learning_accuracy, items={}, difference=False).values()))
        for arm in ARMS
    )
    found = interval([stream - isolated], level=1 - 2 * ALPHA, bounds=DIFFERENCE)
    if found.low is None or found.high is None:
        return REFUSED
    return Outcome(float(found.low > -MARGIN and found.high < MARGIN), found.high - found.low)


def _replicate(rng: Generator) -> Sequence[Outcome]:
    return _called_immaterial(rng, MARGIN), _called_immaterial(rng, 0.0)


_METHOD = "t over seeds at level 1 - 2 alpha inside the margins"
STUDIES = (
    Study(
        "equivalence",
        (
            Line("called immaterial: a difference at the margin, 5 seeds", "seeds", _METHOD, (0.03, 0.055),
                 kind="size", nominal=ALPHA),
            Line("called immaterial: no difference", "seeds", _METHOD, (0.9, 1.0), kind="power", nominal=None),
        ),
        _replicate,
    ),
)  # fmt: skip
