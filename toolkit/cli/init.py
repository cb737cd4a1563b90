"""`streamreview init`: writes a commented stream.toml for the log files of a folder."""

from __future__ import annotations

import os
from pathlib import Path

from toolkit.cli.show import say
from toolkit.errors import RunFailed, UsageError


def init(folder: Path) -> None:
    """Guess the configuration and write it; an existing stream.toml is never overwritten (UsageError)."""
    from toolkit.logs.guess import guess_config
    from toolkit.logs.matrix import convert_matrix, find_matrix

    target = folder / "stream.toml"
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder; give the folder that holds the log files")
    if os.path.lexists(target):
        raise UsageError(f"{target}: exists already and is not overwritten; edit it, or move it away first")
    matrix = find_matrix(folder)
    if matrix is not None:
        say(f"A matrix of scores: {matrix.name}, written in long form as {convert_matrix(matrix, folder).name}")
    text = guess_config(folder)
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise RunFailed(f"{target}: cannot be written ({error.strerror}); check the folder's permissions") from None
    say(f"Written: {target}. Read its comments, correct what was guessed wrong, then: streamreview check {folder}")
