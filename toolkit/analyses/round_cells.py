"""Which samples of a round stand against which human ones, and how do rounds, tasks and seeds come to one number?

A round is a stage. Samples that went into training are held against the human samples of their own task, of the same
seed where it has any: in a stream whose every stage is a new task, nothing else compares like with like.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar, cast

import numpy as np
import numpy.typing as npt

from toolkit.analyses.samples import SampleSet
from toolkit.inference.collapse import Against
from toolkit.inference.interval import Interval, satterthwaite, t_ends
from toolkit.inference.quantiles import t_quantile
from toolkit.results import Change

NO_HUMAN = "needs human samples of the same tasks beside the generated ones: log them in samples with origin = human"
NO_ACCEPTED = "needs generated samples that were accepted"
NO_COMMON = "no round has enough samples in every seed"


@dataclass(frozen=True)
class RoundCell:
    """The accepted samples of one seed, stage and task, and the human samples of the task; rows in random order."""

    seed: int
    stage: int
    task: str
    synthetic: SampleSet
    human: SampleSet


@dataclass(frozen=True)
class Measured:
    """What one cell came to."""

    cell: RoundCell
    against: Against


class HasCell(Protocol):
    """Anything that was found out about one cell."""

    @property
    def cell(self) -> RoundCell:
        """The cell."""


OfCell = TypeVar("OfCell", bound=HasCell)


def round_cells(samples: SampleSet) -> list[RoundCell] | str:
    """The cells that have a human reference, by seed, stage and task; or why there are none."""
    accepted, human = samples.of(side="accepted"), samples.of(side="human")
    if not len(accepted):
        return NO_ACCEPTED
    references: dict[tuple[int | None, str], SampleSet] = {}

    def reference(seed: int | None, task: str) -> SampleSet:
        if (seed, task) not in references:
            found = human.of(task=task) if seed is None else human.of(task=task, seed=seed)
            once = ~found.frame["sample"].duplicated().to_numpy(dtype=bool)
            references[seed, task] = found.take(once)
        return references[seed, task]

    cells = []
    groups = accepted.frame.reset_index(drop=True).groupby(["seed", "stage", "task"], sort=True)
    for key, rows in groups.indices.items():
        seed, stage, task = cast("tuple[int, int, str]", key)
        beside = reference(int(seed), task)
        if not len(beside):
            beside = reference(None, task)
        if len(beside):
            cells.append(RoundCell(int(seed), int(stage), task, accepted.take(np.asarray(rows)), beside))
    return cells or NO_HUMAN


def measured(cells: Iterable[RoundCell], measure: Callable[[RoundCell], Against]) -> list[Measured] | str:
    """What `measure` says of each cell where it can, in the (stage, task) that all seeds have; or why there is none."""
    cells, found, reasons = list(cells), [], []
    for cell in cells:
        try:
            found.append(Measured(cell, measure(cell)))
        except ValueError as error:
            reasons.append(str(error))
    if not found:
        return reasons[0] if reasons else NO_HUMAN
    return in_every_seed(found) or NO_COMMON


def in_every_seed(found: Sequence[OfCell]) -> list[OfCell]:
    """Those of a (stage, task) that all seeds have, so that seeds are compared on the same rounds."""
    seeds = {m.cell.seed for m in found}
    by_round: dict[tuple[int, str], set[int]] = {}
    for m in found:
        by_round.setdefault((m.cell.stage, m.cell.task), set()).add(m.cell.seed)
    return [m for m in found if by_round[m.cell.stage, m.cell.task] == seeds]


def together(parts: Sequence[Measured]) -> Against:
    """The mean over the cells of one seed; cells of one task have their human samples, and their error, in common."""
    size = len(parts)
    own = sum(m.against.variance - m.against.human_variance for m in parts)
    by_task: dict[str, float] = {}
    for m in parts:
        by_task[m.cell.task] = by_task.get(m.cell.task, 0.0) + m.against.human_variance**0.5
    human = sum(total**2 for total in by_task.values()) / size**2
    return Against(
        float(np.mean([m.against.value for m in parts])), own / size**2 + human, human,
        sum(m.against.synthetic for m in parts), sum(m.against.human for m in parts),
    )  # fmt: skip


def interval_of(parts: Sequence[Measured], level: float, *, share: bool = False) -> Interval:
    """The mean over cells with its interval: t over seeds, or that of drawing the samples of one seed anew.

    What human samples that several seeds have in common add to the error is added to the variance between seeds.
    share: values lie between 0 and 1.
    """
    by_seed: dict[int, list[Measured]] = {}
    for m in parts:
        by_seed.setdefault(m.cell.seed, []).append(m)
    each = {seed: together(own) for seed, own in by_seed.items()}
    values = np.array([a.value for a in each.values()])
    count = len(values)
    n = {"samples": sum(a.synthetic for a in each.values()), "human": sum(a.human for a in each.values()),
         "seeds": count}  # fmt: skip
    bounds = (0.0, 1.0) if share else (-np.inf, np.inf)
    value = float(values.mean())
    if count == 1 or np.ptp(values) == 0:
        all_ = together(parts)
        low, high = all_.share_interval(level) if share else all_.t_interval(level)
        method = "Wilson at the effective number of samples" if share else "bootstrap of samples"
        df = float(min(all_.synthetic, all_.human) - 1)
        variance = all_.variance if all_.variance > 0 else None
        return Interval(value, low, high, "items", method, n, variance, df)
    shared = _overlap(by_seed) * float(np.mean([a.human_variance for a in each.values()]))
    between = float(values.var(ddof=1)) / count
    variance = between + shared
    df = satterthwaite(variance, [(between, count - 1.0), (shared, n["human"] - 1.0)], count - 1.0, n["human"] - 1.0)
    low, high = t_ends(value, variance, df, level, bounds)
    return Interval(value, low, high, "seeds", "t over seeds, with the error of shared human samples", n, variance, df)


def _overlap(by_seed: dict[int, list[Measured]]) -> float:
    """0 where no two seeds share a human sample, 1 where all have the same."""
    sets = [np.unique(np.concatenate([hashes(m.cell.human) for m in own])) for own in by_seed.values()]
    total, union = sum(len(s) for s in sets), len(np.unique(np.concatenate(sets)))
    return (total - union) / ((len(sets) - 1) * total / len(sets))


def hashes(samples: SampleSet) -> npt.NDArray[np.int64]:
    """[sample] what tells one sample from another."""
    return samples.frame["sample"].to_numpy(dtype=np.int64)


def change_between(new: Interval, old: Interval | None, against: str, level: float) -> Change:
    """New minus old; both releases are trained, and their samples drawn, separately."""
    if old is None:
        return Change(against=against, reason=f"{against} has no value")
    value = new.value - old.value
    if new.scope != old.scope:
        return Change(against=against, value=value, reason="one of the two has a single seed; log the same for both")
    if new.variance is None or old.variance is None or new.df is None or old.df is None:
        return Change(against=against, value=value, reason="the samples of one side do not vary")
    variance = new.variance + old.variance
    pieces = [(new.variance, new.df), (old.variance, old.df)]
    df = satterthwaite(variance, pieces, min(new.df, old.df), new.df + old.df)
    half = t_quantile(level, df) * float(np.sqrt(variance))
    return Change(against=against, value=value, low=value - half, high=value + half, se=float(np.sqrt(variance)), df=df)
