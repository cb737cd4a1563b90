"""What would the scores have been on other test items? Poisson draws of the item layer, made once for all metrics.

Each cluster of items gets a weight, Poisson with mean one (Hanley & MacGibbon 2006), that depends on nothing but
the random seed, the cluster's key and the number of the draw. So tasks, arms, stages and releases that share
items share their draws, and differences, ratios and bands all come from one joint distribution.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from math import factorial
from typing import Any

import numpy as np
import numpy.typing as npt

from toolkit.cube.scores import Scores, TaskSums

Floats = npt.NDArray[np.float64]
Weights = npt.NDArray[np.float32]
Words = npt.NDArray[np.uint64]
Spread = Callable[[Callable[[int], None], Iterable[int]], Iterator[None]]

DRAWS = 10_000
_HELD = 1 << 19  # weights that a thread holds at once: 2 MB, small enough to stay near its core

# Poisson(1) from 65,536 equally likely uniform numbers: the least of them with a weight of 1, of 2 and so on.
_CDF = np.cumsum([np.exp(-1.0) / factorial(k) for k in range(8)])
_LEAST = np.ceil(_CDF * 65_536 - 0.5).astype(np.uint16)


def poisson_weights(keys: npt.NDArray[np.int64], draws: int, *, random_seed: int, first: int = 0) -> Weights:
    """Weights [draw, cluster] of the draws `first` to `first + draws`, four of them from each hashed word.

    `first` must be a multiple of four.
    """
    if first % 4:
        raise ValueError(f"draws come in fours: {first} is not a multiple of four")
    words = np.arange(first // 4, (first + draws + 3) // 4, dtype=np.uint64)
    start = _mixed(np.asarray(keys).astype(np.uint64) ^ _mixed(np.array([random_seed], dtype=np.uint64)))
    hashed = _mixed(start[:, None] + words[None, :] * np.uint64(0x9E3779B97F4A7C15))  # [cluster, word]
    uniform = hashed.view(np.uint16)[:, :draws]
    weights = np.zeros(uniform.shape, np.uint8)
    for least in _LEAST:
        weights += uniform >= least
    return weights.astype(np.float32).T


@contextmanager
def _threads() -> Iterator[Spread]:
    """A `map` of as many threads as BLAS would take, which then computes every product with one.

    Weights are most of the work, and BLAS has no part in these. No number depends on how many threads there are.
    """
    threads = min((library["num_threads"] for library in _blas().info()), default=1)
    if threads == 1:
        yield map
        return
    with _blas().limit(limits=1), ThreadPoolExecutor(threads) as pool:
        yield pool.map


def _in_blocks(
    spread: Spread,
    keys: npt.NDArray[np.int64],
    draws: int,
    random_seed: int,
    use: Callable[[slice, Weights], None],
) -> None:
    """Hand over which draws and their weights, in portions that stay small."""
    size = max(4, _HELD // max(len(keys), 1) // 4 * 4)

    def block(first: int) -> None:
        count = min(size, draws - first)
        use(slice(first, first + count), poisson_weights(keys, count, random_seed=random_seed, first=first))

    for _ in spread(block, range(0, draws, size)):
        pass


@cache
def _blas() -> Any:
    from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

    return ThreadpoolController().select(user_api="blas")


def _mixed(x: Words) -> Words:
    """The finaliser of SplitMix64 (Steele, Lea & Flood 2014), in place: neighbouring numbers become unlike ones."""
    x ^= x >> np.uint64(30)
    x *= np.uint64(0xBF58476D1CE4E5B9)
    x ^= x >> np.uint64(27)
    x *= np.uint64(0x94D049BB133111EB)
    x ^= x >> np.uint64(31)
    return x


def drawn_scores(scores: Scores, arm: str, *, draws: int = DRAWS, random_seed: int = 0) -> Iterator[tuple[int, Floats]]:
    """Tasks one by one: position of the task, and its cell means R*[draw, seed, stage] on drawn items.

    Tasks without items are left out; cells without scores stay nan. A draw without any item of a cell, which
    needs a handful of items to happen, has nan there.
    """
    a = scores.arms.index(arm)
    with _threads() as spread:
        for j, sums in enumerate(scores.sums):
            if sums is not None and (sums.n[a] > 0).any():
                yield j, _drawn(spread, sums, a, draws, random_seed)


def _drawn(spread: Spread, sums: TaskSums, a: int, draws: int, random_seed: int) -> Floats:
    seeds, stages, clusters = sums.n[a].shape
    total = sums.total[a].reshape(-1, clusters).T.astype(np.float32)  # [cluster, cell]
    n, cell_of = _distinct(sums.n[a].reshape(-1, clusters))
    drawn = np.empty((draws, seeds * stages))

    def use(which: slice, W: Weights) -> None:
        drawn_n = W @ n
        with np.errstate(divide="ignore", invalid="ignore"):
            np.divide(W @ total, drawn_n if cell_of is None else drawn_n[:, cell_of], out=drawn[which])

    _in_blocks(spread, sums.keys, draws, random_seed, use)
    return drawn.reshape(draws, seeds, stages)


def _distinct(n: Floats) -> tuple[Weights, npt.NDArray[np.intp] | None]:
    """Distinct rows of item counts as columns [cluster, row], and which one each cell has: mostly one for all."""
    if (n == n[0]).all():
        return n[:1].T.astype(np.float32), None
    rows, place = np.unique(n, axis=0, return_inverse=True)
    return rows.T.astype(np.float32), place.ravel()


def drawn_influence(
    influence: Floats, keys: npt.NDArray[np.int64], *, draws: int = DRAWS, random_seed: int = 0
) -> Floats:
    """How far statistics move on drawn items, [draw, statistic], from their influence[cluster, statistic]."""
    result = np.empty((draws, influence.shape[1]))
    light = influence.astype(np.float32)

    def use(which: slice, W: Weights) -> None:
        result[which] = (W - 1) @ light

    with _threads() as spread:
        _in_blocks(spread, keys, draws, random_seed, use)
    return result
