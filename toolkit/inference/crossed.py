"""Where do crossed random intercepts lie, given their spread? The block algebra of the binomial mixed model.

eta = X b + sum over factors of sd * u[level], u standard normal, counts binomial with logit link. The mode of u is
found by penalised iteratively reweighted least squares (Bates et al. 2015, of lme4). Each row has one level of each
factor, so that the largest factor's block of the penalised Hessian is diagonal: it is eliminated level by level, and
the other factors and the fixed effects are left as a small dense Schur complement.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Tables = dict[tuple[int, int], Floats]

STEPS = 100  # of Newton, where ten are many


@dataclass(frozen=True)
class Rows:
    """The data. successes, trials: [row]; X: [row, column]; the factor with most levels comes first.

    codes: [row] a factor, level of the row; sizes: levels a factor; pairs: for factors f < g [row], the place of the
    row's levels in a flat table [level of f, level of g]
    """

    successes: Floats
    trials: Floats
    X: Floats
    codes: tuple[Ints, ...]
    sizes: tuple[int, ...]
    pairs: dict[tuple[int, int], Ints]

    def levels(self, u: Floats) -> list[Floats]:
        """Parts of u[level] by factor."""
        return list(np.split(u, np.cumsum(self.sizes)[:-1]))

    def sums(self, values: Floats) -> list[Floats]:
        """Sums of values[row] by level, one array a factor."""
        parts = zip(self.codes, self.sizes, strict=True)
        return [np.bincount(code, values, size).astype(np.float64, copy=False) for code, size in parts]

    def spread(self, u: Floats, sds: Floats) -> Floats:
        """[row]: what the random intercepts add to eta."""
        parts = zip(sds, self.levels(u), self.codes, strict=True)
        return sum((sd * part[code] for sd, part, code in parts), np.zeros(len(self.trials)))

    def scaled_sums(self, values: Floats, sds: Floats) -> Floats:
        """[level]: the sums by level times their factor's sd; the transpose of `spread`."""
        return np.concatenate([sd * part for sd, part in zip(sds, self.sums(values), strict=True)])


@dataclass(frozen=True)
class Blocks:
    """The penalised Hessian in parts: [first factor | other factors, then fixed effects where they are free].

    diagonal: [level of the first factor]; across: [level of the first factor, rest];
    root: [rest, rest] lower Cholesky factor of the Schur complement; tables: sums of the weights by levels of f and g
    """

    diagonal: Floats
    across: Floats
    root: Floats
    tables: Tables

    def solve(self, right: Floats) -> Floats:
        """The solution for right-hand sides [level of all factors, then fixed effects]."""
        first = len(self.diagonal)
        rest = self.rest_inverse() @ (right[first:] - self.across.T @ (right[:first] / self.diagonal))
        return np.concatenate([(right[:first] - self.across @ rest) / self.diagonal, rest])

    def rest_inverse(self) -> Floats:
        """[rest, rest]: the inverse of the Schur complement, the covariance of the rest."""
        back = np.linalg.inv(self.root)
        return back.T @ back

    def log_determinant(self, levels: int) -> float:
        """Of the part that belongs to the random intercepts, `levels` in all."""
        kept = np.diag(self.root)[: levels - len(self.diagonal)]
        return float(np.log(self.diagonal).sum() + 2 * np.log(kept).sum())


@dataclass(frozen=True)
class Mode:
    """The most likely intercepts u[level] and fixed effects b[column] for given sds.

    mean: [row] success probability; weights: [row], trials * mean * (1 - mean); blocks: the Hessian there;
    penalty: -2 log-likelihood without binomial coefficients + u'u; found: whether the search came to rest
    """

    u: Floats
    b: Floats
    mean: Floats
    weights: Floats
    blocks: Blocks
    penalty: float
    found: bool


def hessian(rows: Rows, weights: Floats, sds: Floats, *, free: bool) -> Blocks:
    """The penalised Hessian at these weights, factored; with the fixed effects where they are `free`."""
    sizes, F = rows.sizes, len(rows.sizes)
    tables = {(f, f): table for f, table in enumerate(rows.sums(weights))}
    for (f, g), place in rows.pairs.items():
        flat: Floats = np.bincount(place, weights, sizes[f] * sizes[g]).astype(np.float64, copy=False)
        tables[f, g] = flat.reshape(sizes[f], sizes[g])
    blocks = {pair: table * sds[pair[0]] * sds[pair[1]] for pair, table in tables.items()}
    columns = [rows.sums(weights * x) for x in rows.X.T] if free else []
    fixed = [sds[f] * np.column_stack([column[f] for column in columns]) for f in range(F)] if free else []
    diagonal = 1 + blocks[0, 0]
    across = np.hstack([np.empty((sizes[0], 0)), *(blocks[0, g] for g in range(1, F)), *fixed[:1]])
    lower = [
        [*(blocks[g, f].T for g in range(1, f)), np.diag(1 + blocks[f, f]), *(blocks[f, g] for g in range(f + 1, F))]
        for f in range(1, F)
    ]
    if free:
        lower = [[*line, part] for line, part in zip(lower, fixed[1:], strict=True)]
        lower.append([*(part.T for part in fixed[1:]), (rows.X.T * weights) @ rows.X])
    rest = np.block(lower) if lower else np.empty((0, 0))
    return Blocks(diagonal, across, np.linalg.cholesky(rest - (across.T / diagonal) @ across), tables)


def mode(rows: Rows, sds: Floats, u: Floats, b: Floats, *, free: bool) -> Mode:
    """Newton's method with step halving from u and b; b moves only where it is `free`.

    Raises numpy.linalg.LinAlgError where the fixed effects run off to infinity.
    """
    levels = len(u)
    eta = rows.X @ b + rows.spread(u, sds)
    penalty, mean = _penalty(rows, eta, u)
    found = False
    for _ in range(STEPS):
        weights = rows.trials * mean * (1 - mean)
        blocks = hessian(rows, weights, sds, free=free)
        residual = rows.successes - rows.trials * mean
        slope = rows.scaled_sums(residual, sds) - u
        if free:
            slope = np.concatenate([slope, rows.X.T @ residual])
        step = blocks.solve(slope)
        found = bool(step @ slope < 1e-15)
        if found:
            break
        moved = rows.spread(step[:levels], sds) + (rows.X @ step[levels:] if free else 0.0)
        for half in 0.5 ** np.arange(20):
            new_u = u + half * step[:levels]
            new_penalty, new_mean = _penalty(rows, eta + half * moved, new_u)
            if new_penalty <= penalty + 1e-12 * abs(penalty):
                break
        u, eta, penalty, mean = new_u, eta + half * moved, new_penalty, new_mean
        b = b + half * step[levels:] if free else b
    return Mode(u, b, mean, weights, blocks, penalty, found)


def _penalty(rows: Rows, eta: Floats, u: Floats) -> tuple[float, Floats]:
    """-2 log-likelihood (without binomial coefficients) + u'u, and the mean [row]."""
    small = np.exp(-np.abs(eta))
    softplus = np.maximum(eta, 0) + np.log1p(small)
    likelihood = float(rows.successes @ eta - rows.trials @ softplus)
    mean = np.where(eta >= 0, 1.0, small) / (1 + small)
    return -2 * likelihood + float(u @ u), mean
