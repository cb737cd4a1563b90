"""How many effectively different samples are there, how far apart are they, and how evenly are kinds present?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from toolkit.inference.rarefaction import (
    DRAWS,
    Rarefied,
    check_size,
    expected_entropy,
    jackknife_variance,
    rarefied,
    share_without,
)

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Points s = exp(u) of the integral over resolvents: the trapezoidal rule in u, whose error falls like exp(-2 pi^2).
_NODES = np.exp(np.arange(-34.0, 35.0))


def unit_rows(embedding: npt.NDArray[np.floating]) -> Floats:
    """The rows scaled to length one. Raises ValueError where one is zero or not finite: it has no direction."""
    X = np.asarray(embedding, dtype=float)
    length = np.linalg.norm(X, axis=1, keepdims=True)
    if not (np.isfinite(length).all() and (length > 0).all()):
        raise ValueError("every embedding needs a direction: some are zero or not finite")
    return X / length


def vendi_score(embedding: npt.NDArray[np.floating]) -> float:
    """Vendi score of samples by the cosine of their embeddings (Friedman & Dieng 2023), from 1 to their number.

    exp of the entropy of the eigenvalues of K / n, which are those of X' X / n too: the smaller of the two is used.
    embedding: [sample, dimension]. Raises ValueError as `unit_rows`.
    """
    X = unit_rows(embedding)
    return _effective(np.linalg.eigvalsh(_smaller(X)), len(X))


def vendi_of_kernel(K: Floats) -> float:
    """Vendi score of samples with similarities K[sample, sample], 1 on the diagonal.

    Raises ValueError where K is not symmetric and positive semi-definite, or a sample's similarity to itself is not 1.
    """
    if K.ndim != 2 or not np.allclose(K, K.T, atol=1e-10) or not np.allclose(np.diag(K), 1, atol=1e-10):
        raise ValueError("needs a symmetric kernel matrix with ones on its diagonal")
    values = np.linalg.eigvalsh(K)
    if values[0] < -1e-8 * len(K):
        raise ValueError("the kernel matrix is not positive semi-definite")
    return _effective(values, len(K))


def vendi_without_each(X: Floats) -> tuple[float, Floats]:
    """Vendi score of unit rows X[sample, dimension], and the score without each sample, [sample], exactly.

    One decomposition serves all. With M = X' X and F(M) = tr M log M, taking x away changes F by
    1 + int_0^inf 1 / (1 + s) + log(1 - x' (M + s)^-1 x) ds: the integral over resolvents of the logarithm, with the
    update of an inverse after Sherman & Morrison (1950).
    """
    n = len(X)
    values, vectors = np.linalg.eigh(_smaller(X))
    values = np.maximum(values, 0.0)
    # squared components of each sample along the eigenvectors of M
    square = vectors**2 * values if n <= X.shape[1] else (X @ vectors) ** 2
    resolvent = square @ (1 / (values[:, None] + _NODES))
    inside = 1 / (1 + _NODES) + np.log1p(-np.minimum(resolvent, 1 - 1e-16))
    lost = 1 + inside @ _NODES
    positive = values[values > 0]
    left = float((positive * np.log(positive)).sum()) - lost
    return _effective(values, n), np.exp(np.log(n - 1) - left / (n - 1))


def _smaller(X: Floats) -> Floats:
    return X @ X.T if len(X) <= X.shape[1] else X.T @ X


def _effective(eigenvalues: npt.NDArray[np.floating], n: int) -> float:
    p = eigenvalues[eigenvalues > 0] / n
    return float(np.exp(-(p * np.log(p)).sum()))


def rarefied_vendi(
    X: Floats, size: int, *, draws: int = DRAWS, random_seed: int = 0, variance: bool = True
) -> Rarefied:
    """Vendi score of unit rows at one size. Raises ValueError as `check_size`."""

    def measure(at: Ints) -> tuple[float, Floats | None]:
        part = X[at]
        return vendi_without_each(part) if variance else (_effective(np.linalg.eigvalsh(_smaller(part)), size), None)

    return rarefied(measure, len(X), size, draws=draws, random_seed=random_seed)


def cosine_dispersion(X: Floats, size: int) -> Rarefied:
    """Mean cosine distance between two samples, unit rows X[sample, dimension]: the same at every size."""
    n = len(X)
    check_size(n, size)
    total = X.sum(0)

    def mean(rows: int, squared: npt.NDArray[np.float64]) -> Floats:
        return np.maximum(rows**2 - squared, 0.0) / (rows * (rows - 1))

    value = float(mean(n, np.array(total @ total)))
    without = mean(n - 1, ((total - X) ** 2).sum(1)) if n > 2 else None
    return Rarefied(value, size, n, None if without is None else jackknife_variance(without))


def squared_dispersion(embedding: Floats, size: int) -> Rarefied:
    """Mean squared distance to the centroid, over n - 1: the same in expectation at every size.

    embedding: [sample, dimension], with their lengths. Raises ValueError as `check_size`.
    """
    n = len(embedding)
    check_size(n, size)
    square = ((embedding - embedding.mean(0)) ** 2).sum(1)
    total = float(square.sum())
    without = (total - n / (n - 1) * square) / (n - 2) if n > 2 else None
    return Rarefied(total / (n - 1), size, n, None if without is None else jackknife_variance(without))


def distinct_share(grams: csr_array, size: int) -> Rarefied:
    """Distinct n-grams over all n-grams (distinct-n; Li et al. 2016), in expectation at one size.

    grams: sparse [sample, n-gram], how often. Expected number of distinct ones over expected number; the first is
    the rarefaction of samples (Heck et al. 1975; Colwell et al. 2004). Raises ValueError as `check_size`, and where
    there is no n-gram.
    """
    n = grams.shape[0]
    check_size(n, size)
    lengths = np.asarray(grams.sum(axis=1), dtype=float).ravel()
    if not lengths.sum() > 0:
        raise ValueError("needs samples with words")
    held = np.bincount(grams.indices, minlength=grams.shape[1])  # samples that have each n-gram
    value = float((1 - share_without(n, held, size)).sum() / (size * lengths.mean()))
    # Taking a sample away: one sample less has each of its n-grams, and its words are gone.
    less = min(size, n - 1)
    if n < 3:
        return Rarefied(value, size, n)
    found = 1 - share_without(n - 1, np.minimum(held, n - 1), less)
    change = (1 - share_without(n - 1, held - 1, less)) - found
    row_of = np.repeat(np.arange(n), np.diff(grams.indptr))
    distinct = found.sum() + np.bincount(row_of, weights=change[grams.indices], minlength=n)
    rest = lengths.sum() - lengths
    if not (rest > 0).all():
        return Rarefied(value, size, n)
    return Rarefied(value, size, n, jackknife_variance(distinct / (less * rest / (n - 1))))


def kind_entropy(kinds: npt.NDArray[np.integer], size: int) -> Rarefied:
    """Entropy of labels or categories, in nats, at one size, with the correction of Miller & Madow (1955).

    kinds: [sample], numbers from 0. Raises ValueError as `check_size`.
    """
    n = len(kinds)
    check_size(n, size)
    counts = np.bincount(kinds)
    value = expected_entropy(counts, size)
    if n < 3:
        return Rarefied(value, size, n)
    less = min(size, n - 1)
    each = {k: expected_entropy(counts - (np.arange(len(counts)) == k), less) for k in np.flatnonzero(counts)}
    return Rarefied(value, size, n, jackknife_variance(np.array([each[k] for k in kinds])))
