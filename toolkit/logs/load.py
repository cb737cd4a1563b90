"""How the files of one table get into DuckDB: every row is kept, in the order of files and lines.

Rows land in a table, unusable ones with the code of a reason in `problem`; so a row's place in its file is its
distance from the file's first row, and needs no column of its own. Parquet files may be read where they lie instead.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby, islice

import duckdb

from toolkit.errors import LogRejected
from toolkit.logs.cells import Cell, cell_of
from toolkit.logs.config import StreamConfig
from toolkit.logs.convert import select_rows
from toolkit.logs.copies import copies_of
from toolkit.logs.direct import can_be_direct, direct_rows, sizes_of, with_filled
from toolkit.logs.loaded import Loaded
from toolkit.logs.reasons import TRUNCATED, UNREADABLE, Reasons
from toolkit.logs.regular import guessed, proved
from toolkit.logs.scan import Snapshot, reading, scan_csv, scan_fields, scan_jsonl, scan_parquet
from toolkit.logs.schema import Table
from toolkit.logs.shown import shown
from toolkit.logs.sources import GROUP, Source, inspect
from toolkit.logs.sql import ask, literal
from toolkit.logs.stored import all_columns, create_rows, kept_columns
from toolkit.logs.textfiles import arrow_rows, clean_part, ends_with_break, rows_of

_BATCH = 50_000


def load_table(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    snapshots: Sequence[Snapshot],
    config: StreamConfig,
    hashes: Mapping[str, str],
    *,
    copied: bool = True,
) -> Loaded:
    """Read the files of one table.

    hashes: of the files' contents, by their names. copied: False reads Parquet files where they lie, if they are all of
    the table; a damaged one may then be found later. Raises LogRejected where a file as a whole cannot be read or lacks
    a needed column.
    """
    loaded = _loaded(connection, table, snapshots, config, copied)
    copies = copies_of(loaded, hashes)
    if copies:
        loaded = replace(loaded, copies=copies)
        ask(connection, f"CREATE VIEW {loaded.alone} AS {_without(loaded, {file for file, _ in copies}, config)}")
    return loaded


def _loaded(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    snapshots: Sequence[Snapshot],
    config: StreamConfig,
    copied: bool,
) -> Loaded:
    stored = f"stored_{table.name}"
    if sources := guessed(table, snapshots, config):
        loaded = _Reader(connection, _empty(table, sources), config, stored).read()
        if proved(connection, stored, sources):
            return loaded
        ask(connection, f"DROP VIEW {loaded.staging}; DROP TABLE {stored}")
    loaded = _empty(table, inspect(connection, table, snapshots, config))
    if not copied and can_be_direct(loaded.sources):
        return _in_place(connection, loaded, config)
    return _Reader(connection, loaded, config, stored).read()


def _empty(table: Table, sources: Sequence[Source]) -> Loaded:
    return Loaded(table, tuple(sources), attributes_of(sources), Reasons())


def _in_place(connection: duckdb.DuckDBPyConnection, loaded: Loaded, config: StreamConfig) -> Loaded:
    with reading([source.snapshot for source in loaded.sources]):
        sizes = sizes_of(connection, loaded.sources)
        sources = with_filled(connection, loaded.sources)
    starts = tuple(accumulate(sizes[:-1], initial=0))
    rows = direct_rows(loaded.table, sources, starts, loaded.attributes, config, loaded.reasons)
    ask(connection, f"CREATE VIEW {loaded.staging} AS {rows}")
    return replace(loaded, sources=tuple(sources), starts=starts, rows=sum(sizes), in_place=True)


def _without(loaded: Loaded, gone: set[int], config: StreamConfig) -> str:
    """SQL for all rows but those of some files."""
    if not loaded.in_place:
        ends = (*loaded.starts[1:], loaded.rows)
        theirs = " OR ".join(f"place BETWEEN {loaded.starts[i]} AND {ends[i] - 1}" for i in sorted(gone))
        return f"SELECT * FROM {loaded.staging} WHERE NOT ({theirs})"
    others = [i for i in range(len(loaded.sources)) if i not in gone]
    sources, starts = [loaded.sources[i] for i in others], [loaded.starts[i] for i in others]
    return direct_rows(loaded.table, sources, starts, loaded.attributes, config, loaded.reasons)


def attributes_of(sources: Sequence[Source]) -> tuple[str, ...]:
    """Names of the attributes that any of the files has. Raises LogRejected where two differ by case alone."""
    names = sorted({name for source in sources for name in source.mapped.attributes})
    folded: dict[str, str] = {}
    for name in names:
        other = folded.setdefault(name.casefold(), name)
        if other != name:
            raise LogRejected(
                f"columns {shown(other)!r} and {shown(name)!r} differ by case alone; "
                "rename one of them with [aliases] of stream.toml"
            )
    return tuple(names)


@dataclass(frozen=True)
class _Reader:
    connection: duckdb.DuckDBPyConnection
    loaded: Loaded
    config: StreamConfig
    stored: str

    def read(self) -> Loaded:
        loaded = self.loaded
        more = {"fields": "UINTEGER"} if any(source.guessed for source in loaded.sources) else {}
        create_rows(self.connection, self.stored, loaded, {"problem": "UTINYINT"} | more)
        rows = f"SELECT {all_columns(loaded)}, problem, rowid AS place FROM {self.stored}"
        ask(self.connection, f"CREATE VIEW {loaded.staging} AS {rows}")
        starts: list[int] = []
        for group in _groups(loaded.sources):
            start = self._count()
            for source in group:
                starts.append(start)
                start += source.rows
            self._insert(group)
            if group[0].file.format == "jsonl" and not group[0].guessed and self._count() != start:
                raise LogRejected(f"{shown(group[0].file.name)}: changed while it was being read; run again")
        return replace(loaded, starts=tuple(starts), rows=self._count())

    def _count(self) -> int:
        return int(ask(self.connection, f"SELECT count(*) FROM {self.stored}")[0][0])

    def _insert(self, group: Sequence[Source]) -> None:
        with reading([source.snapshot for source in group]):
            match group[0].file.format:
                case "jsonl":
                    self._insert_jsonl(group)
                case "parquet":
                    self._insert_parquet(group[0])
                case "csv":
                    self._insert_csv(group[0])

    def _rows(self, source: Source, relation: str, own: Sequence[Cell], broken: str, handed: str = "") -> None:
        loaded = self.loaded
        cells, attributes = source.cells(own)
        rows = select_rows(
            loaded.table, relation, cells, loaded.attributes, attributes, self.config, loaded.reasons, broken,
            handed=handed,
        )  # fmt: skip
        names = ", ".join((*kept_columns(loaded), "problem", *([handed] if handed else ())))
        ask(self.connection, f"INSERT INTO {self.stored} ({names}) SELECT {names} FROM ({rows})")

    # JSON lines

    def _insert_jsonl(self, group: Sequence[Source]) -> None:
        first, snapshots = group[0], [source.snapshot for source in group]
        used = [first.names[i] for i in first.used]
        if first.guessed:  # how many fields each line has shows whether that was right
            own = [cell_of(f"c{i}", kind) for i, kind in enumerate(first.types)]
            fields = " + ".join(f"(c{i} IS NOT NULL)::UINTEGER" for i in range(len(own)))
            relation = f"SELECT *, {fields} AS fields FROM {scan_fields(snapshots, first.names, first.types)}"
            self._rows(first, relation, own, "NULL::VARCHAR", "fields")
            return
        if all(source.objects for source in group) and used and len({name.casefold() for name in used}) == len(used):
            own = [Cell(f"c{used.index(name)}" if name in used else "NULL") for name in first.names]
            relation = f"SELECT * FROM {scan_fields(snapshots, used, ['VARCHAR'] * len(used))}"
            self._rows(first, relation, own, "NULL::VARCHAR")
            return
        structure = ", ".join(f'{json.dumps(first.names[i], ensure_ascii=False)}: "VARCHAR"' for i in first.used)
        parsed = f"from_json(json, {literal('{' + structure + '}')})" if first.used else "NULL"
        relation = f"SELECT {parsed} AS s, json FROM {scan_jsonl(snapshots)}"
        own = [Cell(f"struct_extract(s, {literal(name)})") for name in first.names]
        # What is no object has none of the fields, so others need not be looked at again.
        fields = ", ".join((*(own[i].sql for i in first.used), "NULL"))
        no_object = "coalesce(json_type(json), '') <> 'OBJECT'"
        broken = f"CASE WHEN coalesce({fields}) IS NOT NULL THEN NULL WHEN {no_object} THEN {literal(UNREADABLE)} END"
        self._rows(first, relation, own, broken)
        end = self._count()
        for source in reversed(group):
            self._tell_cut_from_broken(source, end - 1)
            end -= source.rows

    def _tell_cut_from_broken(self, source: Source, row: int) -> None:
        """A last line that is no JSON and has no line break is still being written."""
        if not source.rows:
            return
        codes = self.loaded.reasons.code(UNREADABLE), self.loaded.reasons.code(TRUNCATED)
        found = ask(
            self.connection,
            f"SELECT 1 FROM {self.stored} WHERE rowid = {row} AND problem = {codes[0]}",
        )
        if found and not ends_with_break(source.snapshot):
            ask(self.connection, f"UPDATE {self.stored} SET problem = {codes[1]} WHERE rowid = {row}")

    # Parquet

    def _insert_parquet(self, source: Source) -> None:
        # By position: a file's columns may differ by case alone, or be called as one of ours.
        names = [f"c{i}" for i in range(len(source.names))]
        relation = f"SELECT * FROM {scan_parquet([source.snapshot.path])} AS t({', '.join(names)})"
        own = [cell_of(name, kind) for name, kind in zip(names, source.types, strict=True)]
        self._rows(source, relation, own, "NULL::VARCHAR")

    # CSV

    def _insert_csv(self, source: Source) -> None:
        if not source.names:
            return
        own = [Cell(f"c{i}") for i in range(len(source.names))]
        part = clean_part(source.snapshot)
        if part is not None:
            path, cut = part
            scan = scan_csv(path, len(source.names), source.delimiter)
            try:
                self._rows(source, f"SELECT * FROM {scan}", own, "NULL::VARCHAR")
            except duckdb.InvalidInputException:
                pass  # not clean after all; the statement left no rows behind
            else:
                if cut:
                    code = self.loaded.reasons.code(TRUNCATED)
                    ask(self.connection, f"INSERT INTO {self.stored} (problem) VALUES ({code})")
                return
        rows = rows_of(source)
        while batch := list(islice(rows, _BATCH)):
            self.connection.register("batch_of_rows", arrow_rows(batch, len(own)))
            try:
                self._rows(source, "SELECT * FROM batch_of_rows", own, "state")
            finally:
                self.connection.unregister("batch_of_rows")


def _groups(sources: Sequence[Source]) -> Iterator[list[Source]]:
    """Neighbouring JSON-lines files with the same columns, read by one query; other files one by one."""

    def alike(source: Source) -> tuple[object, ...]:
        if source.file.format != "jsonl":
            return (source.file.name,)
        return (frozenset(source.names), source.file.partition, source.file.compression)

    for _, neighbours in groupby(sources, key=alike):
        while group := list(islice(neighbours, GROUP)):
            yield group
