"""Do intervals of trends over tasks cover, and those of effects drawn towards their mean?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from toolkit.inference.metaregression import meta_regression
from toolkit.inference.quantiles import z_quantile
from toolkit.inference.shrinkage import morris
from toolkit.simulation.calibration.study import LEVEL, Generator, Line, Outcome, Study, ends_cover

Floats = npt.NDArray[np.float64]

MEAN, SPREAD = 0.05, 0.06  # of the tasks' true effects
DISCORDANCE = 0.4  # variance of one item's difference
SIZES = (50, 200, 1000)


def _estimates(rng: Generator, effects: Floats, *, known: bool = False) -> tuple[Floats, Floats]:
    """Estimates [task] of the effects from unequal numbers of items, and their variances (estimated or known)."""
    n = rng.choice(SIZES, len(effects))
    variance = DISCORDANCE / n
    estimates = effects + np.sqrt(variance) * rng.standard_normal(len(effects))
    return estimates, variance if known else variance * rng.chisquare(n - 1) / (n - 1)


def _slope(tasks: int) -> Study:
    """No slope over the position of the tasks, whose effects differ."""
    x = np.arange(tasks) / tasks
    X = np.column_stack([np.ones(tasks), x - x.mean()])
    z = z_quantile(LEVEL)

    def replicate(rng: Generator) -> Sequence[Outcome]:
        y, v = _estimates(rng, MEAN + SPREAD * rng.standard_normal(tasks))
        found = ends_cover(*meta_regression(y, v, X).interval(1, LEVEL), 0.0)
        # Items as if they were all that varies: the fixed-effect fit.
        centred = x - np.average(x, weights=1 / v)
        information = (centred**2 / v).sum()
        slope, error = (centred * y / v).sum() / information, 1 / np.sqrt(information)
        return (found, ends_cover(slope - z * error, slope + z * error, 0.0))

    what = f"slope over {tasks} tasks of unequal size"
    lines = (
        Line(what, "tasks", "meta-regression, Knapp-Hartung t", (0.93, 0.99 if tasks == 5 else 0.97)),
        Line("the same", "items", "item-level z", (0.0, 0.80), negative=True),
    )
    return Study(f"slope-{tasks}", lines, replicate)


def _shrunken(tasks: int, spread: float, *, control: bool) -> Study:
    """Effects that differ by `spread`; with the control, also intervals that take its estimate for the truth."""
    z = z_quantile(LEVEL)

    def replicate(rng: Generator) -> Sequence[Outcome]:
        effects = MEAN + spread * rng.standard_normal(tasks)
        y, v = _estimates(rng, effects, known=True)
        low, high = morris(y, v).ends(LEVEL)
        # As if the mean and the spread of the effects were known and not estimated.
        fit = meta_regression(y, v)
        B = v / (v + fit.tau2)
        naive, half = (1 - B) * y + B * fit.coefficients[0], z * np.sqrt(v * (1 - B))
        return (_share(low, high, effects), _share(naive - half, naive + half, effects))[: len(lines)]

    what = f"effects of {tasks} tasks drawn to their mean, true sd {spread:g}"
    lines = [Line(what, "tasks", "empirical Bayes, Morris", (0.92, 0.98))]
    if control:
        lines.append(Line("the same", "tasks", "empirical Bayes, naive", (0.0, 0.90), negative=True))
    return Study(f"shrinkage-{tasks}-{spread:g}", tuple(lines), replicate)


def _share(low: Floats, high: Floats, truth: Floats) -> Outcome:
    return Outcome(float(((low <= truth) & (truth <= high)).mean()), float((high - low).mean()))


STUDIES = (_slope(5), _slope(10), _slope(20), _shrunken(10, 0.03, control=True), _shrunken(10, 0.1, control=False))
