"""Where does a publication lie under the reports folder?

    reports/index.html                      the releases page
    reports/<stream>/<release>              symlink to the build that holds the release (and its revisions)
    reports/<stream>/latest, latest-look    symlinks to the newest release's current revision, the newest run
    reports/<stream>/looks/<UTC time>       symlink to the build of a look
    reports/.builds/<run>                   immutable builds; `<run>.partial` while one is being made
    reports/.failed/<run>                   what a failed or killed run left behind
    reports/.locks/<stream>.lock            one run per stream at a time
    reports/.logs/<stream>.jsonl            what each run did and how long it took
    reports/.briefs/<stream>.json           what the releases page needs of each publication; made again when lost

Symlinks are relative, so that the reports folder can be moved or served from anywhere.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

LATEST, LATEST_LOOK, LOOKS = "latest", "latest-look", "looks"
PARTIAL = ".partial"
RESULTS = "results.json"
FORWARD = "all.html"
"""A page beside each publication that leads to the releases page. A publication is reached by links of
different depth (`<release>/r2/`, `latest/`), so a relative link from its pages holds only one level up."""
_RUN = re.compile(r"(\d{8}T\d{6}Z)-([0-9a-f]{6})-(.+)")
_REVISION = re.compile(r"r([1-9]\d*)")


@dataclass(frozen=True)
class Layout:
    """Paths of one reports folder; `root` need not exist."""

    root: Path

    @property
    def index(self) -> Path:
        """The releases page."""
        return self.root / "index.html"

    @property
    def builds(self) -> Path:
        """The folder of immutable builds."""
        return self.root / ".builds"

    @property
    def failed(self) -> Path:
        """The folder of what failed and killed runs left."""
        return self.root / ".failed"

    def lock(self, stream: str) -> Path:
        """The lock file of a stream."""
        return self.root / ".locks" / f"{stream}.lock"

    def log(self, stream: str) -> Path:
        """The run log of a stream."""
        return self.root / ".logs" / f"{stream}.jsonl"

    def briefs(self, stream: str) -> Path:
        """The kept briefs of a stream's publications."""
        return self.root / ".briefs" / f"{stream}.json"

    def stream(self, stream: str) -> Path:
        """The folder of a stream's releases."""
        return self.root / stream

    def entry(self, stream: str, release: str, *, look: bool) -> Path:
        """The symlink under which a release or look is found."""
        folder = self.stream(stream)
        return folder / LOOKS / release if look else folder / release

    def build(self, run: str) -> Path:
        """The finished build of a run."""
        return self.builds / run

    def partial(self, run: str) -> Path:
        """The build of a run while it is being made."""
        return self.builds / f"{run}{PARTIAL}"

    def link(self, stream: str) -> Path:
        """How the paths of a stream's symlinks begin, until they are renamed to their places."""
        return self.builds / f".link-{stream}"

    def streams(self) -> list[str]:
        """Names of the streams that have a folder here, sorted."""
        if not self.root.is_dir():
            return []
        return sorted(p.name for p in self.root.iterdir() if p.is_dir() and not p.name.startswith("."))

    def leftovers(self, stream: str) -> list[Path]:
        """Unfinished builds of a stream; only the holder of its lock may touch them."""
        if not self.builds.is_dir():
            return []
        found = (p for p in self.builds.iterdir() if p.name.endswith(PARTIAL))
        return sorted(p for p in found if stream_of_run(p.name.removesuffix(PARTIAL)) == stream)


def new_run(stream: str, now: dt.datetime) -> str:
    """A name for a run that no other run has; it sorts by time (UTC, seconds) and tells its stream."""
    return f"{now.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}-{stream}"


def stream_of_run(run: str) -> str | None:
    """The stream a run belongs to, None where the name is no run's."""
    match = _RUN.fullmatch(run)
    return match[3] if match else None


def look_name(now: dt.datetime, taken: Path) -> str:
    """The name of a look: its UTC time, with a counter where `taken` (the looks folder) has that second."""
    stamp = f"{now.astimezone(dt.UTC):%Y-%m-%dT%H%M%SZ}"
    names = [stamp, *(f"{stamp}-{n}" for n in range(2, 1000))]
    return next(name for name in names if not os.path.lexists(taken / name))


def revision_folder(release: Path, revision: int) -> Path:
    """The folder of a revision inside its release: the release itself for 1, else r2, r3, ..."""
    return release if revision == 1 else release / f"r{revision}"


def revisions(release: Path) -> list[int]:
    """Revisions that hold a results.json, in order."""
    if not (release / RESULTS).is_file():
        return []
    named = ((p, _REVISION.fullmatch(p.name)) for p in release.iterdir() if p.is_dir())
    later = [int(match[1]) for p, match in named if match and (p / RESULTS).is_file()]
    return [1, *sorted(later)]
