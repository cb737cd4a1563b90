"""Has anything changed since the last publication?

The fingerprint covers all that a report is made from: the log's files and stream.toml, the toolkit's
sources, templates, notebooks, the versions of the packages, parameters, release and baseline. It is computed
without importing what analyses need, so that "up to date" is answered at once.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from pathlib import Path

_SOURCES = {".py", ".j2", ".html", ".css", ".json", ".ipynb", ".svg", ".png", ".toml", ".csv", ".sql", ".txt"}


def run_fingerprint(
    *,
    log: str,
    notebooks: Path,
    templates: Iterable[Path],
    release: str | None,
    baseline: str | None,
    baseline_sha256: str | None,
    stale: bool,
    parameters: Mapping[str, str] | None = None,
) -> str:
    """SHA-256 over everything a report depends on.

    log: the fingerprint of the log's files, stream.toml and similarity.csv among them. release: None for
    a look. baseline: the release compared with; its results' hash stands for its content, so that a corrected
    baseline is a change. stale: whether the page has to be marked stale.
    """
    import toolkit
    from toolkit.reporting.provenance import package_versions

    parts = {
        "log": log,
        "release": release,
        "baseline": baseline,
        "baseline_sha256": baseline_sha256,
        "stale": stale,
        "parameters": dict(parameters or {}),
        "python": platform.python_version(),
        "packages": package_versions(),
        "toolkit": tree_sha256(Path(toolkit.__file__).parent),
        "notebooks": tree_sha256(notebooks),
        "templates": [tree_sha256(folder) for folder in templates],
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def tree_sha256(folder: Path, suffixes: frozenset[str] = frozenset(_SOURCES)) -> str:
    """SHA-256 over names and contents of the source files below `folder`, whatever their times and order."""
    total = hashlib.sha256()
    files = (p for p in folder.rglob("*") if p.suffix in suffixes and p.is_file())
    for path in sorted(files, key=lambda p: p.relative_to(folder).as_posix()):
        name = path.relative_to(folder).as_posix()
        if any(part.startswith(".") or part == "__pycache__" for part in path.relative_to(folder).parts):
            continue
        total.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()
