"""Has this log been reduced before? Cubes are cached by what they are made from.

An entry is one folder with a manifest of hashes, written last: a damaged or half-written entry is rebuilt,
never used. A publication gets copies, so that nothing in the cache can change it afterwards.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from toolkit.reporting.provenance import engine_versions, package_versions
from toolkit.reporting.uptodate import tree_sha256

_MANIFEST = "manifest.json"
_REDUCTION = ("logs", "cube", "results")
"""Packages whose sources decide what a cube holds."""


def cache_folder() -> Path:
    """The user's cache folder of the toolkit."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("streamreview"))


def cube_key(log_fingerprint: str, engine: str = "duckdb") -> str:
    """The name of the cache entry for a log: its fingerprint and the code and engine that reduce it."""
    import toolkit

    package = Path(toolkit.__file__).parent
    made_by = [tree_sha256(package / name) for name in _REDUCTION]
    versions = {k: v for k, v in package_versions().items() if k in ("duckdb", "pyarrow")}
    versions |= engine_versions(engine)
    return hashlib.sha256(json.dumps([log_fingerprint, made_by, versions]).encode()).hexdigest()


def fetch_cube(
    stream: Path,
    into: Path,
    *,
    log_fingerprint: str,
    cache: Path,
    build: Callable[[Path, Path], object] | None = None,
    engine: str = "duckdb",
) -> dict[str, Any]:
    """Put the stream's cube into the folder `into` and return its meta.json.

    From the cache where an entry with all its hashes is there, else by reading the log (`build`, by default
    toolkit.cube.build_cube, or its counterpart on `engine`). A cache that cannot be written is done without.
    Raises what reading raises.
    """
    entry = cache / "cubes" / cube_key(log_fingerprint, engine)
    if intact(entry):
        try:
            copy_cube(entry, into)
            return _meta(into)
        except (OSError, ValueError):  # damaged between the check and the copy
            shutil.rmtree(into, ignore_errors=True)
    (build or _BUILDS[engine])(stream, into)
    meta = _meta(into)
    with suppress(OSError):
        _store(into, cache / "cubes" / cube_key(str(meta["fingerprint"]), engine))
    return meta


def intact(entry: Path) -> bool:
    """Whether a cache entry is whole: every file of its manifest there with its hash."""
    try:
        manifest = json.loads((entry / _MANIFEST).read_bytes())
        return bool(manifest) and all(_sha256(entry / name) == sha for name, sha in manifest.items())
    except (OSError, ValueError, AttributeError, TypeError):
        return False


def copy_cube(source: Path, into: Path) -> None:
    """Copy a cube's files (not the manifest of the cache) into a new folder."""
    into.mkdir(parents=True)
    for path in sorted(source.iterdir()):
        if path.name != _MANIFEST and path.is_file():
            shutil.copyfile(path, into / path.name)


def _store(cube: Path, entry: Path) -> None:
    entry.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=entry.parent, prefix=".new-") as place:
        fresh = Path(place) / "cube"
        copy_cube(cube, fresh)
        manifest = {p.name: _sha256(p) for p in sorted(fresh.iterdir())}
        (fresh / _MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        if entry.exists() and not intact(entry):
            os.replace(entry, Path(place) / "damaged")
        os.rename(fresh, entry)


def _build(stream: Path, into: Path) -> object:
    from toolkit.cube import build_cube

    return build_cube(stream, into)


def _build_on_spark(stream: Path, into: Path) -> object:
    from toolkit.cube.spark_read import build_on_spark

    return build_on_spark(stream, into)


_BUILDS = {"duckdb": _build, "spark": _build_on_spark}


def _meta(cube: Path) -> dict[str, Any]:
    meta = json.loads((cube / "meta.json").read_text(encoding="utf-8"))
    if not isinstance(meta, dict):
        raise ValueError(f"{cube / 'meta.json'}: no JSON object")
    return meta


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
