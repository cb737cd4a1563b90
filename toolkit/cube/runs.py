"""Which tasks are followed item by item, and which bit of which number stands for an answer at a stage?

A *run* is (arm, task_order, seed, task). The answers of one item are bits of 64-bit numbers: one for each stage of
a run, as many runs side by side as fit. So a log becomes one row an item and number instead of one an answer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from toolkit.logs.profile import BITS

if TYPE_CHECKING:
    from toolkit.logs import StreamConfig

_ROWS = 4_000_000  # histories that are looked at together
_SUMS = 2_000_000  # sums of bits that are kept for them at once


@dataclass(frozen=True)
class Run:
    """One run; its stages are bits `base`, base + 1, ... of number `word` of each item of the task.

    arrival: bit at which the task arrives, counted from `base`; None where nothing was evaluated there.
    partner: index of the isolated run of the same order, seed and task, for arm `stream`. items: at most, at a stage.
    """

    arm: str
    order: str
    seed: int
    task: str
    word: int
    base: int
    arrival: int | None
    items: int
    partner: int | None = None


@dataclass(frozen=True)
class Layout:
    """All runs that are followed, those of a task one after the other. first: stage of a run's first bit."""

    runs: tuple[Run, ...]
    first: int
    width: int

    @property
    def tasks(self) -> frozenset[str]:
        """Tasks that are followed."""
        return frozenset(run.task for run in self.runs)

    def table(self, numbers: Mapping[str, int]) -> pa.Table:
        """The runs as the engine gets them; numbers: of the tasks."""
        runs = self.runs
        return pa.table({
            "run": pa.array(range(len(runs)), pa.int32()),
            "arm": pa.array([run.arm for run in runs], pa.string()),
            "task_order": pa.array([run.order for run in runs], pa.string()),
            "seed": pa.array([run.seed for run in runs], pa.int32()),
            "task": pa.array([run.task for run in runs], pa.string()),
            "number": pa.array([numbers[run.task] for run in runs], pa.int32()),
            "word": pa.array([run.word for run in runs], pa.int32()),
            "base": pa.array([run.base for run in runs], pa.int32()),
            "arrival": pa.array([run.arrival for run in runs], pa.int32()),
            "partner": pa.array([run.partner for run in runs], pa.int32()),
        })  # fmt: skip

    def batches(self, max_buckets: int, masks: int) -> Iterator[tuple[int, int]]:
        """First and last of neighbouring runs that are looked at together, so that memory is bounded.

        masks: for how many masks the bits are summed at once.
        """
        start, rows, sums = 0, 0, 0
        for index, run in enumerate(self.runs):
            more = min(run.items, max_buckets) * self.width * masks
            if index > start and (rows + run.items > _ROWS or sums + more > _SUMS):
                yield start, index - 1
                start, rows, sums = index, 0, 0
            rows, sums = rows + run.items, sums + more
        if self.runs:
            yield start, len(self.runs) - 1


def layout_of(cells: pa.Table, config: StreamConfig, plain: Collection[str]) -> Layout:
    """How the answers of a log are laid out.

    cells: those of the score matrix, sorted by task, order, seed and arm. plain: tasks whose items have one cluster
    each. Followed are those whose scores are all 0 or 1, if the stages of a run fit into one number.
    """
    rows = [row for row in cells.to_pylist() if row["items"]]
    stages = [row["stage"] for row in rows]
    first = min(stages, default=0)
    width = max(stages, default=0) - first + 1
    other = {row["task"] for row in rows if not row["binary"]}
    if width > BITS:
        return Layout((), first, width)
    found: dict[tuple[str, str, int, str], int] = {}
    for row in rows:
        if row["task"] in plain and row["task"] not in other:
            key = (row["task"], row["task_order"], row["seed"], row["arm"])
            found[key] = max(found.get(key, 0), row["items"])
    positions = {
        (order, task): stage
        for order in ("default", *config.orders)
        for stage, task in enumerate(config.task_order(order), start=1)
    }
    runs: list[Run] = []
    place = {key: index for index, key in enumerate(found)}
    word, base, of = -1, 0, ""
    for (task, order, seed, arm), items in found.items():
        base += width
        if task != of or base + width > BITS:
            word, base, of = word + 1, 0, task
        arrival = positions.get((order, task), first - 1) - first
        partner = place.get((task, order, seed, "isolated")) if arm == "stream" else None
        runs.append(Run(arm, order, seed, task, word, base, arrival if 0 <= arrival < width else None, items, partner))
    return Layout(tuple(runs), first, width)
