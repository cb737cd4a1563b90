"""How do time and memory of a whole report grow with rows, tasks, seeds and releases?

`python -m benchmarks.growth [--rows ROWS] [--out docs]` runs `streamreview run` on made streams, one at a time, from
the log to published pages, and writes growth.md and images/growth.svg into the folder `--out`. ROWS is the largest
log, by default 10^7 rows; 10^8 need 1 GB of disk. Memory is that of the largest of the run's processes.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.history import history_of
from benchmarks.scale import made
from toolkit.reporting.index import write_index
from toolkit.reporting.layout import Layout

_TASKS, _SEEDS, _RELEASES = (5, 10, 20, 40, 60), (1, 2, 5, 10, 20), (1, 10, 30, 100)


@dataclass(frozen=True)
class Cost:
    """One run: by the clock and of CPU (s), the memory of its largest process and the bytes of its largest page."""

    of: str
    size: int
    seconds: float
    cpu: float
    peak: float = float("nan")
    page: float = float("nan")


def measured(most: int) -> Iterator[Cost]:
    """Each run as it is done. most: rows of the largest log."""
    rows = 10_000
    while rows <= most:
        with tempfile.TemporaryDirectory() as folder:
            yield run("rows", rows, _apart(made, Path(folder) / "stream", rows))
        rows *= 10
    for tasks in _TASKS:
        with tempfile.TemporaryDirectory() as folder:
            yield run("tasks", tasks, _apart(drawn, Path(folder) / "stream", tasks, 3))
    for seeds in _SEEDS:
        with tempfile.TemporaryDirectory() as folder:
            yield run("seeds", seeds, _apart(drawn, Path(folder) / "stream", 10, seeds))
    for releases in _RELEASES:
        with tempfile.TemporaryDirectory() as folder:
            stream = _apart(drawn, Path(folder) / "stream", 5, 2)
            run("releases", releases, stream, "--release", "first", out=(out := Path(folder) / "reports"))
            layout = Layout(out)
            history_of(layout, layout.streams()[0], releases)
            write_index(layout)
            start, used = time.perf_counter(), time.process_time()
            write_index(layout)
            seconds, cpu = time.perf_counter() - start, time.process_time() - used
            yield Cost("releases", releases, seconds, cpu, page=layout.index.stat().st_size)


def _apart(make: Callable[..., Path], *values: object) -> Path:
    """Make a stream in a process of its own: a run's largest memory counts that of the process that starts it."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(make, *values).result()


def drawn(folder: Path, tasks: int, seeds: int, items: int = 40) -> Path:
    """A stream with every task evaluated at every stage, in two arms, right in seven of ten cases."""
    rng = np.random.default_rng(1)
    names = [f"task-{j:02}" for j in range(tasks)]
    folder.mkdir(parents=True)
    listed = "".join(f'[[tasks]]\nname = "{name}"\n' for name in names)
    (folder / "stream.toml").write_text(f'name = "drawn"\n{listed}', encoding="utf-8")
    shape = (2, seeds, tasks + 1, tasks, items)
    arm, seed, stage, task, item = (place.ravel().astype(np.int32) for place in np.indices(shape))
    kept = (arm == 0) | (stage == task + 1)
    right = rng.random(kept.sum()) < np.where(stage[kept] > task[kept], 0.7, 0.3)
    columns = {
        "arm": pa.array(np.array(["stream", "isolated"])[arm[kept]]),
        "seed": pa.array(seed[kept]),
        "stage": pa.array(stage[kept]),
        "task": pa.array(np.array(names)[task[kept]]),
        "item": pa.array((task * items + item)[kept].astype(str)),
        "score": pa.array(right.astype(float)),
    }
    pq.write_table(pa.table(columns), folder / "evaluations.parquet")
    return folder


def run(of: str, size: int, stream: Path, *options: str, out: Path | None = None) -> Cost:
    """One `streamreview run` of a stream, with caches of its own."""
    with tempfile.TemporaryDirectory() as place:
        into = out or Path(place) / "reports"
        command = [
            sys.executable,
            "-m",
            "toolkit",
            "run",
            str(stream),
            "--out",
            str(into),
            "--fail-on",
            "none",
            *options,
        ]
        environment = os.environ | {"XDG_CACHE_HOME": place}
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        if status:
            raise RuntimeError(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
        page = max(path.stat().st_size for path in into.rglob("*.html"))
    return Cost(of, size, seconds, used.ru_utime + used.ru_stime, 1024.0 * used.ru_maxrss, page)


def table(costs: Sequence[Cost]) -> str:
    """The costs as Markdown."""
    lines = ["| of | size | seconds | CPU seconds | largest process | largest page |", "|---|---:|---:|---:|---:|---:|"]
    for cost in costs:
        peak = "" if np.isnan(cost.peak) else f"{cost.peak / 1e9:.2f} GB"
        lines.append(
            f"| {cost.of} | {cost.size:,} | {cost.seconds:.2f} | {cost.cpu:.2f} | {peak} | {cost.page / 1e3:,.0f} kB |"
        )
    return "\n".join(lines) + "\n"


def plot(costs: Sequence[Cost], path: Path) -> None:
    """Seconds and memory against size, one small picture a kind of growth."""
    from matplotlib import rcParams
    from matplotlib.figure import Figure

    rcParams["svg.fonttype"] = "none"
    rcParams["svg.hashsalt"] = "growth"
    kinds = list(dict.fromkeys(cost.of for cost in costs))
    figure = Figure(figsize=(9, 2.6), layout="constrained")
    for axes, kind in zip(figure.subplots(1, len(kinds)), kinds, strict=True):
        mine = [cost for cost in costs if cost.of == kind]
        axes.plot([c.size for c in mine], [c.seconds for c in mine], "o-", color="#1f6f9f", label="seconds")
        axes.set(xlabel=kind, ylim=(0, None), xscale="log" if kind == "rows" else "linear")
        axes.set_ylabel("seconds" if kind != "releases" else "seconds, releases page")
        if not np.isnan(mine[0].peak):
            other = axes.twinx()
            other.plot([c.size for c in mine], [c.peak / 1e9 for c in mine], "s--", color="#b5541c", markersize=4)
            other.set_ylim(0, 2)
            other.set_ylabel("GB (dashed)" if kind == "seeds" else "")
            other.tick_params(labelright=kind == "seeds")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None})


PAGE = """# How a report grows

Measured by `python -m benchmarks.growth` on {machine}: one `streamreview run` each, from the log to published
pages, and for releases the time in which the releases page is written again. Memory is that of the largest process of
a run.

![Seconds and memory of a report against rows, tasks, seeds and releases](images/growth.svg)

{table}
- **Rows**: 10 tasks, 10 stages, two arms, five seeds, the rest items; Parquet in ten files, shuffled. Up to a million
  rows a report takes what its notebooks take; beyond, reading and reducing count. Memory is bounded whatever the log's
  size.
- **Tasks**: every task at every stage, 40 items each, three seeds, two arms. **Seeds**: ten tasks.
- **Releases**: copies of one publication in one history.
"""


def main() -> None:
    """Measure, print, and write page and picture."""
    parser = argparse.ArgumentParser(prog="growth")
    parser.add_argument("--rows", type=lambda text: int(float(text)), default=10_000_000)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    costs = []
    for cost in measured(given.rows):
        costs.append(cost)
        print(table([cost]).splitlines()[-1], flush=True)
    if given.out is not None:
        machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
        plot(costs, given.out / "images" / "growth.svg")
        (given.out / "growth.md").write_text(PAGE.format(machine=machine, table=table(costs)), encoding="utf-8")


if __name__ == "__main__":
    main()
