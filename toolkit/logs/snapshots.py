"""How files are held still while they are read, under names that DuckDB takes literally."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from toolkit.logs.files import LogFile
from toolkit.logs.scan import Snapshot


def take_snapshots(
    tables: Mapping[str, Sequence[LogFile]],
    sizes: Mapping[str, int],
    growing: frozenset[str],
    temporary: Path,
) -> dict[str, list[Snapshot]]:
    """The files under names of our own: DuckDB would read `*` and `[` of theirs as patterns.

    A file that grows, or begins with a byte-order mark that JSON does not know, is copied.
    """
    snapshots: dict[str, list[Snapshot]] = {}
    number = 0
    for table, files in tables.items():
        snapshots[table] = []
        for file in files:
            number += 1
            end = {"none": "", "gzip": ".gz", "zstd": ".zst"}[file.compression]
            path = temporary / f"{number:06d}.{file.format}{end}"
            skip = 3 if _marked(file) else 0
            if skip or file.name in growing:
                with file.path.open("rb") as source, path.open("wb") as copy:
                    source.seek(skip)
                    left = sizes[file.name] - skip
                    while left > 0 and (piece := source.read(min(left, 1 << 20))):
                        copy.write(piece)
                        left -= len(piece)
            else:
                path.symlink_to(file.path.resolve())
            snapshots[table].append(Snapshot(file, sizes[file.name] - skip, path))
    return snapshots


def _marked(file: LogFile) -> bool:
    if file.format != "jsonl" or file.compression != "none":
        return False
    with file.path.open("rb") as stream:
        return stream.read(3) == b"\xef\xbb\xbf"
