"""Does the interval of forward transfer cover, for new items and for models trained anew?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from toolkit.inference.interval import Interval
from toolkit.inference.ladder import interval
from toolkit.inference.statistic import Statistic, mean_of
from toolkit.simulation.arrays import at_arrival, scores_of_items
from toolkit.simulation.calibration.models import ARMS, TransferModel, transfer_by_task
from toolkit.simulation.calibration.study import DIFFERENCE, LEVEL, Generator, Line, Outcome, Study, covers

SANDWICH = "paired cluster sandwich t"
CROSSED = "items x seeds, Satterthwaite t"


def _study(name: str, model: TransferModel, *lines: tuple[Line, Callable[[Statistic], Statistic]]) -> Study:
    """Intervals of the mean over tasks, each line's after it was read as that line says."""
    truth = model.truth()

    def replicate(rng: Generator) -> Sequence[Outcome]:
        mean = mean_of(transfer_by_task(model.scores(rng)))
        return [covers(_interval(read(mean)), truth) for _, read in lines]

    return Study(name, tuple(line for line, _ in lines), replicate)


def _interval(statistic: Statistic) -> Interval:
    return interval([statistic], level=LEVEL, bounds=DIFFERENCE, binary=True)


def _as_it_is(mean: Statistic) -> Statistic:
    return mean


def _one_seed(mean: Statistic) -> Statistic:
    return mean.for_seeds(mean.seeds[:1])


def _without_items(mean: Statistic) -> Statistic:
    return replace(mean, influence=None, keys=None)


def _one_task() -> Study:
    """Paired answers to 50 items, 4 % right with experience only, 1 % right without it only."""
    patterns = np.array([(1, 0), (0, 1), (1, 1), (0, 0)], dtype=float)
    shares = (0.04, 0.01, 0.75, 0.20)

    def replicate(rng: Generator) -> Sequence[Outcome]:
        cells = patterns[rng.choice(4, size=50, p=shares)].T[:, None, None]
        (only,) = transfer_by_task(scores_of_items(at_arrival(cells), arms=ARMS))
        return (covers(_interval(only), shares[0] - shares[1]),)

    line = Line("forward transfer, one task of 50 items, right in one arm only: 4 % and 1 %", "items",
                "Tango score interval", (0.93, 0.99))  # fmt: skip
    return Study("transfer-one-task", (line,), replicate)


STUDIES = (
    _study(
        "transfer-items",
        TransferModel(5, 1, 100),
        (Line("forward transfer, 5 tasks, 1 seed, 100 items", "items", SANDWICH, (0.93, 0.97)), _as_it_is),
    ),
    _study(
        "transfer-ceiling",
        TransferModel(5, 1, 50, level=4.2, level_spread=0.3),
        (Line("forward transfer near the ceiling (.95 right), 50 items", "items", SANDWICH, (0.93, 0.97)), _as_it_is),
    ),
    _one_task(),
    _study(
        "transfer-seeds",
        TransferModel(5, 3, 200, seed_sd=0.2, cell_sd=0.2),
        (Line("forward transfer, 5 tasks, 3 seeds that differ", "seeds", CROSSED, (0.93, 0.99)), _as_it_is),
        (
            Line("the same, one seed's interval for new items read as one for new seeds", "items", SANDWICH,
                 (0.0, 0.88), negative=True),
            _one_seed,
        ),
    ),
    _study(
        "transfer-many-seeds",
        TransferModel(5, 20, 100, seed_sd=0.02, cell_sd=0.02, turn_sd=1.0),
        (Line("forward transfer, 20 seeds that hardly differ, 100 items", "seeds", CROSSED, (0.93, 0.99)), _as_it_is),
        (
            Line("the same, forgetting that all seeds share the test items", "seeds", "t over seeds", (0.0, 0.88),
                 negative=True),
            _without_items,
        ),
    ),
)  # fmt: skip
