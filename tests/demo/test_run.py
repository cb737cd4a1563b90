"""A demo folder is whole or not there, the same for any number of jobs, and never written over."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from toolkit.demo import run, run_demo
from toolkit.demo.settings import Method, Settings
from toolkit.errors import RunFailed, StreamBusy, UsageError


@pytest.fixture
def tiny(small: Settings) -> Settings:
    return replace(small, tasks=2, budget=40, checkpoints=(40,), draws_per_class=3)


METHOD = (Method("2026.09", "fine-tuning"),)


def _content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _killed(done: int, total: int, what: str) -> None:
    raise KeyboardInterrupt


def test_same_bytes_for_any_number_of_jobs(tmp_path: Path, tiny: Settings) -> None:
    """Two processes write what one writes, file by file."""
    (one,) = run.write_releases(tmp_path / "one", METHOD, tiny, jobs=1)
    (two,) = run.write_releases(tmp_path / "two", METHOD, tiny, jobs=2)
    assert _content(one) == _content(two)
    assert set(_content(one)) == {"stream.toml", "similarity.csv"} | {
        f"{table}/seed-{seed}.jsonl" for table in ("evaluations", "feedback", "samples") for seed in (0, 1)
    }


def test_progress_counts_replicates(tmp_path: Path, tiny: Settings) -> None:
    """One call a replicate, up to all of them."""
    calls: list[tuple[int, int, str]] = []
    run.write_releases(tmp_path, METHOD, tiny, progress=lambda *call: calls.append(call))
    assert calls == [(1, 2, "2026.09, seed 0"), (2, 2, "2026.09, seed 1")]


def test_finished_folder_is_left_alone(tmp_path: Path, tiny: Settings) -> None:
    """The second call writes nothing and returns the same folder."""
    (folder,) = run.write_releases(tmp_path, METHOD, tiny)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert run.write_releases(tmp_path, METHOD, tiny, progress=_killed) == [folder]
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


@pytest.mark.parametrize("jobs", [1, 2])
def test_interrupted_run_leaves_no_release(jobs: int, tmp_path: Path, tiny: Settings) -> None:
    """Stopped after the first of four seeds there is no release, nor half of one; a new run completes it."""
    with pytest.raises(KeyboardInterrupt):
        run.write_releases(tmp_path, METHOD, replace(tiny, seeds=4), jobs=jobs, progress=_killed)
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == []
    leftover = tmp_path / ".2026.09.partial-1" / "evaluations"  # as a killed process would leave it
    leftover.mkdir(parents=True)
    (leftover / "seed-7.jsonl").write_text("half a li")
    (folder,) = run.write_releases(tmp_path, METHOD, tiny)
    assert "evaluations/seed-7.jsonl" not in _content(folder)
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == ["2026.09"]


def test_what_lies_in_the_way_is_not_touched(tmp_path: Path, tiny: Settings) -> None:
    """A folder of somebody else's, or of another version, is an error with a way out."""
    (tmp_path / "2026.09").mkdir()
    (tmp_path / "2026.09" / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"not written by the demo.*remove it or name another folder"):
        run.write_releases(tmp_path, METHOD, tiny)
    assert (tmp_path / "2026.09" / "mine.txt").read_text() == "mine"
    run.write_releases(tmp_path / "other", METHOD, tiny)
    with pytest.raises(UsageError, match="written by demo version"):
        run.write_releases(tmp_path / "other", METHOD, replace(tiny, accept_at=0.6))


def test_two_demos_do_not_write_to_one_folder(tmp_path: Path, tiny: Settings) -> None:
    """While another run holds the folder, this one says so."""
    with FileLock(tmp_path / ".demo.lock"), pytest.raises(StreamBusy, match="another demo"):
        run.write_releases(tmp_path, METHOD, tiny)


def test_wrong_arguments_are_named(tmp_path: Path) -> None:
    """No jobs, or a file where the folder should be."""
    with pytest.raises(UsageError, match="jobs is 0"):
        run_demo(tmp_path, jobs=0)
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="not a folder"):
        run_demo(tmp_path / "file")


def test_folder_that_cannot_be_made_is_one_line(tmp_path: Path, tiny: Settings) -> None:
    """A path below a file: what, where and what to do."""
    (tmp_path / "file").write_text("")
    with pytest.raises(RunFailed, match="name another folder") as caught:
        run.write_releases(tmp_path / "file" / "below", METHOD, tiny)
    assert "\n" not in str(caught.value)
