"""Which files of a stream folder belong to which table, and in which format they are.

A table is one file (`evaluations.parquet`) or a folder (`evaluations/`, nested as it likes) or both.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

from toolkit.errors import LogRejected, UsageError
from toolkit.logs.shown import listed, shown

TABLE_NAMES = ("evaluations", "feedback", "samples")
Format = Literal["parquet", "csv", "jsonl"]
Compression = Literal["none", "gzip", "zstd"]

SUFFIXES: dict[str, tuple[Format, Compression]] = {
    ".parquet": ("parquet", "none"),
    ".csv": ("csv", "none"),
    ".csv.gz": ("csv", "gzip"),
    ".csv.zst": ("csv", "zstd"),
    ".jsonl": ("jsonl", "none"),
    ".jsonl.gz": ("jsonl", "gzip"),
    ".jsonl.zst": ("jsonl", "zstd"),
    ".ndjson": ("jsonl", "none"),
    ".ndjson.gz": ("jsonl", "gzip"),
    ".ndjson.zst": ("jsonl", "zstd"),
}


@dataclass(frozen=True)
class LogFile:
    """One file of a table.

    path: where it is. name: relative to the stream folder, with forward slashes.
    partition: columns that its folders spell, as Spark writes them (`evaluations/seed=3/part-0.parquet`).
    """

    table: str
    path: Path
    name: str
    format: Format
    compression: Compression
    partition: tuple[tuple[str, str | None], ...] = ()


@dataclass(frozen=True)
class Found:
    """What a stream folder holds: files by table in the order of their names, and what to tell about others.

    tables: a table that is there without any file has an empty tuple.
    several: tables in two forms. strangers: files in or beside a table whose type is unknown.
    """

    tables: dict[str, tuple[LogFile, ...]]
    several: tuple[tuple[str, tuple[str, ...]], ...]
    strangers: tuple[str, ...]


def format_of(name: str) -> tuple[Format, Compression] | None:
    """Format and compression by the end of the file's name, else None."""
    lower = name.lower()
    ends = [end for end in SUFFIXES if lower.endswith(end)]
    return SUFFIXES[max(ends, key=len)] if ends else None


def stem_of(name: str) -> str:
    """The file's name without the ending that tells its format."""
    lower = name.lower()
    ends = [end for end in SUFFIXES if lower.endswith(end)]
    return name[: -len(max(ends, key=len))] if ends else name


def find_files(folder: Path) -> Found:
    """Files of every table of the stream in `folder`.

    Raises UsageError where there is no such folder, LogRejected where it cannot be listed.
    """
    if not folder.exists():
        raise UsageError(f"{shown(folder, 300)}: no such folder; give the folder that holds the stream's log")
    if not folder.is_dir():
        raise UsageError(f"{shown(folder, 300)}: a file, not a folder; give the folder that holds the log")
    try:
        entries = sorted(folder.iterdir(), key=lambda path: path.name)
    except OSError as error:
        raise LogRejected(f"{shown(folder, 300)}: cannot be listed: {error.strerror}; allow reading") from None
    tables: dict[str, tuple[LogFile, ...]] = {}
    several: list[tuple[str, tuple[str, ...]]] = []
    strangers: list[str] = []
    for table in TABLE_NAMES:
        forms: list[str] = []
        files: list[LogFile] = []
        for entry in entries:
            if entry.is_dir() and entry.name == table:
                forms.append(f"{entry.name}/")
                inside, strange = _inside(folder, table, entry)
                files.extend(inside)
                strangers.extend(strange)
            elif entry.is_file() and entry.name.split(".", 1)[0] == table:
                known = format_of(entry.name)
                if known and stem_of(entry.name) == table:
                    forms.append(entry.name)
                    files.append(LogFile(table, entry, entry.name, *known))
                else:
                    strangers.append(entry.name)
        if forms:
            tables[table] = tuple(files)
        if len(forms) > 1:
            several.append((table, tuple(forms)))
    return Found(tables, tuple(several), tuple(strangers))


def _inside(folder: Path, table: str, top: Path) -> tuple[list[LogFile], list[str]]:
    files: list[LogFile] = []
    strangers: list[str] = []
    for path in _walk(top):
        name = path.relative_to(folder).as_posix()
        known = format_of(path.name)
        # Hidden and underscored files are other tools' own (.DS_Store, _SUCCESS), unless they are data.
        if path.name.startswith((".", "_")):
            if known and path.name.startswith("_"):
                strangers.append(name)
        elif known:
            files.append(LogFile(table, path, name, *known, _partition(path.relative_to(top))))
        else:
            strangers.append(name)
    return files, strangers


def _walk(top: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(top, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(root, name)
            if path.is_file():
                yield path


def _partition(path: Path) -> tuple[tuple[str, str | None], ...]:
    pairs = [part.split("=", 1) for part in path.parts[:-1] if "=" in part]
    return tuple(
        (unquote(key), None if value == "__HIVE_DEFAULT_PARTITION__" else unquote(value)) for key, value in pairs
    )


def no_tables(folder: Path, found: Found) -> LogRejected:
    """The error for a folder that holds neither evaluations nor feedback, naming what is there."""
    there = sorted(path.name + ("/" if path.is_dir() else "") for path in folder.iterdir())
    seen = f"the folder holds {listed(there)}" if there else "the folder is empty"
    return LogRejected(
        f"{shown(folder, 300)}: no evaluations and no feedback, at least one of which must be there as a "
        f".parquet, .csv or .jsonl file or as a folder of such files; {seen}; name a file so, "
        f"or try: streamreview init {shown(folder, 300)}"
    )
