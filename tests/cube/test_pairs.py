"""What became of single items since arrival, against pandas on the raw rows."""

import hashlib

import numpy as np
import pandas as pd
import pytest

from tests.builders import cube_from_items
from toolkit.cube import load_cube, reduce_stream, runs
from toolkit.cube.cube import CUBE_VERSION
from toolkit.errors import RunFailed
from toolkit.logs import read_stream

ORDERS = {"default": ("a", "b", "c"), "other": ("c", "a", "b")}
FEW, MANY = 8, 512  # buckets: twelve clusters a task are folded, or kept one by one


def cube_of(folder, frame, toml="", max_buckets=MANY):
    """The cube of a log of these rows, reduced twice, which must leave no traces."""
    listed = "".join(f'[[tasks]]\nname = "{task}"\n' for task in ORDERS["default"])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "stream.toml").write_text(f'name = "s"\n{toml}\n{listed}[orders]\nother = ["c", "a", "b"]\n')
    frame.to_csv(folder / "evaluations.csv", index=False)
    with read_stream(folder) as checked:
        reduce_stream(checked, max_buckets=max_buckets)
        return reduce_stream(checked, max_buckets=max_buckets)


def raw_rows(seed=1):
    """Two orders, two seeds, three arms, 30 items in 12 clusters a task; a fifth missing, in random order."""
    rng = np.random.default_rng(seed)
    rows = []
    for order, tasks in ORDERS.items():
        for run in range(2):
            for arrival, task in enumerate(tasks, start=1):
                for item in range(30):
                    hard = rng.normal()
                    stages = (
                        [("stream", k) for k in range(4)] + [("joint", k) for k in (1, 3)] + [("isolated", arrival)]
                    )
                    rows += [
                        (arm, order, run, stage, task, f"{task}{item}", f"{task}-c{item % 12}",
                         int(rng.normal() + 0.5 > hard)) for arm, stage in stages
                    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["arm", "order", "seed", "stage", "task", "item", "cluster", "score"])
    return frame.sample(frac=0.8, random_state=seed)


def with_buckets(frame, max_buckets, orders=ORDERS):
    """Arrival and bucket as documented: the cluster's MD5 where a task has few of them, else its low bits."""
    arrival = {(order, task): k for order, tasks in orders.items() for k, task in enumerate(tasks, start=1)}
    low = {c: int.from_bytes(hashlib.md5(c.encode(), usedforsecurity=False).digest()[8:], "little")
           for c in set(frame["cluster"])}  # fmt: skip
    few = frame.groupby("task")["cluster"].nunique() <= max_buckets
    return frame.assign(
        arrival=[arrival[place] for place in zip(frame["order"], frame["task"], strict=True)],
        bucket=[low[c] >> 1 if few[t] else low[c] % max_buckets
                for c, t in zip(frame["cluster"], frame["task"], strict=True)],
    )  # fmt: skip


def counted(frame, keys, columns):
    """Sums by key as a dictionary: key -> counts."""
    sums = frame.groupby(keys)[columns].sum()
    return {key: tuple(int(x) for x in row) for key, row in zip(sums.index, sums.to_numpy(), strict=True)}


def as_dictionary(table, keys, columns):
    rows = table.to_pylist()
    assert len({tuple(row[k] for k in keys) for row in rows}) == len(rows)
    return {tuple(row[k] for k in keys): tuple(row[c] for c in columns) for row in rows}


PAIR_KEYS = ["arm", "task_order", "seed", "task", "stage", "bucket"]
PAIR_COUNTS = ["both", "lost", "gained", "neither"]


def pairs_by_pandas(frame, max_buckets=MANY, orders=ORDERS):
    rows = with_buckets(frame, max_buckets, orders).rename(columns={"order": "task_order"})
    item = ["arm", "task_order", "seed", "task", "item"]
    first = rows[rows["stage"] == rows["arrival"]].set_index(item)[["score", "bucket"]]
    later = rows[rows["stage"] > rows["arrival"]].drop(columns="bucket")
    both = later.join(first.add_prefix("first_"), on=item, how="inner").rename(columns={"first_bucket": "bucket"})
    for name, was, now in (("both", 1, 1), ("lost", 1, 0), ("gained", 0, 1), ("neither", 0, 0)):
        both[name] = ((both["first_score"] == was) & (both["score"] == now)).astype(int)
    return counted(both, PAIR_KEYS, PAIR_COUNTS)


def recurrence_by_loop(frame, max_buckets=MANY, orders=ORDERS):
    """Item by item: right at its stage before, and wrong at an earlier one since arrival, or never."""
    rows = with_buckets(frame, max_buckets, orders)
    alone = rows[(rows["arm"] == "isolated") & (rows["stage"] == rows["arrival"])]
    alone = alone.set_index(["order", "seed", "task", "item"])["score"].to_dict()
    found = {}
    stream = rows[(rows["arm"] == "stream") & (rows["stage"] >= rows["arrival"])].sort_values("stage")
    for place, history in stream.groupby(["order", "seed", "task", "item"]):
        if place not in alone:
            continue
        order, seed, task, _ = place
        scores = history["score"].tolist()
        for n, row in enumerate(history.itertuples()):
            if n and scores[n - 1] == 1 and row.stage >= row.arrival + 2:
                group = "never" if all(scores[:n]) else "fixed"
                key = ("stream", order, seed, row.stage, task, group, row.bucket)
                add = np.array([1, row.score == 0, alone[place] == 0], dtype=int)
                found[key] = found.get(key, 0) + add
    return {key: tuple(int(x) for x in counts) for key, counts in found.items()}


RECURRENCE_KEYS = ["arm", "task_order", "seed", "stage", "task", "group", "bucket"]
RECURRENCE_COUNTS = ["at_risk", "wrong_again", "isolated_wrong"]


def pairs_of(cube):
    return as_dictionary(cube.table("pairs"), PAIR_KEYS, PAIR_COUNTS)


def recurrence_of(cube):
    return as_dictionary(cube.table("recurrence"), RECURRENCE_KEYS, RECURRENCE_COUNTS)


@pytest.mark.parametrize("max_buckets", [FEW, MANY])
def test_pairs_equal_pandas(tmp_path, max_buckets):
    """Orders, seeds, arms, missing items; clusters one by one and folded."""
    frame = raw_rows()
    cube = cube_of(tmp_path / "s", frame, max_buckets=max_buckets)
    want = pairs_by_pandas(frame, max_buckets)
    assert pairs_of(cube) == want
    assert {key[:2] for key in want} == {(arm, order) for arm in ("stream", "joint") for order in ORDERS}


@pytest.mark.parametrize("max_buckets", [FEW, MANY])
def test_recurrence_equals_a_loop_over_items(tmp_path, max_buckets):
    """Groups by each item's own history; only items that the isolated student of that seed and order answered."""
    frame = raw_rows()
    got = recurrence_of(cube_of(tmp_path / "s", frame, max_buckets=max_buckets))
    assert got == recurrence_by_loop(frame, max_buckets)
    assert {key[5] for key in got} == {"fixed", "never"}
    assert {key[1] for key in got} == set(ORDERS)


@pytest.mark.parametrize(
    ("module", "name", "value"), [(runs, "_ROWS", 40), (runs, "_SUMS", 1), (runs, "BITS", 3), (runs, "BITS", 4)]
)
def test_batches_and_rows_one_by_one_give_the_same(tmp_path, monkeypatch, module, name, value):
    """Few runs at once; too many stages for one number (3 bits), which leaves rows; and one run a number (4 bits)."""
    frame = raw_rows()
    whole = cube_of(tmp_path / "s", frame)
    monkeypatch.setattr(module, name, value)
    again = cube_of(tmp_path / "s", frame)
    assert again.tables == whole.tables
    assert pairs_of(again) == pairs_by_pandas(frame)


def test_more_stages_than_a_number_has_bits(tmp_path):
    """Seventy tasks and stages, evaluated now and then."""
    rng = np.random.default_rng(3)
    tasks = [f"t{k}" for k in range(1, 71)]
    rows = [
        (arm, "default", 0, stage, task, f"{task}/{item}", f"{task}/{item}", int(rng.random() < 0.6))
        for arrival, task in enumerate(tasks, start=1) if arrival % 9 == 1
        for arm, stages in (("stream", range(1, 71, 3)), ("isolated", [arrival]))
        for stage in stages for item in range(4)
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["arm", "order", "seed", "stage", "task", "item", "cluster", "score"])
    arrivals = {"default": tuple(tasks)}
    folder = tmp_path / "s"
    folder.mkdir()
    (folder / "stream.toml").write_text('name = "s"\n' + "".join(f'[[tasks]]\nname = "{task}"\n' for task in tasks))
    frame.to_csv(folder / "evaluations.csv", index=False)
    with read_stream(folder) as checked:
        cube = reduce_stream(checked)
    want = pairs_by_pandas(frame, orders=arrivals)
    assert want
    assert pairs_of(cube) == want
    assert recurrence_of(cube) == recurrence_by_loop(frame, orders=arrivals)


def test_an_item_may_change_its_cluster(tmp_path):
    """Sums follow the cluster of each row; pairs that of the arrival."""
    frame = raw_rows()
    rng = np.random.default_rng(5)
    moved = rng.random(len(frame)) < 0.2
    frame.loc[moved, "cluster"] = frame.loc[moved, "task"] + "-c0"
    cube = cube_of(tmp_path / "s", frame)
    assert pairs_of(cube) == pairs_by_pandas(frame)
    rows = with_buckets(frame, MANY).rename(columns={"order": "task_order"}).assign(n=1)
    keys = ["arm", "task_order", "seed", "stage", "task", "bucket"]
    want = {key: (n, total * 10**9) for key, (n, total) in counted(rows, keys, ["n", "score"]).items()}
    assert as_dictionary(cube.table("sums"), keys, ["n", "total"]) == want


def test_items_of_a_task_with_other_scores_are_not_followed(tmp_path):
    """One score of a half leaves its whole task out, and the other tasks in."""
    frame = raw_rows()
    frame["score"] = frame["score"].astype(float)
    half = frame.index[(frame["task"] == "a") & (frame["arm"] == "stream")][0]
    frame.loc[half, "score"] = 0.5
    cube = cube_of(tmp_path / "s", frame)
    others = frame[frame["task"] != "a"]
    assert pairs_of(cube) == pairs_by_pandas(others)
    assert recurrence_of(cube) == recurrence_by_loop(others)


def test_where_lower_is_better_zero_is_right(tmp_path):
    """Scores that count errors: the same items are lost and gained."""
    frame = raw_rows()
    errors = cube_of(tmp_path / "errors", frame.assign(score=1 - frame["score"]), toml="higher_is_better = false")
    assert pairs_of(errors) == pairs_by_pandas(frame)
    assert recurrence_of(errors) == recurrence_by_loop(frame)


def test_the_score_of_the_largest_step_is_the_one_that_counts(tmp_path):
    """Rows of a learning curve are not further stages of the items."""
    frame = raw_rows().assign(step=10)
    earlier = frame.assign(step=5, score=1 - frame["score"])
    cube = cube_of(tmp_path / "s", pd.concat([frame, earlier]))
    assert pairs_of(cube) == pairs_by_pandas(frame)
    assert recurrence_of(cube) == recurrence_by_loop(frame)


def test_without_an_isolated_arm_there_are_pairs_and_no_recurrence(tmp_path):
    frame = raw_rows()
    cube = cube_of(tmp_path / "s", frame[frame["arm"] != "isolated"])
    assert pairs_of(cube) == pairs_by_pandas(frame[frame["arm"] != "isolated"])
    assert cube.table("recurrence") is None


def test_cell_means_and_new_ids_give_neither(tmp_path):
    """Rows without items, and items that never come back under the same id."""
    frame = raw_rows()
    means = frame.groupby(["arm", "order", "seed", "stage", "task"], as_index=False)["score"].mean()
    fresh = frame.assign(item=[f"row {n}" for n in range(len(frame))])
    for name, rows in (("means", means), ("fresh", fresh)):
        cube = cube_of(tmp_path / name, rows)
        assert cube.table("pairs") is None
        assert cube.table("recurrence") is None


def test_the_built_cube_of_other_tests_is_what_the_reduction_makes(tmp_path):
    """tests.builders.cube_from_items against the reduction, bucket by bucket up to their names."""
    rng = np.random.default_rng(2)
    y = np.full((2, 2, 5, 3, 20), np.nan)
    y[0] = rng.random(y.shape[1:]) < 0.7
    for j in range(3):
        y[1, :, j + 1, j] = rng.random((2, 20)) < 0.7
    y[rng.random(y.shape) < 0.1] = np.nan
    y = y[:, :, :4]
    a, s, k, j, i = np.nonzero(np.isfinite(y))
    frame = pd.DataFrame({
        "arm": np.array(["stream", "isolated"])[a], "seed": s, "stage": k, "task": np.array(["a", "b", "c"])[j],
        "item": [f"{x}/{z}" for x, z in zip(j, i, strict=True)], "score": y[a, s, k, j, i].astype(int),
    })  # fmt: skip
    made = cube_of(tmp_path / "s", frame)
    built = cube_from_items(y, arms=("stream", "isolated"))
    names = {"task 1": "a", "task 2": "b", "task 3": "c"}
    for table, keys, counts in (
        ("pairs", PAIR_KEYS, PAIR_COUNTS), ("recurrence", RECURRENCE_KEYS, RECURRENCE_COUNTS),
    ):  # fmt: skip
        one, other = (cube.table(table).to_pandas() for cube in (made, built))
        other["task"] = other["task"].map(names)
        bare = [key for key in keys if key != "bucket"]
        assert counted(one, bare, counts) == counted(other, bare, counts)
        assert len(one) == len(other)


def test_a_cube_of_version_1_is_read_without_the_new_tables(tmp_path):
    """Baselines published before stay readable; a version to come does not."""
    cube = cube_of(tmp_path / "s", raw_rows())
    cube.save(tmp_path / "cube")
    for name in ("pairs", "recurrence"):
        (tmp_path / "cube" / f"{name}.parquet").unlink()
    meta = tmp_path / "cube" / "meta.json"
    now = f'"cube_version": "{CUBE_VERSION}"'
    assert now in meta.read_text()
    meta.write_text(meta.read_text().replace(now, '"cube_version": "1"'))
    back = load_cube(tmp_path / "cube")
    assert back.meta.cube_version == "1"
    assert back.table("pairs") is None
    assert back.tables["sums"].equals(cube.tables["sums"])
    meta.write_text(meta.read_text().replace('"cube_version": "1"', '"cube_version": "4"'))
    with pytest.raises(RunFailed, match="run again from the log"):
        load_cube(tmp_path / "cube")
