"""Does the interval for a new stream of such tasks cover, and does it hear when tasks resemble their neighbours?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from toolkit.inference.ladder import interval
from toolkit.inference.metaregression import meta_regression
from toolkit.inference.newtasks import SERIAL, serial_correlation, tasks_interval
from toolkit.inference.nexttask import further_task
from toolkit.inference.statistic import Statistic
from toolkit.simulation.calibration.models import TransferModel, transfer_by_task
from toolkit.simulation.calibration.study import DIFFERENCE, LEVEL, Generator, Line, Outcome, Study, covers

Band = tuple[float, float]
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


def _further(name: str, model: TransferModel, what: str, band: Band) -> Study:
    """One further task: does the prediction cover it, and would one that takes tasks' errors as independent?"""

    def replicate(rng: Generator) -> Sequence[Outcome]:
        statistics = transfer_by_task(model.scores(rng))
        each = [interval((statistic,), level=LEVEL, bounds=DIFFERENCE) for statistic in statistics]
        values = np.array([result.value for result in each])
        variances = np.array([result.variance for result in each], dtype=float)
        found = further_task((statistics,), values, variances, level=LEVEL, bounds=DIFFERENCE)
        _, low, high = meta_regression(values, variances).prediction(np.ones(1), LEVEL)
        truth = model.further(rng)
        return covers(found.interval, truth), Outcome(float(low <= truth <= high), high - low)

    lines = (
        Line(what, "tasks", "random effects of tasks, error of the mean over tasks x seeds", (0.93, 1.0)),
        Line("the same: errors of tasks taken as independent", "tasks", "random-effects prediction, t(T-2)", band,
             negative=True),
    )  # fmt: skip
    return Study(name, lines, replicate)


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
    _further(
        "further-task-6",
        TransferModel(6, 3, 100, seed_sd=0.3, cell_sd=0.1, gain_spread=0.1, new_tasks=True),
        "next task, 6 tasks so far, 3 seeds that differ", (0.0, 0.92),
    ),
    _further(
        "further-task-20",
        TransferModel(20, 3, 60, seed_sd=0.3, cell_sd=0.1, gain_spread=0.1, new_tasks=True),
        "next task, 20 tasks so far, 3 seeds that differ", (0.0, 0.85),
    ),
)  # fmt: skip
