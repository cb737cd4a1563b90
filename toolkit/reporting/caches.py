"""Which cached cubes belong to old publications alone?

A cache entry and a stored cube of the same log have the same fingerprint in their meta.json, whatever version of
the toolkit made the entry. The cache serves all reports folders, and losing an entry costs one reading of the log.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from toolkit.reporting.history import Published, read_history
from toolkit.reporting.layout import Layout


def cached(gone: Sequence[Published], kept: Sequence[Published], layout: Layout, cache: Path) -> list[Path]:
    """Entries of the logs of `gone` that neither `kept` nor another stream of this reports folder was made from."""
    entries = sorted(p for p in (cache / "cubes").glob("*") if p.is_dir() and not p.name.startswith("."))
    if not entries or not gone:
        return []
    own = {p.folder for p in gone}
    others = [p for name in layout.streams() for p in read_history(layout, name).published if p.folder not in own]
    old = {_fingerprint(p.folder / "cube") for p in gone}
    needed = {_fingerprint(p.folder / "cube") for p in (*kept, *others)} | {None}
    return [entry for entry in entries if _fingerprint(entry) in old - needed]


def _fingerprint(cube: Path) -> str | None:
    try:
        return str(json.loads((cube / "meta.json").read_text(encoding="utf-8"))["fingerprint"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
