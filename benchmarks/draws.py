"""How long do 10,000 draws of the test items take, for every cell of the score matrix and so for every metric?

SciPy and arch get the rows in their fastest form: vectorised means of all cells of a task at once, so that cells stay
paired by item, as here. Our draws start from the cube's sums, which for many items are of 512 buckets a task; how long
these take is another table. rliable draws runs, not items: it gets the matrix of final scores, a hundredth of the
numbers.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.timing import Timed, as_table, in_turns
from toolkit.cube.scores import Scores, TaskSums
from toolkit.inference.draws import drawn_scores

RLIABLE = Path(sys.prefix) / "rliable"  # where `make bench` installs it
TASKS, STAGES, BUCKETS, DRAWS = 10, 10, 512, 10_000
Rows = npt.NDArray[np.float64]


def rows_of(seeds: int, items: int) -> Rows:
    """Scores of binary items [task, seed, stage, item], all cells filled."""
    return (np.random.default_rng(1).random((TASKS, seeds, STAGES, items)) < 0.7).astype(float)


def folded(rows: Rows) -> Scores:
    """Their sums by bucket, as a cube has them: by item where there are no more than buckets."""
    items = rows.shape[-1]
    bucket = np.arange(items) if items <= BUCKETS else np.random.default_rng(2).integers(0, BUCKETS, items)
    member = (bucket[:, None] == np.arange(min(items, BUCKETS))).astype(float)  # [item, bucket]
    sums = tuple(
        TaskSums(
            np.arange(member.shape[1]) + j * BUCKETS, np.broadcast_to(member.sum(0), total.shape)[None], total[None]
        )
        for j, total in enumerate(rows @ member)
    )
    mean = rows.mean(-1).transpose(1, 2, 0)[None]
    n = np.full(mean.shape, items)
    return Scores(
        ("stream",), tuple(range(rows.shape[1])), tuple(f"task {j}" for j in range(TASKS)), mean, n, sums, True
    )


def metrics_of(drawn: dict[int, np.ndarray]) -> list[np.ndarray]:
    """Average accuracy, learning accuracy, backward transfer and forgetting of each draw, [draw] each."""
    last = np.mean([R[:, :, -1] for R in drawn.values()], axis=(0, 2))
    first = np.mean([R[:, :, min(j + 1, STAGES - 1)] for j, R in drawn.items()], axis=(0, 2))
    change = np.mean([R[:, :, -1] - R[:, :, j + 1] for j, R in drawn.items() if j < STAGES - 2], axis=(0, 2))
    lost = np.mean([R[:, :, j + 1 : -1].max(-1) - R[:, :, -1] for j, R in drawn.items() if j < STAGES - 2], axis=(0, 2))
    return [last, first, change, lost]


def table() -> str:
    """The comparisons as Markdown tables; needs benchmarks/requirements*.txt."""
    few, many = rows_of(5, 512), rows_of(10, 1_000)
    timed = _timed(few, turns=3)
    seconds = [rliable_seconds(few.mean(-1).transpose(1, 2, 0)[:, -1]) for _ in range(3)]
    way = "rliable, two metrics of the 50 final scores, by run"
    timed.append(Timed(way, statistics.median(seconds), min(seconds), max(seconds)))
    tables = [as_table(_title(few), timed), as_table(_title(many), _timed(many, turns=2))]
    return "\n".join(tables)


def _title(rows: Rows) -> str:
    tasks, seeds, stages, items = rows.shape
    return f"{DRAWS:,} draws of {tasks} tasks x {stages} stages x {seeds} seeds x {items:,} items ({rows.size:,} rows)"


def _timed(rows: Rows, turns: int) -> list[Timed]:
    from arch.bootstrap import IIDBootstrap
    from scipy.stats import bootstrap

    scores = folded(rows)
    cells = [task.reshape(-1, rows.shape[-1]) for task in rows]  # [cell, item] a task

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
    return in_turns(ways, turns=turns)


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
