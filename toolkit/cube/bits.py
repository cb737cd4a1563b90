"""How often is each bit of a mask set in the items of a bucket? The counts as rows with the labels of their runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from toolkit.cube.engine import Engine
from toolkit.cube.lanes import Lanes
from toolkit.cube.runs import Layout

Ints = npt.NDArray[np.int64]


@dataclass
class Counted:
    """Counts of bits, collected batch by batch of runs.

    lanes: wide enough for the items of a bucket.
    parts: (run, stage, bucket, counts[row, mask]) of each batch, only where some mask has the bit set at all.
    """

    layout: Layout
    lanes: Lanes
    parts: list[tuple[Ints, Ints, Ints, Ints]] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Rows that were collected."""
        return sum(len(run) for run, *_ in self.parts)

    def add(self, engine: Engine, relation: str, masks: Sequence[str], *, arrived: bool = False) -> None:
        """Count the bits of `masks` in a relation with columns run and bucket.

        arrived: whether bit 0 is the stage of a task's arrival, which then is not counted itself.
        """
        bits = range(int(arrived), self.layout.width)
        if not bits:
            return
        columns = [
            f"{number} as {mask}_{place}"
            for mask in masks
            for place, number in enumerate(self.lanes.sums(f'"{mask}"', bits))
        ]
        table = engine.rows(f"select run, bucket, {', '.join(columns)} from {relation} as masked group by run, bucket")
        run, bucket, *sums = (column.to_numpy().astype(np.int64) for column in table.columns)
        per_mask = len(sums) // len(masks)
        counted = [self.lanes.counts(sums[i * per_mask : (i + 1) * per_mask], bits) for i in range(len(masks))]
        starts = np.array([run.arrival or 0 for run in self.layout.runs]) if arrived else np.zeros(1, np.int64)
        for bit, of_masks in zip(bits, zip(*counted, strict=True), strict=True):
            counts = np.stack(of_masks, axis=1)
            here = counts.any(axis=1)
            stage = self.layout.first + bit + (starts[run[here]] if arrived else np.zeros(here.sum(), np.int64))
            self.parts.append((run[here], stage, bucket[here], counts[here]))

    def table(self, names: Sequence[str]) -> pa.Table:
        """All rows: arm, task_order, seed, stage, task, bucket, and the counts under `names`."""
        runs = self.layout.runs
        empty = np.zeros(0, np.int64)
        parts = self.parts or [(empty, empty, empty, np.zeros((0, len(names)), np.int64))]
        run, stage, bucket, counts = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        labels = {
            "arm": [run.arm for run in runs],
            "task_order": [run.order for run in runs],
            "task": [run.task for run in runs],
        }
        columns = {
            name: pa.DictionaryArray.from_arrays(pa.array(run, pa.int32()), pa.array(values, pa.string())).cast(
                pa.string()
            )
            for name, values in labels.items()
        }
        seeds = np.array([run.seed for run in runs], np.int32)
        return pa.table(
            {
                "arm": columns["arm"],
                "task_order": columns["task_order"],
                "seed": pa.array(seeds[run] if len(run) else seeds[:0], pa.int32()),
                "stage": pa.array(stage, pa.int32()),
                "task": columns["task"],
                "bucket": pa.array(bucket, pa.int64()),
                **{name: pa.array(np.ascontiguousarray(counts[:, i]), pa.int64()) for i, name in enumerate(names)},
            }
        )
