"""Is it written down what runs did, in bounds, without what logs say, and never at a run's cost?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.reporting.support import write_notebook, write_report_notebooks, write_stream
from toolkit.errors import RunFailed
from toolkit.reporting import runlog
from toolkit.reporting.pipeline import run
from toolkit.reporting.request import Request, Silent
from toolkit.reporting.runlog import RunLog

QUOTED = "a sample's text"


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_steps_notebooks_and_ends_of_two_runs(tmp_path: Path) -> None:
    """The steps of a good run with seconds that fit its length; a failed one names the error's kind, not its text."""
    write_stream(tmp_path / "stream")
    write_report_notebooks(tmp_path / "notebooks")
    request = Request(
        tmp_path / "stream", tmp_path / "reports", "1", notebooks=tmp_path / "notebooks", cache=tmp_path / "cache"
    )
    run(request)
    path = tmp_path / "reports/.logs/tickets.jsonl"
    good = lines(path)
    begun = [line["step"] for line in good if "step" in line][:2]
    assert begun[0] == "Reading and reducing the log"
    assert begun[1].endswith(" of evaluations: no state of this log is kept")
    assert {line["notebook"] for line in good if "notebook" in line} == {"transfer", "summary", "releases"}
    assert {line["outcome"] for line in good} == {"done"}
    assert good[-1]["end"] == "run"
    steps = sum(line["seconds"] for line in good if "step" in line)
    assert 0 < steps <= good[-1]["seconds"] + 0.01
    (build,) = (tmp_path / "reports/.builds").iterdir()
    assert {line["run"] for line in good} == {build.name}

    assert run(request).up_to_date
    assert lines(path) == good

    write_notebook(tmp_path / "notebooks", "transfer", f"raise ValueError({QUOTED!r})")
    with pytest.raises(RunFailed, match=QUOTED):
        run(request)
    bad = lines(path)[len(good) :]
    assert (bad[-1]["end"], bad[-1]["outcome"]) == ("run", "RunFailed")
    assert {"step": "Running the notebooks", "outcome": "failed"}.items() <= bad[-2].items()
    assert QUOTED not in path.read_text()


def test_the_log_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At its length it gives way to a new one, and one older is kept."""
    monkeypatch.setattr(runlog, "LONGEST", 2000)
    path = tmp_path / ".logs/a.jsonl"
    with RunLog(Silent(), path, "run") as log:
        for number in range(200):
            log.step(f"step {number}")
    assert sorted(p.name for p in path.parent.iterdir()) == ["a.jsonl", "a.jsonl.1"]
    assert all(p.stat().st_size < 2300 for p in path.parent.iterdir())
    assert lines(path)[-1]["end"] == "run"


def test_a_log_that_cannot_be_written(tmp_path: Path) -> None:
    """A file where its folder should be: the run goes on, and who watches it hears of every step."""
    (tmp_path / ".logs").write_text("in the way")
    heard: list[str] = []

    class Ear(Silent):
        def step(self, text: str) -> None:
            heard.append(text)

    with RunLog(Ear(), tmp_path / ".logs/a.jsonl", "run") as log:
        log.step("one")
    assert heard == ["one"]
