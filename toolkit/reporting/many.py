"""How are many streams run side by side, and what came of each? One file names them; docs/many-streams.md.

Each stream is a process of its own, so that one that fails, or is killed, takes no other with it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit.reporting.notebooks import one_line
from toolkit.reporting.streams_file import Place, StreamEntry, Streams, arguments, others_secrets

DIGEST = "digest.md"
_WORST_FIRST = (1, 4, 2, 6, 5, 3, 0)
"""Failed, rejected, wrong usage, held by another run, stale, a verdict was reached, done."""


@dataclass(frozen=True)
class Outcome:
    """How one stream's run ended. said: the one line on stderr. results: of its page, None where it has none."""

    stream: Place
    code: int
    said: str
    page: Path | None
    results: dict[str, Any] | None


def run_many(streams: Streams, base: Path, told: Callable[[Outcome], None]) -> tuple[Outcome, ...]:
    """Run every stream and return how each ended, in the file's order; `told` hears of each as it ends.

    base: the folder that paths are relative to. Interrupting ends every run before it goes on.
    """
    at_once = min(streams.at_once, len(streams.streams))
    jobs = max(1, (streams.jobs or os.cpu_count() or 1) // at_once)
    alive: set[subprocess.Popen[str]] = set()
    lock = threading.Lock()
    ending = threading.Event()

    def one(entry: StreamEntry) -> Outcome:
        with lock:
            if ending.is_set():
                return Outcome(entry.stream, 1, "was not begun", None, None)
            process = subprocess.Popen(  # noqa: S603 (this very command line)
                [sys.executable, "-m", "toolkit", *arguments(entry, streams, base, jobs)],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace",
                env=_environment(others_secrets(entry, streams)),
            )  # fmt: skip
            alive.add(process)
        out, err = process.communicate()
        with lock:
            alive.discard(process)
        return _outcome(entry.stream, process.returncode, out, err)

    pool = ThreadPoolExecutor(at_once, thread_name_prefix="stream")
    tasks = [pool.submit(one, entry) for entry in streams.streams]
    try:
        for task in as_completed(tasks):
            told(task.result())
    except BaseException:
        with lock:
            ending.set()
            for process in alive:
                process.terminate()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return tuple(task.result() for task in tasks)


def worst(codes: Sequence[int]) -> int:
    """The exit code of the worst outcome; a code that no run gives, such as that of a signal, is a failure."""
    return next(code for code in _WORST_FIRST if code in [c if c in _WORST_FIRST else 1 for c in codes])


def _outcome(stream: Place, code: int, out: str, err: str) -> Outcome:
    said = [line.removeprefix("streamreview: ") for line in err.splitlines() if line.startswith("streamreview: ")]
    pages = [Path(line.removeprefix("Page: ")) for line in out.splitlines() if line.startswith("Page: ")]
    results = None
    if pages:
        try:
            results = json.loads((pages[-1].parent / "results.json").read_bytes())
        except (OSError, ValueError):
            pages = []
    killed = f"was ended by signal {-code}; see whether memory ran out, and run again" if code < 0 else ""
    return Outcome(stream, code, one_line(said[-1] if said else killed), pages[-1] if pages else None, results)


def _environment(hidden: Collection[str]) -> dict[str, str]:
    """The variables of this process but for `hidden`; the package is importable in the process as it is here."""
    import toolkit

    here = str(Path(toolkit.__file__).resolve().parent.parent)
    path = os.pathsep.join([here, *filter(None, [os.environ.get("PYTHONPATH")])])
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    return kept | {"PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"}
