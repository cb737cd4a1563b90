"""How much do tasks differ beyond the error of their own estimates?

y = X b + u + e with var(e) known for each task: tau^2 = var(u) by Paule & Mandel (1982) or by restricted maximum
likelihood, and its confidence interval by the Q-profile method (Viechtbauer 2007).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Method = Literal["PM", "REML"]

GRID = 200  # points of tau^2 at which the restricted likelihood, which may have several maxima, is looked at


@dataclass(frozen=True)
class WeightedFit:
    """Least squares with weights 1 / (variance + tau^2); leading dimensions are those of X and tau^2.

    coefficients: [..., column]; inverse: [..., column, column], (X' W X)^-1; leverage: [..., task], the hat values;
    q: [...], generalised Q, the weighted sum of squared residuals; steepness: [...], -dQ / dtau^2
    """

    coefficients: Floats
    inverse: Floats
    leverage: Floats
    q: Floats
    steepness: Floats


def weighted_fit(y: Floats, variance: Floats, X: Floats, tau2: Floats | float) -> WeightedFit:
    """Fit for given tau^2. y, variance: [task]; X: [..., task, column]; tau2: [...]."""
    weights = 1 / (variance + np.asarray(tau2)[..., None])
    root = np.sqrt(weights)
    basis, triangle = np.linalg.qr(root[..., None] * X)  # better conditioned than the normal equations
    scaled = root * y
    turned = np.swapaxes(basis, -1, -2) @ scaled[..., None]
    residual = scaled - (basis @ turned)[..., 0]
    back = np.linalg.inv(triangle)
    squares = residual**2
    return WeightedFit(
        (back @ turned)[..., 0], back @ np.swapaxes(back, -1, -2), (basis**2).sum(-1),
        squares.sum(-1), (weights * squares).sum(-1),
    )  # fmt: skip


def check_tasks(y: Floats, variance: Floats, X: Floats) -> None:
    """Raise ValueError with fewer than p + 1 tasks, a singular design, or variances that are not positive."""
    tasks, columns = X.shape
    if y.shape != (tasks,) or variance.shape != (tasks,):
        raise ValueError(f"needs one effect and one variance a task, got {y.shape} and {variance.shape} for {tasks}")
    if tasks <= columns:
        raise ValueError(f"needs at least {columns + 1} tasks, got {tasks}")
    if np.linalg.matrix_rank(X) < columns:
        raise ValueError("the moderator does not vary between tasks")
    if not (variance > 0).all():
        raise ValueError("every task needs a positive variance")


def between_task_variance(y: Floats, variance: Floats, X: Floats, method: Method = "PM") -> float:
    """tau^2, not below zero. y, variance: [task]; X: [task, column]. Raises ValueError as `check_tasks`."""
    check_tasks(y, variance, X)
    if method == "PM":
        return float(variance_at(y, variance, X, float(X.shape[0] - X.shape[1])))
    if method == "REML":
        return _restricted_likelihood(y, variance, X)
    raise ValueError(f"unknown method {method!r}: PM or REML")


def variance_at(y: Floats, variance: Floats, X: Floats, target: float) -> Floats:
    """[...]: the tau^2 at which the generalised Q falls to `target`, 0 where it is below from the start.

    Q falls with tau^2, and its expectation at the true tau^2 is T - p: that target gives Paule and Mandel's
    estimate, quantiles of chi^2(T - p) give the Q-profile interval. X: [..., task, column].
    """
    tau2 = np.zeros(X.shape[:-2])
    for _ in range(200):
        fit = weighted_fit(y, variance, X, tau2)
        # Newton on 1 / Q, which is concave in tau^2: the steps approach the root from below and never pass it.
        above = fit.q > target
        step = np.divide(fit.q * (fit.q / target - 1), fit.steepness, out=np.zeros_like(tau2), where=above)
        tau2 = tau2 + step
        if (step <= 1e-13 * (tau2 + variance.min())).all():
            break
    return tau2


def tau2_interval(y: Floats, variance: Floats, X: Floats | None = None, level: float = 0.95) -> tuple[float, float]:
    """Q-profile confidence interval of tau^2, with as many moderators as X has columns (Viechtbauer 2007).

    y, variance: [task]; X: [task, column], by default the intercept alone. Either end may be 0; both are where the
    tasks differ less than their own errors would make them. Raises ValueError as `check_tasks`.
    """
    from scipy import special

    X = np.ones((len(y), 1)) if X is None else X
    check_tasks(y, variance, X)
    df = X.shape[0] - X.shape[1]
    # quantiles of chi^2, from the incomplete gamma function
    upper, lower = (2 * float(special.gammaincinv(df / 2, p)) for p in ((1 + level) / 2, (1 - level) / 2))
    return float(variance_at(y, variance, X, upper)), float(variance_at(y, variance, X, lower))


def _restricted_likelihood(y: Floats, variance: Floats, X: Floats) -> float:
    from scipy import optimize

    def score(tau2: float) -> float:
        fit = weighted_fit(y, variance, X, tau2)
        return float(fit.steepness - ((1 - fit.leverage) / (variance + tau2)).sum())  # y' P P y - tr P

    tasks, columns = X.shape
    residual = float(weighted_fit(y, np.ones(tasks), X, 0.0).q) / (tasks - columns)
    # No stationary point lies above: y' P P y <= RSS / (tau^2 + min v)^2 and tr P >= (T - p) / (tau^2 + max v).
    highest = 1.01 * (residual + np.sqrt(residual * np.ptp(variance)))
    if highest <= 0:
        return 0.0
    grid = np.append(0.0, np.geomspace(1e-3 * min(variance.min(), highest), highest, GRID))
    fits = weighted_fit(y, variance, np.broadcast_to(X, (len(grid), *X.shape)), grid)
    logs = np.log(variance + grid[:, None]).sum(-1) - np.linalg.slogdet(fits.inverse)[1]
    best = int(np.argmin(logs + fits.q))
    rising = score(float(grid[best])) > 0
    if best == 0 and not rising:
        return 0.0
    low, high = (grid[best], grid[best + 1]) if rising else (grid[best - 1], grid[best])
    return float(optimize.brentq(score, low, high, xtol=1e-15, rtol=1e-12))
