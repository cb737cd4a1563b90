"""What do a kernel's sums over all pairs of points come to, for many arrangements of the points at once?

One kernel matrix serves all arrangements (permutations or bootstrap draws). It is made in blocks of rows, its upper
half only, and each block is multiplied with all arrangements, so that memory stays bounded and nearly all work is a
few large matrix products. Up to `EXACT` points in double precision, beyond that products in single precision.

The energy distance is the maximum mean discrepancy of the kernel -|x - y| (Sejdinovic et al. 2013).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Floats = npt.NDArray[np.float64]
EXACT = 2048
BLOCK = 512
DRAWS = 128
POINTS_FOR_BANDWIDTH = 2000


@dataclass(frozen=True)
class Kernel:
    """A kernel as a function of the distance between two points; at_zero: its value where they coincide."""

    name: str
    of: Callable[[npt.NDArray[Any]], npt.NDArray[Any]]
    at_zero: float


def gaussian(bandwidth: float) -> Kernel:
    """exp(-d^2 / (2 bandwidth^2)) of the distance d. Raises ValueError where the bandwidth is not positive."""
    if not bandwidth > 0:
        raise ValueError("the bandwidth must be positive")
    scale = -0.5 / bandwidth**2
    return Kernel("Gaussian", lambda d: np.exp(scale * d * d), 1.0)


ENERGY = Kernel("energy", lambda d: -d, 0.0)


def median_distance(points: Floats, counts: Floats) -> float:
    """Median distance between two of all observations (the median heuristic; Gretton et al. 2012, section 8).

    points: [point, dimension]; counts: [point] observations there. Where more than half of all pairs coincide, the
    median of the others; beyond 2,000 points, over every k-th of them. It depends on the pooled sample alone, so that
    permutation tests stay exact. Raises ValueError where all points coincide.
    """
    step = -(-len(points) // POINTS_FOR_BANDWIDTH)
    some, weight = points[::step], counts[::step]
    if len(some) < 2:
        raise ValueError("all observations are the same")
    i, j = np.triu_indices(len(some), 1)
    d, w = distances(some, some)[i, j], weight[i] * weight[j]
    order = np.argsort(d)
    together = np.cumsum(w[order])
    ties = float((weight * (weight - 1) / 2).sum())
    at = (ties + together[-1]) / 2 - ties
    if at <= 0:
        at = together[-1] / 2
    return float(d[order][min(int(np.searchsorted(together, at)), len(d) - 1)])


def distances(x: Floats, y: Floats) -> Floats:
    """Euclidean distances [row of x, row of y]; one dimension without cancellation."""
    if x.shape[1] == 1:
        return np.abs(x - y[:, 0])
    square = (x**2).sum(1)[:, None] + (y**2).sum(1) - 2 * x @ y.T
    return np.sqrt(np.maximum(square, 0.0))


def _blocks(points: Floats, kernel: Kernel, dtype: type) -> Iterator[tuple[int, int, npt.NDArray[Any]]]:
    """Rows start to stop of the kernel matrix, from column `start` on."""
    centred = points - points.mean(0)
    for start in range(0, len(points), BLOCK):
        stop = min(start + BLOCK, len(points))
        d = distances(centred[start:stop], centred[start:])
        d[np.arange(stop - start), np.arange(stop - start)] = 0.0
        yield start, stop, kernel.of(d.astype(dtype))


def quadratic_forms(points: Floats, kernel: Kernel, S: npt.NDArray[Any]) -> Floats:
    """sum_ij S[b, i] k(i, j) S[b, j] for each arrangement b. S: [arrangement, point]; returns [arrangement]."""
    dtype = np.float64 if len(points) <= EXACT else np.float32
    S = np.asarray(S, dtype=dtype)
    total = np.zeros(len(S))
    for start, stop, K in _blocks(points, kernel, dtype):
        K[:, stop - start :] *= 2  # the lower half is the upper half again
        for b in range(0, len(S), DRAWS):
            part = S[b : b + DRAWS]
            product = part[:, start:stop] @ K
            product *= part[:, start:]
            total[b : b + DRAWS] += product.sum(1, dtype=np.float64)
    return total


def kernel_sums(points: Floats, kernel: Kernel, counts: Floats) -> Floats:
    """sum_j k(i, j) counts[j] for each point i, [point], in double precision."""
    total = np.zeros(len(points))
    for start, stop, K in _blocks(points, kernel, np.float64):
        total[start:stop] += K @ counts[start:]
        total[stop:] += counts[start:stop] @ K[:, stop - start :]
    return total


def within_clusters(points: Floats, kernel: Kernel, counts: csr_array) -> Floats:
    """sum_ij c_i k(i, j) c_j within each cluster, [cluster], from its counts c; counts: sparse [cluster, point]."""
    found = np.zeros(counts.shape[0])
    filled = np.diff(counts.indptr)
    for size in np.unique(filled[filled > 0]):
        rows = np.flatnonzero(filled == size)
        for part in np.array_split(rows, max(1, len(rows) * int(size) ** 2 // 10**6)):
            at = counts.indptr[part][:, None] + np.arange(size)
            index, c = counts.indices[at], counts.data[at]
            gaps = points[index][:, :, None] - points[index][:, None]
            k = kernel.of(np.sqrt((gaps**2).sum(-1)))
            found[part] = np.einsum("gi,gij,gj->g", c, k, c)
    return found
