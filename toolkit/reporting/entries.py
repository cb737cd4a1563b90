"""How does a folder get into the user's cache whole, and is it still whole when it is taken out again?

An entry is one folder with a manifest of hashes, written last: a damaged or half-written entry is never used.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

MANIFEST = "manifest.json"


def intact(entry: Path) -> bool:
    """Whether a cache entry is whole: every file of its manifest there with its hash."""
    try:
        manifest = json.loads((entry / MANIFEST).read_bytes())
        return bool(manifest) and all(_sha256(entry / name) == sha for name, sha in manifest.items())
    except (OSError, ValueError, AttributeError, TypeError):
        return False


def store(fill: Callable[[Path], object], entry: Path, *, replace: bool = False) -> None:
    """Make an entry of what `fill` writes into a new folder, at once or not at all.

    replace: also in place of an entry that is whole. Raises OSError where it cannot be written.
    """
    entry.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=entry.parent, prefix=".new-") as place:
        fresh = Path(place) / "fresh"
        fill(fresh)
        manifest = {p.name: _sha256(p) for p in sorted(fresh.iterdir())}
        (fresh / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        if entry.exists() and (replace or not intact(entry)):
            os.replace(entry, Path(place) / "before")
        os.rename(fresh, entry)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
