"""Kill a real import, or a real reader that completes one, before its n-th change of the file system, for every n.

`python -m tests.logs.killed_imports SCENE COMMAND...`: SCENE/start is a stream folder. For n = 1, 2, ... it is copied
to SCENE/n/stream, and a forked process runs the command there, `FOLDER` in it standing for the copy, and kills itself
with SIGKILL right before its n-th change. Ends with the first n that the command outlives; writes how many were killed.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet  # noqa: F401 (here and below: imported once, before the forks)
import tomlkit  # noqa: F401

import toolkit.cli.app
import toolkit.cli.check
import toolkit.logs.adapters.tables  # noqa: F401
from toolkit.cli import main

CHANGES = ("os.rename", "os.remove", "os.rmdir", "os.mkdir")
MOST = 200


def armed(limit: int, below: Path) -> None:
    """From now on this process dies before its change number `limit` below a folder, as Python's own audit tells."""
    seen = 0

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal seen
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if not (event in CHANGES or writes):
            return
        path = str(arguments[0])
        if os.path.isabs(path) and not path.startswith(str(below)):
            return
        seen += 1
        if seen == limit:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hear)


def killed_at(scene: Path, number: int, words: list[str]) -> bool:
    """Whether the command was killed at its change `number`; it must end with 0 otherwise."""
    folder = scene / str(number) / "stream"
    shutil.copytree(scene / "start", folder, symlinks=True)
    child = os.fork()
    if child == 0:
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        armed(number, folder.parent)
        os._exit(main([word.replace("FOLDER", str(folder)) for word in words]))
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status not in (0, -signal.SIGKILL):
        raise RuntimeError(f"change {number}: ended with {status}")
    return status == -signal.SIGKILL


if __name__ == "__main__":
    count = next(n for n in range(1, MOST) if not killed_at(Path(sys.argv[1]), n, sys.argv[2:]))
    sys.stdout.write(f"{count - 1}\n")
