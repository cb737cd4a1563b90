"""How novel are samples to each other, where what is near counts most and crowded places count by their density?

NovelSum (Yang et al. 2025, "Measuring Data Diversity for Instruction Tuning"), as their published code computes it:
the mean over samples of a weighted mean of the cosine distances to all others, weights 1 / rank^1 from the nearest
on, times the sample's density^0.5 in a reference: 1 / the mean squared Euclidean distance to 10 of the reference's
distinct points, the nearest left out (it is the sample itself where the samples are the reference). As copies in the
reference count once, no density is infinite; a copy among the samples has distance zero at the greatest weight.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from toolkit.inference.diversity import unit_rows
from toolkit.inference.rarefaction import DRAWS, Rarefied, rarefied

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

NEIGHBOURS, DENSITY_POWER, PROXIMITY_POWER = 10, 0.5, 1.0
_TINY = 1e-9  # as published, beside a mean squared distance
_BLOCK = 1024


def local_density(
    embedding: npt.NDArray[np.floating],
    reference: npt.NDArray[np.floating],
    *,
    neighbours: int = NEIGHBOURS,
    power: float = DENSITY_POWER,
) -> Floats:
    """Density^power of the reference at each sample, [sample], from embeddings as they are.

    embedding: [sample, dimension]; reference: [point, dimension], copies counted once. With fewer than
    `neighbours` + 1 distinct points all but the nearest are used. Raises ValueError with fewer than two.
    """
    # adding zero makes -0 and 0 the same point
    points = np.unique(np.asarray(reference, dtype=float) + 0.0, axis=0)
    if len(points) < 2:
        raise ValueError("a density needs at least two distinct points in the reference")
    last = min(neighbours, len(points) - 1)
    centre = points.mean(0)
    Y = points - centre
    squares = (Y**2).sum(1)
    found = np.empty(len(embedding))
    for start in range(0, len(embedding), _BLOCK):
        X = np.asarray(embedding[start : start + _BLOCK], dtype=float) - centre
        d = np.maximum((X**2).sum(1)[:, None] + squares - 2 * X @ Y.T, 0.0)
        nearest = np.sort(np.partition(d, last, axis=1)[:, : last + 1], axis=1)
        found[start : start + _BLOCK] = nearest[:, 1:].mean(1)
    return 1 / (found + _TINY) ** power


def cosine_distances(X: Floats) -> Floats:
    """1 - cosine between unit rows, [sample, sample]; not below zero, and zero for copies up to rounding."""
    D = np.maximum(1 - X @ X.T, 0.0)
    D[D < 1e-14] = 0.0
    return D


def novelsum(
    embedding: npt.NDArray[np.floating], density: Floats | None = None, *, power: float = PROXIMITY_POWER
) -> float:
    """NovelSum of samples: embedding [sample, dimension], density [sample] to its power, by default 1 everywhere.

    Without a density it rests on distances alone, as its authors advise where no reference is at hand. Raises
    ValueError with fewer than two samples, and as `unit_rows`.
    """
    if len(embedding) < 2:
        raise ValueError("needs at least two samples")
    D = cosine_distances(unit_rows(embedding))
    return float((_sorted_others(D)[0] @ _weights(len(D) - 1, power) * _each(density, len(D))).mean())


def rarefied_novelsum(
    D: Floats,
    density: Floats | None,
    size: int,
    *,
    draws: int = DRAWS,
    random_seed: int = 0,
    variance: bool = True,
) -> Rarefied:
    """NovelSum at one size, from D = `cosine_distances`. Raises ValueError as `rarefaction.check_size`."""
    scale = _each(density, len(D))

    def measure(at: Ints) -> tuple[float, Floats | None]:
        part = D[np.ix_(at, at)]
        values, order = _sorted_others(part)
        novelty = values @ _weights(size - 1, PROXIMITY_POWER) * scale[at]
        without = _without_each(values, order, scale[at]) if variance and size > 2 else None
        return float(novelty.mean()), without

    return rarefied(measure, len(D), size, draws=draws, random_seed=random_seed)


def _each(density: Floats | None, n: int) -> Floats:
    return np.ones(n) if density is None else density


def _weights(others: int, power: float) -> Floats:
    weights = 1 / np.arange(1, others + 1) ** power
    return weights / weights.sum()


def _sorted_others(D: Floats) -> tuple[Floats, Ints]:
    """Distances of each sample to the others from the nearest on, [sample, other], and which others these are."""
    others = D.copy()
    np.fill_diagonal(others, np.inf)
    order = np.argsort(others, axis=1)[:, :-1]
    return np.take_along_axis(others, order, 1), order


def _without_each(values: Floats, order: Ints, scale: Floats) -> Floats:
    """NovelSum without each sample, [sample]: those further away than it move up by one rank."""
    n = len(values)
    raw = 1 / np.arange(1, n) ** PROXIMITY_POWER
    nearer = np.cumsum(values * raw, axis=1) - values * raw
    moved = values[:, 1:] * raw[:-1]
    further = np.zeros_like(values)
    further[:, :-1] = np.cumsum(moved[:, ::-1], axis=1)[:, ::-1]
    left = (nearer + further) / raw[:-1].sum() * scale[:, None]
    return np.bincount(order.ravel(), weights=left.ravel(), minlength=n) / (n - 1)
