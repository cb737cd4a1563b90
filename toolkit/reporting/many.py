"""How are many streams run side by side, and what came of each? One file names them; docs/many-streams.md.

Each stream is a process of its own, so that one that fails, or is killed, takes no other with it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from toolkit.errors import UsageError
from toolkit.reporting.notebooks import one_line

DIGEST = "digest.md"
_WORST_FIRST = (1, 4, 2, 6, 5, 3, 0)
"""Failed, rejected, wrong usage, held by another run, stale, a verdict was reached, done."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Options(_Section):
    """Options of `streamreview run` that may be set for all streams or for one."""

    release: str | None = None
    baseline: str | None = None
    fail_on: str | None = None
    template: Path | None = None
    timeout: float | None = Field(None, gt=0)
    memory: str | None = None
    force: bool = False


class StreamEntry(Options):
    """One stream: its folder and options of its own."""

    stream: Path


class Streams(_Section):
    """A whole streams.toml; paths are relative to its folder. jobs: notebooks at once over all streams."""

    out: Path = Path("reports")
    jobs: int = Field(0, ge=0)
    at_once: int = Field(2, ge=1)
    defaults: Options = Options()
    streams: tuple[StreamEntry, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Outcome:
    """How one stream's run ended. said: the one line on stderr. results: of its page, None where it has none."""

    stream: Path
    code: int
    said: str
    page: Path | None
    results: dict[str, Any] | None


def load_streams(path: Path) -> Streams:
    """Read a streams.toml; UsageError with file, key and remedy where it cannot be used."""
    try:
        found = Streams.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}); give a streams.toml") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not readable as TOML: {one_line(error)}; correct that line") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise UsageError(f"{path}: {where}: {one_line(first['msg'])}; see docs/many-streams.md") from None
    base = path.absolute().parent
    entries = tuple(entry.model_copy(update={"stream": base / entry.stream}) for entry in found.streams)
    twice = [
        e.stream for n, e in enumerate(entries) if any(e.stream.resolve() == b.stream.resolve() for b in entries[:n])
    ]
    if twice:
        raise UsageError(f"{path}: {twice[0]} is listed twice; a stream is run once at a time, remove one entry")
    return found.model_copy(update={"out": base / found.out, "streams": entries})


def run_many(streams: Streams, base: Path, told: Callable[[Outcome], None]) -> tuple[Outcome, ...]:
    """Run every stream and return how each ended, in the file's order; `told` hears of each as it ends.

    base: the folder that templates are relative to. Interrupting ends every run before it goes on.
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
                env=os.environ | {"PYTHONPATH": _python_path(), "PYTHONIOENCODING": "utf-8"},
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


def arguments(entry: StreamEntry, streams: Streams, base: Path, jobs: int) -> list[str]:
    """The command line of one stream's run: its own options before the defaults."""
    given = streams.defaults.model_dump(exclude_unset=True) | entry.model_dump(exclude_unset=True, exclude={"stream"})
    words = ["run", "--out", str(streams.out), "--jobs", str(jobs)]
    for name, value in given.items():
        option = f"--{name.replace('_', '-')}"
        if isinstance(value, bool):
            words += [option] if value else []
        elif value is not None:
            words.append(f"{option}={base / value if name == 'template' else value}")
    return [*words, "--", str(entry.stream)]


def worst(codes: Sequence[int]) -> int:
    """The exit code of the worst outcome; a code that no run gives, such as that of a signal, is a failure."""
    return next(code for code in _WORST_FIRST if code in [c if c in _WORST_FIRST else 1 for c in codes])


def _outcome(stream: Path, code: int, out: str, err: str) -> Outcome:
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


def _python_path() -> str:
    """So that the package is importable in the process as it is here."""
    import toolkit

    here = str(Path(toolkit.__file__).resolve().parent.parent)
    return os.pathsep.join([here, *filter(None, [os.environ.get("PYTHONPATH")])])
