"""`streamreview margins` tells what margins mean, and writes them with who chose them and why."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from toolkit.cli import main
from toolkit.logs.config import load_config


@pytest.fixture
def stream(tmp_path: Path) -> Path:
    folder = tmp_path / "stream"
    assert main(["simulate", str(folder)]) == 0
    return folder


def test_tells_noise_and_never_a_finding(stream: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every axis has a row; neither values nor verdicts are printed."""
    capsys.readouterr()
    assert main(["margins", str(stream)]) == 0
    out = capsys.readouterr().out
    assert out.count("(provisional)") + out.count("0.0") >= 5
    for word in ("healthy", "act", "watch", "unclear", "worse", "better"):
        assert f" {word}" not in out.split("A margin below")[0].lower().replace("action", "")


def test_writes_what_was_chosen(stream: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Value, unit, name, reason and day, in stream.toml."""
    arguments = ["margins", str(stream), "--set", "forgetting=0.03", "--by", "Ann", "--why", "30 of 1,000 matter"]
    assert main(arguments) == 0
    margin = load_config(stream).review.margins.forgetting
    assert margin is not None
    assert (margin.value, margin.unit, margin.chosen_by, margin.reason) == (0.03, "score", "Ann", "30 of 1,000 matter")
    assert margin.date is not None
    assert main(arguments[:4]) == 2
    assert "--by" in capsys.readouterr().err


def test_without_a_stream_file_nothing_is_made_up(stream: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It says which command drafts one."""
    (stream / "stream.toml").unlink()
    assert main(["margins", str(stream), "--set", "forgetting=0.03", "--by", "A", "--why", "B"]) == 2
    assert "streamreview init" in capsys.readouterr().err
    shutil.rmtree(stream)
