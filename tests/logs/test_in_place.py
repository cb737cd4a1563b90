"""Parquet files are read where they lie, or copied: each way gives the same log and cube."""

from __future__ import annotations

import random
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.logs.streams import Row, config, evaluations, everything, rejected, write
from toolkit.cube import reduce_stream
from toolkit.errors import LogRejected
from toolkit.logs import duplicates, load, restarts
from toolkit.logs.direct import with_filled
from toolkit.logs.files import LogFile
from toolkit.logs.read import read_stream
from toolkit.logs.reasons import REPEATED
from toolkit.logs.scan import Snapshot
from toolkit.logs.sources import Source

NAMES = {
    "arm": pa.string(), "seed": pa.int64(), "stage": pa.int32(), "task": pa.string(), "item": pa.string(),
    "step": pa.float64(), "score": pa.float64(), "cluster": pa.string(), "attr_x": pa.string(),
}  # fmt: skip


def random_rows(rng: random.Random) -> list[Row]:
    """A log with arms, seeds, steps, clusters, cell means, missing items, repeats, conflicts and damage."""
    steps, clusters, gaps = rng.random() < 0.4, rng.random() < 0.5, rng.choice([0, 0.2])
    binary = {task: rng.random() < 0.7 for task in ("alpha", "beta", "gamma")}
    rows: list[Row] = []
    for arm in ("stream", "isolated"):
        for seed in range(2):
            for stage in range(4):
                for task in binary:
                    for step in rng.choice([[1.0, 2.0], [None, 5.0]]) if steps else [None]:
                        where = {"arm": arm, "seed": seed, "stage": stage, "task": task, "step": step}
                        if rng.random() < 0.1:
                            rows.append({**where, "score": rng.random()})
                        for i in range(6):
                            if rng.random() >= gaps:
                                score = rng.randint(0, 1) if binary[task] else round(rng.random(), 3)
                                cluster = f"c{i % 2}" if clusters else None
                                row = {**where, "item": f"{task}-{i}", "score": float(score), "cluster": cluster}
                                rows.append({**row, "attr_x": rng.choice("ab")})
    for _ in range(rng.randint(0, 5)):
        rows.insert(rng.randrange(len(rows)), dict(rng.choice(rows)))
    for _ in range(rng.randint(0, 3)):
        row = dict(rng.choice(rows))
        rows.insert(rng.randrange(len(rows)), {**row, "score": 1 - row["score"]})
    for bad in ({"score": float("nan")}, {"score": float("inf")}, {"stage": 9}, {"task": "nobody"}, {"stage": None}):
        if rng.random() < 0.5:
            rng.choice(rows).update(bad)
    for blank in ({"arm": ""}, {"arm": None}, {"seed": None}, {"item": ""}, {"task": ""}, {"attr_x": ""}):
        if rng.random() < 0.3:
            rng.choice(rows).update(blank)
    if rng.random() < 0.5:
        rng.shuffle(rows)
    return rows


def write_parts(folder: Path, rows: list[Row], rng: random.Random) -> None:
    """The rows in three Parquet files, one of which has no column of clusters."""
    (folder / "evaluations").mkdir(parents=True)
    third = len(rows) // 3
    for number, part in enumerate((rows[:third], rows[third : 2 * third], rows[2 * third :])):
        names = [name for name in NAMES if not (name == "cluster" and number == 1)]
        columns = {name: pa.array([row.get(name) for row in part], NAMES[name], from_pandas=False) for name in names}
        pq.write_table(
            pa.table(columns), folder / f"evaluations/{number}.parquet",
            row_group_size=rng.choice([7, 1000]), write_statistics=rng.choice([True, True, ["task", "seed"], False]),
        )  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_every_way_gives_the_same(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read in place; copied; with duplicates compared in parts by ids and the others copied."""
    rng = random.Random(seed)
    config(tmp_path, "max_rejected = 0.9")
    write_parts(tmp_path, random_rows(rng), rng)
    expected = everything(tmp_path)
    monkeypatch.setattr(duplicates, "_FEW", 0)
    monkeypatch.setattr(duplicates, "_PART", 100)
    monkeypatch.setattr(duplicates, "_COPIED", 1)
    assert everything(tmp_path) == expected
    monkeypatch.setattr(load, "can_be_direct", lambda sources: False)
    assert everything(tmp_path) == expected


def test_a_column_is_filled_where_its_file_says_so(tmp_path: Path) -> None:
    """Not with one missing or blank cell in any part of it, and not without statistics."""
    path = tmp_path / "a.parquet"
    table = pa.table({
        "full": list("abcdef"), "blank": [*"abcde", ""], "missing": [1, 2, 3, 4, 5, None], "number": range(6),
    })  # fmt: skip
    with duckdb.connect() as connection:
        for statistics, filled in ((True, {0, 3}), (["number"], {3}), (False, set())):
            pq.write_table(table, path, row_group_size=2, write_statistics=statistics)
            file = LogFile("evaluations", path, path.name, "parquet", "none")
            source = Source(Snapshot(file, path.stat().st_size, path), tuple(table.column_names))
            assert with_filled(connection, [source])[0].filled == filled


def test_a_log_that_stands_there_three_times_counts_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Repeats are found although every cell has them, also those that serve as the measure of others."""
    config(tmp_path / "once")
    config(tmp_path / "thrice")
    write(tmp_path / "once/evaluations/0.parquet", evaluations())
    for number in range(3):
        write(tmp_path / f"thrice/evaluations/{number}.parquet", evaluations())
    once = everything(tmp_path / "once")
    for few, copied in ((duplicates._FEW, duplicates._COPIED), (0, 1)):
        monkeypatch.setattr(duplicates, "_FEW", few)
        monkeypatch.setattr(duplicates, "_COPIED", copied)
        thrice = everything(tmp_path / "thrice")
        n = len(evaluations())
        places = [(f"evaluations/{file}.parquet", row + 1, REPEATED) for file in (1, 2) for row in range(n)]
        assert thrice[1] == places
        assert (thrice[0], thrice[2]) == (once[0], once[2])


def test_one_repeated_row_in_another_file_is_found_at_its_place(tmp_path: Path) -> None:
    """One cell of many has one row more than it should."""
    config(tmp_path)
    rows = [{**row, "seed": seed} for seed in range(5) for row in evaluations(8)]
    write(tmp_path / "evaluations/a.parquet", rows[:200])
    write(tmp_path / "evaluations/b.parquet", [*rows[200:], rows[17]])
    with read_stream(tmp_path) as log:
        assert rejected(log) == [("evaluations/b.parquet", len(rows) - 199, REPEATED)]
        assert "items-differ" not in {notice.code for notice in log.notices}


def test_items_of_one_name_and_two_clusters_in_a_cell_are_repeats(tmp_path: Path) -> None:
    """The cluster is no part of the key."""
    config(tmp_path)
    row = {"stage": 1, "task": "alpha", "item": "i", "cluster": "c", "score": 1}
    write(tmp_path / "evaluations.parquet", [row, {**row, "cluster": "d"}, {**row, "item": "j"}])
    with read_stream(tmp_path, enforce_limit=False) as log:
        assert [number for _, number, _ in rejected(log)] == [1, 2]


def test_a_damaged_page_is_the_file_s_fault(tmp_path: Path) -> None:
    """The end of the file is whole, its rows are not."""
    config(tmp_path)
    path = tmp_path / "evaluations.parquet"
    write(path, [{**row, "item": f"{row['item']}-{n}"} for n in range(50) for row in evaluations()])
    data = bytearray(path.read_bytes())
    data[8:3000] = bytes(2992)
    path.write_bytes(bytes(data))
    with pytest.raises(LogRejected, match=r"evaluations\.parquet: cannot be read as a Parquet file"):
        read_stream(tmp_path)


def test_columns_called_as_duckdb_calls_its_own(tmp_path: Path) -> None:
    """A file with a column `file_row_number` gives the right places all the same."""
    config(tmp_path)
    rows = [{**row, "file_row_number": 7, "FILE_INDEX": 3} for row in evaluations()]
    write(tmp_path / "evaluations.parquet", [*rows, {**rows[0], "score": 9}])
    with read_stream(tmp_path, enforce_limit=False) as log:
        assert [number for _, number, _ in rejected(log)] == [len(rows) + 1]


def test_files_of_very_many_kinds(tmp_path: Path) -> None:
    """Each folder spells a seed: too many for one relation, so they are copied."""
    config(tmp_path)
    for seed in range(70):
        rows = [{k: v for k, v in row.items() if k != "seed"} for row in evaluations(1, stages=1)]
        write(tmp_path / f"evaluations/seed={seed}/part.parquet", rows)
    with read_stream(tmp_path) as log:
        assert log.connection.execute("SELECT count(DISTINCT seed) FROM evaluations").fetchone() == (70,)


def test_a_restart_behind_a_long_file_in_no_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the beginning of the shuffled file is looked at; the restart beside it is found where it lies."""
    monkeypatch.setattr(restarts, "_BEGINNING", 100)
    config(tmp_path)
    mixed = [{**row, "seed": 1} for row in evaluations(40)]
    random.Random(1).shuffle(mixed)
    write(tmp_path / "evaluations/a.parquet", mixed)
    again = [{**row, "step": 1.0} for row in evaluations(20)] + [{**row, "step": 2.0} for row in evaluations(20)]
    write(tmp_path / "evaluations/b.parquet", again)
    with read_stream(tmp_path) as log:
        found = [notice.message for notice in log.notices if notice.code == "stages-go-backwards"]
    assert len(found) == 1
    assert "evaluations/b.parquet stages go backwards (first at row 241)" in found[0]


@pytest.mark.parametrize("change", ["rewritten", "gone"])
def test_a_file_that_changes_between_checks_and_sums(change: str, tmp_path: Path) -> None:
    """What was checked is no longer what would be summed."""
    config(tmp_path)
    path = tmp_path / "evaluations.parquet"
    write(path, evaluations())
    with read_stream(tmp_path) as log:
        path.unlink()
        if change == "rewritten":
            write(path, evaluations(5))
        with pytest.raises(LogRejected, match=r"evaluations\.parquet: was rewritten while it was being read"):
            reduce_stream(log)


@pytest.mark.parametrize("suffix", ["parquet", "jsonl"])
def test_evaluations_of_which_none_is_left(suffix: str, tmp_path: Path) -> None:
    """A log whose rejected rows are only listed gives empty tables, not an error."""
    config(tmp_path)
    write(tmp_path / f"evaluations.{suffix}", [{**row, "score": 7.0} for row in evaluations()])
    with read_stream(tmp_path, enforce_limit=False) as log:
        cube = reduce_stream(log)
    assert cube.meta.facts.rows == cube.meta.facts.items == 0
    assert {name: table.num_rows for name, table in cube.tables.items()} == dict.fromkeys(cube.tables, 0)
    assert "failure-code" in {notice.code for notice in cube.meta.notices}
