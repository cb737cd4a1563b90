"""How long do 10,000 draws of the test items take, for every cell of the score matrix and so for every metric?

10 tasks x 10 stages x 5 seeds, 512 items a task. SciPy and arch get the same work in their fastest form: vectorised
means of all cells of a task at once, so that cells stay paired by item. rliable draws runs, not items: it gets the
matrix of final scores, a hundredth of the numbers.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.timing import Timed, as_table, in_turns
from toolkit.cube.scores import Scores, TaskSums
from toolkit.inference.draws import drawn_scores

RLIABLE = Path(sys.prefix) / "rliable"  # where `make bench` installs it
TASKS, STAGES, SEEDS, ITEMS, DRAWS = 10, 10, 5, 512, 10_000


def made(rng: np.random.Generator) -> Scores:
    """Scores of binary items, all cells filled."""
    y = (rng.random((SEEDS, STAGES, TASKS, ITEMS)) < 0.7).astype(float)
    sums = tuple(
        TaskSums(np.arange(ITEMS) + j * ITEMS, np.ones((1, SEEDS, STAGES, ITEMS)), y[None, :, :, j])
        for j in range(TASKS)
    )
    n = np.full((1, SEEDS, STAGES, TASKS), ITEMS)
    tasks = tuple(f"task {j}" for j in range(TASKS))
    return Scores(("stream",), tuple(range(SEEDS)), tasks, y.mean(-1)[None], n, sums, True)


def metrics_of(drawn: dict[int, np.ndarray]) -> list[np.ndarray]:
    """Average accuracy, learning accuracy, backward transfer and forgetting of each draw, [draw] each."""
    last = np.mean([R[:, :, -1] for R in drawn.values()], axis=(0, 2))
    first = np.mean([R[:, :, min(j + 1, STAGES - 1)] for j, R in drawn.items()], axis=(0, 2))
    change = np.mean([R[:, :, -1] - R[:, :, j + 1] for j, R in drawn.items() if j < STAGES - 2], axis=(0, 2))
    lost = np.mean([R[:, :, j + 1 : -1].max(-1) - R[:, :, -1] for j, R in drawn.items() if j < STAGES - 2], axis=(0, 2))
    return [last, first, change, lost]


def table() -> str:
    """The comparison as a Markdown table; needs benchmarks/requirements*.txt."""
    from arch.bootstrap import IIDBootstrap
    from scipy.stats import bootstrap

    scores = made(np.random.default_rng(1))
    cells = [sums.total[0].reshape(-1, ITEMS) for sums in scores.sums if sums is not None]  # [cell, item] a task

    def ours() -> None:
        metrics_of(dict(drawn_scores(scores, "stream", draws=DRAWS)))

    def scipy_way() -> None:
        for sample in cells:
            bootstrap(
                (sample,), np.mean, axis=-1, n_resamples=DRAWS, method="percentile", batch=100, vectorized=True, rng=1
            )

    def arch_way() -> None:
        for sample in cells:
            IIDBootstrap(sample.T, seed=1).apply(lambda x: x.mean(0), DRAWS)

    ways = {
        "streamreview, all cells and four metrics": ours,
        "scipy.stats.bootstrap, all cells": scipy_way,
        "arch IIDBootstrap, all cells": arch_way,
    }
    timed = in_turns(ways, turns=3)
    seconds = [rliable_seconds(scores.mean[0, :, -1]) for _ in range(3)]
    way = "rliable, two metrics of the 50 final scores, by run"
    timed.append(Timed(way, statistics.median(seconds), min(seconds), max(seconds)))
    return as_table(f"{DRAWS:,} draws, {TASKS} tasks x {STAGES} stages x {SEEDS} seeds x {ITEMS} items", timed)


def rliable_seconds(final: np.ndarray) -> float:
    """Seconds that rliable takes for final[run, task], in a process that has the packages it needs."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "final.npy"
        np.save(path, final)
        found = subprocess.run(
            [sys.executable, str(Path(__file__).with_name("rliable_alone.py")), str(path), str(DRAWS)],
            check=True, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(RLIABLE)},
        )  # fmt: skip
    return float(found.stdout)
