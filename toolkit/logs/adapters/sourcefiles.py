"""Which files does a source hold, and what are they called in messages?"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from toolkit.errors import LogRejected
from toolkit.logs.adapters.stages import natural
from toolkit.logs.shown import shown


def files_in(source: Path, wanted: Callable[[str], bool]) -> list[Path]:
    """`source` itself where it is a file, else all files below it whose name is wanted, by the numbers in them.

    Links to folders are not followed, hidden ones not entered. Raises LogRejected where a folder holds none.
    """
    if source.is_file():
        return [source]
    found = sorted(
        (p for p in _walk(source) if wanted(p.name)), key=lambda p: natural(p.relative_to(source).as_posix())
    )
    if not found:
        raise LogRejected(f"{shown(source, 300)}: holds no file of this format; give the folder the tool wrote")
    return found


def called(path: Path, source: Path) -> str:
    """What a message calls a file of the source: its path within it."""
    return path.name if path == source else path.relative_to(source).as_posix()


def _walk(top: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(top, followlinks=False):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(root, name) for name in names if not name.startswith("."))
