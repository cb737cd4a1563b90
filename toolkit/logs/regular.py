"""JSON lines are read in one pass where some of them tell the fields of all: that is guessed, and then proved.

In an object a colon behind a quote or a blank follows each key, and null the colon of a field that is null. Where the
files have as many such colons without a null as fields were found in their rows, no line has another field, and none
has one twice; where each line was found to have some field, none is anything but an object. What cannot be proved is
read again, in two passes.
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
from toolkit.logs.textfiles import ends_with_break

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
        sources = [Source(one, tuple(fields), rows=n, guessed=True) for one, n in zip(snapshots, rows, strict=True)]
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
    """Names of the fields in some lines, with the types of their values; none where these lines show a guess wrong."""
    fields: dict[str, str] = {}
    for line in (line for one in snapshots for line in _some_lines(one)):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            return {}
        if not isinstance(row, dict) or any(isinstance(value, dict) for value in row.values()):
            return {}
        for name, value in row.items():
            kind = fields.get(name, "") if value is None else _TYPES.get(type(value), "VARCHAR")
            fields[name] = kind if fields.get(name, "") in ("", kind) else "VARCHAR"
    spelled = all(name and name.isprintable() for name in fields)  # else DuckDB cannot be asked for them
    return fields if spelled and len({name.casefold() for name in fields}) == len(fields) else {}


def proved(connection: duckdb.DuckDBPyConnection, stored: str, sources: Sequence[Source]) -> bool:
    """Whether all rows that were read of files as `guessed` gave them are as they were guessed.

    stored: the relation of the rows, with the number of their `fields` that are there and not null.
    """
    rows, fields, fewest = ask(connection, f"SELECT count(*), sum(fields), min(fields) FROM {stored}")[0]
    if not fewest or rows != sum(source.rows for source in sources):
        return False
    snapshots = [source.snapshot for source in sources]
    with ThreadPoolExecutor() as pool:
        return any(sum(pool.map(count, snapshots)) == fields for count in (_colons, _fields_at_most))


def _some_lines(snapshot: Snapshot) -> Iterator[bytes]:
    """Whole lines from several places of a file."""
    with snapshot.path.open("rb") as file:
        for place in range(_PLACES):
            start = place * max(snapshot.size - _PIECE, 0) // (_PLACES - 1)
            file.seek(start)
            lines = file.read(min(_PIECE, snapshot.size - start)).split(b"\n")
            yield from lines[int(start > 0) : -1]


def _lines(snapshot: Snapshot) -> int:
    breaks = sum(_count(piece, b"\n") for piece in _pieces(snapshot))
    return breaks + (snapshot.size > 0 and not ends_with_break(snapshot))


def _colons(snapshot: Snapshot) -> int:
    return sum(_count(piece, b":") for piece in _pieces(snapshot))


def _fields_at_most(snapshot: Snapshot) -> int:
    """Colons behind a quote or a blank that no null follows: those of all fields but null, and some in texts."""
    found, rest = 0, b""
    for piece in _pieces(snapshot):
        lines, cut, rest_of = (rest + piece).rpartition(b"\n")
        found += _fields_in(lines + cut)
        rest = rest_of
    return found + _fields_in(rest)


def _fields_in(lines: bytes) -> int:
    text = np.frombuffer(lines + b"\0\0\0", np.uint8)
    colons = np.flatnonzero(text[1:] == ord(":"))
    before = text[colons]
    after = colons[(before == ord('"')) | (before <= ord(" "))] + 2
    after += text[after] == ord(" ")  # a null behind more blanks is taken for a field, and the guess for wrong
    return len(after) - int(np.count_nonzero((text[after] == ord("n")) & (text[after + 1] == ord("u"))))


def _count(piece: bytes, of: bytes) -> int:
    return int(np.count_nonzero(np.frombuffer(piece, np.uint8) == ord(of)))


def _pieces(snapshot: Snapshot) -> Iterator[bytes]:
    with open_bytes(snapshot.path, snapshot.size) as stream:
        while piece := stream.read(_READ):
            yield piece
