"""Who may work on a stream now? One run at a time, by a kernel lock that dies with its owner.

The lock is the flock on the file; the pid and start written into it serve the message only.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from toolkit.errors import RunFailed, StreamBusy
from toolkit.reporting.layout import Layout


@contextmanager
def hold(layout: Layout, stream: str) -> Iterator[None]:
    """Hold a stream for the time of the block.

    Raises StreamBusy with the holder's pid and start where another run holds it, RunFailed where the
    reports folder cannot be written.
    """
    with _locked(layout.lock(stream)) as (path, free):
        if not free:
            raise StreamBusy(f"{stream}: {_holder(path)}; wait for it to end, or end it")
        yield


@contextmanager
def hold_index(layout: Layout, timeout: float = 30.0) -> Iterator[None]:
    """Hold the releases page, which runs of all streams write in turn; waits up to `timeout` seconds."""
    with _locked(layout.root / ".locks" / ".index.lock", timeout) as (path, free):
        if not free:
            raise StreamBusy(f"{layout.index}: {_holder(path)} and writes it; run `streamreview index` later")
        yield


@contextmanager
def _locked(path: Path, timeout: float = 0) -> Iterator[tuple[Path, bool]]:
    from filelock import FileLock, Timeout

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path, timeout=timeout)
        lock.acquire()
    except Timeout:
        yield path, False
        return
    except OSError as error:
        raise cannot_write(path.parent.parent, error) from None
    try:
        _sign(path)
        yield path, True
    finally:
        lock.release()


def cannot_write(folder: Path, error: OSError) -> RunFailed:
    """The one line that says that a reports folder cannot be written."""
    why = error.strerror or type(error).__name__
    return RunFailed(f"{folder}: reports cannot be written here ({why}); choose another folder with --out")


def _sign(path: Path) -> None:
    started = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    with suppress(OSError):  # a full disk: the lock holds without its note
        path.with_suffix(".json").write_text(json.dumps({"pid": os.getpid(), "started": started}) + "\n")


def _holder(path: Path, patience: float = 1.0) -> str:
    """Who holds a lock, by the note beside it.

    Between taking the lock and signing it lies a moment in which the note is missing, half written or that of
    an earlier run; for up to `patience` seconds one that names a living process is waited for.
    """
    end = time.monotonic() + patience
    while True:
        said = "another run holds it"
        with suppress(OSError, ValueError, KeyError, TypeError):
            note = json.loads(path.with_suffix(".json").read_text())
            pid = int(note["pid"])
            said = f"a run (pid {pid}, started {note['started']}) holds it"
            if _lives(pid):
                return said
        if time.monotonic() > end:
            return said
        time.sleep(0.05)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # somebody else's
        return True
    return True
