"""The cube: a checked log reduced to small tables, and how it is stored beside a publication.

A cube read back gives the numbers of its report to the last digit; its size does not grow with the log.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, ValidationError

from toolkit.cube.facts import Facts
from toolkit.errors import RunFailed
from toolkit.logs.config import StreamConfig
from toolkit.results import InputFile, LedgerEntry, Notice

CUBE_VERSION = "3"
READABLE = ("1", "2", CUBE_VERSION)
"""Versions that can be read: cubes of version 1 have no `pairs` and no `recurrence`, those before 3 no
`sample_rows`, no
`label_counts` and no `accepted` in `judgements`."""
TABLES = (
    "sums", "cells", "curves", "pairs", "recurrence", "judgements", "samples", "sample_rows", "label_counts",
    "similarity", "counts",
)  # fmt: skip


class CubeMeta(BaseModel):
    """What stands beside the tables: configuration, ledger, notices and inputs of the log."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cube_version: str = CUBE_VERSION
    config: StreamConfig
    ledger: dict[str, LedgerEntry]
    notices: tuple[Notice, ...]
    inputs: tuple[InputFile, ...]
    fingerprint: str
    newest: dt.datetime
    tables: tuple[str, ...]  # tables of the log: evaluations, feedback, samples
    facts: Facts = Facts()  # counts that decide what can be measured


@dataclass(frozen=True)
class Cube:
    """The small tables of one stream's log.

    sums: (arm, task_order, seed, stage, task, bucket) -> n, total, total_sq, in units of 1e-9 score
    cells: (arm, task_order, seed, stage, task) -> n, mean, sd, for rows without item
    curves: (arm, task_order, seed, stage, task, step) -> n, total, total_sq
    pairs: (arm, task_order, seed, task, stage, bucket) -> both, lost, gained, neither: items by whether they were
        right at their task's arrival and at this later stage; tasks with scores of 0 or 1 only
    recurrence: (arm, task_order, seed, stage, task, group, bucket) -> at_risk, wrong_again, isolated_wrong: items
        right at the stage before; group `fixed`: wrong at an earlier one, `never`: right at all since arrival
    judgements: one row a judgement; samples: counts by (arm, seed, stage, task, origin, accepted)
    sample_rows: one row a kept sample: arm, seed, stage, task, sample (hash of its id, as `item` in judgements),
        origin, accepted, target_label, parsed_label, verified_label, parse_ok, text (null where it may not be
        shown), characters, words (numbers), embedding (float32), cell_size (rows of its cell in the log), attr_*
    label_counts: (arm, seed, stage, task, origin, accepted, target_label, parsed_label, verified_label) -> n, of all
        samples of tasks with at most 60 labels of each kind
    similarity: (task, other) -> similarity; counts: task -> items, clusters
    """

    meta: CubeMeta
    tables: dict[str, pa.Table]

    @cached_property
    def config(self) -> StreamConfig:
        """The stream's configuration, tasks in order of arrival."""
        return self.meta.config

    def __repr__(self) -> str:
        rows = ", ".join(f"{name} {table.num_rows}" for name, table in self.tables.items())
        return f"Cube({self.config.name}, {len(self.config.tasks)} tasks: {rows})"

    def table(self, name: str) -> pa.Table | None:
        """A table, or None where the log had nothing for it."""
        table = self.tables.get(name)
        return table if table is not None and table.num_rows else None

    def save(self, folder: Path) -> None:
        """Write one Parquet file a table, and meta.json last, so that a cube without it is incomplete."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in self.tables.items():
            pq.write_table(table, folder / f"{name}.parquet", compression="zstd")
        (folder / "meta.json").write_text(self.meta.model_dump_json(indent=1), encoding="utf-8")


def load_cube(folder: Path) -> Cube:
    """Read a stored cube. Raises RunFailed where it is missing, damaged or of another version."""
    try:
        raw: dict[str, Any] = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        if raw.get("cube_version") not in READABLE:
            raise RunFailed(
                f"{folder}: the stored cube has version {raw.get('cube_version')!r}, this toolkit reads "
                f"{', '.join(map(repr, READABLE))}; run again from the log"
            )
        meta = CubeMeta.model_validate(raw)
        tables = {
            name: pq.read_table(folder / f"{name}.parquet") for name in TABLES if (folder / f"{name}.parquet").exists()
        }
    except (OSError, ValueError, ValidationError, pa.ArrowException) as error:
        first = str(error).splitlines()[0]
        raise RunFailed(f"{folder}: the stored cube cannot be read ({first}); run again from the log") from None
    return Cube(meta, tables)
