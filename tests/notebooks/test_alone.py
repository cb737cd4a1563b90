"""Each notebook runs by plain papermill, opened alone, and writes nothing but itself."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from toolkit.resources import notebooks_folder

NAMES = sorted(path.stem for path in notebooks_folder().glob("*.ipynb"))


@pytest.fixture(scope="module")
def stream(tmp_path_factory):
    """The newest of two releases of a small run of the bundled pipeline."""
    from toolkit.demo.run import write_releases
    from toolkit.demo.settings import RELEASES, Settings

    small = Settings(tasks=4, seeds=2, tests_per_class=5, budget=300, checkpoints=(100, 300))
    return write_releases(tmp_path_factory.mktemp("demo"), RELEASES[:1], small, jobs=1)[-1]


def papermill(name, folder, *arguments):
    done = folder / "done.ipynb"
    order = ["-m", "papermill", "--no-progress-bar", str(notebooks_folder() / f"{name}.ipynb"), str(done), *arguments]
    ran = subprocess.run([sys.executable, *order], cwd=folder, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    return json.loads(done.read_text())


@pytest.mark.parametrize("name", NAMES)
def test_runs_by_plain_papermill(name, stream, tmp_path):
    book = papermill(name, tmp_path, "-p", "stream", str(stream))
    shown = [cell for cell in book["cells"] if cell.get("outputs")]
    assert len(shown) >= 2
    assert [path.name for path in tmp_path.iterdir()] == ["done.ipynb"]
    for cell in shown:
        for output in cell["outputs"]:
            assert output["output_type"] != "stream", output  # no warning, no print
            assert "text/html" in output["data"]


@pytest.mark.slow
def test_runs_with_its_default_parameters(tmp_path, monkeypatch):
    """With nothing given it shows the newest release of the bundled demonstration, made on first use."""
    monkeypatch.setenv("STREAMREVIEW_DEMO", str(tmp_path / "demo"))
    (tmp_path / "work").mkdir()
    book = papermill("forgetting", tmp_path / "work")
    text = json.dumps(book)
    assert "rotated-90" in text
    assert (tmp_path / "demo" / "2026.11" / "stream.toml").exists()
