"""How many samples are copies of others, exactly or nearly?

Texts are near copies where the Jaccard similarity of their sets of three-word shingles is at least .8 (Broder 1997),
embeddings where their cosine is at least .999. Pairs are found exactly, through sparse products of shingles: the
samples are a few thousand at most, for which no hashing is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from toolkit.inference.rarefaction import Rarefied, check_size, jackknife_variance, share_without

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Floats = npt.NDArray[np.float64]
Words = Sequence[npt.NDArray[np.int32]]

SHINGLE, JACCARD, COSINE = 3, 0.8, 0.999
_BLOCK = 512
_NO_WORD = int(np.iinfo(np.int32).min)  # fills up a text of fewer words than an n-gram has


def word_grams(words: Words, n: int, *, short: bool = False) -> csr_array:
    """Counts of the n-grams of words, sparse [sample, n-gram].

    words: [sample] the words of each text as numbers; short: whether a text of fewer than n words is one n-gram,
    as it has none otherwise.
    """
    from scipy import sparse

    texts = [np.asarray(text, dtype=np.int64) for text in words]
    if short:
        texts = [np.r_[text, np.full(n - len(text), _NO_WORD)] if len(text) < n else text for text in texts]
    lengths = np.array([len(text) for text in texts], dtype=int)
    row_of = np.repeat(np.arange(len(texts)), lengths)
    left = np.repeat(np.cumsum(lengths), lengths) - np.arange(len(row_of))  # words from here to the end of the text
    at = np.flatnonzero(left >= n)
    if not len(at):
        return sparse.csr_array((len(texts), 0))
    flat = np.concatenate(texts)
    code = np.zeros(len(at), dtype=np.int64)
    for k in range(n):  # the number of the n-gram so far and the next word make one number, without collisions
        _, code = np.unique((code << 32) + (flat[at + k] - _NO_WORD), return_inverse=True)
    shape = (len(texts), int(code.max()) + 1)
    counted = sparse.coo_array((np.ones(len(code)), (row_of[at], code)), shape=shape)
    return sparse.csr_array(counted)  # the same n-gram of a text is added up


def groups_of_copies(rows: Sequence[npt.NDArray[np.generic]]) -> npt.NDArray[np.int64]:
    """[sample]: a number that exact copies share; rows: the words or the embedding of each sample."""
    numbers: dict[bytes, int] = {}
    return np.array([numbers.setdefault(np.ascontiguousarray(row).tobytes(), len(numbers)) for row in rows], dtype=int)


def near_texts(words: Words, *, least: float = JACCARD) -> csr_array:
    """Which texts are near copies of each other, sparse [sample, sample] of ones with an empty diagonal."""
    from scipy import sparse

    shingles = word_grams(words, SHINGLE, short=True)
    shingles.data[:] = 1
    sizes = np.diff(shingles.indptr)
    turned = sparse.csr_array(shingles.T)
    parts = []
    for start in range(0, len(words), _BLOCK):
        shared = sparse.coo_array(shingles[start : start + _BLOCK] @ turned)
        i, j = shared.coords
        jaccard = shared.data / (sizes[i + start] + sizes[j] - shared.data)
        keep = (jaccard >= least - 1e-12) & (i + start != j)
        parts.append(np.column_stack([i[keep] + start, j[keep]]))
    pairs = np.concatenate(parts)
    return sparse.csr_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(words), len(words)))


def near_embeddings(X: Floats, *, least: float = COSINE) -> csr_array:
    """Which unit rows X[sample, dimension] are near copies of each other, sparse [sample, sample] as `near_texts`."""
    from scipy import sparse

    near = np.asarray(least <= X @ X.T)
    np.fill_diagonal(near, False)
    return sparse.csr_array(near.astype(float))


def near_duplicate_rate(near: csr_array) -> float:
    """Share of samples that have a near copy among the others."""
    return float((np.diff(near.indptr) > 0).mean())


def exact_copy_rate(groups: npt.NDArray[np.int64]) -> float:
    """Share of samples that have an exact copy among the others."""
    counts = np.bincount(groups)
    return float((counts[groups] > 1).mean())


def share_unlike_others(near: csr_array, size: int) -> Rarefied:
    """Share of samples without a near copy, the mean over subsamples of one size: 1 - near-duplicate rate there.

    near: as `near_texts`. Raises ValueError as `rarefaction.check_size`.
    """
    n = near.shape[0]
    check_size(n, size)
    copies = np.diff(near.indptr)
    value = float(share_without(n - 1, copies, size - 1).mean())
    if n < 3:
        return Rarefied(value, size, n)
    less = min(size, n - 1) - 1
    alone = share_without(n - 2, np.minimum(copies, n - 2), less)
    gained = share_without(n - 2, np.maximum(copies - 1, 0), less) - alone
    without = (alone.sum() - alone + near @ gained) / (n - 1)
    return Rarefied(value, size, n, jackknife_variance(without))


def share_distinct(groups: npt.NDArray[np.int64], size: int) -> Rarefied:
    """Distinct samples over all samples, the mean over subsamples of one size (Hurlbert 1971).

    groups: as `groups_of_copies`. Raises ValueError as `rarefaction.check_size`.
    """
    n = len(groups)
    check_size(n, size)
    counts = np.bincount(groups)
    value = float((1 - share_without(n, counts, size)).sum() / size)
    if n < 3:
        return Rarefied(value, size, n)
    less = min(size, n - 1)
    found = 1 - share_without(n - 1, np.minimum(counts, n - 1), less)
    change = (1 - share_without(n - 1, np.maximum(counts - 1, 0), less)) - found
    return Rarefied(value, size, n, jackknife_variance((found.sum() + change[groups]) / less))
