"""The score matrix R[arm, seed, stage, task] and the sums by bucket that stand behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from toolkit.cube.cube import Cube
from toolkit.cube.queries import SCALE

if TYPE_CHECKING:
    import pyarrow as pa
    import xarray as xr

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class TaskSums:
    """Sums of one task by bucket.

    keys: [bucket] identity of the cluster, the same in every arm, task and release
    n, total: [arm, seed, stage, bucket], total in score units
    """

    keys: Ints
    n: Floats
    total: Floats


@dataclass(frozen=True)
class Scores:
    """Cell means of one task order, and where items were logged the sums behind them.

    mean: R[arm, seed, stage, task], nan where nothing was evaluated; stage k is after learning the k-th task
    n: items behind each mean (0 where unknown)
    sums: one `TaskSums` a task, None where the log has cell means only
    binary: whether every item's score is 0 or 1
    """

    arms: tuple[str, ...]
    seeds: tuple[int, ...]
    tasks: tuple[str, ...]
    mean: Floats
    n: Ints
    sums: tuple[TaskSums | None, ...]
    binary: bool
    order: str = "default"

    @property
    def stages(self) -> range:
        """0 (before the first task) up to the last stage in the log."""
        return range(self.mean.shape[2])

    def arm(self, name: str) -> Floats:
        """R[seed, stage, task] of one arm."""
        return self.mean[self.arms.index(name)]

    def arm_seeds(self, name: str) -> tuple[int, ...]:
        """Seeds for which this arm has any score."""
        present = np.asarray(np.isfinite(self.arm(name)).any(axis=(1, 2)))
        return tuple(seed for seed, here in zip(self.seeds, present, strict=True) if here)

    def to_xarray(self) -> xr.DataArray:
        """The matrix with labelled dimensions arm, seed, stage, task."""
        import xarray as xr

        coords = {
            "arm": list(self.arms), "seed": list(self.seeds),
            "stage": list(self.stages), "task": list(self.tasks),
        }  # fmt: skip
        return xr.DataArray(self.mean, dims=("arm", "seed", "stage", "task"), coords=coords, name="score")


def orders_of(cube: Cube) -> tuple[str, ...]:
    """Names of the task orders in the log, `default` first."""
    found: set[str] = set()
    for name in ("sums", "cells"):
        table = cube.table(name)
        if table is not None:
            found |= set(pc.unique(table["task_order"]).to_pylist())
    return tuple(sorted(found, key=lambda order: (order != "default", order)))


def scores_of(cube: Cube, order: str | None = None) -> Scores | None:
    """The scores of one task order (by default the first), or None where the log has no evaluations."""
    orders = orders_of(cube)
    if not orders:
        return None
    order = orders[0] if order is None else order
    parts = {}
    for name in ("sums", "cells"):
        table = cube.table(name)
        if table is not None:
            table = table.filter(pc.equal(table["task_order"], order))
            if table.num_rows:
                parts[name] = table
    tasks = cube.config.task_order(order)
    arms = _labels(parts, "arm", first="stream")
    seeds = tuple(sorted(_labels(parts, "seed")))
    last = max(pc.max(table["stage"]).as_py() for table in parts.values())
    shape = (len(arms), len(seeds), last + 1, len(tasks))
    n = np.zeros(shape, dtype=np.int64)
    mean = np.full(shape, np.nan)
    sums: list[TaskSums | None] = [None] * len(tasks)
    binary = "sums" in parts
    if "cells" in parts:
        cells = parts["cells"]
        at = _positions(cells, arms, seeds, tasks)
        mean[at] = _numpy(cells, "mean")
        n[at] = _numpy(cells, "n", missing=0).astype(np.int64)
    if "sums" in parts:
        table = parts["sums"]
        binary = bool(pc.all(pc.equal(table["total"], table["total_sq"])).as_py())
        for position, task in enumerate(tasks):
            rows = table.filter(pc.equal(table["task"], task))
            if rows.num_rows:
                sums[position] = _task_sums(rows, arms, seeds, last + 1)
        for position, part in enumerate(sums):
            if part is not None:
                count = part.n.sum(-1)
                here = count > 0
                n[..., position][here] = count[here].astype(np.int64)
                mean[..., position][here] = part.total.sum(-1)[here] / count[here]
    return Scores(arms, seeds, tasks, mean, n, tuple(sums), binary, order)


def _task_sums(rows: pa.Table, arms: tuple[str, ...], seeds: tuple[int, ...], stages: int) -> TaskSums:
    keys, bucket = np.unique(_numpy(rows, "bucket"), return_inverse=True)
    shape = (len(arms), len(seeds), stages, len(keys))
    arm, seed = _codes(rows, "arm", arms), _codes(rows, "seed", seeds)
    at = (arm, seed, _numpy(rows, "stage"), bucket)
    n, total = np.zeros(shape), np.zeros(shape)
    n[at] = _numpy(rows, "n")
    total[at] = _numpy(rows, "total") / SCALE
    return TaskSums(keys, n, total)


def _positions(
    rows: pa.Table, arms: tuple[str, ...], seeds: tuple[int, ...], tasks: tuple[str, ...]
) -> tuple[Ints, Ints, Ints, Ints]:
    stage = _numpy(rows, "stage").astype(np.int64)
    return _codes(rows, "arm", arms), _codes(rows, "seed", seeds), stage, _codes(rows, "task", tasks)


def _codes(rows: pa.Table, column: str, labels: tuple[str, ...] | tuple[int, ...]) -> Ints:
    place = {label: index for index, label in enumerate(labels)}
    return np.array([place[label] for label in rows[column].to_pylist()], dtype=np.int64)


def _numpy(rows: pa.Table, column: str, missing: float | None = None) -> npt.NDArray[Any]:
    values = rows[column] if missing is None else pc.fill_null(rows[column], missing)
    return np.asarray(values.to_numpy())


def _labels(parts: dict[str, pa.Table], column: str, first: str | None = None) -> tuple[Any, ...]:
    found = {label for table in parts.values() for label in pc.unique(table[column]).to_pylist()}
    return tuple(sorted(found, key=lambda label: (label != first, label)))
