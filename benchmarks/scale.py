"""How long do many evaluations take from files to cube, beside DuckDB's own grouped sums of the same rows?

`python -m benchmarks.scale [ROWS ...]` makes logs of that many rows (10 tasks, 10 stages, 2 arms, 5 seeds, the rest
items; shuffled, in ten files, scores of 0 or 1) in a temporary folder, and reads, checks and reduces each in a process
of its own. The yardstick is DuckDB's aggregation by arm, seed, stage, task and hash(item) % 512, which checks nothing.
Of ten million rows there are also logs as JSON lines and CSV, one with a repeated row, two that stand there three
times, and one with graded scores. A hundred million rows take 1 GB on disk, and as long to make as to measure.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.parquet as pq

ROWS = (100_000, 1_000_000, 10_000_000, 100_000_000)
_TASKS, _STAGES, _ARMS, _SEEDS, _PARTS = 10, 10, 2, 5, 10
_CELLS = _TASKS * _STAGES * _ARMS * _SEEDS
_READ = {
    "parquet": "read_parquet('{}/evaluations/*.parquet')",
    "csv": "read_csv('{}/evaluations/*.csv')",
    "jsonl": "read_ndjson('{}/evaluations/*.jsonl')",
}
_OWN = """
select count(*) from (
    select arm, seed, stage, task, hash(item) % 512 as bucket, count(*) as n, sum(score) as total,
           sum(score * score) as total_sq
    from {} group by all having count(*) + sum(score) + sum(score * score) >= 0
)
"""


def table(rows: tuple[int, ...] = ROWS, variants: int = 10_000_000, turns: int = 3) -> str:
    """A Markdown table of logs that grow, and of `variants` rows in other forms (0: none)."""
    lines = [
        "## From many evaluations to the cube",
        "",
        "| log | rows | files | DuckDB's own sums s (CPU) | read, check, reduce s (CPU) | ratio (CPU) | peak memory |",
        "|---|---|---|---|---|---|---|",
    ]
    for count in rows:
        with tempfile.TemporaryDirectory() as folder:
            lines.append(_line("Parquet", made(Path(folder), count), "parquet", turns))
    if variants:
        with tempfile.TemporaryDirectory() as folder:
            plain = made(Path(folder) / "plain", variants)
            lines.append(_line("one row repeated", repeated(plain, Path(folder) / "repeated"), "parquet", turns))
            lines.append(_line("each file three times", tripled(plain, Path(folder) / "copied"), "parquet", turns))
            anew = tripled(plain, Path(folder) / "tripled", anew=True)
            lines.append(_line("each row three times", anew, "parquet", turns))
            graded = made(Path(folder) / "graded", variants, graded=True)
            lines.append(_line("graded scores", graded, "parquet", turns))
        for form in ("jsonl", "csv"):
            with tempfile.TemporaryDirectory() as folder:
                lines.append(_line(form, made(Path(folder), variants, form), form, turns))
    return "\n".join(lines) + "\n"


def made(folder: Path, rows: int, form: str = "parquet", *, graded: bool = False) -> Path:
    """A stream folder with that many evaluations, in ten files; graded: scores of 0, 0.001 ... 1, not of 0 and 1."""
    items = rows // _CELLS
    rng = np.random.default_rng(1)
    (folder / "evaluations").mkdir(parents=True)
    listed = "".join(f'[[tasks]]\nname = "task-{j}"\n' for j in range(1, _TASKS + 1))
    (folder / "stream.toml").write_text(f'name = "many-rows"\n{listed}', encoding="utf-8")
    order = np.arange(items * _CELLS, dtype=np.int32)
    rng.shuffle(order)
    names = pa.array([f"task-{j}/{i:06d}" for j in range(1, _TASKS + 1) for i in range(items)])
    tasks, arms = pa.array([f"task-{j}" for j in range(1, _TASKS + 1)]), pa.array(["stream", "isolated"])
    for part, places in enumerate(np.array_split(order, _PARTS)):
        rest, item = np.divmod(places, items)
        rest, task = np.divmod(rest, _TASKS)
        rest, stage = np.divmod(rest, _STAGES)
        seed, arm = np.divmod(rest, _ARMS)
        columns = pa.table({
            "arm": pa.DictionaryArray.from_arrays(arm, arms),
            "seed": seed,
            "stage": stage + 1,
            "task": pa.DictionaryArray.from_arrays(task, tasks),
            "item": pa.DictionaryArray.from_arrays(task * items + item, names),
            "score": rng.integers(0, 1001, len(places)) / 1000 if graded else 1.0 * (rng.random(len(places)) < 0.7),
        })  # fmt: skip
        _write(columns, folder / "evaluations" / f"part-{part}.{form}")
    return folder


def repeated(plain: Path, folder: Path) -> Path:
    """The same log with one row of one file again in another."""
    shutil.copytree(plain, folder)
    row = pq.ParquetFile(plain / "evaluations" / "part-3.parquet").read_row_group(0).slice(7, 1)
    pq.write_table(row, folder / "evaluations" / "again.parquet")
    return folder


def tripled(plain: Path, folder: Path, *, anew: bool = False) -> Path:
    """A log that holds every row three times: copies of the files, or files written anew with parts of other sizes."""
    (folder / "evaluations").mkdir(parents=True)
    shutil.copy(plain / "stream.toml", folder)
    for time_ in range(3):
        for file in (plain / "evaluations").iterdir():
            copy = folder / "evaluations" / f"copy-{time_}-{file.name}"
            if anew:
                pq.write_table(pq.read_table(file), copy, row_group_size=(1 << 18) - time_)
            else:
                shutil.copy(file, copy)
    return folder


def _write(columns: pa.Table, path: Path) -> None:
    if path.suffix == ".parquet":
        pq.write_table(columns, path)
        return
    plain = pa.table({
        name: column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
        for name, column in zip(columns.column_names, columns.columns, strict=True)
    })  # fmt: skip
    if path.suffix == ".csv":
        pcsv.write_csv(plain, path)
        return
    with path.open("w", encoding="utf-8") as file:
        for batch in plain.to_batches(max_chunksize=100_000):
            file.writelines(json.dumps(row) + "\n" for row in batch.to_pylist())


def _line(name: str, stream: Path, form: str, turns: int) -> str:
    found: dict[str, list[dict[str, float]]] = {"own": [], "ours": []}
    for _ in range(turns):
        for way, answers in found.items():
            command = [sys.executable, "-m", "benchmarks.scale", "--measure", way, str(stream), form]
            answers.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
    own, ours, own_cpu, ours_cpu = (
        statistics.median(answer[what] for answer in found[way]) for what in ("seconds", "cpu") for way in found
    )
    peak = max(answer["peak"] for answer in found["ours"])
    files = sum(path.stat().st_size for path in (stream / "evaluations").rglob("*.*")) / 1e6
    return (
        f"| {name} | {found['ours'][0]['rows']:,} | {files:,.0f} MB | {own:.1f} ({own_cpu:.1f}) | "
        f"{ours:.1f} ({ours_cpu:.1f}) | {ours / own:.1f} ({ours_cpu / own_cpu:.1f}) | {peak / 1e9:.2f} GB |"
    )


def measure(way: str, stream: Path, form: str) -> None:
    """Print seconds by the clock and of CPU, the largest resident memory (bytes) and the rows read, as JSON."""
    import duckdb

    from toolkit.cube import reduce_stream
    from toolkit.logs import read_stream

    rows = 0
    start, used = time.perf_counter(), time.process_time()
    if way == "own":
        connection = duckdb.connect()
        connection.execute("set threads = 2")
        connection.execute(_OWN.format(_READ[form].format(stream))).fetchall()
    else:
        with read_stream(stream, threads=2) as log:
            reduce_stream(log)
            rows = log.ledger.entries()["evaluations"].read
    seconds, cpu = time.perf_counter() - start, time.process_time() - used
    # Of this program alone: getrusage would count what the process that started it had used.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = 1024 * int(status.split("VmHWM:")[1].split()[0])
    print(json.dumps({"seconds": seconds, "cpu": cpu, "peak": peak, "rows": rows}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure(sys.argv[2], Path(sys.argv[3]), sys.argv[4])
    else:
        asked = tuple(int(float(argument)) for argument in sys.argv[1:])
        print(table(asked, 0) if asked else table())
