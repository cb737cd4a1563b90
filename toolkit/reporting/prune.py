"""What of a stream's old reports can go, how much space is that, and how does it go without harm?

Pages, executed notebooks, what failed runs left and the cubes cached for old reports go. Results, tables of
estimates, summaries and stored cubes never do: history, baselines and the releases page rest on them.

Killed at any moment, pruning has harmed nothing: a page that says so takes the place of `index.html` by one
rename before anything else goes, and whatever is left goes at the next call.
"""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit.errors import RunFailed
from toolkit.reporting.caches import cached
from toolkit.reporting.history import History, Published, read_history
from toolkit.reporting.layout import FORWARD, PARTIAL, Layout, stream_of_run
from toolkit.reporting.lock import hold
from toolkit.reporting.publish import write_atomically
from toolkit.reporting.retention import Retention, Wanted, retention, staying

MARK = "<!--streamreview:pruned-->"
_NUMBERS = ("results.json", "estimates.csv", "estimates.parquet", "summary.md")
_REVISION = re.compile(r"r[1-9]\d*")
_STAMP = re.compile(r"\d{8}T\d{6}Z")


@dataclass(frozen=True)
class Removal:
    """One thing that goes: what it is, where it lies, its files, and the publication whose page must say so."""

    what: str
    place: Path
    files: tuple[Path, ...]
    published: Published | None = None


@dataclass(frozen=True)
class Pruning:
    """What goes of one stream, what stays (entry, why), and the bytes that become free."""

    stream: str
    removals: tuple[Removal, ...]
    stays: tuple[tuple[str, str], ...]
    freed: int


def plan_pruning(layout: Layout, stream: str, wanted: Wanted, cache: Path) -> Pruning:
    """What would go; touches nothing.

    cache: the user's cache folder. A stream whose history is broken keeps everything, with the reason.
    """
    history = read_history(layout, stream)
    if history.problems:
        return Pruning(stream, (), ((stream, f"its history is broken: {history.problems[0]}"),), 0)
    why = staying(history, wanted)
    gone = [p for p in history.published if p.entry not in why]
    kept = [p for p in history.published if p.entry in why]
    removals = [Removal(_kind(p), p.folder, _pages(p.folder), p) for p in gone]
    removals += _superseded(layout, stream, history, wanted)
    removals += _failures(layout, stream, history, wanted)
    removals += [Removal("cached cube", entry, _below(entry)) for entry in cached(gone, kept, layout, cache)]
    found = tuple(removal for removal in removals if removal.files)
    return Pruning(stream, found, tuple(why.items()), _freed(file for removal in found for file in removal.files))


def prune(layout: Layout, stream: str, wanted: Wanted, cache: Path, template: Path | None = None) -> Pruning:
    """Remove what `plan_pruning` finds while the stream is held; returns what went.

    template: a folder whose templates go before the project's on the page that says what was pruned.
    Raises StreamBusy where a run holds the stream, RunFailed where something cannot be removed.
    """
    with hold(layout, stream):
        planned = plan_pruning(layout, stream, wanted, cache)
        try:
            for removal in planned.removals:
                _remove(removal, wanted.now, template)
        except OSError as error:
            raise RunFailed(
                f"{error.filename}: cannot be removed ({error.strerror}); change its permissions and prune again"
            ) from None
        return planned


def _remove(removal: Removal, now: dt.datetime, template: Path | None) -> None:
    if removal.what in ("failed run", "cached cube"):
        shutil.rmtree(removal.place)
        return
    if removal.published is not None and not says_pruned(removal.place / "index.html"):
        write_atomically(removal.place / "index.html", pruned_page(removal.published, now, template))
    for file in removal.files:
        if file.name != "index.html" or file.parent != removal.place or removal.published is None:
            file.unlink(missing_ok=True)
    shutil.rmtree(removal.place / "notebooks", ignore_errors=True)


def pruned_page(published: Published, now: dt.datetime, template: Path | None) -> str:
    """What stands in place of a publication's index.html; template: a folder whose templates go first."""
    from toolkit.figures.environment import environment
    from toolkit.reporting.branding import logo_uri
    from toolkit.reporting.pages import for_people

    content: dict[str, Any] = published.content
    page = environment(template).get_template("pruned.html.j2")
    return page.render(
        title=str(content.get("title", "")),
        release=published.release,
        revision=published.revision,
        sentence=str(content.get("sentence", "")),
        date=for_people(now),
        files=[name for name in _NUMBERS if (published.folder / name).is_file()],
        up=f"../{FORWARD}",
        logo=logo_uri(template),
    )


def _pages(folder: Path) -> tuple[Path, ...]:
    """Pages and notebooks of one publication, not those of the revisions in it; nothing where all has gone."""
    pages = [p for p in folder.glob("*.html") if p.name != FORWARD and not (p.name == "index.html" and says_pruned(p))]
    halves = [p for p in folder.glob(".index.html.*") if p.is_file()]  # of a pruning that was killed
    return tuple(sorted((*pages, *halves, *_below(folder / "notebooks"))))


def _superseded(layout: Layout, stream: str, history: History, wanted: Wanted) -> list[Removal]:
    """Pages and notebooks in builds to which no link leads: corrections hold copies of what they replace."""
    linked = {p.folder.resolve() for p in history.published} | {p.folder.resolve().parent for p in history.published}
    rule = retention(history)
    removals = []
    for build in _runs(layout.builds, stream):
        if build.name.endswith(PARTIAL) or build.resolve() in linked or _retained(rule, build, wanted):
            continue
        folders = [build, *(p for p in build.iterdir() if p.is_dir() and _REVISION.fullmatch(p.name))]
        removals += [Removal("replaced build", folder, _pages(folder)) for folder in folders]
    return removals


def _failures(layout: Layout, stream: str, history: History, wanted: Wanted) -> list[Removal]:
    """What failed runs left, but for the newest. Where nothing is published, nobody knows what must be retained."""
    if not history.published:
        return []
    rule = retention(history)
    runs = _runs(layout.failed, stream)
    old = runs[: max(0, len(runs) - wanted.keep)]
    return [Removal("failed run", run, _below(run)) for run in old if not _retained(rule, run, wanted)]


def _retained(rule: Retention, run: Path, wanted: Wanted) -> bool:
    """Whether a run's folder must stay: for the stream's retention, or because it is not old enough."""
    written = dt.datetime.strptime(run.name[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
    return wanted.now - written < wanted.older_than or rule.reason(written, wanted.now) is not None


def _runs(folder: Path, stream: str) -> list[Path]:
    """Folders of a stream's runs, oldest first."""
    if not folder.is_dir():
        return []
    found = (p for p in folder.iterdir() if p.is_dir() and not p.is_symlink() and _STAMP.match(p.name))
    return sorted(p for p in found if stream_of_run(p.name.removesuffix(PARTIAL)) == stream)


def _below(folder: Path) -> tuple[Path, ...]:
    return tuple(sorted(p for p in folder.rglob("*") if p.is_symlink() or p.is_file()))


def says_pruned(page: Path) -> bool:
    """Whether the page at this place is the one that says that it was pruned."""
    try:
        with page.open(encoding="utf-8", errors="replace") as file:
            return MARK in file.read(1000)
    except OSError:
        return False


def _kind(published: Published) -> str:
    return "look" if published.look else "release" if published.revision == 1 else f"revision {published.revision}"


def _freed(files: Iterable[Path]) -> int:
    """Bytes of the files whose every name goes: a file that a kept report links to stays on the disk."""
    names: dict[tuple[int, int], list[int]] = {}
    for file in files:
        state = file.lstat()
        names.setdefault((state.st_dev, state.st_ino), [state.st_nlink, state.st_size]).append(1)
    return sum(size for links, size, *removed in names.values() if len(removed) >= links)
