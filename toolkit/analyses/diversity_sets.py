"""Which sets of samples are compared, at which common size, and what is each measure of diversity in each set?

Everything that is compared has one size, the smallest of the sets with at least 20 samples, at most 100. Sets keep the
log's proportions of tasks and of accepted samples, of which the kept samples may hold other shares.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from toolkit.analyses.diversity_measures import Data, Measure, data_of, measured
from toolkit.analyses.samples import SampleSet, Side
from toolkit.inference.rarefaction import DRAWS, Rarefied

LEAST, MOST = 20, 100
FEWEST_DRAWS = 4
SUBSAMPLES = 800  # of all sets together, so that their eigenvalues take a few seconds
CELL = ["seed", "stage", "task", "accepted"]


class Place(NamedTuple):
    """A set: accepted or generated samples of one run, or people's (seed None); task None: all tasks of the stage."""

    side: Side
    seed: int | None
    stage: int
    task: str | None = None


Sets = Mapping[Place, SampleSet]


@dataclass(frozen=True)
class Diversities:
    """Every measure in every set large enough for it; sizes: the common size of each measure."""

    values: Mapping[tuple[str, Place], Rarefied]
    sizes: Mapping[str, int]

    def of(self, measure: str, side: Side, task: str | None = None) -> dict[tuple[int | None, int], Rarefied]:
        """By seed and stage, one measure of one side, over all tasks or in one."""
        return {
            (place.seed, place.stage): found
            for (name, place), found in self.values.items()
            if name == measure and place.side == side and place.task == task
        }


def stage_sets(samples: SampleSet) -> dict[Place, SampleSet]:
    """Sets by stage over all tasks: accepted and generated samples of each run, and people's of all runs."""
    return _sets(samples, ("accepted", "generated"), by_task=False)


def task_sets(samples: SampleSet) -> dict[Place, SampleSet]:
    """Sets by stage and task: accepted samples of each run, and people's of all runs."""
    return _sets(samples, ("accepted",), by_task=True)


def _sets(samples: SampleSet, sides: tuple[Side, ...], *, by_task: bool) -> dict[Place, SampleSet]:
    found = {}
    more = ["task"] if by_task else []
    rejected = len(samples.of(side="rejected")) > 0
    for side in sides:
        if side == "generated" and not rejected:
            continue  # these are the accepted ones again
        part = samples.of(side=side)
        for (seed, stage, *task), rows in _grouped(part, ["seed", "stage", *more]):
            place = Place(side, int(seed), int(stage), task[0] if task else None)
            found[place] = _proportional(part.take(rows))
    human = samples.of(side="human")
    first = ~human.frame.duplicated(["stage", "task", "sample"])  # the same for several runs
    human = human.take(first.to_numpy(dtype=bool))
    for (stage, *task), rows in _grouped(human, ["stage", *more]):
        found[Place("human", None, int(stage), task[0] if task else None)] = _proportional(human.take(rows))
    return found


def _grouped(samples: SampleSet, columns: list[str]) -> Iterator[tuple[tuple[Any, ...], npt.NDArray[np.intp]]]:
    """Values of the columns and the rows that have them, in order; a missing value is a value too."""
    for key, rows in samples.frame.groupby(columns, dropna=False, sort=False).indices.items():
        yield key if isinstance(key, tuple) else (key,), np.asarray(rows, dtype=np.intp)


def _proportional(samples: SampleSet) -> SampleSet:
    """As many of each cell as its share of the log's samples allows, in hash order."""
    in_log = samples.frame["cell_size"].to_numpy(dtype=float)
    cells = [(rows, max(in_log[rows[0]], len(rows))) for _, rows in _grouped(samples, CELL)]
    rate = min(len(rows) / size for rows, size in cells)
    return samples.take(np.sort(np.concatenate([rows[: round(rate * size)] for rows, size in cells])))


def diversities(
    groups: Sequence[Sets], measures: tuple[Measure, ...], *, texts: bool, draws: int = DRAWS
) -> list[Diversities]:
    """Every measure in every set of each group (this release, the baseline) at sizes common to all.

    Variances from drawing samples are made for people's samples, and for runs with fewer than three seeds. Up to
    `draws` random subsamples where there is no closed form, fewer, but not below 4, where all sets would take long.
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    needed = [{place: data_of(samples, measures, texts=texts) for place, samples in group.items()} for group in groups]
    sizes = {}
    for measure in measures:
        there = [len(data[measure.data]) for group in needed for data in group.values() if measure.data in data]
        enough = [n for n in there if n >= LEAST]
        if enough:
            sizes[measure.name] = min(min(enough), MOST)
    used = draws_within(needed, sizes.get("vendi", 0), draws)
    # Thousands of small matrices: threads would wait for each other longer than they work.
    with threadpool_limits(limits=1, user_api="blas"):
        return [Diversities(_values(group, measures, sizes, used), sizes) for group in needed]


def draws_within(needed: Sequence[Mapping[Place, Mapping[str, Data]]], size: int, most: int = DRAWS) -> int:
    """How many subsamples of this size each set that is larger gets, so that they are a bounded number in all."""
    sets = sum(len(data["embedding"]) > size for group in needed for data in group.values() if "embedding" in data)
    return max(min(SUBSAMPLES // max(sets, 1), most), min(FEWEST_DRAWS, most))


def _values(
    group: Mapping[Place, Mapping[str, Data]], measures: tuple[Measure, ...], sizes: Mapping[str, int], draws: int
) -> dict[tuple[str, Place], Rarefied]:
    few_runs = len({place.seed for place in group if place.seed is not None}) < 3
    found = {}
    for place, data in group.items():
        for measure in measures:
            size = sizes.get(measure.name)
            if size is None or measure.data not in data or len(data[measure.data]) < size:
                continue
            variance = few_runs or place.side == "human"
            try:
                found[measure.name, place] = measured(measure, data[measure.data], size, draws=draws, variance=variance)
            except ValueError:  # texts of a single word have no pairs
                continue
    return found
