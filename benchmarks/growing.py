"""What does it cost to read a day more of a log, beside reading all of it again?

`python -m benchmarks.growing [ROWS]` makes logs of that many evaluations (default two million: 10 tasks, 10 stages, 2
arms, 5 seeds, the rest items; Parquet) in ten files, reads nine of them, and then all ten: with what was kept of the
nine, in full with something kept, and in full as without any of this. One log has a stage a file; others have rows of
every cell in each file, as Parquet and as JSON lines. Seconds of CPU, each in a process of its own, the least of three.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from benchmarks.scale import made

_TURNS = 3
_WAYS = {"plain": "in full", "kept": "in full, keeping a state", "added": "the tenth file alone"}


def table(rows: int = 2_000_000) -> str:
    """A Markdown table of CPU seconds."""
    lines = [
        f"## A day more: {rows:,} evaluations in ten files",
        "",
        f"| log | {' | '.join(f'{way} s' for way in _WAYS.values())} | state |",
        "|---|---|---|---|---|",
    ]
    with tempfile.TemporaryDirectory() as folder:
        shuffled = made(Path(folder) / "shuffled", rows)
        streams = {
            "a stage a file": by_stage(shuffled, Path(folder) / "staged"),
            "shuffled": shuffled,
            "shuffled, JSON lines": made(Path(folder) / "lines", rows, "jsonl"),
        }
        lines += [_line(name, stream, Path(folder) / f"{stream.name}-kept") for name, stream in streams.items()]
    return "\n".join(lines) + "\n"


def by_stage(plain: Path, folder: Path) -> Path:
    """The same log with the rows of one stage in each file."""
    (folder / "evaluations").mkdir(parents=True)
    shutil.copy(plain / "stream.toml", folder)
    with duckdb.connect() as connection:
        for stage in range(1, 11):
            connection.execute(
                f"copy (select * from read_parquet('{plain}/evaluations/*.parquet') where stage = {stage}) "
                f"to '{folder}/evaluations/part-{stage - 1}.parquet'"
            )
    return folder


def _line(name: str, stream: Path, kept: Path) -> str:
    (last,) = stream.glob("evaluations/part-9.*")
    aside = last.rename(stream / last.name)
    _asked("kept", stream, kept)
    aside.rename(last)
    found = {way: min(_asked(way, stream, kept) for _ in range(_TURNS)) for way in _WAYS}
    size = sum(path.stat().st_size for path in kept.glob("state/*")) / 1e6
    return f"| {name} | {' | '.join(f'{found[way]:.2f}' for way in _WAYS)} | {size:.1f} MB |"


def _asked(way: str, stream: Path, kept: Path) -> float:
    command = [sys.executable, "-m", "benchmarks.growing", "--measure", way, str(stream), str(kept)]
    return float(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def measure(way: str, stream: Path, kept: Path) -> None:
    """Print seconds of CPU of reading and reducing a log; its hashes are known."""
    from toolkit.cube import reduce_stream
    from toolkit.cube.grown import reduce_grown
    from toolkit.cube.state import load_state, save_state
    from toolkit.logs import read_stream
    from toolkit.logs.fingerprint import inputs_of

    inputs_of(stream, kept)
    start = time.process_time()
    if way == "plain":
        with read_stream(stream, cache=kept) as log:
            reduce_stream(log)
    else:
        grown = reduce_grown(stream, load_state(kept / "state") if way == "added" else None, cache=kept)
        assert grown.state is not None
        assert grown.read == (1 if way == "added" else len(list(stream.glob("evaluations/*"))))
        place = kept / "state" if not (kept / "state").exists() else kept / "again"
        save_state(grown.state, place)
        shutil.rmtree(kept / "again", ignore_errors=True)
    print(json.dumps(time.process_time() - start))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
    else:
        print(table(*(int(float(argument)) for argument in sys.argv[1:])))
