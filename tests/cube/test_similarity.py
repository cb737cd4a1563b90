"""Similarity between tasks from the embeddings of their samples, where no file states it."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from toolkit.cube import reduce_stream
from toolkit.cube.cube import Cube
from toolkit.cube.samples import reduce_samples
from toolkit.cube.similarity import similarity_of_samples
from toolkit.logs import read_stream

Row = dict[str, Any]
CENTRES = {"a": [3.0, 1.0, 0.0], "b": [3.0, 0.0, 1.0], "c": [3.0, -1.0, -2.0]}


def stream(folder: Path, samples: list[Row], file: str | None = None) -> Path:
    """A stream of tasks a, b and c, with one evaluation."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "stream.toml").write_text('name = "s"\n' + "".join(f'[[tasks]]\nname = "{t}"\n' for t in "abc"))
    (folder / "evaluations.csv").write_text("stage,task,item,score\n1,a,i,1\n")
    (folder / "samples.jsonl").write_text("".join(json.dumps(row) + "\n" for row in samples))
    if file is not None:
        (folder / "similarity.csv").write_text(file)
    return folder


def samples(tasks: str, n: int = 30, **more: object) -> list[Row]:
    """Samples scattered about the centre of their task."""
    rng = np.random.default_rng(4)
    return [
        {"stage": 3, "task": t, "sample": f"{t}{i}{sorted(more)}", **more,
         "embedding": (np.array(CENTRES[t]) + rng.normal(0, 0.3, 3)).round(4).tolist()}
        for t in tasks for i in range(n)
    ]  # fmt: skip


def cube_of(folder: Path) -> Cube:
    with read_stream(folder) as log:
        return reduce_stream(log)


def pairs(cube: Cube) -> dict[tuple[str, str], float]:
    table = cube.table("similarity")
    return {} if table is None else {(r["task"], r["other"]): r["similarity"] for r in table.to_pylist()}


def cosines(rows: list[Row], tasks: str, *, centred: bool) -> dict[tuple[str, str], float]:
    """The same by scikit-learn."""
    from sklearn.metrics.pairwise import cosine_similarity

    means = np.array([np.mean([r["embedding"] for r in rows if r["task"] == t], axis=0) for t in tasks])
    found = cosine_similarity(means - means.mean(axis=0) if centred else means)
    return {(tasks[i], tasks[j]): found[i, j] for i, j in itertools.permutations(range(len(tasks)), 2)}


@pytest.mark.parametrize(("tasks", "centred"), [("abc", True), ("ab", False)])
def test_equals_the_cosine_between_task_means(tmp_path, tasks, centred):
    """To 1e-6, the precision of embeddings; less their common part from three tasks on."""
    rows = samples(tasks)
    cube = cube_of(stream(tmp_path, rows))
    assert pairs(cube) == pytest.approx(cosines(rows, tasks, centred=centred), abs=1e-6)
    told = [notice.message for notice in cube.meta.notices if notice.code == "similarity-of-samples"]
    assert len(told) == 1
    assert ("taken away" in told[0]) == centred
    assert cube.meta.facts.similarity


def test_the_common_part_would_make_all_tasks_alike():
    """Why it is taken away: plain cosines of these tasks are all above 0.5, though b and c differ most."""
    rows = samples("abc")
    plain, centred = (cosines(rows, "abc", centred=c) for c in (False, True))
    assert min(plain.values()) > 0.5
    assert centred["b", "c"] < -0.5


def test_rejected_samples_and_other_arms_do_not_count(tmp_path):
    """What did not go into training of arm `stream` says nothing about its tasks."""
    rows = samples("abc")
    strange = [{**row, "embedding": [9.0, -9.0, 9.0]} for row in samples("ab", accepted=False)]
    strange += [{**row, "embedding": [-9.0, 9.0, 9.0]} for row in samples("c", arm="isolated")]
    one, two = cube_of(stream(tmp_path / "one", rows)), cube_of(stream(tmp_path / "two", rows + strange))
    assert pairs(one) == pytest.approx(pairs(two), abs=1e-12)


def test_a_file_is_believed_before_embeddings(tmp_path):
    cube = cube_of(stream(tmp_path, samples("abc"), "task,other,similarity\na,b,0.25\n"))
    assert pairs(cube) == {("a", "b"): 0.25}
    assert not any(notice.code == "similarity-of-samples" for notice in cube.meta.notices)


def test_one_task_or_no_embedding_gives_none(tmp_path):
    for name, rows in (("one", samples("a")), ("none", [{"stage": 1, "task": t, "sample": t} for t in "abc"])):
        cube = cube_of(stream(tmp_path / name, rows))
        assert pairs(cube) == {}
        assert not cube.meta.facts.similarity


def test_kept_samples_stand_for_their_cells(tmp_path):
    """A large and a small cell of one task, of which equally many are kept: the mean is still that of all samples.

    Task a has 900 samples about one point and 100 about another, all equal within their cell, so the mean of all
    is known exactly whichever are kept; unweighted it would be half way.
    """
    rows = [
        {"stage": stage, "task": "a", "sample": f"{stage}-{i}", "embedding": vector}
        for stage, n, vector in ((1, 900, [1.0, 0.0]), (2, 100, [0.0, 1.0])) for i in range(n)
    ]  # fmt: skip
    rows.append({"stage": 2, "task": "b", "sample": "b", "embedding": [1.0, 0.0]})
    with read_stream(stream(tmp_path, rows)) as log:
        found = reduce_samples(log, max_kept=51)
    table, _ = similarity_of_samples(found.tables["sample_rows"], ["a", "b"], found.embedded)
    assert found.tables["sample_rows"].num_rows == 51
    assert table["similarity"][0].as_py() == pytest.approx(0.9 / np.hypot(0.9, 0.1), abs=1e-12)
