"""What has a stream published, in which order, and does every publication stand as it was written?

Read from the results.json files alone, as plain JSON: quick, and without the packages that analyses need.
Each holds the hash of the one before it; the order of that chain is the order of publication, and times
serve only where the chain is broken.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.reporting.layout import LATEST, LATEST_LOOK, LOOKS, RESULTS, Layout, revision_folder, revisions

if TYPE_CHECKING:
    from toolkit.reporting.briefs import Briefs


@dataclass(frozen=True)
class Published:
    """One results.json: a release's revision or a look.

    entry: its path under the stream's folder, as a link to it says
    ("2026.11", "2026.11/r2", "looks/...").
    """

    folder: Path
    entry: str
    release: str
    revision: int
    look: bool
    sha256: str
    previous: str | None
    content: dict[str, Any]

    @property
    def finished(self) -> str:
        """When it was finished (ISO 8601, UTC)."""
        return str(self.content.get("provenance", {}).get("finished", ""))

    @property
    def fingerprint(self) -> str:
        """The fingerprint of everything it was made from."""
        return str(self.content.get("provenance", {}).get("fingerprint", ""))


@dataclass(frozen=True)
class History:
    """A stream's publications in order, and what is wrong with them (one line each, with file and remedy)."""

    published: tuple[Published, ...]
    problems: tuple[str, ...]

    @property
    def head(self) -> Published | None:
        """The newest publication of any kind."""
        return self.published[-1] if self.published else None

    @property
    def releases(self) -> tuple[str, ...]:
        """Release names in order of first publication."""
        return tuple(dict.fromkeys(p.release for p in self.published if not p.look))

    def current(self, release: str) -> Published | None:
        """A release's newest revision."""
        found = [p for p in self.published if not p.look and p.release == release]
        return max(found, key=lambda p: p.revision, default=None)

    @property
    def latest_look(self) -> Published | None:
        """The newest look."""
        return next((p for p in reversed(self.published) if p.look), None)

    def preceding(self, folder: Path | None) -> Published | None:
        """The publication before that in `folder`; before one that is still being made, the newest."""
        results = None if folder is None else folder / RESULTS
        if results is None or not results.is_file():
            return self.head
        this = hashlib.sha256(results.read_bytes()).hexdigest()
        place = next((place for place, p in enumerate(self.published) if p.sha256 == this), len(self.published))
        return self.published[place - 1] if place else None

    def before(self, release: str | None) -> str | None:
        """The release first published before `release`; the newest where it is None or not yet published."""
        names = self.releases
        if release in names:
            names = names[: names.index(release)]
        return names[-1] if names else None


def read_history(layout: Layout, stream: str, briefs: Briefs | None = None) -> History:
    """Every publication of a stream, in order; unreadable ones are named among the problems.

    briefs: gives the content in place of the whole file, for readers that need the headlines alone.
    """
    found: list[Published] = []
    problems: list[str] = []
    for folder, entry, look in _folders(layout.stream(stream)):
        try:
            found.append(_read(folder, entry, look, briefs))
        except (OSError, ValueError, TypeError, KeyError) as error:
            problems.append(
                f"{folder / RESULTS}: cannot be read ({' '.join(str(error).split())}); restore it from a backup"
            )
    ordered, broken = in_order(found)
    return History(ordered, (*problems, *broken))


def in_order(found: Iterable[Published]) -> tuple[tuple[Published, ...], tuple[str, ...]]:
    """Publications from first to newest by their chain, and one line for each place where it is broken.

    Broken is: a previous hash that no file has (the file was changed or removed), two that name the same
    previous (a run outside the lock), or several without one.
    """
    by_time = sorted(found, key=lambda p: (p.finished, p.revision, p.entry))
    known = {p.sha256: p for p in by_time}
    following: dict[str | None, list[Published]] = {}
    for p in by_time:
        following.setdefault(p.previous if p.previous in known else None, []).append(p)
    problems = [
        f"{p.folder / RESULTS}: the results before it have been changed or removed since; restore them from a backup"
        for p in by_time
        if p.previous is not None and p.previous not in known
    ]
    for previous, several in following.items():
        starts = [p for p in several if previous is not None or p.previous is None]
        problems += [
            f"{p.folder / RESULTS}: follows the same results as {several[0].entry}; two runs wrote at once"
            for p in starts[1:]
        ]
    if problems:
        return tuple(by_time), tuple(problems)
    chain: list[Published] = []
    step = following.get(None, [])
    while step:
        chain.append(step[0])
        step = following.get(step[0].sha256, [])
    return tuple(chain), ()


def _folders(stream: Path) -> Sequence[tuple[Path, str, bool]]:
    """Folders that hold a results.json: (folder, entry, whether a look)."""
    if not stream.is_dir():
        return []
    releases = [p for p in sorted(stream.iterdir()) if p.name not in (LATEST, LATEST_LOOK, LOOKS) and p.is_dir()]
    found = []
    for release in releases:
        for revision in revisions(release):
            folder = revision_folder(release, revision)
            found.append((folder, str(folder.relative_to(stream)), False))
    looks = stream / LOOKS
    if looks.is_dir():
        found += [
            (look, f"{LOOKS}/{look.name}", True) for look in sorted(looks.iterdir()) if (look / RESULTS).is_file()
        ]
    return found


def _read(folder: Path, entry: str, look: bool, briefs: Briefs | None) -> Published:
    raw = (folder / RESULTS).read_bytes()
    sha256 = hashlib.sha256(raw).hexdigest()
    content = json.loads(raw) if briefs is None else briefs.content(sha256, raw)
    previous = content["provenance"].get("previous_sha256")
    return Published(
        folder=folder,
        entry=entry,
        release=str(content["release"]),
        revision=int(content.get("revision", 1)),
        look=look,
        sha256=sha256,
        previous=None if previous is None else str(previous),
        content=content,
    )
