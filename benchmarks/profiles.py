"""A report as HTML, beside what general profilers make of the evaluations alone: time from nothing, and size.

Each way is a program of its own, so that imports count. ydata-profiling describes the table; evidently compares the
last stage with the first, column by column. Neither knows tasks, stages or intervals.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

PROFILERS = Path(".venv-profilers") / "bin" / "python"  # where `make bench` installs them
_WAYS = {
    "ydata-profiling, evaluations, minimal": "minimal",
    "ydata-profiling, evaluations": "full",
    "evidently, evaluations, last stage against first": "drift",
}


def table(stream: Path, turns: int = 3) -> str:
    """The comparison as a Markdown table; needs benchmarks/requirements-profilers.txt in an environment of its own."""
    if not PROFILERS.exists():
        raise FileNotFoundError(f"{PROFILERS}: run `make bench`, which installs ydata-profiling and evidently there")
    found: dict[str, list[tuple[float, int, int]]] = {}
    for _ in range(turns):
        found.setdefault("streamreview run, all pages", []).append(_ours(stream))
        for name, way in _WAYS.items():
            found.setdefault(name, []).append(_theirs(stream, way))
    ours = median(seconds for seconds, _, _ in found["streamreview run, all pages"])
    lines = [
        "## A report as HTML",
        "",
        "| way | median s | fastest | slowest | ratio | pages | largest page |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, runs in found.items():
        seconds = [run[0] for run in runs]
        middle, (_, pages, largest) = median(seconds), runs[-1]
        lines.append(
            f"| {name} | {middle:.1f} | {min(seconds):.1f} | {max(seconds):.1f} | {middle / ours:.2f} | {pages} "
            f"| {largest / 1e3:,.0f} kB |"
        )
    return "\n".join(lines) + "\n"


def _ours(stream: Path) -> tuple[float, int, int]:
    with tempfile.TemporaryDirectory() as place:
        out = Path(place) / "reports"
        command = [sys.executable, "-m", "toolkit", "run", str(stream), "--out", str(out), "--fail-on", "none"]
        seconds = _timed(command, os.environ | {"XDG_CACHE_HOME": place})
        sizes = [page.stat().st_size for page in out.glob("*/latest/*.html")]
    return seconds, len(sizes), max(sizes)


def _theirs(stream: Path, way: str) -> tuple[float, int, int]:
    with tempfile.TemporaryDirectory() as place:
        page = Path(place) / "page.html"
        script = Path(__file__).with_name("profilers_alone.py")
        seconds = _timed([str(PROFILERS), str(script), way, str(stream), str(page)], dict(os.environ))
        return seconds, 1, page.stat().st_size


def _timed(command: list[str], environment: dict[str, str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=environment)
    return time.perf_counter() - start
