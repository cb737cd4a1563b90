"""What each file of a table holds before its rows are read: its columns, and how they are used."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice

import duckdb

from toolkit.errors import LogRejected
from toolkit.logs.cells import Cell
from toolkit.logs.columns import Mapped, known_names, map_columns
from toolkit.logs.config import StreamConfig
from toolkit.logs.files import LogFile
from toolkit.logs.rows import csv_header, open_bytes
from toolkit.logs.scan import Snapshot, scan_jsonl, scan_parquet, unreadable
from toolkit.logs.schema import Table
from toolkit.logs.shown import shown
from toolkit.logs.sql import ask, literal

GROUP = 500
_NOTHING = Mapped({}, {}, ())


@dataclass(frozen=True)
class Source:
    """A file with its columns.

    names, types: of the file's own columns (types of Parquet, and of JSON lines that are read as they were guessed;
    else all are text). rows: how many, where that is known beforehand (JSON lines). objects: whether each line is an
    object with something in it, where that is known (JSON lines). guessed: whether names and types are those of some
    lines alone (JSON lines). delimiter: of CSV. filled: positions of columns that no row has empty, where the file
    says so itself (Parquet).
    """

    snapshot: Snapshot
    names: tuple[str, ...]
    types: tuple[str, ...] = ()
    mapped: Mapped = _NOTHING
    delimiter: str = ","
    rows: int = 0
    objects: bool = False
    guessed: bool = False
    filled: frozenset[int] = frozenset()

    @property
    def file(self) -> LogFile:
        """The file."""
        return self.snapshot.file

    def cells(self, own: Sequence[Cell]) -> tuple[dict[str, Cell], dict[str, Cell]]:
        """Columns and attributes by name, given the cells of the file's own columns.

        What its folders spell (`seed=3/`) follows after its own columns, as in `all_names`.
        """
        values = dict(self.file.partition)
        outside = [_constant(values[name]) for name in self.all_names[len(self.names) :]]
        cells = [*own, *outside]
        return (
            {name: cells[position] for name, position in self.mapped.columns.items()},
            {name: cells[position] for name, position in self.mapped.attributes.items()},
        )

    @property
    def all_names(self) -> tuple[str, ...]:
        """Names of its own columns, then of those that only its folders spell."""
        return (*self.names, *(key for key, _ in self.file.partition if key not in self.names))

    @property
    def used(self) -> tuple[int, ...]:
        """Positions of the file's own columns that are used."""
        positions = (*self.mapped.columns.values(), *self.mapped.attributes.values())
        return tuple(position for position in positions if position < len(self.names))


def _constant(value: str | None) -> Cell:
    return Cell("NULL::VARCHAR" if value is None else f"{literal(value)}::VARCHAR")


def inspect(
    connection: duckdb.DuckDBPyConnection, table: Table, snapshots: Sequence[Snapshot], config: StreamConfig
) -> list[Source]:
    """The files with their columns and how these are used, in the same order.

    Raises LogRejected where one cannot be read at all or lacks a needed column.
    """
    return [
        replace(source, mapped=map_columns(table, source.all_names, config, source.file.name))
        if source.names
        else source
        for source in describe(connection, snapshots, known_names(table, config.aliases))
    ]


def describe(
    connection: duckdb.DuckDBPyConnection, snapshots: Sequence[Snapshot], known: frozenset[str]
) -> list[Source]:
    """The files with their columns, in the same order.

    known: names by which the delimiter of a CSV file is told. Raises LogRejected where one cannot be read.
    """
    found: dict[str, Source] = {}
    jsonl = sorted((s for s in snapshots if s.file.format == "jsonl"), key=lambda snapshot: snapshot.file.compression)
    for _, alike in groupby(jsonl, key=lambda snapshot: snapshot.file.compression):
        while group := list(islice(alike, GROUP)):
            found |= {source.file.name: source for source in _inspect_jsonl(connection, group)}
    for snapshot in snapshots:
        if snapshot.file.format == "parquet":
            found[snapshot.file.name] = _inspect_parquet(connection, snapshot)
        elif snapshot.file.format == "csv":
            found[snapshot.file.name] = _inspect_csv(snapshot, known)
    return [found[snapshot.file.name] for snapshot in snapshots]


def _inspect_jsonl(connection: duckdb.DuckDBPyConnection, group: Sequence[Snapshot]) -> list[Source]:
    scan = scan_jsonl(group, filename=True)
    query = (
        "SELECT filename, any_value(keys) AS names, count(*) AS n "
        f"FROM (SELECT filename, json_keys(json) AS keys FROM {scan}) "
        "GROUP BY filename, hash(keys) ORDER BY n DESC, names"  # lists themselves are slow to group by
    )
    try:
        answer = ask(connection, query)
    except duckdb.Error as error:
        raise unreadable(group, error) from None
    rows = dict.fromkeys((str(snapshot.path) for snapshot in group), 0)
    names: dict[str, dict[str, None]] = {path: {} for path in rows}
    other = {path for path, keys, _ in answer if not keys}
    files = {str(snapshot.path): snapshot.file.name for snapshot in group}
    for path, keys, n in answer:
        rows[path] += n
        for key in keys or ():
            if keys.count(key) > 1:
                where = shown(files[path])
                raise LogRejected(f"{where}: key {shown(key)!r} stands twice in one line; write it once")
            names[path][key] = None
    return [
        Source(snapshot, tuple(names[path]), rows=rows[path], objects=path not in other)
        for snapshot in group
        for path in [str(snapshot.path)]
    ]


def _inspect_parquet(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> Source:
    try:
        columns = ask(connection, f"DESCRIBE SELECT * FROM {scan_parquet([snapshot.path])}")
    except duckdb.Error as error:
        raise unreadable([snapshot], error) from None
    return Source(snapshot, tuple(c[0] for c in columns), tuple(c[1] for c in columns))


def _inspect_csv(snapshot: Snapshot, known: frozenset[str]) -> Source:
    try:
        with open_bytes(snapshot.path, snapshot.size, snapshot.file.compression) as stream:
            names, delimiter = csv_header(stream, known)
    except (OSError, EOFError, zlib.error) as error:
        raise unreadable([snapshot], error) from None
    return Source(snapshot, tuple(names), delimiter=delimiter)
