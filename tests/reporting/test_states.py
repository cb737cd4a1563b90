"""Is what was kept of a log used the next day, and never when it is damaged, another's, or of another toolkit?"""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.logs.streams import Row, config, evaluations, write
from toolkit.cube import build_cube
from toolkit.reporting import states
from toolkit.reporting.cubes import fetch_cube
from toolkit.reporting.entries import intact
from toolkit.reporting.states import build_grown, state_folder

FIRST = "Read 1 file of evaluations: no state of this log is kept"
NEXT = "Read 1 file of evaluations; {} were read before"


def rows(seed: int) -> list[Row]:
    """Items in clusters whose names would be found again."""
    return [{**row, "item": f"patient {row['item']}", "cluster": "infirmary", "seed": seed} for row in evaluations()]


@pytest.fixture
def stream(tmp_path: Path) -> Path:
    config(tmp_path / "stream")
    write(tmp_path / "stream/evaluations/0.parquet", rows(0))
    return tmp_path / "stream"


class Reader:
    """Cubes of a stream from a cache, one after the other; each is told how it came about."""

    def __init__(self, stream: Path, cache: Path) -> None:
        self.stream, self.cache, self.read = stream, cache, 0
        self.state = state_folder(stream, cache)

    def __call__(self) -> str:
        told: list[str] = []
        self.read += 1
        into = self.cache.parent / f"cube-{self.read}"
        fetch_cube(self.stream, into, log_fingerprint=f"{self.read}", cache=self.cache, tell=told.append)
        build_cube(self.stream, into.with_name(f"whole-{self.read}"))
        for path in into.with_name(f"whole-{self.read}").iterdir():
            assert (into / path.name).read_bytes() == path.read_bytes(), path.name
        (said,) = told
        return said

    def add(self) -> None:
        """A file more."""
        number = len(list(self.stream.glob("evaluations/*")))
        write(self.stream / f"evaluations/{number}.parquet", rows(number))


def test_a_state_serves_until_the_next(stream: Path, tmp_path: Path) -> None:
    """Each day's cube is that of reading all files, byte for byte; one state a stream folder."""
    read = Reader(stream, tmp_path / "cache")
    assert read() == FIRST
    for day in (1, 2):
        read.add()
        assert read() == NEXT.format(day)
        assert intact(read.state)
        assert list(read.state.parent.iterdir()) == [read.state]
    write(stream / "feedback.jsonl", [{"stage": 1, "task": "alpha", "item": "patient alpha-0", "source": "human",
                                       "rater": "ann", "score": 1}])  # fmt: skip
    before = read.state.stat().st_ino
    assert read() == "Read 0 files of evaluations; 3 were read before"
    assert read.state.stat().st_ino == before


def test_a_state_knows_no_item_by_name(stream: Path, tmp_path: Path) -> None:
    """Hashes alone."""
    read = Reader(stream, tmp_path / "cache")
    read()
    texts = [path.read_text() for path in read.state.glob("*.[jt]*")]
    tables = {path.stem: pq.read_table(path) for path in read.state.glob("*.parquet")}
    texts += [str(table.to_pylist()) for table in tables.values()]
    assert tables["items"].num_rows == 12
    assert "alpha" in str(texts)
    assert "patient" not in str(texts)
    assert "infirmary" not in str(texts)


@pytest.mark.parametrize("damage", ["flip", "missing", "no manifest", "other"])
def test_a_state_that_cannot_be_used_is_made_anew(damage: str, stream: Path, tmp_path: Path) -> None:
    """Damaged files, or files that are whole and no state."""
    read = Reader(stream, tmp_path / "cache")
    read()
    table = read.state / "masks.parquet"
    why = "the kept state is damaged"
    if damage == "flip":
        data = table.read_bytes()
        table.write_bytes(data[:9] + bytes([data[9] ^ 1]) + data[10:])
    elif damage == "missing":
        table.unlink()
    elif damage == "no manifest":
        (read.state / "manifest.json").unlink()
    else:
        made_by = (read.state / "made_by.txt").read_text()

        def fill(folder: Path) -> None:
            folder.mkdir()
            (folder / "made_by.txt").write_text(made_by)
            (folder / "state.json").write_text("{}")

        states.store(fill, read.state, replace=True)
        why = "the kept state cannot be read"
    read.add()
    assert read() == f"Read 2 files of evaluations: {why}"
    read.add()
    assert read() == NEXT.format(2)


def test_other_code_uses_no_state(stream: Path, tmp_path: Path) -> None:
    """Nor is the state of one stream that of another."""
    said = [
        build_grown(folder, tmp_path / f"{number}", cache=tmp_path / "cache", made_by=made_by)
        for number, (folder, made_by) in enumerate([(stream, "a"), (stream, "b"), (stream, "b"), (stream / ".", "b")])
    ]
    assert said[1] == "Read 1 file of evaluations: the toolkit or its packages changed"
    assert said[2] == said[3] == "Read 0 files of evaluations; 1 were read before"
    config(tmp_path / "other")
    write(tmp_path / "other/evaluations/0.parquet", rows(0))
    assert build_grown(tmp_path / "other", tmp_path / "o", cache=tmp_path / "cache", made_by="b") == FIRST
    assert len(list((tmp_path / "cache/states").iterdir())) == 2


def test_a_log_of_which_nothing_is_kept_says_so(stream: Path, tmp_path: Path) -> None:
    """An earlier state stays and serves as far as it goes; a cache that cannot be written is done without."""
    read = Reader(stream, tmp_path / "cache")
    read()
    write(stream / "evaluations/1.jsonl", rows(0)[:1])
    full = "Read 2 files of evaluations: an item of a cell stands in new and in earlier files"
    assert read() == f"{full}; no state is kept: rows were rejected for what other rows hold"
    (stream / "evaluations/1.jsonl").unlink()
    read.add()
    assert read() == NEXT.format(1)
    (tmp_path / "file").write_text("")
    assert Reader(stream, tmp_path / "file")() == "Read 2 files of evaluations: no state of this log is kept"
