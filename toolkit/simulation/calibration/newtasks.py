"""Does the interval for a new stream of such tasks cover, and does it hear when tasks resemble their neighbours?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from toolkit.inference.newtasks import SERIAL, serial_correlation, tasks_interval
from toolkit.inference.statistic import Statistic
from toolkit.simulation.calibration.models import TransferModel, transfer_by_task
from toolkit.simulation.calibration.study import DIFFERENCE, LEVEL, Generator, Line, Outcome, Study, covers

TWO_WAY = "tasks x seeds, Satterthwaite t"


def _tasks(statistics: Sequence[Statistic], truth: float) -> Outcome:
    return covers(tasks_interval(statistics, level=LEVEL, bounds=DIFFERENCE), truth)


def _study(name: str, model: TransferModel, line: Line) -> Study:
    truth = model.truth()

    def replicate(rng: Generator) -> Sequence[Outcome]:
        return (_tasks(transfer_by_task(model.scores(rng)), truth),)

    return Study(name, (line,), replicate)


def _neighbours() -> Study:
    """Thirty tasks whose gains have correlation .7 with those of the next."""
    model = TransferModel(30, 3, 60, seed_sd=0.05, cell_sd=0.1, level_spread=0.1, new_tasks=True, memory=0.7)
    truth = model.truth()

    def replicate(rng: Generator) -> Sequence[Outcome]:
        statistics = transfer_by_task(model.scores(rng))
        by_task = np.array([statistic.values.mean() for statistic in statistics])
        return _tasks(statistics, truth), Outcome(float(serial_correlation(by_task) > SERIAL))

    lines = (
        Line("forward transfer, 30 tasks that resemble their neighbours (.7)", "tasks",
             "EWC fixed-b t where the correlation is seen", (0.88, 1.0)),
        Line("the same: how often the correlation is seen", "tasks", "lag-1 correlation above .3", (0.5, 1.0),
             kind="share", nominal=None),
    )  # fmt: skip
    return Study("new-tasks-neighbours", lines, replicate)


STUDIES = (
    _study(
        "new-tasks-5",
        TransferModel(5, 3, 100, seed_sd=0.1, cell_sd=0.2, new_tasks=True),
        Line("forward transfer, 5 tasks drawn anew, 3 seeds", "tasks", TWO_WAY, (0.93, 1.0)),
    ),
    _study(
        "new-tasks-20",
        TransferModel(20, 3, 60, seed_sd=0.3, cell_sd=0.2, new_tasks=True),
        Line("forward transfer, 20 tasks drawn anew, 3 seeds that differ much", "tasks", TWO_WAY, (0.92, 1.0)),
    ),
    _neighbours(),
)  # fmt: skip
