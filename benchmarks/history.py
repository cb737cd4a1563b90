"""A hundred releases: the releases page written again after one more, against reading every results.json whole."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.timing import as_table, in_turns
from toolkit.reporting.index import write_index
from toolkit.reporting.layout import RESULTS, Layout

RELEASES = 100
LIMIT = 200_000  # bytes that the page may have


def table(stream: Path, turns: int = 5) -> str:
    """Publish a stream once, make a history of it, and time both ways."""
    with tempfile.TemporaryDirectory() as out:
        arguments = ("run", str(stream), "--out", out, "--release", "first", "--fail-on", "none")
        subprocess.run([sys.executable, "-m", "toolkit", *arguments], check=True, capture_output=True)
        layout = Layout(Path(out))
        return timed(layout, layout.streams()[0], turns)


def timed(layout: Layout, stream: str, turns: int) -> str:
    """Both ways on `RELEASES` releases of the publication that is there."""
    size = history_of(layout, stream, RELEASES)

    def after_one_more() -> None:
        assert write_index(layout) == []

    def whole() -> None:
        shutil.rmtree(layout.briefs(stream).parent)
        assert write_index(layout) == []

    after_one_more()  # what is kept is kept by an earlier run
    ways = in_turns({"streamreview": after_one_more, "every results.json whole": whole}, turns=turns)
    page = layout.index.stat().st_size
    assert page < LIMIT, page
    title = f"Releases page over {RELEASES} releases ({size / 1e6:.1f} MB of results, page {page / 1e3:.0f} kB)"
    return as_table(title, ways)


def history_of(layout: Layout, stream: str, releases: int) -> int:
    """Copies of the only publication, one after the other in its chain; bytes of all results.json together."""
    (entry,) = (p for p in layout.stream(stream).iterdir() if p.is_symlink() and not p.name.startswith("latest"))
    first = entry.resolve()
    content = json.loads((first / RESULTS).read_bytes())
    previous = hashlib.sha256((first / RESULTS).read_bytes()).hexdigest()
    size = (first / RESULTS).stat().st_size
    for number in range(1, releases):
        build = layout.builds / f"copy-{number:03}"
        shutil.copytree(first, build)
        content["release"] = f"2026.{number:03}"
        content["provenance"]["previous_sha256"] = previous
        raw = (json.dumps(content, indent=1) + "\n").encode()
        (build / RESULTS).write_bytes(raw)
        previous = hashlib.sha256(raw).hexdigest()
        size += len(raw)
        place = layout.stream(stream) / content["release"]
        place.symlink_to(os.path.relpath(build, place.parent))
    return size
