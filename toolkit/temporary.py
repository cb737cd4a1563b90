"""Whose is a temporary folder, and is its owner still alive? What a killed process left is removed by the next run.

Each folder has a lock beside it, `sr-<token>.lock`, which its owner takes before the folder is made and the kernel lets
go when the owner dies. So a folder whose lock can be taken has no owner, whatever became of process numbers.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

_PREFIX = "sr-"
_LOCK = re.compile(re.escape(_PREFIX) + r"[0-9a-f]{8}\.lock")
_held: dict[Path, FileLock] = {}  # locks belong to the process, and so does this


def make_folder(parent: Path | None = None) -> Path:
    """A new folder that only this user may enter, in `parent` (default: the system's for temporary files).

    Its path is short, for sockets are put into it. OSError where it cannot be made.
    """
    place = Path(tempfile.gettempdir() if parent is None else parent)
    while True:
        folder = place / f"{_PREFIX}{secrets.token_hex(4)}"
        lock = FileLock(_lock_of(folder), thread_local=False)  # it may be let go in another thread
        try:
            lock.acquire(timeout=0)
        except Timeout:
            continue
        try:
            folder.mkdir(mode=0o700)
        except BaseException as error:
            lock.release()
            _lock_of(folder).unlink(missing_ok=True)
            if isinstance(error, FileExistsError):
                continue
            raise
        _held[folder] = lock
        return folder


def remove_folder(folder: Path) -> None:
    """Remove a folder of `make_folder` as far as possible, and let its lock go."""
    shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):
        _lock_of(folder).unlink(missing_ok=True)
    lock = _held.pop(folder, None)
    if lock is not None:
        lock.release()


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder for the time of the block."""
    folder = make_folder()
    try:
        yield folder
    finally:
        remove_folder(folder)


def remove_leftovers(parent: Path | None = None) -> list[Path]:
    """Remove what this user's dead processes left in `parent`; the folders that went.

    Nothing of a living process is touched, nothing of another user, and no folder without its lock.
    """
    place = Path(tempfile.gettempdir() if parent is None else parent)
    gone = []
    with suppress(OSError):
        for path in [p for p in place.iterdir() if _LOCK.fullmatch(p.name)]:
            folder = path.with_suffix("")
            with suppress(OSError, Timeout):
                if not stat.S_ISREG(path.lstat().st_mode) or path.lstat().st_uid != os.getuid():
                    continue
                with FileLock(path, timeout=0):
                    if folder.is_dir() and not folder.is_symlink():
                        shutil.rmtree(folder)
                        gone.append(folder)
                    path.unlink(missing_ok=True)
    return gone


def _lock_of(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.lock")
