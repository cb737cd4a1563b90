"""How do plain arrays of scores become what the inference works on, without a folder in between?"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from toolkit.cube.scores import Scores, TaskSums

Floats = npt.NDArray[np.float64]


def scores_of_items(
    y: Floats, *, arms: tuple[str, ...] = ("stream",), shared_items: bool = False, binary: bool = True
) -> Scores:
    """Scores of y[arm, seed, stage, task, item], nan where an item was not evaluated; items are their own clusters.

    shared_items: item i of one task is item i of every other. Items that no cell has do not exist.
    """
    known = np.isfinite(y)
    filled = np.where(known, y, 0.0)
    size = y.shape[-1]
    sums, means = [], []
    for j in range(y.shape[3]):
        n, total = known[..., j, :].astype(float), filled[..., j, :]
        keys = np.arange(size) + (0 if shared_items else j * size)
        exist = n.any((0, 1, 2))
        if not exist.all():
            n, total, keys = n[..., exist], total[..., exist], keys[exist]
        sums.append(TaskSums(keys, n, total))
        with np.errstate(invalid="ignore"):
            means.append(total.sum(-1) / n.sum(-1))
    return Scores(
        arms, tuple(range(y.shape[1])), task_names(y.shape[3]), np.stack(means, -1), known.sum(-1), tuple(sums), binary
    )  # fmt: skip


def scores_of_means(R: Floats, *, arms: tuple[str, ...] = ("stream",)) -> Scores:
    """Scores of R[arm, seed, stage, task] without items, as a matrix log has them."""
    tasks = task_names(R.shape[3])
    nothing = np.zeros(R.shape, dtype=np.int64)
    return Scores(arms, tuple(range(R.shape[1])), tasks, R, nothing, (None,) * len(tasks), binary=False)


def task_names(count: int) -> tuple[str, ...]:
    """Names that sort in order of arrival."""
    return tuple(f"task-{j + 1:02d}" for j in range(count))


def item_counts(scores: Scores) -> dict[str, int]:
    """Distinct test items by task."""
    return {t: 0 if s is None else len(s.keys) for t, s in zip(scores.tasks, scores.sums, strict=True)}


def at_arrival(cells: Floats) -> Floats:
    """y[arm, seed, stage, task, item] with cells[arm, seed, task, item] at each task's arrival, nan elsewhere."""
    arms, seeds, tasks, items = cells.shape
    y = np.full((arms, seeds, tasks + 1, tasks, items), np.nan)
    j = np.arange(tasks)
    y[:, :, j + 1, j] = cells
    return y
