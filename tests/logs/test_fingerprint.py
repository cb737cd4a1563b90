"""Hashes of a stream's files, and the cache that spares making them again."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from tests.logs.streams import config, evaluations, write
from toolkit.logs import fingerprint as module
from toolkit.logs.fingerprint import fingerprint, inputs_of


@pytest.fixture
def stream(tmp_path: Path) -> Path:
    folder = tmp_path / "stream"
    config(folder)
    (folder / "similarity.csv").write_text("task,other,similarity\n")
    (folder / "notes.txt").write_text("no part of the log")
    write(folder / "evaluations/a/1.jsonl", evaluations())
    write(folder / "evaluations/2.parquet", evaluations())
    write(folder / "feedback.csv", evaluations())
    return folder


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that were hashed."""
    names: list[str] = []
    original = module.sha256_of

    def remember(path: Path, size: int) -> str:
        names.append(path.name)
        return original(path, size)

    monkeypatch.setattr(module, "sha256_of", remember)
    return names


def test_every_file_of_the_log_and_no_other(stream: Path) -> None:
    """Tables, stream.toml and similarity.csv, with sizes and hashes as sha256sum gives them."""
    inputs = inputs_of(stream)
    names = ["evaluations/2.parquet", "evaluations/a/1.jsonl", "feedback.csv", "similarity.csv", "stream.toml"]
    assert [file.path for file in inputs] == names
    for file in inputs:
        data = (stream / file.path).read_bytes()
        assert (file.bytes, file.sha256) == (len(data), hashlib.sha256(data).hexdigest())


def test_the_fingerprint_tells_every_change(stream: Path) -> None:
    """A byte, a name, a file more or less: another fingerprint; the order of files does not matter."""
    first = inputs_of(stream)
    assert fingerprint(first) == fingerprint(reversed(first))
    prints = {fingerprint(first), fingerprint(first[1:])}
    (stream / "feedback.csv").write_bytes((stream / "feedback.csv").read_bytes() + b"\n")
    prints.add(fingerprint(inputs_of(stream)))
    (stream / "feedback.csv").rename(stream / "feedback.jsonl")
    prints.add(fingerprint(inputs_of(stream)))
    assert len(prints) == 4


def test_unchanged_files_are_not_read_again(stream: Path, tmp_path: Path, hashed: list[str]) -> None:
    """With a cache a file is hashed once, and again when its size or time changes."""
    cache = tmp_path / "cache"
    first = inputs_of(stream, cache)
    assert len(hashed) == 5
    hashed.clear()
    assert inputs_of(stream, cache) == first
    assert hashed == []
    data = (stream / "feedback.csv").read_bytes()
    (stream / "feedback.csv").write_bytes(data.replace(b"1", b"0"))
    os.utime(stream / "feedback.csv", ns=(1, 12345))
    assert fingerprint(inputs_of(stream, cache)) != fingerprint(first)
    assert hashed == ["feedback.csv"]


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"feedback.csv": 3}',
        b'{"feedback.csv": [1, 2, "x"]}',
        b"\xff\xfe",
        b'{"a": [1, 2]}',
    ],
)
def test_a_damaged_cache_is_made_anew(damage: bytes, stream: Path, tmp_path: Path, hashed: list[str]) -> None:
    """It costs time, never a wrong hash."""
    cache = tmp_path / "cache"
    first = inputs_of(stream, cache)
    (file,) = cache.iterdir()
    file.write_bytes(damage)
    assert inputs_of(stream, cache) == first
    assert len(json.loads(file.read_bytes())) == 5
    assert [path.name for path in cache.iterdir()] == [file.name]


def test_a_cache_that_cannot_be_written_is_done_without(stream: Path, tmp_path: Path) -> None:
    """A file in the cache's place does not stop the run."""
    (tmp_path / "cache").write_text("")
    assert inputs_of(stream, tmp_path / "cache") == inputs_of(stream)


def test_two_streams_share_a_cache(stream: Path, tmp_path: Path) -> None:
    """Files of one name in two streams are kept apart."""
    other = tmp_path / "other"
    config(other)
    write(other / "feedback.csv", evaluations()[:3])
    cache = tmp_path / "cache"
    for folder in (stream, other, stream, other):
        assert inputs_of(folder, cache) == inputs_of(folder)
