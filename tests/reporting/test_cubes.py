"""Is a cube reduced once, and never taken from a damaged cache?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from toolkit.reporting.cubes import cube_key, fetch_cube, intact


class Reader:
    """A reduction that counts how often it was asked, and says which log it read."""

    def __init__(self, fingerprint: str = "a") -> None:
        self.fingerprint = fingerprint
        self.calls = 0

    def __call__(self, stream: Path, into: Path) -> None:
        self.calls += 1
        into.mkdir(parents=True)
        (into / "sums.parquet").write_bytes(b"\x00\x01" * 50)
        (into / "meta.json").write_text(json.dumps({"fingerprint": self.fingerprint, "inputs": []}))


def test_a_second_run_takes_the_cached_cube(tmp_path: Path) -> None:
    """Byte for byte, without the cache's own manifest, and as copies that the cache cannot change."""
    read = Reader()
    for place in ("one", "two"):
        meta = fetch_cube(tmp_path, tmp_path / place, log_fingerprint="a", cache=tmp_path / "c", build=read)
        assert meta["fingerprint"] == "a"
    assert read.calls == 1
    names = [sorted(p.name for p in (tmp_path / place).iterdir()) for place in ("one", "two")]
    assert names == [["meta.json", "sums.parquet"]] * 2
    assert (tmp_path / "two/sums.parquet").read_bytes() == b"\x00\x01" * 50
    entry = tmp_path / "c/cubes" / cube_key("a")
    (entry / "sums.parquet").write_bytes(b"changed")
    assert (tmp_path / "two/sums.parquet").read_bytes() == b"\x00\x01" * 50


@pytest.mark.parametrize("damage", ["flip", "cut", "missing", "no manifest", "manifest no json", "manifest a list"])
def test_a_damaged_entry_is_rebuilt(tmp_path: Path, damage: str) -> None:
    read = Reader()
    fetch_cube(tmp_path, tmp_path / "one", log_fingerprint="a", cache=tmp_path / "c", build=read)
    entry = tmp_path / "c/cubes" / cube_key("a")
    assert intact(entry)
    table, manifest = entry / "sums.parquet", entry / "manifest.json"
    if damage == "flip":
        table.write_bytes(b"\x01" + table.read_bytes()[1:])
    elif damage == "cut":
        table.write_bytes(table.read_bytes()[:-1])
    elif damage == "missing":
        table.unlink()
    elif damage == "no manifest":
        manifest.unlink()
    else:
        manifest.write_text("{" if damage == "manifest no json" else "[1]")
    assert not intact(entry)
    fetch_cube(tmp_path, tmp_path / "two", log_fingerprint="a", cache=tmp_path / "c", build=read)
    assert read.calls == 2
    assert (tmp_path / "two/sums.parquet").read_bytes() == b"\x00\x01" * 50
    assert intact(entry)


def test_a_log_that_grew_is_kept_under_what_was_read(tmp_path: Path) -> None:
    """Asked for one log, the reader saw a longer one: the entry must not answer for the shorter."""
    fetch_cube(tmp_path, tmp_path / "one", log_fingerprint="short", cache=tmp_path / "c", build=Reader("long"))
    assert not intact(tmp_path / "c/cubes" / cube_key("short"))
    assert intact(tmp_path / "c/cubes" / cube_key("long"))


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "c").write_text("a file")
    meta = fetch_cube(tmp_path, tmp_path / "one", log_fingerprint="a", cache=tmp_path / "c", build=Reader())
    assert meta["fingerprint"] == "a"
