"""A log that grows by files is read as if all of it had been read, and without opening files again."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.cube.growing import Growing, cells, feedback, joined, scored, settings_of
from tests.logs.streams import Row, evaluations, jsonl_bytes

FORMS = ("parquet", "jsonl", "csv", "jsonl.gz")
LONG = [pytest.param(seed, marks=pytest.mark.nightly) for seed in (0, 3, *range(4, 24))]


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


def test_more_stages_of_scores_that_are_summed(tmp_path: Path) -> None:
    """Sums need no bits."""
    log = Growing(tmp_path, tasks=tuple(f"t{i}" for i in range(70)), orders=False)
    for part, stages in enumerate((range(40), range(40, 70))):
        log.add(f"evaluations/{part}.csv", [{**row, "score": 0.5} for row in cells([1, 2], stages)])
        grown = log.read()
    joined(grown, 1, 1)
