"""Where is a report made before it is published, and what becomes of one that was not finished?

Everything is made in `.builds/<run>.partial`. A run that fails or is killed leaves it; it is moved, never
deleted, to `.failed/<run>` with reason.txt, one line. The last good report is not touched by any of this.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.reporting.layout import LOOKS, PARTIAL, RESULTS, Layout, revision_folder, revisions, stream_of_run
from toolkit.reporting.lock import cannot_write

if TYPE_CHECKING:
    from toolkit.reporting.history import History

REASON = "reason.txt"
_FRESH = re.compile(r"\..+\.[0-9a-f]{8}")
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
    """Move what a run has built to `.failed/<run>` with a one-line reason; None where it built nothing.

    None too where it cannot be moved, on a full disk say: then it stays for the next run's `recover`, and the
    error that ended the run is not hidden by another.
    """
    partial = layout.partial(run)
    if not partial.is_dir():
        return None
    return _put_away(layout, partial, run, reason)


def recover(layout: Layout, stream: str) -> list[Path]:
    """Move what killed runs of a stream have left to `.failed`; only the holder of the stream's lock may.

    Links that were about to be renamed, and files about to replace others, are removed: they hold nothing.
    """
    places = []
    for stray in _strays(layout, stream):
        with suppress(OSError):
            stray.unlink()
    for partial in layout.leftovers(stream):
        run = partial.name.removesuffix(PARTIAL)
        place = abandon(layout, run, f"{run}: the run was killed before it was finished; run again")
        if place is not None:
            places.append(place)
    return places


def recover_unlinked(layout: Layout, stream: str, history: History) -> list[Path]:
    """Move to `.failed` a finished build of a stream that a killed run never linked to its place.

    Such a build follows the newest publication and is itself none; only the holder of the stream's lock may.
    """
    head = None if history.head is None else history.head.sha256
    known = {p.folder.resolve() for p in history.published}
    places = []
    builds = sorted(layout.builds.iterdir()) if layout.builds.is_dir() and not history.problems else []
    for build in builds:
        if stream_of_run(build.name) != stream or not (numbers := revisions(build)):
            continue
        newest = revision_folder(build, numbers[-1])
        if newest.resolve() in known or _previous(newest / RESULTS) != head:
            continue
        reason = f"{build.name}: the run was killed before its report was linked; run again"
        place = _put_away(layout, build, build.name, reason)
        if place is not None:
            places.append(place)
    return places


def _put_away(layout: Layout, folder: Path, run: str, reason: str) -> Path | None:
    place = layout.failed / run
    try:
        layout.failed.mkdir(parents=True, exist_ok=True)
        with suppress(OSError):
            (folder / REASON).write_text(reason.rstrip("\n") + "\n", encoding="utf-8")
        os.rename(folder, place)
    except OSError:
        return None
    return place


def _previous(results: Path) -> object:
    """The hash of the results before these; where they cannot be read, what no hash is."""
    try:
        return json.loads(results.read_bytes())["provenance"].get("previous_sha256")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _strays(layout: Layout, stream: str) -> list[Path]:
    folder = layout.stream(stream)
    found = [p for f in (folder, folder / LOOKS) if f.is_dir() for p in f.iterdir() if _FRESH.fullmatch(p.name)]
    begun = layout.builds.glob(f"{layout.link(stream).name}.*")
    return [p for p in (*found, *begun) if p.is_symlink() or p.is_file()]
