"""Has this log been reduced before? Cubes are cached by what they are made from.

A damaged or half-written entry is rebuilt, never used. A publication gets copies, so that nothing in the cache can
change it afterwards.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from toolkit.reporting.entries import MANIFEST, intact, store
from toolkit.reporting.provenance import engine_versions, package_versions
from toolkit.reporting.uptodate import tree_sha256

__all__ = ["cache_folder", "copy_cube", "cube_key", "fetch_cube", "intact"]

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
    tell: Callable[[str], object] | None = None,
) -> dict[str, Any]:
    """Put the stream's cube into the folder `into` and return its meta.json.

    From the cache where an entry with all its hashes is there, else by reading the log (`build`, by default
    `states.build_grown`, or toolkit.cube.build_cube's counterpart on `engine`); tell: told which files of evaluations
    were then read, and why. A cache that cannot be written is done without. Raises what reading raises.
    """
    entry = cache / "cubes" / cube_key(log_fingerprint, engine)
    if intact(entry):
        try:
            copy_cube(entry, into)
            return _meta(into)
        except (OSError, ValueError):  # damaged between the check and the copy
            shutil.rmtree(into, ignore_errors=True)
    if build is not None:
        build(stream, into)
    else:
        said = _BUILDS[engine](stream, into, cache)
        if tell is not None and said is not None:
            tell(said)
    meta = _meta(into)
    with suppress(OSError):
        store(lambda fresh: copy_cube(into, fresh), cache / "cubes" / cube_key(str(meta["fingerprint"]), engine))
    return meta


def copy_cube(source: Path, into: Path) -> None:
    """Copy a cube's files (not the manifest of the cache) into a new folder."""
    into.mkdir(parents=True)
    for path in sorted(source.iterdir()):
        if path.name != MANIFEST and path.is_file():
            shutil.copyfile(path, into / path.name)


def _build(stream: Path, into: Path, cache: Path) -> str | None:
    from toolkit.reporting.states import build_grown

    return build_grown(stream, into, cache=cache, made_by=cube_key("state"))


def _build_on_spark(stream: Path, into: Path, cache: Path) -> str | None:
    from toolkit.cube.spark_read import build_on_spark

    build_on_spark(stream, into)
    return None


_BUILDS = {"duckdb": _build, "spark": _build_on_spark}


def _meta(cube: Path) -> dict[str, Any]:
    meta = json.loads((cube / "meta.json").read_text(encoding="utf-8"))
    if not isinstance(meta, dict):
        raise ValueError(f"{cube / 'meta.json'}: no JSON object")
    return meta
