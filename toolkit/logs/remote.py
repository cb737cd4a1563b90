"""How is a log read that lies in an object store? Its files are copied beside the other caches, each only once.

A copy is renewed where the store says that the file is another one (its ETag, version, size or time of change), so
appending a day to a partitioned log fetches that day. Files keep their time of change, on which staleness rests.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
from pathlib import Path, PurePosixPath
from typing import Any

from toolkit.errors import LogRejected, UsageError
from toolkit.logs.exchange import PENDING
from toolkit.logs.files import TABLE_NAMES
from toolkit.logs.shown import shown

_BESIDE = ("stream.toml", "similarity.csv", "notebooks")
_STATES = "remote.json"


def is_remote(place: str) -> bool:
    """Whether a stream is named by a URL (`s3://bucket/stream`) and not by a folder."""
    scheme, separator, _ = place.partition("://")
    return bool(separator) and scheme.isidentifier()


def mirror(url: str, cache: Path) -> Path:
    """The folder below `cache` that holds the stream at `url`, brought up to date.

    Only files that a stream may have are fetched. Credentials are those of the environment, as fsspec and its file
    systems (s3fs, gcsfs, adlfs) read them. Raises UsageError where there is no such folder or no file system for
    it, LogRejected where a file cannot be fetched; what had been fetched before then stays as it was.
    """
    from filelock import FileLock

    files, root = _open(url)
    folder = cache / "remote" / hashlib.sha256(url.rstrip("/").encode()).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_suffix(".lock")):
        found = _listed(files, root, url)
        if not found:
            raise UsageError(f"{shown(url, 300)}: no such folder, or nothing of a stream in it; check the address")
        before = _states(folder)
        after = {}
        for name, info in found.items():
            state = _state(files, info)
            if before.get(name) != state or not (folder / name).is_file():
                _fetch(files, info["name"], folder / name, url)
            after[name] = state
            _set_time(files, info, folder / name)
        for name in before.keys() - after.keys():
            (folder / name).unlink(missing_ok=True)
        _write(folder / _STATES, json.dumps(after))
    return folder


def _open(url: str) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs
    except ImportError:
        raise UsageError(
            f"{shown(url, 300)}: needs fsspec; install it with: pip install 'streamreview[remote]'"
        ) from None
    try:
        files, root = url_to_fs(url)
    except (ImportError, ValueError) as error:
        raise UsageError(f"{shown(url, 300)}: {shown(str(error), 200)}; install its file system") from None
    files.invalidate_cache()
    return files, root


def _listed(files: Any, root: str, url: str) -> dict[str, dict[str, Any]]:
    """Files that a stream may have, by their names relative to its folder."""
    try:
        listed = files.find(root, detail=True)
    except FileNotFoundError:
        return {}
    except Exception as error:  # every file system has errors of its own
        raise LogRejected(f"{shown(url, 300)}: cannot be listed: {_first_line(error)}; allow reading it") from None
    found = {}
    for path, info in sorted(listed.items()):
        name = PurePosixPath(path[len(root) :].lstrip("/"))
        if ".." in name.parts or not name.parts:
            continue
        if name.parts[0] == PENDING:
            raise LogRejected(
                f"{shown(url, 300)}: an import was cut short there while it replaced files; complete it where it was "
                "made, with: streamreview check FOLDER"
            )
        first = name.parts[0]
        if first in _BESIDE or first.split(".", 1)[0] in TABLE_NAMES:
            found[str(name)] = info
    return found


def _state(files: Any, info: dict[str, Any]) -> str:
    """What changes when the file does."""
    told = {k: str(v) for k, v in info.items() if k.lower() in ("etag", "md5hash", "generation", "versionid", "crc32c")}
    return json.dumps([info.get("size"), _time(files, info), told], sort_keys=True)


def _time(files: Any, info: dict[str, Any]) -> float | None:
    """When the file changed last, in seconds, as far as the store says."""
    with contextlib.suppress(NotImplementedError, OSError, KeyError, TypeError):
        return float(files.modified(info["name"]).timestamp())
    return None


def _set_time(files: Any, info: dict[str, Any], place: Path) -> None:
    time = _time(files, info)
    if time is not None and place.stat().st_mtime != time:
        os.utime(place, (time, time))


def _fetch(files: Any, path: str, place: Path, url: str) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    partial = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    try:
        files.get_file(path, str(partial))
        partial.replace(place)
    except Exception as error:  # every file system has errors of its own
        name = PurePosixPath(path).name
        raise LogRejected(
            f"{shown(url, 300)}: {shown(name)} cannot be fetched: {_first_line(error)}; run again"
        ) from None
    finally:
        partial.unlink(missing_ok=True)


def _states(folder: Path) -> dict[str, str]:
    try:
        states = json.loads((folder / _STATES).read_text(encoding="utf-8"))
        return states if isinstance(states, dict) else {}
    except (OSError, ValueError):
        return {}


def _write(place: Path, text: str) -> None:
    partial = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    partial.write_text(text, encoding="utf-8")
    partial.replace(place)


def _first_line(error: Exception) -> str:
    return shown(str(error).splitlines()[0] if str(error) else type(error).__name__, 160)
