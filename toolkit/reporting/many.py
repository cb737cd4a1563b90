"""How are many streams run side by side, and what came of each? One file names them; docs/many-streams.md.

Each stream is a process of its own, so that one that fails, or is killed, takes no other with it.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Collection, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit.parallel import handed_out
from toolkit.reporting.notebooks import one_line
from toolkit.reporting.processes import Processes
from toolkit.reporting.streams_file import Place, Streams, arguments, others_secrets

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

    base: the folder that paths are relative to. Interrupting ends every run on this machine before it goes on.
    """
    at_once = min(streams.at_once, len(streams.streams))
    jobs = max(1, (streams.jobs or os.cpu_count() or 1) // at_once)
    processes = Processes()
    calls = ((_run_one, (at, streams, base, jobs, processes)) for at in range(len(streams.streams)))
    outcomes: dict[int, Outcome] = {}
    try:
        with closing(handed_out(calls, jobs=at_once, prefer="threads", apart=True)) as found:
            for at, outcome in found:
                outcomes[at] = outcome
                told(outcome)
    finally:
        processes.end()
    return tuple(outcomes[at] for at in range(len(streams.streams)))


def _run_one(at: int, streams: Streams, base: Path, jobs: int, processes: Processes) -> tuple[int, Outcome]:
    """The run of the stream `at`, with this machine's Python and variables."""
    entry = streams.streams[at]
    ended = processes.run(
        [sys.executable, "-m", "toolkit", *arguments(entry, streams, base, jobs)],
        _environment(others_secrets(entry, streams)),
    )
    if ended is None:
        return at, Outcome(entry.stream, 1, "was not begun", None, None)
    return at, _outcome(entry.stream, *ended)


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
