"""Where the reduction runs on Spark: the rows lie on the cluster, what is small lies in DuckDB beside it.

A query that reads a relation of the cluster runs there, said in Spark's SQL (`toolkit.cube.dialect`); what else it
reads is brought to it. Every other query runs in DuckDB. So the checks and the reduction need not know of two places.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from toolkit.cube.engine import DuckEngine
from toolkit.cube.spark_session import on_spark
from toolkit.logs.sql import Answer

if TYPE_CHECKING:
    import duckdb
    from pyarrow import ChunkedArray
    from pyspark.sql import DataFrame, SparkSession
    from sqlglot import exp

_SMALL = frozenset({"seen_evaluations", "evaluation_cells", "seen_feedback", "seen_samples"})
"""Tables made of rows of the cluster that are about as small as the score matrix, and belong beside it."""
_QUOTED = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*\"""")
_READS = ("select", "with")
_CHANGES = ("create", "insert", "update", "drop")


def _table(frame: DataFrame) -> pa.Table:
    """A small frame brought here; Spark also says which columns cannot be null, DuckDB does not."""
    table = frame.toArrow()
    return table.cast(pa.schema([field.with_nullable(True) for field in table.schema]))


class Rows:
    """The answer to a statement, fetched as a DuckDB connection's is."""

    def __init__(self, table: pa.Table | None = None) -> None:
        self._table = table

    def fetchall(self) -> list[tuple[Any, ...]]:
        """All rows; none of a statement that gives none."""
        if self._table is None:
            return []
        columns: Sequence[ChunkedArray] = self._table.columns
        return list(zip(*(column.to_pylist() for column in columns), strict=True))


class SparkEngine:
    """An `Engine` for the reduction, and `Asked` by the checks of a log."""

    def __init__(self, session: SparkSession, connection: duckdb.DuckDBPyConnection) -> None:
        self.session = session
        self._duck = DuckEngine(connection)
        self._held: dict[str, list[DataFrame]] = {}  # relations of the cluster -> what of them is kept
        self._brought: set[str] = set()  # tables of DuckDB that the cluster has as they are now

    # Engine

    def rows(self, query: str, parameters: Mapping[str, Any] | None = None) -> pa.Table:
        """The answer to a query."""
        if not self._is_there(query):
            return self._duck.rows(query, parameters)
        with on_spark(f"asking {self._reads(query)}"):
            return _table(self._frame(query, parameters))

    def keep(self, name: str, query: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Keep the answer under a name: on the cluster in memory and on its disks; a part that is lost is made anew."""
        if self._is_there(query):
            self._keep(name, query, parameters)
        else:
            self._brought.discard(name)
            self._duck.keep(name, query, parameters)

    def view(self, name: str, query: str) -> None:
        """Give a query a name."""
        if self._is_there(query):
            self._view(name, query)
        else:
            self._brought.discard(name)
            self._duck.view(name, query)

    def view_beside(self, relation: str, name: str, query: str) -> None:
        """Give a query a name; its answer is brought from the cluster where `relation` is not there."""
        if self._is_there(query) and relation not in self._held:
            self.put(name, self.rows(query))
        else:
            self.view(name, query)

    def put(self, name: str, table: pa.Table) -> None:
        """Keep a small table in DuckDB, from where the cluster gets it when a query there reads it."""
        self._brought.discard(name)
        self._duck.put(name, table)

    def drop(self, *names: str) -> None:
        """Forget tables, wherever they are."""
        for name in names:
            if name in self._held:
                with on_spark(f"dropping {name}"):
                    self.session.catalog.dropTempView(name)
                    for frame in self._held.pop(name):
                        frame.unpersist()
            else:
                self._duck.drop(name)

    # Asked

    def execute(self, statement: str, values: Sequence[object] = ()) -> Answer:
        """Run a statement where its relations are."""
        if not self._is_there(statement):
            if statement.lstrip().lower().startswith(_CHANGES):
                self._brought.clear()
            return self._duck.connection.execute(statement, list(values))
        if statement.lstrip().lower().startswith(_READS):
            return Rows(self.rows(statement))
        import sqlglot

        for tree in sqlglot.parse(statement, read="duckdb"):
            if tree is not None:
                self._run(tree)
        return Rows()

    def _run(self, tree: exp.Expr) -> None:
        from sqlglot import exp

        table = tree.find(exp.Table)
        name = "" if table is None else table.name
        match tree:
            case exp.Create() if tree.kind == "VIEW":
                self._view(name, tree.expression)
            case exp.Create():
                self._keep(name, tree.expression)
            case exp.Insert():
                self._insert(name, tree.expression)
            case exp.Drop():
                self.drop(name)
            case _:
                raise NotImplementedError(f"no way to do this on Spark: {type(tree).__name__}")

    def _keep(self, name: str, query: str | exp.Expr, parameters: Mapping[str, Any] | None = None) -> None:
        with on_spark(f"making {name}"):
            frame = self._frame(query, parameters)
            if name in _SMALL:
                self.put(name, _table(frame))
                return
            before = self._held.get(name, [])
            self._name(name, [frame.persist()])
            for other in before:
                other.unpersist()

    def _view(self, name: str, query: str | exp.Expr) -> None:
        with on_spark(f"making {name}"):
            self.hold(name, self._frame(query))

    def _insert(self, name: str, query: exp.Expr) -> None:
        with on_spark(f"adding to {name}"):
            if name not in self._held:
                self._bring(name)
            before = self._held.get(name) or [self.session.table(name)]
            self._name(name, [*before, self._frame(query).toDF(*before[0].columns).persist()])

    # Between the two

    def hold(self, name: str, frame: DataFrame) -> None:
        """Give rows of the cluster a name; they are read anew each time they are asked."""
        frame.createOrReplaceTempView(name)
        self._held[name] = []

    def forget(self) -> None:
        """Give up everything that is kept on the cluster."""
        self.drop(*self._held)

    def _name(self, name: str, frames: list[DataFrame]) -> None:
        reduce(lambda one, other: one.unionAll(other), frames).createOrReplaceTempView(name)
        self._held[name] = frames

    def _is_there(self, statement: str) -> bool:
        """Whether a statement names a relation of the cluster."""
        return not self._held.keys().isdisjoint(re.findall(r"\w+", _QUOTED.sub("", statement)))

    def _reads(self, query: str) -> str:
        words = re.findall(r"\w+", _QUOTED.sub("", query))
        return ", ".join(dict.fromkeys(word for word in words if word in self._held))

    def _frame(self, query: str | exp.Expr, parameters: Mapping[str, Any] | None = None) -> DataFrame:
        from toolkit.cube.dialect import parse, relations, to_spark

        tree = parse(query) if isinstance(query, str) else query
        for name in sorted(relations(tree) - self._held.keys()):
            self._bring(name)
        return self.session.sql(to_spark(tree, parameters))

    def _bring(self, name: str) -> None:
        """Bring a table of DuckDB to the cluster, unless it is there as it is now."""
        if name in self._brought:
            return
        table = self._duck.rows(f"select * from {name}")
        fields = [
            field.with_type(pa.int64()) if pa.types.is_unsigned_integer(field.type) else field for field in table.schema
        ]
        self.session.createDataFrame(table.cast(pa.schema(fields))).createOrReplaceTempView(name)
        self._brought.add(name)
