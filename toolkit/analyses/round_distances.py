"""How far are the samples of each round from human ones, and does the distance grow along the rounds?

Squared maximum mean discrepancy (`measure=mmd`) and energy distance (`measure=energy`) of embeddings, unbiased, at
equal numbers on both sides; beside them the same between halves of the human samples (`part=floor`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from toolkit.analyses.evidence import Evidence
from toolkit.analyses.round_cells import Measured, RoundCell, hashes, interval_of, measured
from toolkit.analyses.samples import SampleSet
from toolkit.inference.cell_distance import PERMUTATIONS, CellDistance, cell_distances
from toolkit.inference.collapse import FEWEST, Against
from toolkit.inference.interval import Interval
from toolkit.inference.kernels import ENERGY, Kernel, gaussian, median_distance
from toolkit.inference.permutation import p_value
from toolkit.results import Estimate

Floats = npt.NDArray[np.float64]
CAP = 256
MEASURES = ("mmd", "energy")
SAME = "the embeddings of samples are all the same: there is no distance between them"
ALIKE = "all seeds have the same value to the last digit, which says nothing of how they vary"
NO_EMBEDDING = "needs embeddings of generated and human samples: log `embedding` in samples"


@dataclass(frozen=True)
class RoundDistances:
    """Distances of each cell by measure, in the same order, and those of halves of the human samples."""

    cells: list[RoundCell]
    found: dict[str, list[CellDistance]]
    floors: dict[str, list[CellDistance]]
    halves: int

    def of(self, measure: str) -> list[Measured]:
        """The cells with their unbiased distance."""
        return [
            Measured(cell, Against(d.value, d.variance or 0.0, 0.0, matched(cell), matched(cell)))
            for cell, d in zip(self.cells, self.found[measure], strict=True)
        ]


def matched(cell: RoundCell) -> int:
    """How many samples of either side are compared."""
    return min(len(cell.synthetic.embedded), len(cell.human.embedded), CAP)


def round_distances(cells: Sequence[RoundCell], level: float) -> RoundDistances | str:
    """The distances of all cells that have twenty embedded samples on both sides; or why there are none."""

    def enough(cell: RoundCell) -> Against:
        size = matched(cell)
        if size == 0:
            raise ValueError(NO_EMBEDDING)
        if size < FEWEST:
            raise ValueError(f"needs at least {FEWEST} synthetic and human samples with embeddings, got {size}")
        return Against(0.0, 0.0, 0.0, size, size)

    usable = measured(cells, enough)
    if isinstance(usable, str):
        return usable
    kept = [m.cell for m in usable]
    bandwidth = _bandwidth(kept)
    if bandwidth is None:
        return SAME
    kernels = (gaussian(bandwidth), ENERGY)
    one_seed = len({cell.seed for cell in kept}) == 1
    found: dict[str, list[CellDistance]] = {name: [] for name in MEASURES}
    for i, cell in enumerate(kept):  # every cell has permutations of its own, so that their sums are permutations too
        size = matched(cell)
        x, y = _points(cell.synthetic, size), _points(cell.human, size)
        both = cell_distances(x, y, kernels, level=level, draws=PERMUTATIONS if one_seed else None, random_seed=i)
        for name, distance in zip(MEASURES, both, strict=True):
            found[name].append(distance)
    floors, size = _floors(kept, kernels, level)
    return RoundDistances(kept, found, floors, size)


def _points(samples: SampleSet, size: int) -> Floats:
    embedding = samples.embedded.embedding
    return np.empty((0, 0)) if embedding is None else embedding[:size].astype(float)


def _bandwidth(cells: Sequence[RoundCell]) -> float | None:
    """Median distance between samples of one task, both sides together, the mean over tasks: one for all rounds.

    Sides may be exchanged within any cell without changing it, which keeps permutation tests exact.
    """
    by_task: dict[str, list[Floats]] = {}
    for cell in cells:
        size = min(matched(cell), 100)
        by_task.setdefault(cell.task, []).extend(_points(side, size) for side in (cell.synthetic, cell.human))
    found = []
    for parts in by_task.values():
        points = np.concatenate(parts)
        points = points[:: -(-len(points) // 500)]
        try:
            found.append(median_distance(points, np.ones(len(points))))
        except ValueError:
            continue
    spread = [distance for distance in found if distance > 1e-9]
    return float(np.mean(spread)) if spread else None


def _floors(
    cells: Sequence[RoundCell], kernels: Sequence[Kernel], level: float
) -> tuple[dict[str, list[CellDistance]], int]:
    found: dict[str, list[CellDistance]] = {name: [] for name in MEASURES}
    seen, total = set(), 0
    for cell in cells:
        human = cell.human.embedded
        size = min(len(human) // 2, CAP)
        if (cell.seed, cell.task) in seen or size < FEWEST // 2:
            continue
        seen.add((cell.seed, cell.task))
        points = _points(human, 2 * size)
        total += size
        both = cell_distances(points[::2], points[1::2], kernels, level=level)
        for name, distance in zip(MEASURES, both, strict=True):
            found[name].append(distance)
    return found, total


def divergence_estimates(evidence: Evidence, arm: str, distances: RoundDistances) -> list[Estimate]:
    """`sample_divergence` over all and by stage, by measure, and its floor."""
    estimates = []
    for measure in MEASURES:
        base = base_of(evidence, arm, measure)
        parts = distances.of(measure)
        everything = np.arange(len(parts))
        estimates.append(_estimate(base, distances, measure, everything))
        estimates.append(_floor(base, distances, measure))
        for stage in sorted({m.cell.stage for m in parts}):
            at = np.array([i for i in everything if parts[i].cell.stage == stage])
            estimates.append(_estimate(base.model_copy(update={"stage": stage}), distances, measure, at))
    return estimates


def base_of(evidence: Evidence, arm: str, measure: str) -> Estimate:
    """What the estimates of one measure have in common."""
    return Estimate(quantity="sample_divergence", axis="generation", arm=arm, level=evidence.level, unit="index",
                    group=f"measure={measure}")  # fmt: skip


def whole_interval(distances: RoundDistances, measure: str, level: float) -> Interval:
    """The mean over all cells, which may lie below zero, with its two-sided interval."""
    return interval_of(distances.of(measure), level)


def _estimate(base: Estimate, distances: RoundDistances, measure: str, at: npt.NDArray[np.intp]) -> Estimate:
    parts = [distances.of(measure)[i] for i in at]
    each = [distances.found[measure][i] for i in at]
    result = interval_of(parts, base.level)
    name = "squared MMD, Gaussian kernel" if measure == "mmd" else "energy distance"
    value, p = max(result.value, 0.0), _pooled_p(parts, each)
    if result.scope == "seeds":
        low, high = result.low or 0.0, result.high or 0.0
        method = f"{name}, unbiased; t over seeds, given these human samples"
    elif each[0].upper is None:
        return base.model_copy(update={"value": value, "n": result.n, "p_value": p, "reason": ALIKE})
    else:
        low, high = 0.0, upper_of(each)
        method = f"{name}, unbiased; one-sided upper bound by bootstrap of samples"
    return base.model_copy(update={
        "value": value, "low": max(low, 0.0), "high": max(high, value), "n": result.n, "scope": result.scope,
        "method": method, "p_value": p,
    })  # fmt: skip


def upper_of(each: Sequence[CellDistance]) -> float:
    """Upper bound of the mean of independent distances: their distances from the values add up as errors do."""
    value = max(float(np.mean([d.value for d in each])), 0.0)
    reach = [(d.upper or 0.0) - max(d.value, 0.0) for d in each]
    return value + float(np.sqrt(np.square(reach).sum())) / len(each)


def _pooled_p(parts: Sequence[Measured], each: Sequence[CellDistance]) -> float:
    """Of no difference in any cell: exact for the sum where no human sample is in two cells.

    Else twice the median of the cells' p-values, which holds under any dependence (Rueger 1978).
    """
    if len(each) == 1:
        return each[0].p_value
    human = np.concatenate([hashes(m.cell.human) for m in parts])
    if len(np.unique(human)) == len(human):
        summed: Floats = np.sum([d.arrangements for d in each], axis=0)
        return p_value(summed - min(float(np.min(summed)), 0.0))
    p = sorted(d.p_value for d in each)
    middle = (len(p) + 1) // 2
    return min(1.0, p[middle - 1] * len(p) / middle)


def _floor(base: Estimate, distances: RoundDistances, measure: str) -> Estimate:
    floors = distances.floors[measure]
    base = base.model_copy(update={"group": f"{base.group},part=floor"})
    if not floors:
        return base.model_copy(update={"reason": f"needs at least {FEWEST} human samples of a task, to halve them"})
    value = max(float(np.mean([d.value for d in floors])), 0.0)
    return base.model_copy(update={
        "value": value, "low": 0.0, "high": max(upper_of(floors), value), "scope": "items",
        "n": {"human": 2 * distances.halves}, "method": "between halves of the human samples of each task",
    })  # fmt: skip
