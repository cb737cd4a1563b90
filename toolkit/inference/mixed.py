"""How do the odds of a right answer change when items, tasks and seeds all differ, and are crossed?

A binomial mixed model with crossed random intercepts, logit link, by the Laplace approximation: the same likelihood
as lme4's glmer(nAGQ = 1) (Bates, Maechler, Bolker & Walker 2015), maximised over standard deviations and fixed
effects together with its analytic gradient.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from toolkit.inference.crossed import Floats, Mode, Rows, hessian, mode
from toolkit.inference.laplace import deviance_and_slope, laplace_deviance, traces
from toolkit.inference.quantiles import t_quantile

SMALLEST = 0.05  # sd at which the search starts at least: the deviance is flat at 0
LARGEST = 10.0  # log odds; beyond such an sd levels are all right or all wrong: it runs off, for want of answers
UNKNOWN = 1e3  # standard error of a row's log odds that only a separated design reaches
SEPARATED = "a fixed effect has no finite estimate: X separates the right answers from the wrong ones"
ROUNDS = 8  # of the start's fixed point


@dataclass(frozen=True)
class MixedFit:
    """A fitted model.

    coefficients: [column of X], log odds; covariance: [column, column], given the sds and modes, as lme4's
    vcov(use.hessian = FALSE); sds: standard deviation of the intercepts by factor, log odds, 0 on the boundary;
    log_likelihood: Laplace, with binomial coefficients; converged: whether gradient and mode came to rest, and no sd
    ran off; rows: those with any trial
    """

    coefficients: Floats
    covariance: Floats
    sds: dict[str, float]
    log_likelihood: float
    converged: bool
    rows: int

    @property
    def errors(self) -> Floats:
        """Standard errors, [column]."""
        return np.sqrt(np.diag(self.covariance))

    def interval(self, column: int, level: float, df: float = float("inf")) -> tuple[float, float]:
        """Wald interval of a coefficient; where few tasks or seeds carry it, give their degrees of freedom."""
        half = t_quantile(level, df) * self.errors[column]
        return float(self.coefficients[column] - half), float(self.coefficients[column] + half)


def fit_binomial_mixed(
    successes: npt.ArrayLike, trials: npt.ArrayLike, X: npt.ArrayLike, factors: Mapping[str, npt.ArrayLike]
) -> MixedFit:
    """Fit successes out of trials on X with a random intercept for each level of each factor.

    successes, trials: [row], whole numbers; X: [row, column], with the intercept; factors: [row] a factor, whole
    numbers that name the level. Only one factor may have very many levels: time grows with the cube of the rest.
    Raises ValueError on shapes that do not match, counts that are none, columns of X that depend on each other,
    answers that are all right or all wrong, designs that separate the two, and factors of one level.
    """
    from scipy import optimize, special

    rows, names = _rows(successes, trials, X, factors)
    levels, F = sum(rows.sizes), len(rows.sizes)
    start, sds, root = _start(rows)
    # One unit of each parameter is about one standard error.
    unit = np.maximum(sds, SMALLEST) / np.sqrt(2 * np.array(rows.sizes))
    last = start.u

    def unpacked(parameters: Floats) -> tuple[Floats, Floats]:
        return parameters[:F] * unit, start.b + root @ parameters[F:]

    def deviance(parameters: Floats) -> tuple[float, Floats]:
        nonlocal last
        sds, b = unpacked(parameters)
        at = mode(rows, sds, last, b, free=False)
        last = at.u  # the next search starts here; the mode is unique, so only speed depends on it
        value, by_sd, by_b = deviance_and_slope(rows, at, sds)
        return value, np.concatenate([by_sd * unit, root.T @ by_b])

    # The deviance is even in each sd, so that 0 is no boundary but a point where its slope is 0.
    first = np.concatenate([sds / unit, np.zeros(len(start.b))])
    options = {"gtol": 1e-5, "hess_inv0": np.eye(len(first)) / 2}
    search = optimize.minimize(deviance, first, jac=True, method="BFGS", options=options)
    best, value = search.x, float(search.fun)
    slope = float(np.abs(search.jac).max())
    for f in range(F):  # a spread that does not make the data likelier is 0, as lme4 has it
        without = np.where(np.arange(len(best)) == f, 0.0, best)
        if abs(best[f] * unit[f]) < SMALLEST and deviance(without)[0] <= value + 1e-6:
            best = without
    sds, b = unpacked(best)
    sds = np.abs(sds)
    final = mode(rows, sds, np.zeros(levels), b, free=False)
    value = laplace_deviance(rows, final)
    constant = special.gammaln(rows.trials + 1) - special.gammaln(rows.successes + 1)
    constant -= special.gammaln(rows.trials - rows.successes + 1)
    return MixedFit(
        b, _covariance(rows, final, sds), {name: float(sds[names.index(name)]) for name in factors},
        float(constant.sum()) - value / 2, bool(final.found and slope < 1e-3 and sds.max() < LARGEST), len(rows.trials),
    )  # fmt: skip


def _rows(
    successes: npt.ArrayLike, trials: npt.ArrayLike, X: npt.ArrayLike, factors: Mapping[str, npt.ArrayLike]
) -> tuple[Rows, list[str]]:
    """The checked data, and the factors' names from the one with most levels to that with fewest."""
    y, n, X = (np.asarray(part, dtype=float) for part in (successes, trials, X))
    codes = {name: np.asarray(code) for name, code in factors.items()}
    shapes = [y.shape, n.shape, X.shape[:1], *(code.shape for code in codes.values())]
    if y.ndim != 1 or X.ndim != 2 or any(shape != y.shape for shape in shapes):
        raise ValueError(f"successes, trials, X and factors need the same rows, got shapes {shapes}")
    if X.shape[1] == 0:
        raise ValueError("X needs at least one column, the intercept")
    if not codes:
        raise ValueError("needs at least one factor")
    if any(not np.issubdtype(code.dtype, np.integer) for code in codes.values()):
        raise ValueError("levels of factors are whole numbers")
    if not (np.isfinite(X).all() and (y >= 0).all() and (y <= n).all() and (n < np.inf).all()):
        raise ValueError("needs finite X and 0 <= successes <= trials in each row")
    if (y % 1 != 0).any() or (n % 1 != 0).any():
        raise ValueError("successes and trials are whole numbers")
    kept = n > 0
    y, n, X = y[kept], n[kept], X[kept]
    if y.sum() in (0, n.sum()):
        raise ValueError("the answers are all right or all wrong, which says nothing of odds")
    if np.linalg.matrix_rank(X) < X.shape[1]:
        raise ValueError("columns of X depend on each other")
    coded = {name: np.unique(code[kept], return_inverse=True)[1].astype(np.intp) for name, code in codes.items()}
    sizes = {name: int(code.max()) + 1 for name, code in coded.items()}
    for name, size in sizes.items():
        if size < 2:
            raise ValueError(f"factor {name!r} has one level: its spread cannot be estimated")
    names = sorted(coded, key=lambda name: -sizes[name])
    order = tuple(coded[name] for name in names)
    width = tuple(sizes[name] for name in names)
    F = len(names)
    pairs = {(f, g): order[f] * width[g] + order[g] for f in range(F) for g in range(f + 1, F)}
    return Rows(y, n, X, order, width, pairs), names


def _start(rows: Rows) -> tuple[Mode, Floats, Floats]:
    """Fixed effects inside the penalised fit, sds by the fixed point of Schall (1991), and a root of the covariance.

    Near the solution, and cheap. Raises ValueError where a fixed effect has no finite estimate.
    """
    sds = np.ones(len(rows.sizes))
    try:
        at = mode(rows, sds, np.zeros(sum(rows.sizes)), np.zeros(rows.X.shape[1]), free=True)
        for _ in range(ROUNDS):
            free = np.array(rows.sizes) - traces(rows, at)
            squares = np.array([float(part @ part) for part in rows.levels(at.u)])
            sds = np.maximum(sds * np.sqrt(squares / np.maximum(free, 1e-9)), SMALLEST)
            at = mode(rows, sds, at.u, at.b, free=True)
        root: Floats = np.linalg.cholesky(_covariance(rows, at, sds)).astype(np.float64, copy=False)
    except np.linalg.LinAlgError as error:  # weights have shrunk to nothing
        raise ValueError(SEPARATED) from error
    if ((rows.X @ root) ** 2).sum(1).max() > UNKNOWN**2:
        raise ValueError(SEPARATED)
    return at, sds, root


def _covariance(rows: Rows, at: Mode, sds: Floats) -> Floats:
    """[column, column]: the fixed effects' block of the inverse of the whole Hessian."""
    columns = rows.X.shape[1]
    return hessian(rows, at.weights, sds, free=True).rest_inverse()[-columns:, -columns:]
