"""Which streams do the studies of transfer draw? Paired answers of two arms, with items, training runs and tasks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from toolkit.analyses.metrics import learning_accuracy
from toolkit.cube.scores import Scores
from toolkit.inference.statistic import Statistic, column_statistics
from toolkit.simulation.arrays import at_arrival, item_counts, scores_of_items
from toolkit.simulation.calibration.study import Generator
from toolkit.simulation.population import mean_share

Floats = npt.NDArray[np.float64]

ARMS = ("stream", "isolated")


@dataclass(frozen=True)
class TransferModel:
    """Right and wrong answers at arrival, with experience (first) and without.

    The logit of a right answer is level + item; experience adds gain + what it does to the item and to the run.
    level_spread, gain_spread: over tasks, fixed unless `new_tasks` draws them anew in each replicate, then with
    correlation `memory` of a task's gain with that of the next
    item_sd, turn_sd: of items, and of what experience does to them; seed_sd, cell_sd: of training runs, over all
    tasks and in each
    """

    tasks: int
    seeds: int
    items: int
    seed_sd: float = 0.0
    cell_sd: float = 0.0
    level: float = 0.4
    level_spread: float = 0.7
    gain: float = 0.3
    gain_spread: float = 0.4
    item_sd: float = 1.5
    turn_sd: float = 0.5
    new_tasks: bool = False
    memory: float = 0.0

    def further(self, rng: Generator) -> float:
        """Forward transfer of one further task of those that `new_tasks` draws, over all items and training runs."""
        without = np.sqrt(self.item_sd**2 + self.cell_sd**2)
        with_it = np.sqrt(without**2 + self.turn_sd**2 + self.seed_sd**2)
        level = self.level + self.level_spread * rng.standard_normal()
        gain = self.gain + self.gain_spread * rng.standard_normal()
        return float(mean_share(level + gain, with_it) - mean_share(level, without))

    def truth(self) -> float:
        """Mean forward transfer over all items and training runs, with `new_tasks` over all tasks as well."""
        without = np.sqrt(self.item_sd**2 + self.cell_sd**2)
        with_it = np.sqrt(without**2 + self.turn_sd**2 + self.seed_sd**2)
        if self.new_tasks:
            without = np.hypot(without, self.level_spread)
            with_it = np.sqrt(with_it**2 + self.level_spread**2 + self.gain_spread**2)
            return float(mean_share(self.level + self.gain, with_it) - mean_share(self.level, without))
        level, gain = self._fixed()
        return float((mean_share(level + gain, with_it) - mean_share(level, without)).mean())

    def cells(self, rng: Generator) -> Floats:
        """y[arm, seed, task, item], 0 or 1."""
        level, gain = self._drawn(rng) if self.new_tasks else self._fixed()
        shape = (self.seeds, self.tasks, self.items)
        item = self.item_sd * rng.standard_normal(shape[1:])
        turned = gain[:, None] + self.turn_sd * rng.standard_normal(shape[1:])
        run = self.seed_sd * rng.standard_normal((self.seeds, 1, 1))
        cell = self.cell_sd * rng.standard_normal((2, *shape[:2], 1))
        eta = level[:, None] + item + cell
        eta[0] += turned + run
        return (rng.random((2, *shape)) < special.expit(eta)).astype(float)

    def scores(self, rng: Generator) -> Scores:
        """One stream of both arms."""
        return scores_of_items(at_arrival(self.cells(rng)), arms=ARMS)

    def _fixed(self) -> tuple[Floats, Floats]:
        level = self.level + self.level_spread * np.linspace(-1, 1, self.tasks)
        return level, self.gain + self.gain_spread * np.sin(np.arange(self.tasks) * 2.4)

    def _drawn(self, rng: Generator) -> tuple[Floats, Floats]:
        level = self.level + self.level_spread * rng.standard_normal(self.tasks)
        e = rng.standard_normal(self.tasks)
        for t in range(1, self.tasks):
            e[t] = self.memory * e[t - 1] + np.sqrt(1 - self.memory**2) * e[t]
        return level, self.gain + self.gain_spread * e


def transfer_by_task(scores: Scores) -> list[Statistic]:
    """Forward transfer of each task, arms paired by item and seed."""
    items = item_counts(scores)
    stream, isolated = (
        column_statistics(scores, arm, learning_accuracy, items=items, difference=False) for arm in ARMS
    )  # fmt: skip
    return [stream[task] - isolated[task] for task in stream if task in isolated]
