"""JSON lines that all have the same fields are read in one pass: which these are is guessed from a few, then proved.

In an object a colon behind a quote or a blank follows each key. Where every row that was read has all the fields that
were guessed, and the files have no more such colons than that makes, no line has another field, none has one twice,
and none is anything but an object. What cannot be proved is read again, in two passes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import duckdb
import numpy as np

from toolkit.errors import LogRejected
from toolkit.logs.columns import map_columns
from toolkit.logs.config import StreamConfig
from toolkit.logs.rows import open_bytes
from toolkit.logs.scan import Snapshot
from toolkit.logs.schema import Table
from toolkit.logs.sources import Source
from toolkit.logs.sql import ask

_LEAST = 1 << 23  # bytes of the files of a table, below which a second pass takes no time
_PIECE = 1 << 16  # bytes that are looked at in each of so many places of a file
_PLACES = 4
_READ = 1 << 20
_TYPES: dict[type, str] = {int: "DOUBLE", float: "DOUBLE", list: "DOUBLE[]"}
_WANTED = {"number": "DOUBLE", "floats": "DOUBLE[]"}  # by columns that want no text; 1.5 and true are no whole numbers


def guessed(table: Table, snapshots: Sequence[Snapshot], config: StreamConfig) -> list[Source]:
    """The files with the columns that some of their lines have, all of them; none where a guess would not do."""
    plain = all(one.file.format == "jsonl" and one.file.compression == "none" for one in snapshots)
    fields = _fields(snapshots) if plain and sum(one.size for one in snapshots) >= _LEAST else {}
    if not fields:
        return []
    with ThreadPoolExecutor() as pool:
        rows = pool.map(_lines, snapshots)
        sources = [Source(one, tuple(fields), rows=n, objects=True) for one, n in zip(snapshots, rows, strict=True)]
    try:
        sources = [replace(s, mapped=map_columns(table, s.all_names, config, s.file.name)) for s in sources]
    except LogRejected:
        return []  # other lines may have what these lack
    kinds = {sources[0].mapped.columns.get(column.name): column.kind for column in table.columns}
    types = tuple(
        kind if kind == _WANTED.get(kinds.get(i, "")) else "VARCHAR" for i, kind in enumerate(fields.values())
    )
    return [replace(source, types=types) for source in sources]


def _fields(snapshots: Sequence[Snapshot]) -> dict[str, str]:
    """Names of the fields in some lines, with the types of their values; none where the lines have other fields."""
    fields: dict[str, str] = {}
    for line in (line for one in snapshots for line in _some_lines(one)):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            return {}
        if not isinstance(row, dict) or any(value is None or isinstance(value, dict) for value in row.values()):
            return {}
        if not row or (fields and row.keys() != fields.keys()):
            return {}
        types = {name: _TYPES.get(type(value), "VARCHAR") for name, value in row.items()}
        fields = {name: kind if fields.get(name, kind) == kind else "VARCHAR" for name, kind in types.items()}
    return fields if len({name.casefold() for name in fields}) == len(fields) else {}


def proved(connection: duckdb.DuckDBPyConnection, stored: str, unreadable: int, sources: Sequence[Source]) -> bool:
    """Whether all rows that were read of files as `guessed` gave them are as they were guessed.

    stored: the relation of the rows, where those that lack a field have the problem `unreadable`.
    """
    rows, lacking = ask(connection, f"SELECT count(*), count(*) FILTER (problem = {unreadable}) FROM {stored}")[0]
    if lacking or rows != sum(source.rows for source in sources):
        return False
    snapshots, fields = [source.snapshot for source in sources], rows * len(sources[0].names)
    with ThreadPoolExecutor() as pool:
        return any(sum(pool.map(count, snapshots)) == fields for count in (_colons, _keys_at_most))


def _some_lines(snapshot: Snapshot) -> Iterator[bytes]:
    """Whole lines from several places of a file."""
    with snapshot.path.open("rb") as file:
        for place in range(_PLACES):
            start = place * max(snapshot.size - _PIECE, 0) // (_PLACES - 1)
            file.seek(start)
            lines = file.read(min(_PIECE, snapshot.size - start)).split(b"\n")
            yield from lines[int(start > 0) : -1]


def _lines(snapshot: Snapshot) -> int:
    return sum(_count(piece, b"\n") for piece in _pieces(snapshot)) + _is_open(snapshot)


def _is_open(snapshot: Snapshot) -> bool:
    """Whether the last line has no line break."""
    if not snapshot.size:
        return False
    with snapshot.path.open("rb") as file:
        file.seek(snapshot.size - 1)
        return file.read(1) != b"\n"


def _colons(snapshot: Snapshot) -> int:
    return sum(_count(piece, b":") for piece in _pieces(snapshot))


def _keys_at_most(snapshot: Snapshot) -> int:
    """Colons behind a quote or a blank, which are all that follow keys, and those at the start of texts."""
    found, last = 0, b""
    for piece in _pieces(snapshot):
        text = np.frombuffer(last + piece, np.uint8)
        before = text[np.flatnonzero(text[1:] == ord(":"))]
        found += int(np.count_nonzero((before == ord('"')) | (before <= ord(" "))))
        last = piece[-1:]
    return found


def _count(piece: bytes, of: bytes) -> int:
    return int(np.count_nonzero(np.frombuffer(piece, np.uint8) == ord(of)))


def _pieces(snapshot: Snapshot) -> Iterator[bytes]:
    with open_bytes(snapshot.path, snapshot.size) as stream:
        while piece := stream.read(_READ):
            yield piece
