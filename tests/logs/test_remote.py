"""Is a log in an object store read as the same log in a folder is, and only what changed fetched again?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from toolkit.cli import main
from toolkit.errors import LogRejected, UsageError
from toolkit.logs.remote import is_remote, mirror

fsspec = pytest.importorskip("fsspec", reason="fsspec is not installed")

HEAD = "stage,task,item,score\n"
URL = "memory://bucket/stream"


@pytest.fixture
def store() -> Iterator[Any]:
    files = fsspec.filesystem("memory")
    files.store.clear()
    files.pipe("/bucket/stream/stream.toml", b'name = "tickets"\n[[tasks]]\nname = "a"\n[[tasks]]\nname = "b"\n')
    files.pipe("/bucket/stream/evaluations/day=1/part.csv", f"{HEAD}1,a,x,1\n1,a,y,0\n".encode())
    files.pipe("/bucket/stream/secret-plans.txt", b"no part of a stream")
    yield files
    files.store.clear()


@pytest.fixture
def fetched(store: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that were fetched, as they are."""
    names: list[str] = []
    get_file = type(store).get_file

    def watched(self: Any, path: str, place: str, **more: Any) -> Any:
        names.append(path.rsplit("/", 1)[1])
        return get_file(self, path, place, **more)

    monkeypatch.setattr(type(store), "get_file", watched)
    return names


def test_appending_a_day_fetches_that_day(store: Any, fetched: list[str], tmp_path: Path) -> None:
    folder = mirror(URL, tmp_path)
    assert sorted(fetched) == ["part.csv", "stream.toml"]
    assert sorted(str(p.relative_to(folder)) for p in folder.rglob("*.csv")) == ["evaluations/day=1/part.csv"]
    assert not (folder / "secret-plans.txt").exists()
    fetched.clear()
    assert mirror(URL, tmp_path) == folder
    assert fetched == []
    store.pipe("/bucket/stream/evaluations/day=2/more.csv", f"{HEAD}2,a,x,1\n2,b,z,1\n".encode())
    mirror(URL + "/", tmp_path)
    assert fetched == ["more.csv"]
    store.rm("/bucket/stream/evaluations/day=1/part.csv")
    mirror(URL, tmp_path)
    assert [p.name for p in folder.rglob("*.csv")] == ["more.csv"]


def test_a_changed_file_is_fetched_again(store: Any, fetched: list[str], tmp_path: Path) -> None:
    """Of the same size, too; and the copy has the time of the original, on which staleness rests."""
    folder = mirror(URL, tmp_path)
    fetched.clear()
    store.pipe("/bucket/stream/evaluations/day=1/part.csv", f"{HEAD}1,a,x,0\n1,a,y,1\n".encode())
    long_ago = dt.datetime(2024, 2, 3, tzinfo=dt.UTC)
    store.store["/bucket/stream/evaluations/day=1/part.csv"].modified = long_ago
    mirror(URL, tmp_path)
    assert fetched == ["part.csv"]
    copy = folder / "evaluations/day=1/part.csv"
    assert copy.read_text().endswith("1,a,x,0\n1,a,y,1\n")
    assert copy.stat().st_mtime == long_ago.timestamp()


def test_commands_take_a_url(store: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert main(["check", URL]) == 0
    told = capsys.readouterr().out
    assert "evaluations\t2\t2\t0" in told
    assert main(["margins", URL, "--set", "forgetting=0.01", "--by", "me", "--why", "so"]) == 2
    assert "writes into the stream's folder" in capsys.readouterr().err
    assert main(["schedule", URL, "--every", "06:00", "--print", "cron"]) == 0
    assert URL in capsys.readouterr().out


def test_what_cannot_be_fetched_is_said_in_one_line(
    store: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match="no such folder, or nothing of a stream"):
        mirror("memory://bucket/nothing", tmp_path)
    with pytest.raises(UsageError, match="s4"):
        mirror("s4://bucket/stream", tmp_path)
    mirror(URL, tmp_path)
    store.pipe("/bucket/stream/evaluations/day=1/part.csv", f"{HEAD}1,a,x,0\n".encode())

    def broken(self: Any, path: str, place: str, **more: Any) -> None:
        Path(place).write_bytes(b"half")
        raise ConnectionResetError("connection reset\nby peer")

    monkeypatch.setattr(type(store), "get_file", broken)
    with pytest.raises(LogRejected, match=r"part\.csv cannot be fetched: connection reset") as caught:
        mirror(URL, tmp_path)
    assert "\n" not in str(caught.value)
    copies = list((tmp_path / "remote").rglob("*part.csv*"))
    assert [p.name for p in copies] == ["part.csv"]
    assert copies[0].read_text().endswith("1,a,y,0\n")  # as it was before


def test_a_half_replaced_log_is_not_fetched(store: Any, fetched: list[str], tmp_path: Path) -> None:
    """Where an import was killed in the midst of replacing files, rows of two imports lie there."""
    store.pipe("/bucket/stream/.import-pending/plan.json", b"{}")
    with pytest.raises(LogRejected, match=r"an import was cut short there .* complete it where it was made"):
        mirror(URL, tmp_path)
    assert fetched == []


def test_names_that_leave_the_folder_are_not_followed(
    store: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = type(store).find

    def hostile(self: Any, root: str, **more: Any) -> Any:
        return find(self, root, **more) | {f"{root}/evaluations/../../../out.csv": {"name": "x", "size": 1}}

    monkeypatch.setattr(type(store), "find", hostile)
    mirror(URL, tmp_path)
    assert not list(tmp_path.rglob("out.csv"))


@pytest.mark.parametrize(("place", "remote"), [
    ("s3://b/x", True), ("gs://b", True), ("abfs://c@a/x", True), ("/a/b", False), ("C:\\logs", False), ("a://", True),
    ("./my stream://odd", False),
])  # fmt: skip
def test_what_is_a_url(place: str, remote: bool) -> None:
    assert is_remote(place) is remote
