"""From a finding on a page to its notebook and to the rows behind it, on a published report."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from tests.end_to_end.conftest import command, published
from toolkit import open_release, open_stream
from toolkit.errors import UsageError
from toolkit.notebook.working_copy import working_copy

FINDING = "backward_transfer/stream/rotated-15"
NAME = "digits-under-change"


@pytest.fixture(scope="module")
def release(demo) -> Path:
    _, reports = demo
    return reports / NAME / "2026.10"


def test_a_release_says_what_was_published(release: Path) -> None:
    """Numbers are those of results.json; the cube gives them again, against the same baseline."""
    opened = open_release(release / "forgetting.html")
    published_now = {e["id"]: e for e in json.loads((release / "results.json").read_text())["estimates"]}
    assert opened.finding(FINDING).value == published_now[FINDING]["value"]
    again = opened.run().analyse("forgetting").one("backward_transfer", task="rotated-15", stage=None)
    assert again.model_dump() | {"p_adjusted": None, "adjustment": None} == opened.finding(FINDING).model_dump() | {
        "p_adjusted": None, "adjustment": None,
    }  # fmt: skip
    assert {e.id for e in opened.estimates} == set(published_now)
    with pytest.raises(KeyError, match="near it: backward_transfer/stream/rotated-15"):
        opened.finding("backward_transfer/stream/rotated-16")


def test_lost_items_are_those_of_the_log(demo) -> None:
    """Counted by hand with pandas from the files; their share over seeds is the published loss less the gain."""
    streams, reports = demo
    stream = open_stream(streams[0])
    lost = stream.items("rotated-15", lost=True)
    rows = pd.concat(pd.read_json(path, lines=True) for path in sorted((streams[0] / "evaluations").glob("*.jsonl")))
    rows = rows[rows["step"].isna() & rows["arm"].isna() & (rows["task"] == "rotated-15")]
    wide = rows.assign(seed=rows["seed"].fillna(0)).pivot_table(index=["seed", "item"], columns="stage", values="score")
    assert len(lost) == int(((wide[2] == 1) & (wide[4] == 0)).sum())
    everything = stream.items("rotated-15")
    change = (everything["at_last"] - everything["at_arrival"]).groupby(everything["seed"]).mean().mean()
    estimates = {e["id"]: e for e in published(reports, NAME, "2026.09")["estimates"]}
    assert change == pytest.approx(estimates[FINDING]["value"], abs=1e-12)
    assert (lost["answer_at_last"] != lost["truth"]).all()
    with pytest.raises(UsageError, match="its tasks are: as-scanned"):
        stream.items("nothing")


def test_the_working_copy_runs_and_ends_with_the_finding(release: Path, tmp_path: Path, home: Path) -> None:
    """The command makes it, a kernel executes it, the report is as it was, and a second call leaves it alone."""
    before = {path: path.stat().st_mtime_ns for path in release.rglob("*") if path.is_file()}
    done = command("lab", f"{release}#{FINDING}", "--to", tmp_path, "--no-start", home=home)
    assert done.returncode == 0, done.stderr
    path = tmp_path / f"{NAME}-2026.10-forgetting.ipynb"
    assert str(path) in done.stdout
    ran = tmp_path / "ran.ipynb"
    import papermill

    papermill.execute_notebook(str(path), str(ran), progress_bar=False, kernel_name="python3")
    assert "rotated-15" in str(nbformat.read(ran, as_version=4).cells[-1].outputs)
    assert {p: p.stat().st_mtime_ns for p in release.rglob("*") if p.is_file()} == before
    path.write_text(path.read_text().replace("as it was published", "and my notes"))
    again = command("lab", f"{release}#{FINDING}", "--to", tmp_path, "--no-start", home=home)
    assert "copy of before" in again.stdout
    assert "and my notes" in path.read_text()


def test_a_changed_log_is_said(demo, release: Path, tmp_path: Path) -> None:
    """The notebook reads the stored cube either way; the analyst must know that it is another state of the log.

    The log and its report are copies, and the report's notebook is told of the copied log.
    """
    streams, reports = demo
    log = tmp_path / "log"
    shutil.copytree(streams[1], log)
    shutil.copytree(reports, tmp_path / "reports", symlinks=True)
    moved = tmp_path / "reports" / release.relative_to(reports)
    notebook = moved / "notebooks/forgetting.ipynb"
    told = nbformat.read(notebook, as_version=4)
    assert told.metadata.papermill.parameters.stream == str(streams[1])
    told.metadata.papermill.parameters.stream = str(log)
    nbformat.write(told, notebook)
    assert working_copy(f"{moved}#{FINDING}", tmp_path / "a").warnings == ()
    with next((log / "feedback").glob("*.jsonl")).open("a") as file:
        file.write("\n")
    (warning,) = working_copy(f"{moved}#{FINDING}", tmp_path / "b").warnings
    assert warning.startswith(f"{log} has changed since the report")
    assert working_copy(str(release / "transfer.html"), tmp_path / "c").warnings == ()


def test_what_is_not_there_is_said_in_one_line(release: Path, tmp_path: Path) -> None:
    """Report and finding."""
    with pytest.raises(UsageError, match=r"no results\.json"):
        working_copy(str(tmp_path), tmp_path)
    with pytest.raises(UsageError, match="near it"):
        working_copy(f"{release}#backward_transfer/stream/x", tmp_path)
