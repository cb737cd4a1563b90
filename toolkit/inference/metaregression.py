"""How does an effect change along tasks when each task's effect is itself an estimate?

Random-effects meta-regression: y = X b + u + e, var(e) known, var(u) = tau^2 by Paule & Mandel (1982) or restricted
maximum likelihood; standard errors after Knapp & Hartung (2003) with their factor not below one, t with T - p
degrees of freedom. Beside it a permutation test for few tasks (Higgins & Thompson 2004).
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from toolkit.inference.heterogeneity import Method, between_task_variance, check_tasks, variance_at, weighted_fit
from toolkit.inference.quantiles import t_quantile

Floats = npt.NDArray[np.float64]

EXACT = 5040  # orders of the tasks that are all tried: those of seven tasks


@dataclass(frozen=True)
class MetaRegression:
    """A fitted model.

    coefficients, errors: [column of X]; covariance: [column, column]; tau2: variance between tasks;
    factor: Knapp and Hartung's q before it is floored at one; df: T - p;
    leverage: [task], how much of its own fitted value each task decides, from 0 to 1, p in all
    """

    coefficients: Floats
    errors: Floats
    covariance: Floats
    tau2: float
    factor: float
    df: int
    leverage: Floats

    def interval(self, column: int, level: float) -> tuple[float, float]:
        """Confidence interval of one coefficient."""
        half = t_quantile(level, self.df) * self.errors[column]
        return float(self.coefficients[column] - half), float(self.coefficients[column] + half)

    def band(self, X: Floats, level: float) -> tuple[Floats, Floats]:
        """Pointwise confidence band of the mean at rows X[point, column]."""
        centre = X @ self.coefficients
        half = t_quantile(level, self.df) * np.sqrt(np.einsum("ij,jk,ik->i", X, self.covariance, X))
        return centre - half, centre + half

    def prediction(self, x: Floats, level: float) -> tuple[float, float, float]:
        """Value and prediction interval of the effect of a new task with row x (Higgins et al. 2009)."""
        centre = float(x @ self.coefficients)
        spread = float(np.sqrt(self.tau2 + x @ self.covariance @ x))
        half = t_quantile(level, max(self.df - (len(x) == 1), 1)) * spread
        return centre, centre - half, centre + half


def meta_regression(y: Floats, variance: Floats, X: Floats | None = None, method: Method = "PM") -> MetaRegression:
    """Fit by weighted least squares, tau^2 by `method`: PM (Paule & Mandel) or REML.

    y, variance: [task]; X: [task, column], by default the intercept alone.
    Raises ValueError with fewer than p + 1 tasks, a singular design, or variances that are not positive.
    """
    X = np.ones((len(y), 1)) if X is None else X
    tau2 = between_task_variance(y, variance, X, method)
    fit = weighted_fit(y, variance, X, tau2)
    df = X.shape[0] - X.shape[1]
    factor = float(fit.q) / df  # weighted residual mean square: Knapp and Hartung's q
    covariance = fit.inverse * max(1.0, factor)
    return MetaRegression(
        fit.coefficients, np.sqrt(np.diag(covariance)), covariance, tau2, factor, df, fit.leverage
    )  # fmt: skip


def permutation_p(y: Floats, variance: Floats, x: Floats, *, draws: int = 9999, random_seed: int = 0) -> float:
    """Two-sided p of a moderator's slope when its values are dealt out among the tasks anew.

    y, variance, x: [task]. The statistic is the slope over its Knapp-Hartung error, tau^2 by Paule & Mandel in every
    draw (Higgins & Thompson 2004). Up to seven tasks all orders are tried, and p cannot be below 1 / T! for a
    moderator with distinct values; else `draws` random orders, the observed one counted among them.
    Raises ValueError as `meta_regression`.
    """
    X = np.column_stack([np.ones_like(x), x - x.mean()])
    check_tasks(y, variance, X)
    if np.ptp(y) == 0:
        return 1.0
    tasks = len(y)
    exact = math.factorial(tasks) <= EXACT
    if exact:
        orders = np.array(list(itertools.permutations(range(tasks))))  # the observed order is the first
    else:
        rng = np.random.default_rng(random_seed)
        orders = rng.permuted(np.tile(np.arange(tasks), (draws, 1)), axis=1)
        orders = np.vstack([np.arange(tasks), orders])
    size = _slope_over_error(y, variance, X[orders])
    return float((size >= size[0] * (1 - 1e-9)).mean())


def _slope_over_error(y: Floats, variance: Floats, X: Floats) -> Floats:
    """[draw]: absolute t of the slope for designs X[draw, task, 2], infinite where the fit is perfect."""
    df = X.shape[1] - X.shape[2]
    fit = weighted_fit(y, variance, X, variance_at(y, variance, X, float(df)))
    slope = np.abs(fit.coefficients[:, 1])
    error = np.sqrt(fit.inverse[:, 1, 1] * fit.q / df)
    return np.divide(slope, error, out=np.full_like(slope, np.inf), where=error > 0)
