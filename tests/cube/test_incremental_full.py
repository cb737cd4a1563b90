"""A log that grew is read in full where adding to what was kept would not be right, and says why."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cube.growing import Growing, cells, day, joined
from tests.logs.streams import Row, write
from toolkit.errors import LogRejected


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log that was read: two files; alpha has scores of 0 or 1, gamma others, beta is there as means alone."""
    log = Growing(tmp_path_factory.mktemp("base"), "max_rejected = 0.2")
    for seed in range(2):
        log.add(f"evaluations/{seed}.parquet", day(seed, seed=seed, attr_x=1))
    assert log.read().state is not None
    return log.folder


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
