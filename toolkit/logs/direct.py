"""How Parquet files are read where they lie: a relation over them, in place of a copy of their rows.

Every scan converts the cells anew, which costs less than keeping a copy of what does not fit into memory.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import duckdb

from toolkit.logs.cells import cell_of
from toolkit.logs.config import StreamConfig
from toolkit.logs.convert import select_rows
from toolkit.logs.reasons import Reasons
from toolkit.logs.scan import scan_parquet
from toolkit.logs.schema import Table
from toolkit.logs.sources import Source
from toolkit.logs.sql import ask, literal

_MOST_KINDS = 64  # of files, by their columns and folders: each is a query of its own in every scan
_PLACE = {"file_index", "file_row_number"}


def can_be_direct(sources: Sequence[Source]) -> bool:
    """Whether a relation over the files will do: all are Parquet, and of a few kinds."""
    plain = all(s.file.format == "parquet" and not _PLACE & {name.lower() for name in s.names} for s in sources)
    return bool(sources) and plain and len({_kind(source) for source in sources}) <= _MOST_KINDS


def sizes_of(connection: duckdb.DuckDBPyConnection, sources: Sequence[Source]) -> list[int]:
    """Rows of each Parquet file, from the end of the file."""
    listed = ", ".join(literal(str(source.snapshot.path)) for source in sources)
    rows = dict(ask(connection, f"SELECT file_name, num_rows FROM parquet_file_metadata([{listed}])"))
    return [int(rows[str(source.snapshot.path)]) for source in sources]


def with_filled(connection: duckdb.DuckDBPyConnection, sources: Sequence[Source]) -> list[Source]:
    """Parquet files with their columns that no row has empty, so that no scan need look for it.

    By the statistics of each part of a column at the end of the file; a column without them may have empty cells.
    """
    listed = ", ".join(literal(str(source.snapshot.path)) for source in sources)
    filled = "coalesce(stats_null_count = 0 AND stats_min_value > '', false)"
    found: dict[str, set[str]] = {}
    for path, name in ask(
        connection,
        f"SELECT file_name, path_in_schema FROM parquet_metadata([{listed}]) "
        f"GROUP BY file_name, path_in_schema HAVING bool_and({filled}) AND count(DISTINCT column_id) = 1",
    ):
        found.setdefault(path, set()).add(name)
    return [
        replace(
            source,
            filled=frozenset(
                place for place, name in enumerate(source.names) if name in found.get(str(source.snapshot.path), ())
            ),
        )
        for source in sources
    ]


def direct_rows(
    table: Table,
    sources: Sequence[Source],
    starts: Sequence[int],
    attributes: Sequence[str],
    config: StreamConfig,
    reasons: Reasons,
    relation: Callable[[Sequence[tuple[Source, int]], Sequence[str]], str] | None = None,
) -> str:
    """SQL for all rows of the files with `problem` and `place`, converted as they are read.

    starts: places of their first rows. relation: SQL for the rows of files of one kind, given with their starts, as
    columns of these names and `place`; default is reading them by DuckDB.
    """
    kinds: dict[object, list[tuple[Source, int]]] = {}
    for source, start in zip(sources, starts, strict=True):
        kinds.setdefault(_kind(source), []).append((source, start))
    parts = []
    for alike in kinds.values():
        first = alike[0][0]
        # By position: a file's columns may differ by case alone, or be called as one of ours.
        names = [f"c{i}" for i in range(len(first.names))]
        own_rows = (relation or _scanned)(alike, names)
        filled = frozenset[int].intersection(*(source.filled for source, _ in alike))
        cells, own = first.cells([
            cell_of(name, kind, filled=place in filled)
            for place, (name, kind) in enumerate(zip(names, first.types, strict=True))
        ])  # fmt: skip
        rows = select_rows(table, own_rows, cells, attributes, own, config, reasons, "NULL::VARCHAR", handed="place")
        parts.append(f"({rows})")
    return " UNION ALL ".join(parts)


def _scanned(alike: Sequence[tuple[Source, int]], names: Sequence[str]) -> str:
    begins = ", ".join(str(start) for _, start in alike)
    scan = scan_parquet([source.snapshot.path for source, _ in alike])
    return (
        f"SELECT *, ([{begins}]::BIGINT[])[file_index::BIGINT + 1] + file_row_number AS place "
        f"FROM {scan} AS t({', '.join(names)})"
    )


def _kind(source: Source) -> object:
    return source.names, source.types, source.file.partition
