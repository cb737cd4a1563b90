"""Do bands along the stages cover all stages at once?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from toolkit.inference.ladder import interval
from toolkit.inference.simultaneous import max_t_level
from toolkit.inference.statistic import Statistic, cell_statistics
from toolkit.simulation.arrays import item_counts, scores_of_items
from toolkit.simulation.calibration.forgetting import answers, decay, population
from toolkit.simulation.calibration.study import DIFFERENCE, LEVEL, Generator, Line, Outcome, Study, covers

Floats = npt.NDArray[np.float64]

STAGES, ITEMS = 10, 100


def _study(seeds: int) -> Study:
    """Change of the first task's score since its arrival, at each later stage."""
    R = population(decay, STAGES)[:, :1]
    truth = R[2:, 0] - R[1, 0]

    def replicate(rng: Generator) -> Sequence[Outcome]:
        scores = scores_of_items(answers(R[None], rng, seeds=seeds, items=ITEMS, run_sd=0.15 if seeds > 1 else 0.0))
        cells = cell_statistics(scores, "stream", items=item_counts(scores))
        task = scores.tasks[0]
        changes = [cells[k, task] - cells[1, task] for k in range(2, STAGES + 1)]
        level = max_t_level(changes, LEVEL, random_seed=int(rng.integers(2**31)))
        return _joint(changes, truth, level), _joint(changes, truth, LEVEL)

    scope, noun = ("items", "1 seed") if seeds == 1 else ("seeds", f"{seeds} seeds")
    what = f"change since arrival along {STAGES - 1} stages, {noun}, all at once"
    lines = (
        Line(what, scope, "max-T band", (0.93, 1.0)),
        Line("the same", scope, "intervals for one stage each", (0.0, 0.90), negative=True),
    )
    return Study(f"band-{seeds}-seeds" if seeds > 1 else "band-1-seed", lines, replicate)


def _joint(changes: Sequence[Statistic], truth: Floats, level: float) -> Outcome:
    """Whether every stage's interval covers, and how wide they are on average."""
    outcomes = [
        covers(interval([change], level=level, bounds=DIFFERENCE), float(t))
        for change, t in zip(changes, truth, strict=True)
    ]
    return Outcome(float(np.prod([o.value for o in outcomes])), float(np.mean([o.width for o in outcomes])))


STUDIES = (_study(1), _study(3))
