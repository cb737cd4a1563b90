"""Where is a report made before it is published, and what becomes of one that was not finished?

Everything is made in `.builds/<run>.partial`. A run that fails or is killed leaves it; it is moved, never
deleted, to `.failed/<run>` with reason.txt, one line. The last good report is not touched by any of this.
"""

from __future__ import annotations

import os
from pathlib import Path

from toolkit.reporting.layout import PARTIAL, Layout
from toolkit.reporting.lock import cannot_write

REASON = "reason.txt"
WORK = ".work"
"""Folder inside a build under construction for what is not published: parts, the kernels' working folder."""


def begin(layout: Layout, run: str) -> Path:
    """Make the folder in which a run builds. Raises RunFailed where the reports folder cannot be written."""
    partial = layout.partial(run)
    try:
        (partial / WORK / "parts").mkdir(parents=True)
    except OSError as error:
        raise cannot_write(layout.root, error) from None
    return partial


def abandon(layout: Layout, run: str, reason: str) -> Path | None:
    """Move what a run has built to `.failed/<run>` with a one-line reason; None where it built nothing."""
    partial = layout.partial(run)
    if not partial.is_dir():
        return None
    layout.failed.mkdir(parents=True, exist_ok=True)
    place = layout.failed / run
    (partial / REASON).write_text(reason.rstrip("\n") + "\n", encoding="utf-8")
    os.rename(partial, place)
    return place


def recover(layout: Layout, stream: str) -> list[Path]:
    """Move what killed runs of a stream have left to `.failed`; only the holder of the stream's lock may."""
    places = []
    for partial in layout.leftovers(stream):
        run = partial.name.removesuffix(PARTIAL)
        place = abandon(layout, run, f"{run}: the run was killed before it was finished; run again")
        if place is not None:
            places.append(place)
    return places
