"""How does an outcome change with its regressors, when rows err together in clusters and scatter unequally?

Weighted least squares with the bias-reduced sandwich, CR2 over clusters (HC2 where each row is its own), and the
degrees of freedom that match the first two moments of that variance under a working model in which a row's variance
is the inverse of its weight (Bell & McCaffrey 2002; Imbens & Kolesar 2016; Pustejovsky & Tipton 2018). Few clusters
that carry most of a regressor leave few degrees of freedom, and the interval says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from toolkit.inference.interval import p_of
from toolkit.inference.quantiles import t_quantile

Floats = npt.NDArray[np.float64]

# A cluster that alone determines a coefficient has leverage 1; its residual says nothing, and is left out (the
# pseudo-inverse of Bell & McCaffrey's adjustment).
LEVERAGE_ONE = 1e-10
# Below this a power series of the inverse root reaches the last digit in a few terms, without eigenvectors.
SMALL_LEVERAGE = 0.1
TERMS = 16


@dataclass(frozen=True)
class LinearFit:
    """A fitted linear model.

    coefficients, variances, df: [column]; variances are CR2, df Bell & McCaffrey's (Satterthwaite), and both nan for
        columns that were not asked for
    rows, clusters: how many stand behind it
    """

    coefficients: Floats
    variances: Floats
    df: Floats
    rows: int
    clusters: int

    def interval(self, column: int, level: float) -> tuple[float, float]:
        """coefficient +- t(df) sqrt(variance)."""
        half = t_quantile(level, float(self.df[column])) * float(np.sqrt(self.variances[column]))
        return float(self.coefficients[column]) - half, float(self.coefficients[column]) + half

    def p_value(self, column: int) -> float:
        """Of a coefficient of zero, two-sided."""
        return p_of(float(self.coefficients[column]), float(self.variances[column]), float(self.df[column]))


def linear_fit(
    y: Floats,
    X: Floats,
    *,
    clusters: npt.NDArray[np.int64] | None = None,
    weights: Floats | None = None,
    tested: Sequence[int] | None = None,
) -> LinearFit:
    """Least squares of y[row] on X[row, column], with CR2 variances and Bell-McCaffrey degrees of freedom.

    clusters: [row] keys of the clusters; None: each row its own (HC2). weights: [row], positive; None: all equal.
    tested: columns whose errors are wanted; None: all.
    Raises ValueError where the columns of X are linearly dependent or the clusters are not more than the columns.
    """
    rows, columns = X.shape
    code, count = _coded(clusters, rows)
    if count <= columns:
        raise ValueError(f"{count} clusters cannot tell {columns} coefficients and their errors")
    root = np.ones(rows) if weights is None else np.sqrt(weights)
    Q, R = np.linalg.qr(X * root[:, None])
    diagonal = np.abs(np.diag(R))
    if diagonal.min() <= 1e-10 * np.sqrt((R**2).sum(0)).max():
        raise ValueError("the regressors are linearly dependent")
    turned = Q.T @ (y * root)
    residual = y * root - Q @ turned
    back = np.linalg.inv(R)  # [column, direction]
    # In the orthonormal directions every quantity needs the clusters' columns x columns cross products only:
    # f(Q_j Q_j') Q_j = Q_j f(Q_j' Q_j) turns the inverse roots of cluster x cluster matrices into small ones.
    cross = _cross_products(Q, code, count)
    scores = np.column_stack([np.bincount(code, q * residual, count) for q in Q.T])
    adjusted = _Adjustment(cross)
    variances, df = np.full(columns, np.nan), np.full(columns, np.nan)
    for k in range(columns) if tested is None else tested:
        lifted = adjusted(back[k])  # [cluster, direction]
        variances[k] = ((lifted * scores).sum(1) ** 2).sum()
        pulled = _times(cross, lifted)
        df[k] = _degrees_of_freedom((lifted * pulled).sum(1), pulled)
    return LinearFit(back @ turned, variances, df, rows, count)


class _Adjustment:
    """(I - cross_j)^(-1/2) times a direction, for each cluster j: [direction] to [cluster, direction]."""

    def __init__(self, cross: Floats) -> None:
        small = np.trace(cross, axis1=1, axis2=2) < SMALL_LEVERAGE
        self._small, self._large = np.flatnonzero(small), np.flatnonzero(~small)
        self._cross = cross[small]
        leverage, axes = np.linalg.eigh(cross[~small])
        left = 1 - leverage
        roots = np.where(left > LEVERAGE_ONE, 1 / np.sqrt(np.maximum(left, LEVERAGE_ONE)), 0.0)
        self._matrices = (axes * roots[:, None, :]) @ np.swapaxes(axes, 1, 2)

    def __call__(self, direction: Floats) -> Floats:
        lifted = np.empty((len(self._small) + len(self._large), len(direction)))
        lifted[self._large] = self._matrices @ direction
        term = np.broadcast_to(direction, (len(self._small), len(direction)))
        total = term.copy()
        for k in range(1, TERMS):
            term = _times(self._cross, term) * ((2 * k - 1) / (2 * k))
            total += term
        lifted[self._small] = total
        return lifted


def _times(matrices: Floats, vectors: Floats) -> Floats:
    """[cluster, direction]: each cluster's matrix times its vector."""
    product: Floats = (matrices @ vectors[:, :, None])[:, :, 0]
    return product


def _degrees_of_freedom(own: Floats, pulled: Floats) -> float:
    """trace(G)^2 / trace(G^2) of G = diag(own) - pulled pulled', without writing out G [cluster, cluster]."""
    shared = (pulled**2).sum(1)
    trace = own.sum() - shared.sum()
    square = (own**2).sum() - 2 * (own * shared).sum() + ((pulled.T @ pulled) ** 2).sum()
    return float(trace**2 / square)


def _coded(clusters: npt.NDArray[np.int64] | None, rows: int) -> tuple[npt.NDArray[np.intp], int]:
    if clusters is None:
        return np.arange(rows), rows
    keys, code = np.unique(clusters, return_inverse=True)
    return code, len(keys)


def _cross_products(Q: Floats, code: npt.NDArray[np.intp], count: int) -> Floats:
    """[cluster, direction, direction]: Q_j' Q_j of each cluster j, for all clusters of one size at once."""
    columns = Q.shape[1]
    order = np.argsort(code, kind="stable")
    sizes = np.bincount(code, minlength=count)
    starts = np.cumsum(sizes) - sizes
    cross = np.empty((count, columns, columns))
    for size in np.unique(sizes):
        here = np.flatnonzero(sizes == size)
        block = Q[order[starts[here][:, None] + np.arange(size)]]  # [cluster, row, direction]
        cross[here] = np.swapaxes(block, 1, 2) @ block
    return cross
