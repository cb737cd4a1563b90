"""Does `prune` say what would go, and touch nothing until it is told to?"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from toolkit.cli import main
from toolkit.reporting.layout import Layout
from toolkit.reporting.lock import hold


@pytest.fixture
def reports(shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three releases, the first of them old enough to go; a copy to prune in."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return shutil.copytree(shelf / "reports", tmp_path / "reports", symlinks=True)


def test_first_said_then_done(reports: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Dry unless --apply; a held stream ends in 6; afterwards there is nothing more to do."""
    order = ["prune", "--keep", "1", "--out", str(reports)]
    assert main(order) == 0
    said = capsys.readouterr().out
    assert "release\ttickets/1\t" in said
    assert "2\ta baseline" in said
    assert "Would prune" in said
    assert (reports / "tickets/1/transfer.html").is_file()
    with hold(Layout(reports), "tickets"):
        assert main([*order, "--apply"]) == 6
    assert (reports / "tickets/1/transfer.html").is_file()
    assert main([*order, "--apply", "--stream", "tickets"]) == 0
    assert "Numbers and stored cubes are untouched" in capsys.readouterr().out
    assert not (reports / "tickets/1/transfer.html").exists()
    assert main(["index", "--out", str(reports)]) == 0
    assert main(["lab", str(reports / "tickets/1"), "--no-start", "--to", str(reports / "../lab")]) == 0
    assert "pruned" in capsys.readouterr().err
    assert main([*order, "--apply"]) == 0
    assert "Nothing to prune." in capsys.readouterr().out


@pytest.mark.parametrize("wrong", [["--keep", "-1"], ["--older-than", "-1"], ["--older-than", "x"], ["--stream", "x"]])
def test_wrong_usage_is_2(wrong: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prune", "--out", str(tmp_path), *wrong]) == 2
    assert main(["prune", "--out", str(tmp_path / "nowhere")]) == 2
    assert capsys.readouterr().err.count("\n") == 2
