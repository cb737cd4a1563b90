"""What if a run ends, or finds the disk full, at its n-th file operation? One run in a process of its own.

python -m tests.end_to_end.faulty_run [--kill-at N | --full-at N] [--count FILE] -- PLACE OPTIONS OF `streamreview run`

The command line is the real one; only the notebooks are the small ones of PLACE/notebooks. File operations are
those that Python does under PLACE/reports: what compiled code writes is not counted.
"""

from __future__ import annotations

import argparse
import errno
import os
import signal
import sys
from pathlib import Path

_CHANGES = {"os.rename", "os.symlink", "os.link", "os.mkdir", "os.remove", "os.rmdir", "os.truncate"}
_NEEDS_SPACE = {"os.symlink", "os.link", "os.mkdir", "open"}
_WRITES = os.O_WRONLY | os.O_RDWR


def watch(reports: Path, *, kill_at: int, full_at: int, count: Path | None) -> None:
    """Count what changes files under `reports`; end with SIGKILL, or find the disk full, from the n-th on."""
    done = 0

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal done
        if event == "open":
            flags = arguments[2]
            if not isinstance(flags, int) or not flags & _WRITES:
                return
        elif event not in _CHANGES:
            return
        if not any(isinstance(word, (str, os.PathLike)) and str(reports) in os.fspath(word) for word in arguments):  # type: ignore[operator]
            return
        done += 1
        if count is not None:
            handle = os.open(count, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.write(handle, str(done).encode())
            os.close(handle)
        if kill_at and done >= kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        if full_at and done >= full_at and event in _NEEDS_SPACE:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(arguments[0]))

    sys.addaudithook(hook)


def main() -> int:
    """Run `streamreview run` on the place's stream and return its exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("place", type=Path)
    parser.add_argument("--kill-at", type=int, default=0)
    parser.add_argument("--full-at", type=int, default=0)
    parser.add_argument("--count", type=Path)
    parser.add_argument("options", nargs="*")
    given = parser.parse_args()

    from toolkit import resources
    from toolkit.cli import main as streamreview

    place: Path = given.place
    resources.notebooks_folder = lambda: place / "notebooks"
    watch(place / "reports", kill_at=given.kill_at, full_at=given.full_at, count=given.count)
    return streamreview(["run", str(place / "stream"), "--out", str(place / "reports"), *given.options])


if __name__ == "__main__":
    sys.exit(main())
