"""A log that grows by files is read as if all of it had been read, and without opening files again."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import pytest

from tests.cube.growing import Growing, feedback, scored, settings_of
from tests.logs.streams import Row, evaluations, jsonl_bytes, write
from toolkit.cube.grown import Grown
from toolkit.errors import LogRejected

FORMS = ("parquet", "jsonl", "csv", "jsonl.gz")
LONG = [pytest.param(seed, marks=pytest.mark.nightly) for seed in (0, 3, *range(4, 24))]


def joined(grown: Grown, read: int, kept: int) -> None:
    """So many files were opened, and so many were not."""
    assert (grown.read, grown.kept, grown.why) == (read, kept, None)
    assert grown.state is not None, grown.lost


@pytest.mark.parametrize("seed", [1, 2, *LONG])
def test_days_one_after_the_other(seed: int, tmp_path: Path) -> None:
    """Arms, orders, seeds, steps, clusters, means, scores of all kinds; a stage a day, in no order, and a later arm."""
    rng = random.Random(seed)
    settings = settings_of(rng)
    log = Growing(tmp_path)
    days = [(range(stage, stage + 1), "stream") for stage in range(3)]
    days.insert(rng.randint(1, 3), (range(3), "isolated"))
    rng.shuffle(days)
    rows: list[Row] = []
    files = 0
    for day, (stages, arm) in enumerate(days):
        parts = rng.randint(1, 2)
        for part in range(parts):
            new = scored(rng, settings, stages, (f"{arm}{part or ''}",))
            rows += new
            name = rng.choice([f"day={day}/{part}", f"{9 - day}-{part}"])
            log.add(f"evaluations/{name}.{rng.choice(FORMS)}", new)
        log.add("feedback.jsonl", feedback(rng, rows))
        grown = log.read()
        if day:
            joined(grown, parts, files)
        files += parts


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_files_that_share_every_cell(form: str, tmp_path: Path) -> None:
    """Rows in no order, dealt to files: where scores are 0 or 1, bits prove that no item stands there twice."""
    rng = random.Random(form)
    rows = [{**row, "arm": arm} for arm in ("stream", "isolated") for row in evaluations(12)]
    rows.append({"stage": 2, "task": "beta", "score": 0.5, "arm": "joint"})
    rng.shuffle(rows)
    log = Growing(tmp_path)
    for part in range(3):
        log.add(f"evaluations/{part}.{form}", rows[part::3])
        grown = log.read()
    joined(grown, 1, 2)


def test_only_judgements_are_new(tmp_path: Path) -> None:
    """Then no file of evaluations is opened at all."""
    log = Growing(tmp_path)
    log.add("evaluations.parquet", [{**row, "cluster": row["item"][-1]} for row in evaluations()])
    log.read()
    log.add("feedback.csv", feedback(random.Random(1), [{"arm": "stream", **row} for row in evaluations()]))
    joined(log.read(), 0, 1)


def test_folders_empty_files_and_columns_under_two_names(tmp_path: Path) -> None:
    """Folders spell seeds and arms; a file of earlier or new ones has no row, or a column and its alias."""
    log = Growing(tmp_path, '[aliases]\naccuracy = "score"')
    plain = [{k: v for k, v in row.items() if k != "seed"} for row in evaluations(6)]
    for arm in ("isolated", "stream"):
        log.add(f"evaluations/arm={arm}/seed=0/b.parquet", plain)
        log.add(f"evaluations/arm={arm}/seed=1/a.csv", [{**row, "accuracy": 1, "attr_x": 1} for row in plain])
        log.add(f"evaluations/{arm}-empty.jsonl", [])
        grown = log.read()
    joined(grown, 3, 3)
    (notice,) = [notice.message for notice in grown.cube.meta.notices][:1]
    assert "arm=isolated/seed=1/a.csv has both 'score' and 'accuracy'" in notice


def test_tasks_that_the_log_names_itself(tmp_path: Path) -> None:
    """A day brings a task that arrives between others, a stage before the first, and the mean of all tasks."""
    log = Growing(tmp_path, tasks=())
    (log.live / "stream.toml").write_text('name = "s"')
    (log.whole / "stream.toml").write_text('name = "s"')
    log.same_times("stream.toml")
    log.add("evaluations/b.jsonl", cells([1, 3], range(1, 3)))
    log.read()
    log.add("evaluations/a.jsonl", cells([2], range(1, 4)))
    joined(log.read(), 1, 1)
    log.add("evaluations/0.parquet", cells([1, 2, 3], range(1)))
    grown = log.read()
    joined(grown, 1, 2)
    assert [task.name for task in grown.cube.config.tasks] == ["t1", "t2", "t3"]
    assert grown.cube.tables["pairs"].num_rows


def test_tasks_that_another_table_named(tmp_path: Path) -> None:
    """Without them a stage of an earlier file is beyond the tasks, and its rows are rejected."""
    log = Growing(tmp_path, "max_rejected = 0.5", tasks=(), orders=False)
    judged = [
        {"stage": 1, "task": f"t{j}", "item": f"{j}", "source": "rule", "rater": "r", "score": 1} for j in (1, 2, 3)
    ]
    log.add("feedback.jsonl", judged)
    log.add("evaluations/a.jsonl", cells([1, 2], range(2, 4)))
    assert log.read().state is not None
    log.add("feedback.jsonl", judged[:2])
    log.restore()
    grown = log.read()
    assert (grown.why, grown.state) == ("tasks or stages of earlier files are no longer known", None)


def cells(tasks: list[int], stages: range) -> list[Row]:
    """Two items of each task."""
    return [
        {"stage": k, "task": f"t{j}", "item": f"{j}{i}", "score": (i + j + k) % 2}
        for k in stages for j in tasks for i in range(2)
    ]  # fmt: skip


@pytest.mark.parametrize("top", [1.0, 0.9])
def test_a_later_step_takes_the_place_of_an_earlier_one(top: float, tmp_path: Path) -> None:
    """Of a cell that was reduced before, with fewer items or none; a row without a step takes the place of all."""
    log = Growing(tmp_path)
    first = [{**row, "step": 1.0, "score": row["score"] * top} for row in evaluations(5)]
    log.add("evaluations/1.parquet", first)
    log.read()
    log.add("evaluations/2.parquet", [{**row, "step": 2.0} for row in first[:20] if row["item"][-1] != "3"])
    joined(log.read(), 1, 1)
    log.add("evaluations/3.csv", [{**row, "step": "", "item": row["item"] + "x"} for row in first[:10]])
    joined(log.read(), 1, 2)
    means = [{"stage": 0, "task": task, "step": 9.0, "score": 0.5} for task in ("beta", "gamma")]
    log.add("evaluations/4.csv", means)
    joined(log.read(), 1, 3)


def test_clusters_that_outgrow_the_buckets(tmp_path: Path) -> None:
    """Sums were kept by cluster, and are then folded; later clusters are folded at once."""
    log = Growing(tmp_path)
    for day, clusters in enumerate((5, 30, 40)):
        rows = [
            {"stage": day, "task": task, "item": f"i{i}", "cluster": f"c{i}", "score": i / 50, "seed": seed}
            for task in ("alpha", "beta") for i in range(clusters) for seed in range(2)
        ]  # fmt: skip
        log.add(f"evaluations/{day}.parquet", rows)
        grown = log.read()
    joined(grown, 1, 2)
    assert set(grown.cube.tables["sums"]["bucket"].to_pylist()) == set(range(8))


def test_tasks_that_are_others_together(tmp_path: Path) -> None:
    """By their items and by their means, which lie in different files."""
    log = Growing(tmp_path)
    parts = [row for row in evaluations() if row["task"] != "alpha"]
    log.add(
        "evaluations/a.jsonl",
        parts + [mean(task, k, k * w) for task, w in (("beta", 0.1), ("gamma", 0.2)) for k in range(4)],
    )
    log.read()
    log.add("evaluations/b.jsonl", [{**row, "task": "alpha", "arm": "isolated"} for row in parts])
    grown = log.read()
    joined(grown, 1, 1)
    assert "'alpha' looks like a group of beta, gamma" in str(grown.cube.meta.notices)
    log.add("evaluations/c.jsonl", [mean("alpha", k, k * 0.15) for k in range(4)])
    joined(log.read(), 1, 2)


def mean(task: str, stage: int, score: float) -> Row:
    """A cell of another arm that has a mean alone."""
    return {"arm": "joint", "stage": stage, "task": task, "score": score, "cluster": "all"}


def test_rejected_rows_are_added_up(tmp_path: Path) -> None:
    """By reason; a code for failures that no part alone has often enough; the first line that was cut short."""
    log = Growing(tmp_path, "max_rejected = 0.5")
    for day, name in enumerate("cab"):
        rows = [{**row, "stage": day} for row in evaluations(6, stages=1)]
        bad = [{**row, "item": f"bad{i}", "score": score} for row in rows[:1] for i, score in enumerate([-1, -1, 7])]
        text = jsonl_bytes([*rows, *bad, {**rows[0], "item": "x", "score": "what"}])
        log.add_bytes(f"evaluations/{name}.jsonl", text + b"no json\n" + (b'{"stage": 1, "ta' if day else b""))
        grown = log.read()
    joined(grown, 1, 2)
    messages = {notice.code: notice.message for notice in grown.cube.meta.notices}
    assert "6 rows have the score -1" in messages["failure-code"]
    assert "last line of 2 files" in messages["truncated-line"]
    assert "evaluations/a.jsonl line 24" in messages["truncated-line"]


def test_stages_that_go_backwards_in_earlier_files(tmp_path: Path) -> None:
    """Told of files in their order, whenever they were read."""
    log = Growing(tmp_path)
    for seed, name in enumerate("bac"):
        rows = [{**row, "seed": seed} for row in evaluations()]
        log.add(f"evaluations/{name}.csv", rows if name == "a" else rows[24:] + rows[:24])
        grown = log.read()
    joined(grown, 1, 2)
    (notice,) = grown.cube.meta.notices
    assert "in evaluations/b.csv and 1 more files stages go backwards (first at row 25)" in notice.message


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log that was read: two files; alpha has scores of 0 or 1, gamma others, beta is there as means alone."""
    log = Growing(tmp_path_factory.mktemp("base"), "max_rejected = 0.2")
    for seed in range(2):
        log.add(f"evaluations/{seed}.parquet", day(seed, seed=seed, attr_x=1))
    assert log.read().state is not None
    return log.folder


def day(stage: int, tasks: str = "alpha beta gamma", **more: object) -> list[Row]:
    """Rows of a stage."""
    rows: list[Row] = [{"task": "alpha", "item": f"a{i}", "score": i % 2} for i in range(8)]
    rows += [{"task": "gamma", "item": f"g{i}", "score": i / 10} for i in range(8)]
    rows.append({"task": "beta", "score": 0.5})
    return [{"stage": stage, **row, **more} for row in rows if row["task"] in tasks.split()]


ADDED = {
    "an item of a cell stands in new and in earlier files": (
        day(0, "alpha", seed=0)[:1],
        [{**day(0, "alpha", seed=0)[0], "score": 1}],
    ),
    "a cell has a mean in new and in earlier files": (day(0, "beta", seed=0),),
    "an item has several clusters in one task": (day(2, "alpha", cluster="c"),),
    "a cell whose items are not followed one by one has rows in new and in earlier files": (
        day(1, "gamma", seed=1, item="new")[:1],
    ),
    "scores of a task are no longer all 0 or 1, or have become so": (day(2, "alpha", score=0.5),),
    "rows of the new files were rejected that earlier files may explain": (
        [{**day(2)[0], "task": "nobody"}],
        [*day(2), *day(2)[:1]],
        [*day(2), {**day(2)[1], "score": 0}],
    ),
}


@pytest.mark.parametrize(("why", "rows"), [(why, rows) for why, several in ADDED.items() for rows in several])
def test_new_rows_for_which_all_files_are_read(why: str, rows: list[Row], base: Path, tmp_path: Path) -> None:
    """It is said why, and the cube is right; a state is kept again unless rows were rejected or clusters differ."""
    log = Growing.again(base, tmp_path)
    log.add("evaluations/2.jsonl", rows)
    log.restore()
    grown = log.read()
    assert (grown.why, grown.read, grown.kept) == (why, 3, 0)
    assert (grown.state is not None) == (grown.lost is None) == why.startswith(("a cell whose", "scores of"))


@pytest.mark.parametrize("what", ["gone", "changed", "grown", "stream.toml", "buckets"])
def test_changes_for_which_all_files_are_read(what: str, base: Path, tmp_path: Path) -> None:
    """An earlier file is gone, or has other content of the same size, or more lines; other settings."""
    log = Growing.again(base, tmp_path)
    log.add("evaluations/2.jsonl", day(2))
    log.restore()
    why = "a file that was read before has changed"
    match what:
        case "gone":
            why = "a file that was read before is gone"
            for place in (log.live, log.whole):
                (place / "evaluations/0.parquet").unlink()
        case "changed":
            joined(log.read(), 1, 2)
            flipped = [{**row, "score": 1 - row["score"]} if row["task"] == "alpha" else row for row in day(2)]
            log.add("evaluations/2.jsonl", flipped)
            log.restore()
        case "grown":
            joined(log.read(), 1, 2)
            log.add("evaluations/2.jsonl", day(2) + day(3))
            log.restore()
        case "stream.toml":
            why = "stream.toml changed"
            for place in (log.live, log.whole):
                with (place / "stream.toml").open("a") as file:
                    file.write("\n")
            log.same_times("stream.toml")
        case "buckets":
            why = "tasks have another number of buckets"
    grown = log.read(max_buckets=16 if what == "buckets" else 8)
    assert (grown.why, grown.kept) == (why, 0)
    if what == "gone":
        log.add("evaluations/3.jsonl", day(3, arm="joint"))
        joined(log.read(), 1, 2)


def test_rows_rejected_earlier_count_towards_the_limit(tmp_path: Path) -> None:
    """Together they are too many, and the commonest reason is one of earlier files alone."""
    log = Growing(tmp_path, "max_rejected = 0.2")
    bad = [{**day(1)[0], "item": item, "score": 9} for item in "xy"]
    log.add("evaluations/1.jsonl", [*day(1, "alpha"), *bad])
    assert log.read().state is not None
    log.add("evaluations/2.jsonl", [{**day(2)[0], "score": None}])
    log.restore()
    with pytest.raises(
        LogRejected, match=r"3 of 11 rows \(27.3 %\) cannot be used.*outside.* \(2 rows\), first at .*1.jsonl"
    ):
        log.read()


ATTRIBUTES = '{"stage": 2, "task": "alpha", "item": "a", "score": 1, "attr_X": 1}\n'


def test_a_log_that_is_rejected_is_rejected_as_ever(base: Path, tmp_path: Path) -> None:
    """The message is that of reading all files."""
    log = Growing.again(base, tmp_path)
    log.add("evaluations/2.jsonl", [{**row, "score": -3} for row in day(2)])
    log.restore()
    with pytest.raises(LogRejected, match=r"17 of 51 rows \(33.3 %\) cannot be used"):
        log.read()
    for text, why in (('{"stage": 1}\n', r"2\.jsonl: no column 'task'"), (ATTRIBUTES, "differ by case alone")):
        (log.live / "evaluations/2.jsonl").write_text(text)
        with pytest.raises(LogRejected, match=why):
            log.read()


def test_an_import_that_was_cut_short(base: Path, tmp_path: Path) -> None:
    """It is completed and told of, although the first attempt finds an earlier file changed."""
    log = Growing.again(base, tmp_path)
    log.add("evaluations/import-table.jsonl", day(2))
    log.restore()
    joined(log.read(), 1, 2)
    log.restore()
    pending = log.live / ".import-pending"
    write(pending / "evaluations/import-table.jsonl", day(2, "alpha"))
    plan = {"replace": ["evaluations/import-table.jsonl"], "remove": [], "stream_toml": ""}
    (pending / "plan.json").write_text(json.dumps(plan))
    shutil.copytree(pending, log.whole / pending.name)
    grown = log.read()
    assert grown.why == "a file that was read before has changed"
    assert grown.cube.meta.notices[-1].code == "import-completed"


def test_more_stages_than_bits(tmp_path: Path) -> None:
    """Nothing is kept of a log with more than 62 stages, and what was kept of a shorter one is of no use."""
    tasks = tuple(f"t{i}" for i in range(70))
    log = Growing(tmp_path, tasks=tasks, orders=False)
    log.add("evaluations/0.csv", cells([1, 2], range(62)))
    assert log.read().state is not None
    log.add("evaluations/1.csv", cells([1, 2], range(62, 64)))
    log.restore()
    grown = log.read()
    assert (grown.why, grown.lost, grown.state) == (*["there are more than 62 stages"] * 2, None)


def test_more_stages_of_scores_that_are_summed(tmp_path: Path) -> None:
    """Sums need no bits."""
    log = Growing(tmp_path, tasks=tuple(f"t{i}" for i in range(70)), orders=False)
    for part, stages in enumerate((range(40), range(40, 70))):
        log.add(f"evaluations/{part}.csv", [{**row, "score": 0.5} for row in cells([1, 2], stages)])
        grown = log.read()
    joined(grown, 1, 1)
