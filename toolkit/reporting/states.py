"""Has most of this log been read before? What is kept of logs that may grow, one state a stream folder.

A state only saves time: one that is damaged, or was made by other code, is not used, and where none can be written the
log is read in full each time.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.reporting.entries import intact, store

if TYPE_CHECKING:
    from toolkit.cube.grown import Grown
    from toolkit.cube.state import State

_MADE_BY = "made_by.txt"


def build_grown(stream: Path, into: Path, *, cache: Path, made_by: str) -> str:
    """Store the cube of a stream in the folder `into`; answers which files of evaluations were read, and why.

    made_by: changes with all that decides how rows are read, but for stream.toml. Raises what reading raises.
    """
    from toolkit.cube.grown import reduce_grown

    entry = state_folder(stream, cache)
    state, why = _load(entry, made_by)
    grown = reduce_grown(stream, state, why=why, cache=cache)
    grown.cube.save(into)
    if grown.state is not None and (grown.read or not grown.kept):
        with suppress(OSError):
            _store(grown.state, entry, made_by)
    return _said(grown)


def state_folder(stream: Path, cache: Path) -> Path:
    """Where the state of a stream folder is kept."""
    name = hashlib.sha256(os.fsencode(stream.resolve())).hexdigest()[:32]
    return cache / "states" / name


def _load(entry: Path, made_by: str) -> tuple[State | None, str]:
    """The state, or None and why there is none."""
    from toolkit.cube.state import load_state

    if not entry.is_dir():
        return None, "no state of this log is kept"
    if not intact(entry):
        return None, "the kept state is damaged"
    try:
        if (entry / _MADE_BY).read_text(encoding="utf-8") != made_by:
            return None, "the toolkit or its packages changed"
        return load_state(entry), ""
    except (OSError, ValueError):
        return None, "the kept state cannot be read"


def _store(state: State, entry: Path, made_by: str) -> None:
    from toolkit.cube.state import save_state

    def fill(folder: Path) -> None:
        save_state(state, folder)
        (folder / _MADE_BY).write_text(made_by, encoding="utf-8")

    store(fill, entry, replace=True)


def _said(grown: Grown) -> str:
    files = f"{grown.read:,} file{'' if grown.read == 1 else 's'} of evaluations"
    said = f"Read {files}: {grown.why}" if grown.why else f"Read {files}; {grown.kept:,} were read before"
    return f"{said}; no state is kept: {grown.lost}" if grown.lost else said
