"""Where the reduction runs: what it asks of an engine, and DuckDB as the one at hand.

The reduction is a list of queries in DuckDB's dialect over named relations (`toolkit.cube.queries`), with the small
tables between them kept in the engine under names. An engine needs no more than the methods of `Engine`. One that
speaks another dialect translates each query before it runs it; what the queries use beyond standard SQL is md5 as a
number (`queries.KEY`), a 64-bit hash (`toolkit.logs.profile.ID`), bit_or, bit_xor, bit_count, shifts, `filter`,
`semi join`, and of lists array_length, list_contains and list_sum. Parameters are spelled `$name`. The right side of
every join is the one to keep in memory.

An engine starts from three relations: `evaluations`, `evaluation_cells` and `evaluation_items`
(`toolkit.logs.profile` says how the last two come about), and `feedback` and `samples` where the log has them. Where
most files were read before, these are joined with what is kept of those (`toolkit.logs.earlier`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import duckdb
import pyarrow as pa

from toolkit.logs.sql import as_written


class Engine(Protocol):
    """What the reduction asks of the place where the rows are."""

    def rows(self, query: str, parameters: Mapping[str, Any] | None = None) -> pa.Table:
        """The answer to a query, which is small."""

    def keep(self, name: str, query: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Keep the answer under a name for later queries, in place of what had that name; it may be large."""

    def view(self, name: str, query: str) -> None:
        """Give a query a name, in place of what had that name."""

    def view_beside(self, relation: str, name: str, query: str) -> None:
        """Give a query a name, where `relation` is; the answer is no larger than that."""

    def put(self, name: str, table: pa.Table) -> None:
        """Bring a small table to the engine under a name, in place of what had that name."""

    def drop(self, *names: str) -> None:
        """Forget what `keep` and `put` left under these names."""


@dataclass(frozen=True)
class DuckEngine:
    """DuckDB with the relations of a checked log."""

    connection: duckdb.DuckDBPyConnection

    def rows(self, query: str, parameters: Mapping[str, Any] | None = None) -> pa.Table:
        """The answer to a query."""
        with as_written(self.connection):
            return self.connection.sql(query, params=dict(parameters) if parameters else None).to_arrow_table()

    def keep(self, name: str, query: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Keep the answer in a temporary table; what does not fit into memory goes to the temporary folder."""
        statement = f"create or replace temp table {name} as {query}"
        with as_written(self.connection):
            self.connection.execute(statement, dict(parameters) if parameters else None).fetchall()

    def view(self, name: str, query: str) -> None:
        """Give a query a name."""
        self.connection.execute(f"create or replace temp view {name} as {query}")

    def view_beside(self, relation: str, name: str, query: str) -> None:
        """Give a query a name: all relations are in one place."""
        self.view(name, query)

    def put(self, name: str, table: pa.Table) -> None:
        """Copy a small table into a temporary one."""
        self.connection.register("table_from_outside", table)
        self.keep(name, "select * from table_from_outside")
        self.connection.unregister("table_from_outside")

    def drop(self, *names: str) -> None:
        """Drop temporary tables."""
        for name in names:
            self.connection.execute(f"drop table if exists {name}")
