"""How long do many samples with embeddings take from log to all numbers on them, and how much memory at most?

`python -m benchmarks.samples [SAMPLES [DIMENSIONS]]` makes a log of each format in a temporary folder and reads,
checks, reduces and analyses it in a process of its own, so that the peak is of that alone.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

FORMATS = ("parquet", "jsonl")
_TASKS, _SEEDS, _PART = 8, 3, 20_000


def table(samples: int = 200_000, dimensions: int = 384) -> str:
    """A Markdown table: seconds to read and check, reduce, store and analyse, and peak memory, of each format."""
    lines = [
        f"## {samples:,} samples with embeddings of {dimensions} numbers",
        "",
        "| format | log | read and check s | reduce s | store s | analyse s | cube | peak memory |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name in FORMATS:
        with tempfile.TemporaryDirectory() as folder:
            stream = made(Path(folder) / "stream", name, samples, dimensions)
            command = [sys.executable, "-m", "benchmarks.samples", "--measure", str(stream), str(Path(folder) / "cube")]
            measured = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            seconds = " | ".join(f"{second:.1f}" for second in measured["seconds"])
            log, cube = (_megabytes(Path(folder) / part) for part in ("stream", "cube"))
            lines.append(f"| {name} | {log} | {seconds} | {cube} | {measured['peak'] / 1e9:.2f} GB |")
    return "\n".join(lines) + "\n"


def made(folder: Path, form: str, samples: int, dimensions: int) -> Path:
    """A stream folder with that many samples: tasks, seeds, acceptance at random, a tenth human, texts of 40 words."""
    rng = np.random.default_rng(1)
    (folder / "samples").mkdir(parents=True)
    listed = "".join(f'[[tasks]]\nname = "task-{j}"\n' for j in range(1, _TASKS + 1))
    (folder / "stream.toml").write_text(f'name = "many-samples"\n{listed}', encoding="utf-8")
    (folder / "evaluations.csv").write_text("stage,task,item,score\n1,task-1,i,1\n", encoding="utf-8")
    words = np.array([f"word{i}" for i in range(20_000)])
    for part, start in enumerate(range(0, samples, _PART)):
        n = min(_PART, samples - start)
        task = rng.integers(1, _TASKS + 1, n)
        rows = pa.table({
            "stage": task, "task": [f"task-{j}" for j in task], "seed": rng.integers(0, _SEEDS, n),
            "sample": [f"sample-{i}" for i in range(start, start + n)], "accepted": rng.random(n) < 0.8,
            "origin": np.where(rng.random(n) < 0.1, "human", "synthetic"),
            "target_label": [f"label-{i}" for i in rng.integers(0, 10, n)],
            "parsed_label": [f"label-{i}" for i in rng.integers(0, 10, n)], "cost": rng.random(n),
            "text": [" ".join(chosen) for chosen in words[rng.zipf(1.3, (n, 40)) % len(words)]],
            "embedding": pa.FixedSizeListArray.from_arrays(
                rng.normal(size=n * dimensions).astype(np.float32), dimensions
            ).cast(pa.list_(pa.float32())),
        })  # fmt: skip
        path = folder / "samples" / f"part-{part:03d}.{form}"
        if form == "parquet":
            pq.write_table(rows, path)
        else:
            with path.open("w", encoding="utf-8") as file:
                file.writelines(json.dumps(row) + "\n" for row in rows.to_pylist())
    return folder


def measure(stream: Path, into: Path) -> None:
    """Print seconds and the largest resident memory (bytes) of this process, as JSON."""
    from toolkit.analyses import ANALYSES, Evidence
    from toolkit.cube import reduce_stream
    from toolkit.logs import read_stream

    times = [time.perf_counter()]
    with read_stream(stream) as log:
        times.append(time.perf_counter())
        cube = reduce_stream(log)
        times.append(time.perf_counter())
    cube.save(into)
    times.append(time.perf_counter())
    found = ANALYSES["generation"](Evidence(cube))
    times.append(time.perf_counter())
    if not found.one("diversity", task=None, stage=None).measured:
        raise RuntimeError("the samples were not analysed")
    # Of this program alone: getrusage would count what the process that started it had used.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = 1024 * int(status.split("VmHWM:")[1].split()[0])
    print(json.dumps({"seconds": np.diff(times).tolist(), "peak": peak}))


def _megabytes(folder: Path) -> str:
    return f"{sum(path.stat().st_size for path in folder.rglob('*') if path.is_file()) / 1e6:,.0f} MB"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        print(table(*map(int, sys.argv[1:])))
