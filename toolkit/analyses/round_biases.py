"""How does a bias of one round become one of seeds and tasks together, and how do two rounds compare?

Every bias is kept as two statistics (`Bracket`): cross-fitted, which errs towards zero, and plug-in, which errs away
from it. Intervals reach from the lower end of the one to the upper end of the other. Human samples that rounds, tasks
or seeds have in common link their errors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import count

import numpy as np
import numpy.typing as npt

from toolkit.analyses.round_cells import NO_COMMON, NO_HUMAN, RoundCell, hashes, in_every_seed
from toolkit.inference.amplification import Bias, fieller
from toolkit.inference.bracket import Bracket
from toolkit.inference.interval import Interval
from toolkit.inference.ladder import interval
from toolkit.inference.metaregression import meta_regression
from toolkit.inference.statistic import Statistic, mean_of
from toolkit.results import Estimate

Floats = npt.NDArray[np.float64]
ANY = (-np.inf, np.inf)
FIRST_NEAR_ZERO = "the first round's bias cannot be told from zero: no ratio to it has bounds"
THREE = "needs accepted samples and human ones, with an interval, at three stages or more"
Measure = Callable[[RoundCell], tuple[Bias, npt.NDArray[np.bool_]]]


@dataclass(frozen=True)
class CellBias:
    """The bias of one cell; human: keys of the human samples that stand behind it."""

    cell: RoundCell
    bias: Bias
    human: npt.NDArray[np.int64]


@dataclass(frozen=True)
class RoundBias:
    """The bias of one stage, by seed, the mean over its tasks."""

    stage: int
    bracket: Bracket
    samples: int
    human: int


def cell_biases(cells: Sequence[RoundCell], measure: Measure) -> list[CellBias] | str:
    """The bias of each cell where it can be had, in the (stage, task) that all seeds have; or why there is none.

    measure: the bias, and which of the cell's human samples it rests on.
    """
    found, reasons = [], []
    for cell in cells:
        try:
            bias, rows = measure(cell)
            found.append(CellBias(cell, bias, hashes(cell.human)[rows]))
        except ValueError as error:
            reasons.append(str(error))
    if not found:
        return reasons[0] if reasons else NO_HUMAN
    return in_every_seed(found) or NO_COMMON


def round_biases(found: Sequence[CellBias]) -> list[RoundBias]:
    """By stage, first to last."""
    fresh = count(-1, -1)  # keys of generated samples: no two of them are the same; hashes are not negative
    return [
        _round(stage, [c for c in found if c.cell.stage == stage], fresh)
        for stage in sorted({c.cell.stage for c in found})
    ]


def _round(stage: int, cells: Sequence[CellBias], fresh: count[int]) -> RoundBias:
    by_task = [[c for c in cells if c.cell.task == task] for task in sorted({c.cell.task for c in cells})]
    crossed = [_statistic(own, fresh) for own in by_task]
    plugged = [
        replace(s, values=np.array([c.bias.plug_in for c in own])) for s, own in zip(crossed, by_task, strict=True)
    ]
    samples, human = (sum(len(part) for part in side) for side in (
        [c.bias.first for c in cells], [c.bias.second for c in cells]
    ))  # fmt: skip
    return RoundBias(stage, Bracket(mean_of(crossed), mean_of(plugged)), samples, human)


def _statistic(cells: Sequence[CellBias], fresh: count[int]) -> Statistic:
    """One task: values by seed; a generated sample moves its own seed, a human one all that were held against it."""
    own = [np.array([next(fresh) for _ in c.bias.first], dtype=np.int64) for c in cells]
    keys, place = np.unique(np.concatenate([*own, *(c.human for c in cells)]), return_inverse=True)
    influence = np.zeros((len(keys), len(cells)))
    column = np.concatenate([np.full(len(c.bias.first), s) for s, c in enumerate(cells)]
                            + [np.full(len(c.bias.second), s) for s, c in enumerate(cells)])  # fmt: skip
    moved = np.concatenate([c.bias.first for c in cells] + [c.bias.second for c in cells])
    np.add.at(influence, (place, column), moved)
    return Statistic(
        tuple(c.cell.seed for c in cells), np.array([c.bias.value for c in cells]), influence, keys, len(keys), True
    )


def difference(later: RoundBias, first: RoundBias, level: float) -> Interval:
    """The later round's bias minus the first's, the bracket of both ends."""
    value = interval([later.bracket.cross_fit - first.bracket.cross_fit], level=level, bounds=ANY)
    least = interval([later.bracket.cross_fit - first.bracket.plug_in], level=level, bounds=ANY)
    most = interval([later.bracket.plug_in - first.bracket.cross_fit], level=level, bounds=ANY)
    n = {"samples": first.samples + later.samples, "human": first.human + later.human, "seeds": value.n["seeds"]}
    if value.low is None or least.low is None or most.high is None or value.high is None:
        return replace(value, n=n, low=None, high=None)
    low, high = min(value.low, least.low), max(value.high, most.high)
    if (low, high) == (value.low, value.high):
        return replace(value, n=n)
    method = f"bracket of cross-fit and plug-in, {value.method}"
    return replace(value, low=low, high=high, n=n, method=method, variance=None, df=None, p_value=None, parts=None)


def ratio(base: Estimate, last: RoundBias, first: RoundBias) -> Estimate:
    """Last over first round's bias, from the least that both ends allow to the most, each by Fieller."""
    ends = [
        _fieller(last.bracket.cross_fit, first.bracket.cross_fit, base.level),
        _fieller(last.bracket.cross_fit, first.bracket.plug_in, base.level),
        _fieller(last.bracket.plug_in, first.bracket.cross_fit, base.level),
    ]
    n = {"samples": first.samples + last.samples, "human": first.human + last.human}
    known = [end for end in ends if end is not None]
    if len(known) < len(ends):
        return base.model_copy(update={"n": n, "reason": "needs items or seeds that vary in the first and last round"})
    value = known[0][0]
    if any(end[1] is None for end in known):
        return base.model_copy(update={"value": value, "n": n, "reason": FIRST_NEAR_ZERO})
    lows, highs = [end[1] for end in known if end[1] is not None], [end[2] for end in known if end[2] is not None]
    scope = interval([last.bracket.cross_fit], level=base.level, bounds=ANY).scope
    return base.model_copy(update={
        "value": value, "low": min(lows), "high": max(highs), "n": n, "scope": scope,
        "method": "Fieller's interval of a ratio, from cross-fit and plug-in",
    })  # fmt: skip


def _fieller(above: Statistic, below: Statistic, level: float) -> tuple[float, float | None, float | None] | None:
    """Value and ends; no ends where the denominator cannot be told from zero, None where a variance is not known."""
    over, under, gap = (interval([s], level=level, bounds=ANY) for s in (above, below, above - below))
    if over.variance is None or under.variance is None or gap.variance is None or under.value == 0:
        return None
    if not over.variance > 0 or not under.variance > 0:
        return None
    most = float(np.sqrt(over.variance * under.variance))
    covariance = float(np.clip((over.variance + under.variance - gap.variance) / 2, -most, most))
    df = min(over.df or np.inf, under.df or np.inf)
    found = fieller(over.value, under.value, (over.variance, under.variance), covariance, df=df, level=level)
    return (found.value, found.low, found.high) if found.shape == "interval" else (found.value, None, None)


def slope(base: Estimate, rounds: Sequence[RoundBias]) -> Estimate:
    """Change per stage: meta-regression of the rounds' biases on stage, the span of cross-fit and plug-in."""
    ends = [_slope([r.bracket.cross_fit for r in rounds], rounds, base.level)]
    ends.append(_slope([r.bracket.plug_in for r in rounds], rounds, base.level))
    crossed, plugged = ends
    if crossed is None or plugged is None:
        return base.model_copy(update={"reason": THREE})
    return base.model_copy(update={
        "value": crossed[0], "low": min(crossed[1], plugged[1]), "high": max(crossed[2], plugged[2]), "scope": "tasks",
        "n": {"stages": len(rounds)}, "method": "random-effects meta-regression on stage, Knapp-Hartung t",
    })  # fmt: skip


def _slope(biases: Sequence[Statistic], rounds: Sequence[RoundBias], level: float) -> tuple[float, float, float] | None:
    points = []
    for found, at in zip(biases, rounds, strict=True):
        result = interval([found], level=level, bounds=ANY)
        if result.variance:
            points.append((float(at.stage), result.value, result.variance))
    if len(points) < 3:
        return None
    x, y, v = np.array(points).T
    fit = meta_regression(y, v, np.column_stack([np.ones_like(x), x - x.mean()]))
    return (float(fit.coefficients[1]), *fit.interval(1, level))
