"""Which files a stream consists of, and whether any of them changed: their SHA-256, kept by size and time.

Only the standard library is imported at the top, so that "up to date" is answered at once.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.errors import LogRejected
from toolkit.logs.files import find_files
from toolkit.logs.shown import shown

if TYPE_CHECKING:
    from toolkit.results import InputFile

_BESIDE = ("stream.toml", "similarity.csv")
_Known = dict[str, tuple[int, int, str]]


def inputs_of(folder: Path, cache: Path | None = None) -> tuple[InputFile, ...]:
    """Every file of the stream in `folder` with its size in bytes and SHA-256, in the order of their names.

    A file that is being appended to counts as far as it went when it was looked at. Hashes are kept in the
    folder `cache` by path, size and time of change; a cache that cannot be read is made anew.
    Raises UsageError without such a folder, LogRejected where a file cannot be read.
    """
    from concurrent.futures import ThreadPoolExecutor

    from toolkit.results.report import InputFile

    names = [name for name in _BESIDE if (folder / name).is_file()]
    names += [file.name for files in find_files(folder).tables.values() for file in files]
    store = _store(folder, cache)
    known = _load(store)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = pool.map(lambda name: _seen(folder / name, known.get(name)), sorted(names))
        fresh = dict(zip(sorted(names), found, strict=True))
    if store is not None and fresh != known:
        _save(store, fresh)
    return tuple(InputFile(path=name, bytes=size, sha256=digest) for name, (size, _, digest) in fresh.items())


def _seen(path: Path, before: tuple[int, int, str] | None) -> tuple[int, int, str]:
    """Size (bytes), time of change (ns) and hash of a file; `before` is what is known of it."""
    try:
        status = path.stat()
        if before is not None and before[:2] == (status.st_size, status.st_mtime_ns):
            return before
        return status.st_size, status.st_mtime_ns, sha256_of(path, status.st_size)
    except OSError as error:
        why = error.strerror or error
        raise LogRejected(f"{shown(path, 300)}: cannot be read: {why}; allow reading it") from None


def fingerprint(inputs: Iterable[InputFile]) -> str:
    """SHA-256 over names, sizes and hashes of `inputs`: equal exactly where the files are equal."""
    digest = hashlib.sha256()
    for file in sorted(inputs, key=lambda file: file.path):
        digest.update(json.dumps([file.path, file.bytes, file.sha256]).encode())
    return digest.hexdigest()


def sha256_of(path: Path, size: int) -> str:
    """SHA-256 of the first `size` bytes of a file, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while size > 0:
            piece = file.read(min(size, 1 << 20))
            if not piece:
                break
            digest.update(piece)
            size -= len(piece)
    return digest.hexdigest()


def _store(folder: Path, cache: Path | None) -> Path | None:
    if cache is None:
        return None
    name = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:32]
    return cache / f"hashes-{name}.json"


def _load(store: Path | None) -> _Known:
    if store is None:
        return {}
    try:
        raw = json.loads(store.read_text(encoding="utf-8"))
        known = {str(name): (int(size), int(time), str(digest)) for name, (size, time, digest) in raw.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
    return known if all(_is_digest(digest) for _, _, digest in known.values()) else {}


def _is_digest(text: str) -> bool:
    return len(text) == 64 and all(c in "0123456789abcdef" for c in text)


def _save(store: Path, known: _Known) -> None:
    # The cache only saves time: where it cannot be written, reading goes on without it.
    with contextlib.suppress(OSError):
        store.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=store.parent, prefix=".hashes-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(known, file)
            os.replace(name, store)
        except BaseException:
            os.unlink(name)
            raise
