"""What did each run of a stream do, and how long did it take? One JSON object a step in `.logs/<stream>.jsonl`.

Names of steps and notebooks, outcomes and seconds alone: no message of an error, for it may quote the log, and
nothing of addresses or the environment. The file is bounded; a log that cannot be written never fails a run.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from toolkit.reporting.request import Progress

LONGEST = 1_000_000
"""Bytes after which a log becomes `<stream>.jsonl.1`, in place of the one before."""


class RunLog:
    """Progress that is written down and passed on. A context for one run: its end is written too.

    Each line holds `at` (UTC), `run`, one of `step`, `notebook` and `end`, and `outcome`; `seconds` is how long a
    step or the whole run took, and for a notebook how long it had run by then.
    """

    def __init__(self, told: Progress, path: Path, run: str) -> None:
        self.run = run
        self._told = told
        self._path = path
        self._begun = self._step_begun = time.monotonic()
        self._step: str | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        outcome = "done" if kind is None else "interrupted" if issubclass(kind, KeyboardInterrupt) else kind.__name__
        self._end_step("done" if kind is None else "failed")
        self._write("end", "run", outcome, time.monotonic() - self._begun)

    def step(self, text: str) -> None:
        """A step begins; the one before ended well."""
        self._end_step("done")
        self._step, self._step_begun = text, time.monotonic()
        self._told.step(text)

    def notebook(self, name: str, state: str, seconds: float) -> None:
        """A notebook is "running", is tried "again", is "done" or has "failed"; its begin is not written."""
        if state != "running":
            self._write("notebook", name, state, seconds)
        self._told.notebook(name, state, seconds)

    def _end_step(self, outcome: str) -> None:
        if self._step is not None:
            self._write("step", self._step, outcome, time.monotonic() - self._step_begun)
            self._step = None

    def _write(self, kind: str, name: str, outcome: str, seconds: float) -> None:
        at = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "run": self.run, kind: name, "outcome": outcome, "seconds": round(seconds, 3)}
        with suppress(OSError), self._lock:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if self._path.is_file() and self._path.stat().st_size > LONGEST:
                os.replace(self._path, self._path.with_name(f"{self._path.name}.1"))
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
