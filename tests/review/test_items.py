"""Whether looks share items: identities from cubes, and what a sketch of them can tell."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tests.builders import config, cube_from_scores, cube_from_tables, judgements, scores_from_items, scores_from_matrix
from toolkit.cube import Cube
from toolkit.review.items import SKETCH, items_of, share_items, smallest


def scored(first: int, *, items: int = 30, tasks: int = 2, arms: tuple[str, ...] = ("stream",)) -> Cube:
    """A cube of two tasks whose items are numbered from `first`."""
    y = np.random.default_rng(0).integers(0, 2, (len(arms), 1, tasks + 1, tasks, items)).astype(float)
    scores = scores_from_items(y, arms=arms)
    for sums in scores.sums:
        sums.keys[:] += first
    return cube_from_scores(scores)


def test_the_same_items_have_the_same_hash_whatever_was_scored():
    """Two tasks that share an id have two items; other ids or tasks are another set."""
    one, again, other = items_of(scored(0), "forgetting"), items_of(scored(0), "forgetting"), scored(500)
    assert one.sha == again.sha
    assert len(one.hashes) == 60
    assert one.sha != items_of(other, "forgetting").sha
    assert one.sha != items_of(scored(0), "forgetting", tasks=("task 1",)).sha
    assert len(items_of(scored(0), "forgetting", tasks=("task 1",)).hashes) == 30


@pytest.mark.parametrize(("first", "shared"), [(0, True), (29, True), (60, False), (10_000, False)])
def test_sets_share_items_exactly_where_their_numbers_do(first, shared):
    """Sixty items from 0: few enough that the sketch holds them all."""
    old, new = items_of(scored(0), "forgetting"), items_of(scored(first), "forgetting", tasks=("task 1",))
    assert share_items(new.hashes, smallest(old.hashes)) is shared


def test_a_sketch_of_fifty_looks_still_sees_what_comes_back():
    """2,000 items a look; an earlier look's set comes back, or a fifth of all that were seen before."""
    rng = np.random.default_rng(1)
    looks = [np.unique(rng.integers(0, 2**63, 2000, dtype=np.uint64)) for _ in range(50)]
    seen: tuple[str, ...] = ()
    for hashes in looks:
        assert not share_items(hashes, seen)
        seen = smallest(hashes, seen)
    assert len(seen) == SKETCH
    every = np.concatenate(looks)
    assert sum(share_items(rng.choice(every, 2000, replace=False), seen) for _ in range(20)) >= 15
    assert share_items(np.concatenate(looks[:25]), seen)


def test_items_that_are_not_known_one_by_one_have_no_identities():
    """Cell means, items folded into buckets, samples: the log's fingerprint stands for them."""
    matrix = cube_from_scores(scores_from_matrix(np.full((1, 2, 3, 2), 0.5)))
    folded = scored(0)
    counts = pa.table({"task": ["task 1", "task 2"], "items": [600, 30], "clusters": [600, 30]})
    folded = Cube(folded.meta, folded.tables | {"counts": counts})
    for cube, axis in ((matrix, "forgetting"), (folded, "forgetting"), (scored(0), "generation")):
        found = items_of(cube, axis)
        assert (found.hashes, found.sha) == (None, "test")
    assert items_of(folded, "forgetting", tasks=("task 2",)).hashes is not None


def test_judged_items_are_those_that_people_saw():
    """Synthetic judgements alone do not count, nor do those of another arm; clusters are the identities."""
    rows = pd.DataFrame({
        "item": [1, 1, 2, 3, 4], "cluster": [10, 10, 10, 30, 40], "rater": ["m", "p", "p", "m", "p"],
        "source": ["synthetic", "human", "human", "synthetic", "human"],
        "score": 0.5, "arm": ["stream"] * 4 + ["isolated"],
    })  # fmt: skip
    cube = cube_from_tables(config(1), judgements=judgements(rows))
    found = items_of(cube, "feedback")
    assert len(found.hashes) == 1
    assert items_of(cube, "alignment").sha == found.sha
    assert items_of(cube_from_tables(config(1)), "feedback").hashes is None
