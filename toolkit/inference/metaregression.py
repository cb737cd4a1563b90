"""How an effect changes along tasks when each task's effect is itself an estimate.

Random-effects meta-regression: y = X b + u + e, var(e) known, var(u) = tau^2 by Paule & Mandel (1982); standard
errors after Knapp & Hartung (2003) with their factor not below one, t with T - p degrees of freedom.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from toolkit.inference.quantiles import t_quantile

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class MetaRegression:
    """A fitted model.

    coefficients, errors: [column of X]; covariance: [column, column]; tau2: variance between tasks;
    factor: Knapp and Hartung's q before it is floored at one; df: T - p
    """

    coefficients: Floats
    errors: Floats
    covariance: Floats
    tau2: float
    factor: float
    df: int

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


def meta_regression(y: Floats, variance: Floats, X: Floats | None = None) -> MetaRegression:
    """Fit by weighted least squares with Paule-Mandel's tau^2.

    y, variance: [task]; X: [task, column], by default the intercept alone.
    Raises ValueError with fewer than p + 1 tasks, a singular design, or variances that are not positive.
    """
    from scipy import optimize
    from statsmodels.regression.linear_model import WLS

    X = np.ones((len(y), 1)) if X is None else X
    tasks, columns = X.shape
    if tasks <= columns:
        raise ValueError(f"needs at least {columns + 1} tasks, got {tasks}")
    if np.linalg.matrix_rank(X) < columns:
        raise ValueError("the moderator does not vary between tasks")
    if not (variance > 0).all():
        raise ValueError("every task needs a positive variance")

    def excess(tau2: float) -> float:
        weights = 1 / (variance + tau2)
        b = np.linalg.solve((X.T * weights) @ X, (X.T * weights) @ y)
        return float((weights * (y - X @ b) ** 2).sum()) - (tasks - columns)

    tau2 = 0.0
    if excess(0.0) > 0:
        upper = float(np.var(y)) + float(variance.max())
        while excess(upper) > 0:
            upper *= 2
        tau2 = float(optimize.brentq(excess, 0.0, upper, xtol=1e-15, rtol=1e-12))
    weights = 1 / (variance + tau2)
    fit = WLS(y, X, weights=weights).fit()
    factor = float(fit.scale)  # weighted residual mean square: Knapp and Hartung's q
    covariance = fit.normalized_cov_params * max(1.0, factor)
    return MetaRegression(
        np.asarray(fit.params), np.sqrt(np.diag(covariance)), np.asarray(covariance), tau2, factor, tasks - columns
    )
