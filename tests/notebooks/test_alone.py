"""Each notebook runs by plain papermill, opened alone, and writes nothing but itself."""

from __future__ import annotations

import json
import subprocess
import sys

import papermill
import pytest

from toolkit.resources import notebooks_folder

SOME = ("summary",)  # by day
NAMES = sorted(path.stem for path in notebooks_folder().glob("*.ipynb"))


@pytest.mark.parametrize(
    "name", [name if name in SOME else pytest.param(name, marks=pytest.mark.nightly) for name in NAMES]
)
def test_runs_by_plain_papermill(name, demo_streams, tmp_path):
    done = tmp_path / "done.ipynb"
    source = notebooks_folder() / f"{name}.ipynb"
    given = {"stream": str(demo_streams[0])}
    papermill.execute_notebook(str(source), str(done), given, cwd=str(tmp_path), progress_bar=False)
    book = json.loads(done.read_text())
    shown = [cell for cell in book["cells"] if cell.get("outputs")]
    assert len(shown) >= 2
    assert [path.name for path in tmp_path.iterdir()] == ["done.ipynb"]
    for cell in shown:
        for output in cell["outputs"]:
            assert output["output_type"] != "stream", output  # no warning, no print
            assert "text/html" in output["data"]


@pytest.mark.nightly
@pytest.mark.slow
def test_runs_with_its_default_parameters(tmp_path, monkeypatch):
    """With nothing given it shows the newest release of the bundled demonstration, made on first use."""
    monkeypatch.setenv("STREAMREVIEW_DEMO", str(tmp_path / "demo"))
    (tmp_path / "work").mkdir()
    done = tmp_path / "work/done.ipynb"
    order = ["-m", "papermill", "--no-progress-bar", str(notebooks_folder() / "forgetting.ipynb"), str(done)]
    ran = subprocess.run([sys.executable, *order], cwd=done.parent, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    assert "rotated-90" in done.read_text()
    assert (tmp_path / "demo" / "2026.11" / "stream.toml").exists()
