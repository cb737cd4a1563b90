"""The reduction against pandas on the raw log, and that a stored cube gives the same numbers."""

import json

import numpy as np
import pandas as pd
import pytest

from toolkit.cube import load_cube, reduce_stream, scores_of
from toolkit.cube.cube import CUBE_VERSION
from toolkit.errors import RunFailed
from toolkit.logs import read_stream


def write_log(folder, frame, toml=""):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "stream.toml").write_text('name = "s"\n[[tasks]]\nname = "a"\n[[tasks]]\nname = "b"\n' + toml)
    frame.to_csv(folder / "evaluations.csv", index=False)
    return folder


@pytest.fixture
def log(tmp_path):
    """Two tasks on the same clusters, three seeds, item scores with three decimals, rows in random order."""
    rng = np.random.default_rng(1)
    rows = [
        (seed, stage, task, f"{task}-{i}", f"c{i}", round(float(rng.random()), 3))
        for seed in range(3) for stage in range(3) for task in "ab" for i in range(20)
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["seed", "stage", "task", "item", "cluster", "score"])
    return write_log(tmp_path / "s", frame.sample(frac=1, random_state=2)), frame


def test_cell_means_equal_pandas(log):
    folder, frame = log
    with read_stream(folder) as checked:
        scores = scores_of(reduce_stream(checked))
    want = frame.groupby(["seed", "stage", "task"])["score"].mean().to_numpy().reshape(3, 3, 2)
    assert scores.mean[0] == pytest.approx(want, abs=1e-9)
    assert (scores.n == 20).all()


def test_buckets_are_clusters_and_link_tasks(log):
    folder, frame = log
    with read_stream(folder) as checked:
        scores = scores_of(reduce_stream(checked))
    first, second = scores.sums
    assert len(first.keys) == frame["cluster"].nunique() == 20
    assert set(first.keys) == set(second.keys)
    by_cluster = frame[(frame.seed == 0) & (frame.stage == 1) & (frame.task == "a")].groupby("cluster")["score"].sum()
    assert sorted(first.total[0, 0, 1]) == pytest.approx(sorted(by_cluster), abs=1e-9)


def test_many_clusters_are_folded_without_losing_a_row(log):
    folder, frame = log
    with read_stream(folder) as checked:
        scores = scores_of(reduce_stream(checked, max_buckets=8))
    assert max(len(part.keys) for part in scores.sums) <= 8
    want = frame.groupby(["seed", "stage", "task"])["score"].mean().to_numpy().reshape(3, 3, 2)
    assert scores.mean[0] == pytest.approx(want, abs=1e-9)


def test_order_of_rows_does_not_matter(log, tmp_path):
    folder, frame = log
    other = write_log(tmp_path / "t", frame.sample(frac=1, random_state=9))
    tables = []
    for place in (folder, other):
        with read_stream(place) as checked:
            tables.append(reduce_stream(checked).tables["sums"])
    assert tables[0].equals(tables[1])


def test_steps_serve_curves_and_the_matrix_takes_rows_without_a_step(tmp_path):
    """Cell (1, a): a row without step wins; cell (2, b): the largest step is taken."""
    frame = pd.DataFrame({
        "stage": [1, 1, 2, 2], "task": ["a", "a", "b", "b"], "item": ["i", "i", "i", "i"],
        "step": [5, None, 1, 7], "score": [0.1, 0.9, 0.2, 0.6],
    })  # fmt: skip
    with read_stream(write_log(tmp_path / "s", frame)) as checked:
        cube = reduce_stream(checked)
    scores = scores_of(cube)
    assert scores.mean[0, 0, 1, 0] == pytest.approx(0.9)
    assert scores.mean[0, 0, 2, 1] == pytest.approx(0.6)
    assert sorted(cube.table("curves")["step"].to_pylist()) == [1, 5, 7]


def test_a_mean_beside_items_is_left_out_and_said(tmp_path):
    frame = pd.DataFrame({"stage": [1, 1], "task": ["a", "a"], "item": ["i", None], "score": [0.2, 0.9]})
    with read_stream(write_log(tmp_path / "s", frame)) as checked:
        cube = reduce_stream(checked)
    assert scores_of(cube).mean[0, 0, 1, 0] == pytest.approx(0.2)
    assert "mixed-cells" in [notice.code for notice in cube.meta.notices]


def test_a_cube_read_back_is_the_same(log, tmp_path):
    with read_stream(log[0]) as checked:
        cube = reduce_stream(checked)
    cube.save(tmp_path / "cube")
    back = load_cube(tmp_path / "cube")
    assert back.meta == cube.meta
    assert all(back.tables[name].equals(table) for name, table in cube.tables.items())


def test_people_are_numbered_and_judges_named(tmp_path):
    frame = pd.DataFrame({"stage": [1], "task": ["a"], "item": ["i"], "score": [1]})
    folder = write_log(tmp_path / "s", frame)
    rows = [
        {"stage": 1, "task": "a", "item": "i", "source": "human", "rater": "Ada L.", "score": 1},
        {"stage": 1, "task": "a", "item": "i", "source": "synthetic", "rater": "judge-x", "score": 0},
    ]
    (folder / "feedback.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    with read_stream(folder) as checked:
        table = reduce_stream(checked).tables["judgements"]
    assert sorted(table["rater"].to_pylist()) == ["judge-x", "person 1"]
    assert "Ada" not in str(table.to_pylist())


@pytest.mark.parametrize("damage", ["missing", "cut", "version"])
def test_a_damaged_cube_says_so_in_one_line(log, tmp_path, damage):
    with read_stream(log[0]) as checked:
        reduce_stream(checked).save(tmp_path / "cube")
    meta = tmp_path / "cube" / "meta.json"
    if damage == "missing":
        meta.unlink()
    elif damage == "cut":
        (tmp_path / "cube" / "sums.parquet").write_bytes(b"PAR1")
    else:
        meta.write_text(meta.read_text().replace(f'"cube_version": "{CUBE_VERSION}"', '"cube_version": "0"'))
    with pytest.raises(RunFailed, match="run again from the log") as caught:
        load_cube(tmp_path / "cube")
    assert "\n" not in str(caught.value)
