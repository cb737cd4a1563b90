"""How does a finished build become what readers see, at once or not at all?

The build is flushed to disk and renamed; then the symlink of its release or look is replaced by a rename. A
reader sees the old report or the new one, never a mixture. A corrected release is a new build that holds the
earlier revisions too (hard links; pages that are now superseded are real copies with a notice).
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

from toolkit.disk import to_disk
from toolkit.errors import RunFailed
from toolkit.reporting.history import History
from toolkit.reporting.layout import FORWARD, LATEST, LATEST_LOOK, Layout, revision_folder, revisions

NOTICE = "<!--notice-->"
_NOTICE_END = "<!--/notice-->"
_INSERTED = re.compile(re.escape(NOTICE) + ".*?" + re.escape(_NOTICE_END), re.DOTALL)
Notice = Callable[[str, int], str]
"""superseded_notice(href, revision) -> HTML."""


def carry_over(earlier: Path, partial: Path, revision: int, notice: Notice) -> None:
    """Put the revisions of the build `earlier` into `partial`, which is to hold `revision` beside them.

    Files are hard links; pages get a notice that leads to the same page of `revision`. To be called when
    the pages of `revision` are there.
    """
    newest = revision_folder(partial, revision)
    pages = {p.name for p in newest.glob("*.html")}
    for old in revisions(earlier):
        source, target = revision_folder(earlier, old), revision_folder(partial, old)
        for path in sorted(source.rglob("*")):
            below = path.relative_to(source)
            if old == 1 and below.parts[0] in {f"r{n}" for n in (*revisions(earlier), revision)}:
                continue
            if below.parts == (FORWARD,):
                continue
            place = target / below
            if path.is_dir():
                place.mkdir(parents=True, exist_ok=True)
            elif path.suffix == ".html" and len(below.parts) == 1:
                page = path.name if path.name in pages else "index.html"
                href = f"{'' if old == 1 else '../'}r{revision}/{page}"
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(with_notice(path.read_text(encoding="utf-8"), notice(href, revision)), "utf-8")
            else:
                place.parent.mkdir(parents=True, exist_ok=True)
                link(path, place)


def with_notice(page: str, notice: str) -> str:
    """`page` with `notice` at its mark, in place of an earlier notice; unchanged where it has no mark."""
    whole = f"{NOTICE}{notice}{_NOTICE_END}"
    if _INSERTED.search(page):
        return _INSERTED.sub(lambda _: whole, page, count=1)
    return page.replace(NOTICE, whole, 1)


def link(source: Path, target: Path) -> None:
    """A hard link, or a copy where the file system has none."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def seal(layout: Layout, run: str) -> Path:
    """Flush a build to disk and give it its final name; from then on it is never changed."""
    partial, build = layout.partial(run), layout.build(run)
    for folder, _, files in os.walk(partial, topdown=False):
        for name in files:
            to_disk(Path(folder) / name)
        to_disk(Path(folder))
    os.rename(partial, build)
    to_disk(layout.builds)
    return build


def swap(entry: Path, target: Path, *, via: Path | None = None) -> bool:
    """Let the symlink `entry` lead to `target` by one rename; whether it led elsewhere before.

    via: how the path (same file system) of the new link begins until it is renamed; without one it lies beside
    `entry`. A run killed in between leaves it there, and beside releases it would be taken for one.
    Raises RunFailed where something other than a symlink has the place.
    """
    entry.parent.mkdir(parents=True, exist_ok=True)
    if not entry.is_symlink() and os.path.lexists(entry):
        raise RunFailed(f"{entry}: is no link made by a run, and is not replaced; move it away and run again")
    leads = os.path.relpath(target, entry.parent)
    if entry.is_symlink() and str(entry.readlink()) == leads:
        return False
    via = via or entry.parent / f".{entry.name}"
    fresh = via.with_name(f"{via.name}.{secrets.token_hex(4)}")
    fresh.symlink_to(leads)
    try:
        os.replace(fresh, entry)
    except BaseException:
        with contextlib.suppress(OSError):
            fresh.unlink()
        raise
    to_disk(entry.parent)
    return True


def settle(layout: Layout, stream: str, history: History) -> bool:
    """Let `latest` and `latest-look` lead where they should; whether one led elsewhere before.

    `latest`: the newest release's current revision; `latest-look`: the newest run of any kind. Called after
    each publication and at the start of a run, in case one was killed between publishing and here.
    """
    folder = layout.stream(stream)
    changed = False
    if history.releases and (newest := history.current(history.releases[-1])) is not None:
        changed |= swap(folder / LATEST, folder / newest.entry, via=layout.link(stream))
    if history.head is not None:
        changed |= swap(folder / LATEST_LOOK, folder / history.head.entry, via=layout.link(stream))
    return changed


def write_atomically(path: Path, text: str) -> None:
    """Write `text` so that a reader sees the old file or the whole new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        fresh.write_text(text, encoding="utf-8")
        to_disk(fresh)
        os.replace(fresh, path)
    except BaseException:
        with contextlib.suppress(OSError):
            fresh.unlink()
        raise
    to_disk(path.parent)
