"""From a log to published pages: the runner against plain sequential papermill and nbconvert's lab template."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.timing import as_table, in_turns
from toolkit.resources import notebooks_folder


def table(stream: Path, turns: int = 2) -> str:
    """Time both on the same notebooks and stream, each into an empty folder."""

    def ours() -> None:
        with tempfile.TemporaryDirectory() as out:
            _call("-m", "toolkit", "run", str(stream), "--out", out, "--fail-on", "none")

    def plain() -> None:
        with tempfile.TemporaryDirectory() as out:
            for notebook in sorted(notebooks_folder().glob("*.ipynb")):
                done = str(Path(out) / notebook.name)
                _call("-m", "papermill", "--no-progress-bar", str(notebook), done, "-p", "stream", str(stream))
                _call("-m", "nbconvert", "--to", "html", "--template", "lab", "--log-level", "ERROR", done)

    ways = {"streamreview run": ours, "papermill, then nbconvert, one notebook after the other": plain}
    return as_table("From a log to HTML pages", in_turns(ways, turns=turns))


def _call(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
