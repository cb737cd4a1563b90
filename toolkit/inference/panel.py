"""Does an outcome follow a regressor within units over time, when units differ and rows err together in clusters?

Least squares with effects of units (and of periods), so that what never changes in a unit, or changes for all alike,
explains nothing; errors are CR2 over clusters with Bell & McCaffrey's degrees of freedom, by the leverages of the
whole design, effects included (Bell & McCaffrey 2002; Pustejovsky & Tipton 2018: effects of units that lie within
clusters may be taken out by centring). With a lagged outcome among the regressors, or with a regressor that answers
to past outcomes, the slope is biased in proportion to one over the number of periods (Nickell 1981): none is put in
here. Beside it the mean of slopes fitted unit by unit (Pesaran & Smith 1995), with t over units.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from toolkit.inference.interval import p_of
from toolkit.inference.quantiles import t_quantile

Floats = npt.NDArray[np.float64]
Keys = npt.NDArray[Any]

TOLERANCE = 1e-10  # of a sum of squares: what is left of a regressor below it is rounding


@dataclass(frozen=True)
class PanelFit:
    """The slope of an outcome on one regressor, given effects and other regressors.

    slope, variance, df: CR2 variance and Bell-McCaffrey degrees of freedom; nan where clusters do not tell them
    left: [row] what is left of the regressor after the effects and the other regressors
    freedom: [row] how much of noise in a row's regressor is left, from 0 to 1
    rows, units, periods, clusters: how many stand behind it; periods 0 without effects of periods
    """

    slope: float
    variance: float
    df: float
    left: Floats
    freedom: Floats
    rows: int
    units: int
    periods: int
    clusters: int

    @property
    def usable(self) -> bool:
        """Whether there is an interval: an error above zero with degrees of freedom."""
        return bool(np.isfinite([self.variance, self.df]).all() and self.variance > 0 and self.df > 0)

    @property
    def p_value(self) -> float:
        """Of a slope of zero, two-sided."""
        return p_of(self.slope, self.variance, self.df)

    def interval(self, level: float) -> tuple[float, float]:
        """slope +- t(df) sqrt(variance)."""
        half = t_quantile(level, self.df) * float(np.sqrt(self.variance))
        return self.slope - half, self.slope + half

    def reliability(self, noise: Floats) -> float:
        """Share of the regressor's variation within units that is no noise, from 0 to 1.

        noise: [row] variance of the error with which each row's regressor was measured, errors independent. A slope
        on a regressor measured with error is drawn towards zero by this factor (Fuller 1987, section 1.1).
        """
        return float(np.clip(1 - (noise * self.freedom).sum() / (self.left**2).sum(), 0, 1))


def within_fit(y: Floats, X: Floats, *, unit: Keys, cluster: Keys, period: Keys | None = None) -> PanelFit:
    """Slope of y[row] on the first column of X[row, column], within units (and periods), errors by cluster.

    unit, cluster, period: [row] keys; period None: no effects of periods
    Raises ValueError where the regressor does not vary beside the effects and the other columns.
    """
    units, u = np.unique(unit, return_inverse=True)
    clusters, c = np.unique(cluster, return_inverse=True)
    periods, others = 0, [X[:, 1:]]
    if period is not None:
        keys, p = np.unique(period, return_inverse=True)
        periods = len(keys)
        others.append(np.eye(periods)[p])
    nested = len(np.unique(np.column_stack([u, c]), axis=0)) == len(units)
    x, freedom = X[:, 0], np.ones(len(y))
    if nested:  # centred units need no columns of their own, however many they are
        size = np.bincount(u)
        freedom = freedom - 1 / size[u]
        y, x = _centred(y[:, None], u, size)[:, 0], _centred(x[:, None], u, size)[:, 0]
        others = [_centred(part, u, size) for part in others]
    else:
        others.append(np.eye(len(units))[u])
    basis = _orthonormal(np.column_stack(others))
    left = x - basis @ (basis.T @ x)
    square = float((left**2).sum())
    if square <= TOLERANCE * float(((X[:, 0] - X[:, 0].mean()) ** 2).sum()):
        raise ValueError("the regressor does not vary within the effects")
    freedom = freedom - (basis**2).sum(1)
    Q = np.column_stack([basis, left / np.sqrt(square)])
    residual = y - Q @ (Q.T @ y)
    variance, df = _cluster_robust(Q, left / square, residual, c, len(clusters))
    return PanelFit(
        float(left @ y) / square, variance, df, left, freedom, len(y), len(units), periods, len(clusters)
    )  # fmt: skip


def _centred(columns: Floats, unit: npt.NDArray[np.intp], size: npt.NDArray[np.intp]) -> Floats:
    totals = np.zeros((len(size), columns.shape[1]))
    np.add.at(totals, unit, columns)
    return columns - (totals / size[:, None])[unit]


def _orthonormal(columns: Floats) -> Floats:
    """[row, direction]: what the columns span."""
    if not columns.shape[1]:
        return columns
    directions, strength, _ = np.linalg.svd(columns, full_matrices=False)
    return directions[:, strength > 1e-8 * max(float(strength[0]), 1e-300)]


def _cluster_robust(
    Q: Floats, weight: Floats, residual: Floats, cluster: npt.NDArray[np.intp], clusters: int
) -> tuple[float, float]:
    """CR2 variance of weight' y and its degrees of freedom; Q[row, direction] spans the design, weight lies in it."""
    own, shared, total = np.empty(clusters), np.empty((clusters, Q.shape[1])), 0.0
    for j in range(clusters):
        here = cluster == j
        directions, strength, _ = np.linalg.svd(Q[here], full_matrices=False)
        room = 1 - strength**2
        # A direction that a cluster alone decides leaves no residual: it is left out (pseudo-inverse).
        roots = np.where(room > TOLERANCE, 1 / np.sqrt(np.maximum(room, TOLERANCE)), 0.0)
        lifted = weight[here] + directions @ ((roots - 1) * (directions.T @ weight[here]))
        total += float(lifted @ residual[here]) ** 2
        own[j], shared[j] = lifted @ lifted, Q[here].T @ lifted
    G = np.diag(own) - shared @ shared.T
    square = float((G**2).sum())
    return total, float(np.trace(G) ** 2 / square) if square > 0 else float("nan")


def unit_slopes(y: Floats, X: Floats, *, unit: Keys) -> Floats:
    """[unit]: slope of y[row] on the first column of X[row, column], beside an intercept, in each unit alone.

    Units whose rows do not tell it are left out: not more rows than columns and intercept, or no variation left.
    """
    slopes = []
    for key in np.unique(unit):
        here = unit == key
        columns = np.column_stack([np.ones(here.sum()), X[here, 1:]])
        if here.sum() <= columns.shape[1]:
            continue
        basis = _orthonormal(columns)
        left = X[here, 0] - basis @ (basis.T @ X[here, 0])
        square = float((left**2).sum())
        if square > TOLERANCE * float((X[here, 0] ** 2).sum()):
            slopes.append(float(left @ y[here]) / square)
    return np.array(slopes)
