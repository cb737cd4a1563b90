"""Are the test items behind a headline the same as at earlier looks, or new ones each time?

Identities are hashed, and a publication keeps only the smallest hashes of all items so far (a bottom-k sketch,
Broder 1997): enough to see that a later look shares some of them, whatever the number of looks.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from toolkit.analyses.judgements import given_judgements
from toolkit.cube import Cube, Scores, scores_of
from toolkit.cube.reduce import MAX_BUCKETS
from toolkit.results import Axis

Hashes = npt.NDArray[np.uint64]
SKETCH = 128


@dataclass(frozen=True)
class Items:
    """The test items of one look.

    sha: SHA-256 over the identities, equal where the set is the same
    hashes: [item] identities, sorted and distinct; None where the log does not tell items apart
    """

    sha: str
    hashes: Hashes | None = None


def items_of(cube: Cube, axis: Axis, *, arms: tuple[str, ...] = ("stream",), tasks: tuple[str, ...] = ()) -> Items:
    """The items behind the headline of an axis.

    arms, tasks: those that enter it, for the axes that rest on scores. For the axes that compare judges with
    people: the clusters of all items that people judged. Samples have no identities in a cube, and neither have
    cell means nor items that were folded into buckets; then the fingerprint of the log stands for them.
    """
    hashes = None
    if axis in ("transfer", "forgetting"):
        scores = scores_of(cube)
        hashes = None if scores is None else _scored(cube, scores, arms, tasks)
    elif axis in ("feedback", "alignment"):
        hashes = _judged(cube, arms[0])
    if hashes is None:
        return Items(cube.meta.fingerprint)
    return Items(hashlib.sha256(hashes.astype("<u8").tobytes()).hexdigest(), hashes)


def smallest(hashes: Hashes, seen: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The sketch of all items so far: `seen`, the sketch before, with those of `hashes`."""
    both = np.union1d(hashes, _from_text(seen))
    return tuple(f"{value:016x}" for value in both[:SKETCH].tolist())


def share_items(hashes: Hashes, seen: tuple[str, ...]) -> bool:
    """Whether some of `hashes` are among the items that the sketch `seen` stands for.

    An overlap of a twentieth is seen with more than 99 % against one earlier look of as many items; one that
    is too small to be seen among many looks is too small to matter for the interval.
    """
    return bool(np.isin(_from_text(seen), hashes).any())


def _scored(cube: Cube, scores: Scores, arms: tuple[str, ...], tasks: tuple[str, ...]) -> Hashes | None:
    counts = cube.table("counts")
    clusters = {}
    if counts is not None and "clusters" in counts.column_names:
        clusters = dict(zip(counts["task"].to_pylist(), counts["clusters"].to_pylist(), strict=True))
    places = [scores.arms.index(arm) for arm in arms if arm in scores.arms]
    found = []
    for task, sums in zip(scores.tasks, scores.sums, strict=True):
        if tasks and task not in tasks:
            continue
        if sums is None or clusters.get(task, 0) > MAX_BUCKETS:
            return None
        here = (sums.n[places] > 0).any(axis=(0, 1, 2))
        found.append(_hashed(task, sums.keys[here]))
    return np.unique(np.concatenate(found)) if found else None


def _judged(cube: Cube, arm: str) -> Hashes | None:
    table = cube.table("judgements")
    if table is None:
        return None
    people = table.filter(pc.equal(table["source"], "human")).to_pandas()
    people = given_judgements(people, arm=arm, target="answer")
    parts = [_hashed(str(task), rows["cluster"].to_numpy()) for task, rows in people.groupby("task")]
    return np.unique(np.concatenate(parts)) if parts else None


def _hashed(task: str, keys: npt.NDArray[np.int64]) -> Hashes:
    """Keys of one task, mixed evenly over 64 bits one to one (the finaliser of SplitMix64, Steele et al. 2014)."""
    salt = np.uint64(int.from_bytes(hashlib.sha256(task.encode()).digest()[:8], "big"))
    z = keys.astype(np.int64).view(np.uint64) ^ salt
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def _from_text(seen: tuple[str, ...]) -> Hashes:
    return np.array([int(text, 16) for text in seen], dtype=np.uint64)
