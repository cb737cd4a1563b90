"""Do `simulate` and `calibrate` write what they say, and end in their exit codes?"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from toolkit.cli import main
from toolkit.simulation.calibration.registry import STUDIES
from toolkit.simulation.calibration.study import Line, Outcome, Study


def test_simulate_writes_a_stream_that_check_reads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "s"
    assert main(["simulate", str(folder), "--scenario", "few-tasks", "--seed", "3"]) == 0
    out = capsys.readouterr().out
    assert str(folder / "truth.json") in out
    assert f"streamreview run {folder}" in out
    assert json.loads((folder / "truth.json").read_text())["seed"] == 3
    assert main(["check", str(folder)]) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        ["simulate"],
        ["simulate", "FOLDER", "--scenario", "nonsense"],
        ["simulate", "FOLDER", "--seed", "-1"],
        ["simulate", "USED"],
        ["calibrate", "--scenario", "nonsense"],
        ["calibrate", "--replicates", "1"],
        ["calibrate", "--jobs", "0"],
        ["calibrate", "--out", "/nowhere/at/all.md"],
    ],
)
def test_wrong_usage_is_2_and_one_line(wrong: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "used").mkdir()
    (tmp_path / "used/file").touch()
    places = {"FOLDER": str(tmp_path / "new"), "USED": str(tmp_path / "used")}
    assert main([places.get(word, word) for word in wrong]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_calibrate_prints_and_writes_its_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "table.md"
    arguments = ["calibrate", "--scenario", "samples", "--replicates", "60", "--jobs", "1", "--out", str(out)]
    assert main(arguments) == 0
    printed = capsys.readouterr().out.splitlines()
    assert sum(line.startswith("ok ") for line in printed) == 3
    rows = [row for row in out.read_text().splitlines() if row.startswith("|")]
    assert len(rows) == 2 + 3


def test_calibrate_ends_in_1_where_a_line_misses(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def never(rng: np.random.Generator) -> list[Outcome]:
        return [Outcome(0.0, 1.0)]

    monkeypatch.setitem(STUDIES, "bad", Study("bad", (Line("nothing", "items", "none", (0.9, 1.0)),), never))
    assert main(["calibrate", "--scenario", "bad", "--replicates", "20", "--jobs", "1"]) == 1
    captured = capsys.readouterr()
    assert "NO" in captured.out
    assert captured.err.count("\n") == 1
