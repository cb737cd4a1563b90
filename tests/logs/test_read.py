"""The whole way from a folder to a checked log, and every way in which a folder cannot be used."""

from __future__ import annotations

import datetime as dt
import gc
import gzip
import hashlib
import json
import os
import random
from pathlib import Path

import duckdb
import pytest

from tests.logs.streams import config, csv_bytes, evaluations, jsonl_bytes, rejected, rows_of, write
from toolkit.errors import LogRejected, StreamReviewError, UsageError
from toolkit.logs import load
from toolkit.logs.fingerprint import fingerprint, inputs_of
from toolkit.logs.read import read_stream

Content = bytes | None


def test_what_a_checked_log_says(tmp_path: Path) -> None:
    """Folder, tables, inputs, fingerprint and the time of the newest log file (not of stream.toml)."""
    config(tmp_path)
    write(tmp_path / "evaluations.jsonl", evaluations())
    write(tmp_path / "samples.csv", [{"stage": 1, "task": "alpha", "sample": "s"}])
    os.utime(tmp_path / "evaluations.jsonl", (1_000_000, 1_000_000))
    os.utime(tmp_path / "samples.csv", (2_000_000, 2_000_000))
    with read_stream(tmp_path) as log:
        assert log.folder == tmp_path
        assert log.tables == {"evaluations", "samples"}
        assert log.newest == dt.datetime.fromtimestamp(2_000_000, dt.UTC)
        assert {file.path for file in log.inputs} == {"stream.toml", "evaluations.jsonl", "samples.csv"}
        assert all(
            file.sha256 == hashlib.sha256((tmp_path / file.path).read_bytes()).hexdigest() for file in log.inputs
        )
        assert log.fingerprint == fingerprint(inputs_of(tmp_path))
        temporary = log.temporary
        assert temporary.exists()
    assert not temporary.exists()
    with pytest.raises(duckdb.ConnectionException):
        log.connection.execute("SELECT 1")
    assert log.ledger.entries()["evaluations"].used == len(evaluations())


@pytest.mark.parametrize(
    ("files", "error", "words"),
    [
        ({}, LogRejected, ["no evaluations and no feedback", "the folder is empty", "streamreview init"]),
        ({"evals.csv": b"a,b\n1,2\n"}, LogRejected, ["no evaluations", "evals.csv"]),
        ({"samples.csv": b"stage,task,sample\n1,alpha,s\n"}, LogRejected, ["no evaluations and no feedback"]),
        ({"evaluations.xlsx": b"x"}, LogRejected, ["evaluations.xlsx"]),
        ({"evaluations.csv": b""}, LogRejected, ["evaluations", "no rows"]),
        ({"evaluations.csv": b"stage,task,score\n"}, LogRejected, ["no rows"]),
        ({"evaluations.jsonl": b"\n\n"}, LogRejected, ["no rows"]),
        ({"evaluations/readme.txt": b""}, LogRejected, ["no rows"]),
        ({"evaluations.jsonl": b"x\ny\n"}, LogRejected, ["2 of 2 rows", "unreadable line", "line 1", "none is left"]),
        ({"evaluations.csv": b"stage,task\n1,alpha\n"}, LogRejected, ["evaluations.csv", "'score'", "stage, task"]),
        ({"evaluations.jsonl": b'{"epoch": 1, "Stage": 2}\n'}, LogRejected, ["'stage'", 'Stage = "stage"']),
        ({"evaluations.parquet": b"PAR1 nonsense"}, LogRejected, ["evaluations.parquet", "Parquet"]),
        ({"evaluations.parquet": b""}, LogRejected, ["evaluations.parquet", "Parquet"]),
        ({"evaluations.jsonl.gz": b"nonsense"}, LogRejected, ["evaluations.jsonl.gz", "gzip"]),
        ({"evaluations.csv.gz": b"nonsense"}, LogRejected, ["evaluations.csv.gz", "gzip"]),
        ({"evaluations.csv.zst": b"nonsense"}, LogRejected, ["evaluations.csv.zst", "zstd"]),
        ({"evaluations.jsonl.zst": b"nonsense"}, LogRejected, ["evaluations.jsonl.zst", "zstd"]),
        (
            {"evaluations.jsonl.gz": gzip.compress(jsonl_bytes(evaluations(200)))[:-200]},
            LogRejected,
            ["evaluations.jsonl.gz", "still being written"],
        ),
        (
            {"evaluations.csv.gz": gzip.compress(csv_bytes(evaluations(200)))[:-200]},
            LogRejected,
            ["evaluations.csv.gz", "still being written"],
        ),
        (
            {"evaluations.jsonl": b'{"stage": 1, "task": "alpha", "score": 1, "stage": 2}\n'},
            LogRejected,
            ["'stage'", "twice"],
        ),
        (
            {"evaluations.jsonl": b'{"stage": 1, "task": "alpha", "score": 1, "attr_a": 1, "attr_A": 2}\n'},
            LogRejected,
            ["attr_A", "case"],
        ),
        ({"stream.toml": b"name = "}, LogRejected, ["stream.toml"]),
    ],
)
def test_folders_that_cannot_be_used(
    files: dict[str, Content], error: type[StreamReviewError], words: list[str], tmp_path: Path
) -> None:
    """Each is explained in one line that names the file and what to do."""
    folder = tmp_path / "a [*] folder"
    config(folder)
    if not files:
        (folder / "stream.toml").unlink()
    if "stream.toml" in files:
        write(folder / "evaluations.jsonl", evaluations())
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content or b"")
    with pytest.raises(error) as caught:
        read_stream(folder)
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 700
    for word in words:
        assert word in message
    assert "streamreview-" not in message  # a name of our own making


def test_no_folder(tmp_path: Path) -> None:
    """A missing folder, or a file in its place, is a mistake of the command."""
    with pytest.raises(UsageError, match="no such folder"):
        read_stream(tmp_path / "nowhere")
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="not a folder"):
        read_stream(tmp_path / "file")
    config(tmp_path)
    write(tmp_path / "evaluations.jsonl", evaluations())
    with pytest.raises(UsageError, match="memory limit"):
        read_stream(tmp_path, memory_limit="plenty")


def test_names_are_data(tmp_path: Path) -> None:
    """Folders, files, columns, tasks and items may be called anything."""
    folder = tmp_path / "it's [a] *strange* folder"
    evil = "x'; DROP TABLE evaluations; --\n\"<script>$(rm)"
    config(folder, tasks=())
    (folder / "stream.toml").write_text(f'name = "test"\n[[tasks]]\nname = {json.dumps(evil)}\n', encoding="utf-8")
    rows = [{"stage": 1, "task": evil, "item": f"{evil}{i}", "score": 1, f"attr_{evil}": evil} for i in range(3)]
    for name in ("a'b*[1].jsonl", "c?\n.csv", '".parquet'):
        write(folder / "evaluations" / name, [{**row, "seed": ord(name[0])} for row in rows])
    with read_stream(folder) as log:
        got = log.connection.execute("SELECT * FROM evaluations WHERE seed = 34").fetchall()
        assert {(row[4], row[5], row[-1]) for row in got} == {(evil, f"{evil}{i}", evil) for i in range(3)}
        assert log.ledger.entries()["evaluations"].used == 9


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    """Files saved by Windows programs begin with one."""
    config(tmp_path)
    (tmp_path / "evaluations").mkdir()
    (tmp_path / "evaluations/a.jsonl").write_bytes(b"\xef\xbb\xbf" + jsonl_bytes(evaluations()) + b"x\n")
    rows = [{**row, "seed": 1} for row in evaluations()]
    (tmp_path / "evaluations/b.csv").write_bytes(b"\xef\xbb\xbf" + csv_bytes(rows, "\r\n", ";"))
    with read_stream(tmp_path, enforce_limit=False) as log:
        assert log.ledger.entries()["evaluations"].used == 2 * len(rows)
        assert rejected(log) == [("evaluations/a.jsonl", len(rows) + 1, "unreadable line")]


@pytest.mark.parametrize("suffix", ["jsonl", "csv"])
def test_a_log_that_grows_while_it_is_read(suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The report is that of the log as it was at the start; rows appended meanwhile wait for the next."""
    config(tmp_path)
    rows = evaluations()
    path = tmp_path / f"evaluations.{suffix}"
    write(path, rows)
    before = path.read_bytes()
    more = [{**row, "seed": 5} for row in rows]
    extra = jsonl_bytes(more) if suffix == "jsonl" else csv_bytes(more).split(b"\n", 1)[1]
    inspect = load.inspect
    calls = []

    def inspect_and_append(*values: object) -> object:
        if len(calls) < 2:
            with path.open("ab") as file:
                file.write(extra[: len(extra) // 2] if calls else extra)
        calls.append(1)
        return inspect(*values)  # type: ignore[arg-type]

    monkeypatch.setattr(load, "inspect", inspect_and_append)
    with read_stream(tmp_path) as log:
        assert log.ledger.entries()["evaluations"].read == len(rows)
        assert rows_of(log, "evaluations", "DISTINCT seed") == [(0,)]
        file = next(file for file in log.inputs if file.path == path.name)
        assert (file.bytes, file.sha256) == (len(before), hashlib.sha256(before).hexdigest())
    assert len(calls) > 1


def test_a_log_that_is_rewritten_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no prefix to report then."""
    config(tmp_path)
    path = tmp_path / "evaluations.jsonl"
    write(path, evaluations())
    inspect = load.inspect

    def rewrite(*values: object) -> object:
        answer = inspect(*values)  # type: ignore[arg-type]
        write(path, evaluations()[:7])
        return answer

    monkeypatch.setattr(load, "inspect", rewrite)
    with pytest.raises(LogRejected, match=r"evaluations\.jsonl: was rewritten"):
        read_stream(tmp_path)


def test_reading_twice_and_shuffled_gives_the_same(tmp_path: Path) -> None:
    """The same files give the same rows, whatever the number of threads; shuffled rows the same set."""
    config(tmp_path / "a")
    config(tmp_path / "b")
    rows = [{**row, "seed": seed} for seed in range(40) for row in evaluations(20)]
    write(tmp_path / "a/evaluations.jsonl", rows)
    random.Random(1).shuffle(rows)
    write(tmp_path / "b/evaluations.jsonl", rows)
    tables = []
    for folder, threads in (("a", 1), ("a", 4), ("b", 2)):
        with read_stream(tmp_path / folder, threads=threads, memory_limit="200MB") as log:
            tables.append(rows_of(log, "evaluations"))
    assert tables[0] == tables[1]
    assert set(tables[0]) == set(tables[2])


def test_rows_that_do_not_fit_into_memory_are_the_same(tmp_path: Path) -> None:
    """What is kept of a text file goes to the temporary folder where it must, and is read from there."""
    config(tmp_path)
    digest = "md5(i::text) || md5(i::text || 'x') || md5(i::text || 'y')"
    duckdb.sql(
        f"COPY (SELECT i // 1000 AS seed, 1 AS stage, 'alpha' AS task, i % 1000 AS item, {digest} AS answer, "
        f"i % 2 AS score FROM range(400_000) t(i)) TO '{tmp_path / 'evaluations.csv'}'"
    )
    found = []
    for limit in ("1GB", "50MB"):
        with read_stream(tmp_path, threads=1, memory_limit=limit) as log:
            outside = log.connection.execute("SELECT coalesce(sum(size), 0) FROM duckdb_temporary_files()").fetchall()
            assert (outside[0][0] > 0) == (limit == "50MB")
            query = "SELECT count(*), sum(hash(evaluations)) FROM evaluations"
            found.append(log.connection.execute(query).fetchall())
    assert found[0] == found[1]
    assert found[0][0][0] == 400_000


def test_many_small_files(tmp_path: Path) -> None:
    """One file a process, some of them empty and some cut: all rows, each in its place."""
    config(tmp_path)
    rows = [{**row, "seed": seed} for seed in range(30) for row in evaluations(2)]
    folder = tmp_path / "evaluations"
    folder.mkdir()
    cut = 0
    for number in range(720):
        part = rows[number : number + 1] if number % 5 else []
        (folder / f"{number:04}.jsonl").write_bytes(jsonl_bytes(part) + (b'{"sta' if number % 90 == 1 else b""))
        cut += number % 90 == 1
    with read_stream(tmp_path) as log:
        entry = log.ledger.entries()["evaluations"]
        assert (entry.used, entry.rejected) == (sum(number % 5 > 0 for number in range(720)), cut)
        assert [(row[0], row[1]) for row in rejected(log)] == [
            (f"evaluations/{number:04}.jsonl", 1 + (number % 5 > 0)) for number in range(720) if number % 90 == 1
        ]


def test_a_log_that_nobody_closes_leaves_nothing_behind(tmp_path: Path) -> None:
    """Its temporary files go when it is garbage, at the latest when the interpreter ends."""
    config(tmp_path / "s")
    write(tmp_path / "s/evaluations.jsonl", evaluations())
    (tmp_path / "temp").mkdir()
    log = read_stream(tmp_path / "s", temp=tmp_path / "temp")
    assert sorted(p.suffix for p in (tmp_path / "temp").iterdir()) == ["", ".lock"]
    del log
    gc.collect()
    assert list((tmp_path / "temp").iterdir()) == []


def test_a_failed_reading_leaves_nothing_behind(tmp_path: Path) -> None:
    """Neither does a log that is refused."""
    config(tmp_path / "s")
    (tmp_path / "s/evaluations.jsonl").write_text("x\n")
    (tmp_path / "temp").mkdir()
    with pytest.raises(LogRejected):
        read_stream(tmp_path / "s", temp=tmp_path / "temp")
    assert list((tmp_path / "temp").iterdir()) == []
