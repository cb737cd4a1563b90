"""From executed notebooks to pages: our exporter on all of them against nbconvert's lab template on the same."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.timing import as_table, in_turns
from toolkit.reporting.page import Page
from toolkit.reporting.render import render_notebook


def table(stream: Path, turns: int = 3) -> str:
    """Publish a stream, then time both on its executed notebooks; the time is for all pages together."""
    with tempfile.TemporaryDirectory() as out:
        arguments = ("run", str(stream), "--out", out, "--fail-on", "none")
        subprocess.run([sys.executable, "-m", "toolkit", *arguments], check=True, capture_output=True)
        summary = next(Path(out).glob("*/latest/notebooks/summary.ipynb"))
        return _timed(sorted(summary.parent.glob("*.ipynb")), turns)


def _timed(notebooks: list[Path], turns: int) -> str:
    import nbformat
    from nbconvert.exporters import HTMLExporter

    page = Page(title="Benchmark", heading="How fast?", stream="benchmark", release="1", date="today")

    def ours() -> None:
        with tempfile.TemporaryDirectory() as out:
            for notebook in notebooks:
                (Path(out) / f"{notebook.stem}.html").write_text(render_notebook(notebook, page), encoding="utf-8")

    def lab() -> None:
        exporter = HTMLExporter(template_name="lab")
        for notebook in notebooks:
            exporter.from_notebook_node(nbformat.read(notebook, as_version=4))

    ways = {"streamreview": ours, "nbconvert, lab template": lab}
    return as_table(f"Pages from {len(notebooks)} executed notebooks", in_turns(ways, turns=turns))
