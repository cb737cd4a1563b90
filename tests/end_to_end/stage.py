"""Where do faults happen, and how did a run in a process of its own end?"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
CORRECTED = ["--release", "1"]
"""Options of a run that publishes release 1 again."""
Meeting = tuple[str, list[str]]
"""How a run ended under a fault, and what must not be, one line each."""


class SkippedError(Exception):
    """The fault cannot be made here, and why."""


@dataclass(frozen=True)
class Ended:
    """Exit code (negative: the signal) and what was said on stderr."""

    code: int
    said: str


@dataclass
class Stage:
    """Where faults happen; seconds: how long a run takes here.

    operations: file operations of a run that corrects release 1, and of any other.
    """

    place: Path
    draw: random.Random
    seconds: float
    operations: tuple[int, int]

    def start(
        self, *options: str, more: tuple[str, ...] = (), env: dict[str, str] | None = None, before: object = None
    ) -> subprocess.Popen[str]:
        """A run in a process group of its own."""
        (self.place / "tmp").mkdir(exist_ok=True)
        own = {"XDG_CACHE_HOME": str(self.place / "cache"), "HOME": str(self.place), "TMPDIR": str(self.place / "tmp")}
        command = [sys.executable, "-m", "tests.end_to_end.faulty_run", *more, "--", str(self.place), *options]
        return subprocess.Popen(
            command, cwd=ROOT, env=os.environ | own | (env or {}), text=True, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=before,  # type: ignore[call-overload]
        )  # fmt: skip

    def run(self, *options: str, count: Path | None = None) -> Ended:
        """A run to its end."""
        return finish(self.start(*options, more=() if count is None else ("--count", str(count))))


def finish(process: subprocess.Popen[str]) -> Ended:
    """Wait for a run's end."""
    said = process.communicate(timeout=300)[1]
    return Ended(process.returncode, said.strip())


def explained(ended: Ended, *codes: int) -> Meeting:
    """A run that was not killed must end with one of `codes` and say why in one line; a kernel may say more."""
    lines = []
    if ended.code not in codes:
        lines.append(f"ended with {ended.code}: {ended.said[-300:]}")
    elif ended.code and (ended.said.count("streamreview: ") != 1 or "report this as a bug" in ended.said):
        lines.append(f"was not explained in one line: {ended.said[-300:]}")
    return f"code {ended.code}", lines


def descendants(pid: int) -> list[int]:
    """Processes below `pid`, now."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError, IndexError, ValueError):
                parents[int(folder.name)] = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found[1:]


def alive(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def kill(pids: list[int]) -> None:
    """End processes, where they are still there."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
