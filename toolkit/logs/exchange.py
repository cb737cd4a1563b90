"""How are files of a stream folder exchanged for those of an import, all or none, wherever the process is killed?

The new files lie in a folder of their own with a plan. One rename calls that folder `.import-pending`: before it
nothing has changed, and from then on whoever comes next, a reader or an import, carries out what is left of the plan.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from toolkit.disk import to_disk
from toolkit.errors import LogRejected, UsageError
from toolkit.logs.files import TABLE_NAMES
from toolkit.logs.shown import shown

MANIFEST, STREAM, PENDING = "import.json", "stream.toml", ".import-pending"
_STAGED = ".streamreview-import-"
_PLAN = "plan.json"
_IMPORTED = re.compile(rf"({'|'.join(TABLE_NAMES)})/import-[a-z0-9_-]+\.(jsonl|parquet)")


def is_imported(name: str) -> bool:
    """Whether an import may write or remove rows in a file of this name, relative to the stream folder."""
    return _IMPORTED.fullmatch(name) is not None


def digest(path: Path) -> str:
    """SHA-256 of a file; empty where there is none, "link" for a symbolic link that leads nowhere."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return "link" if path.is_symlink() else ""


@contextmanager
def staging(folder: Path) -> Iterator[Path]:
    """A new folder on the disk of `folder`, gone afterwards; other imports there wait meanwhile.

    What killed imports left is completed or removed before. Raises UsageError where `folder` cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"--to {shown(folder, 300)}: a file; name a folder")
    with ExitStack() as held:
        try:
            folder.resolve().parent.mkdir(parents=True, exist_ok=True)
            held.enter_context(_alone(folder))
            if os.path.lexists(folder / PENDING):
                _complete(folder)
            parent = folder if folder.exists() else folder.resolve().parent
            for left in parent.glob(f"{_STAGED}*"):  # nobody is at work there, for this process holds the lock
                shutil.rmtree(left, ignore_errors=True)
            staged = parent / f"{_STAGED}{secrets.token_hex(4)}"
            staged.mkdir()
        except OSError as error:
            raise UsageError(f"--to {shown(folder, 300)}: cannot be written: {error.strerror}") from None
        held.callback(shutil.rmtree, staged, ignore_errors=True)
        yield staged


def exchange(staged: Path, folder: Path, replace: Sequence[str], remove: Collection[str], stream_toml: str) -> bool:
    """Put the files `replace` of `staged` into `folder` and take the files `remove` away; to be called in `staging`.

    stream_toml: digest of the stream.toml that may be replaced. False where another one is there by now: it is kept.
    Raises LogRejected where the file system refuses in the midst of it; the next command then completes it.
    """
    if not folder.exists():
        to_disk(*(staged / name for name in replace), *staged.iterdir(), staged)
        staged.rename(folder)
        to_disk(folder.resolve().parent)
        return True
    plan = _Plan(list(replace), sorted(remove), stream_toml)
    (staged / _PLAN).write_text(json.dumps(asdict(plan), indent=1) + "\n", encoding="utf-8")
    to_disk(*(staged / name for name in replace), *staged.iterdir(), staged)
    staged.rename(folder / PENDING)
    to_disk(folder)
    try:
        return _carry_out(folder)
    except OSError as error:
        raise _cannot(folder, error) from None


def finish(folder: Path) -> str | None:
    """Complete an import that was cut short while it replaced files; one line that says so, else None.

    An import that is under way is waited for. Raises LogRejected where it cannot be completed.
    """
    if not os.path.lexists(folder / PENDING):
        return None
    try:
        with _alone(folder):
            return _complete(folder) if os.path.lexists(folder / PENDING) else None
    except OSError as error:
        raise _cannot(folder, error) from None


def _complete(folder: Path) -> str:
    for place in (folder / PENDING, *(top / name for top in (folder, folder / PENDING) for name in TABLE_NAMES)):
        if place.is_symlink():
            raise LogRejected(
                f"{shown(place, 300)}: a symbolic link, through which an import that was cut short is not completed; "
                f"take the link or {shown(folder / PENDING, 300)} away, and import again"
            )
    kept = "" if _carry_out(folder) else f"; {STREAM}, which was changed since, is kept"
    return f"{shown(folder, 300)}: an import was cut short while it replaced files; it is completed now{kept}"


@dataclass(frozen=True)
class _Plan:
    replace: list[str]
    remove: list[str]
    stream_toml: str


def _plan(folder: Path) -> _Plan:
    """The plan of a pending exchange; it may lie in a folder from elsewhere, so nothing else is named by it."""
    path = folder / PENDING / _PLAN
    try:
        plan = _Plan(**json.loads(path.read_text(encoding="utf-8") if path.is_file() else ""))
        sound = all(is_imported(name) for name in plan.remove) and all(
            is_imported(name) or name in (STREAM, MANIFEST) for name in plan.replace
        )
    except (ValueError, TypeError):
        sound = False
    if not sound:
        raise LogRejected(f"{shown(folder / PENDING, 300)}: no import left it; take it away, and import again")
    return plan


def _carry_out(folder: Path) -> bool:
    """What is left of the plan, import.json last; whether stream.toml was as the plan found it.

    May be cut short and done again.
    """
    pending, plan, untouched = folder / PENDING, _plan(folder), True
    for name in (name for name in plan.replace if name != MANIFEST):
        if name == STREAM and os.path.lexists(pending / name) and digest(folder / name) != plan.stream_toml:
            untouched = False
            continue
        _put(pending / name, folder / name)
    for name in plan.remove:
        with suppress(FileNotFoundError, NotADirectoryError):
            (folder / name).unlink()
    _put(pending / MANIFEST, folder / MANIFEST)
    to_disk(*(folder / name for name in TABLE_NAMES if (folder / name).is_dir()), folder)
    done = pending.rename(folder / f"{_STAGED}{secrets.token_hex(4)}")
    shutil.rmtree(done, ignore_errors=True)
    return untouched


def _put(source: Path, target: Path) -> None:
    if os.path.lexists(source):  # else it is in its place already
        target.parent.mkdir(exist_ok=True)
        source.replace(target)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait for others that exchange files of `folder`; a kernel lock, gone with its process."""
    lock = os.open(folder.resolve().parent, os.O_RDONLY)  # the folder itself may not be there yet
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _cannot(folder: Path, error: OSError) -> LogRejected:
    return LogRejected(
        f"{shown(folder, 300)}: an import was cut short while it replaced files, and cannot be completed: "
        f"{shown(error.filename or folder, 300)}: {error.strerror}; mend that and read the folder again, as a user who "
        "may write there"
    )
