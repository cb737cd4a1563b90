"""How evaluations on shared storage are read by Spark where they lie, checked there, and reduced to a cube.

Judgements and samples are one row each in the cube, and are read by DuckDB from the same folder.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import duckdb
import pyarrow as pa

from toolkit.cube.reduce import MAX_BUCKETS, reduce_stream
from toolkit.cube.spark import SparkEngine
from toolkit.cube.spark_session import on_spark, open_session
from toolkit.errors import LogRejected, RunFailed
from toolkit.logs.direct import can_be_direct, direct_rows, sizes_of
from toolkit.logs.load import attributes_of
from toolkit.logs.loaded import Loaded
from toolkit.logs.read import read_stream
from toolkit.logs.reasons import Reasons
from toolkit.logs.scan import Snapshot, reading
from toolkit.logs.schema import EVALUATIONS, Column
from toolkit.logs.shown import shown
from toolkit.logs.sources import Source, inspect
from toolkit.logs.sql import Asked

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from toolkit.cube.cube import Cube
    from toolkit.logs.config import StreamConfig

_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
_NUMBERS = (*_INTEGERS, "FLOAT", "DOUBLE", "BOOLEAN", "VARCHAR")
_TEXTS = (*_INTEGERS, "BOOLEAN", "VARCHAR")
"""Types whose values have the same text in DuckDB and in Spark."""
_INSTEAD = "or run without --engine spark"


def build_on_spark(stream: Path, into: Path) -> Cube:
    """As `toolkit.cube.build_cube`, with the evaluations on Spark.

    Raises what reading raises, UsageError without PySpark, RunFailed where Spark gives up.
    """
    cube = reduce_on_spark(stream)
    cube.save(into)
    return cube


def reduce_on_spark(stream: Path, *, max_buckets: int = MAX_BUCKETS) -> Cube:
    """The cube of a stream folder; what was kept on the cluster for it is given up afterwards."""
    place = OnSpark(open_session())
    try:
        with read_stream(stream, elsewhere=place) as log:
            if {"evaluations", "feedback"} <= log.tables:
                place.bring_judged(log.connection)
            return reduce_stream(log, max_buckets=max_buckets, engine=place.engine)
    finally:
        place.close()


class OnSpark:
    """Reads the evaluations of a log on Spark; everything else stays in DuckDB."""

    def __init__(self, session: SparkSession) -> None:
        self._session = session
        self._engine: SparkEngine | None = None
        self._kinds = 0  # of files, each a relation of its own

    @property
    def engine(self) -> SparkEngine:
        """The engine that has the evaluations."""
        if self._engine is None:
            raise AssertionError("nothing was read yet")
        return self._engine

    def beside(self, connection: duckdb.DuckDBPyConnection) -> Asked:
        """A connection that asks Spark for evaluations and `connection` for all else."""
        self.close()
        self._engine = SparkEngine(self._session, connection)
        return self._engine

    def load(
        self, connection: duckdb.DuckDBPyConnection, snapshots: Sequence[Snapshot], config: StreamConfig
    ) -> Loaded:
        """The evaluations, not yet checked. Raises LogRejected where Spark would read them in another way."""
        _refuse_other_formats(snapshots)
        sources = inspect(connection, EVALUATIONS, snapshots, config)
        for source in sources:
            _refuse_other_types(source)
        if not can_be_direct(sources):
            raise LogRejected(
                f"evaluations: their {len(sources):,} Parquet files differ too much in columns and folders for "
                f"--engine spark; write them alike, {_INSTEAD}"
            )
        with reading(snapshots):
            sizes = sizes_of(connection, sources)
        loaded = Loaded(
            EVALUATIONS,
            tuple(sources),
            attributes_of(sources),
            Reasons(),
            tuple(accumulate(sizes[:-1], initial=0)),
            sum(sizes),
            in_place=True,
            elsewhere=True,
        )
        with on_spark("reading the evaluations"):
            rows = direct_rows(
                EVALUATIONS, sources, sizes, loaded.attributes, config, loaded.reasons, relation=self._relation
            )
            self.engine.view(loaded.staging, rows)
            there = self.engine.rows(f"select count(place) as n from {loaded.staging}")["n"][0].as_py()
        if there != loaded.rows:
            raise RunFailed(
                f"Spark sees {there:,} of the {loaded.rows:,} rows of evaluations: its workers must have the folder "
                "under the same path, with the same files"
            )
        return loaded

    def bring_judged(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Bring the clusters of judged items to DuckDB, as its `evaluation_items`: no more than were judged."""
        judged = connection.sql("select distinct task, item from feedback where target = 'answer'").to_arrow_table()
        self.engine.put("judged_items", judged)
        found = self.engine.rows(
            "select i.task, i.item, i.cluster from evaluation_items i "
            "join judged_items j on i.task = j.task and i.item = j.item"
        )
        self.engine.drop("judged_items")
        connection.register("found_on_spark", found)
        connection.execute("create table evaluation_items as select * from found_on_spark")
        connection.unregister("found_on_spark")

    def close(self) -> None:
        """Give up what is kept on the cluster."""
        if self._engine is not None:
            self._engine.forget()
            self._engine = None

    def _relation(self, alike: Sequence[tuple[Source, int]], names: Sequence[str]) -> str:
        """SQL for the rows of files of one kind, their columns under `names`, with `place`."""
        from pyspark.sql.functions import regexp_replace

        paths = [source.snapshot.file.path.resolve() for source, _ in alike]
        frame = self._session.read.parquet(*(_uri(path) for path in paths))
        self._kinds += 1
        starts = _starts(frame, paths, [start for _, start in alike])
        self.engine.put(f"evaluation_starts_{self._kinds}", starts)
        own = [
            frame[f"`{name.replace('`', '``')}`"].cast(_CASTS[kind]).alias(short) if kind in _CASTS
            else frame[f"`{name.replace('`', '``')}`"].alias(short)
            for name, kind, short in zip(alike[0][0].names, alike[0][0].types, names, strict=True)
        ]  # fmt: skip
        file, row = frame["_metadata.file_path"], frame["_metadata.row_index"].alias("row_in_file")
        place = regexp_replace(file, r"\Afile:/+", "/").alias("file")
        self.engine.hold(f"evaluation_files_{self._kinds}", frame.select(*own, place, row))
        columns = ", ".join(f"r.{name}" for name in names)
        return (
            f"SELECT {columns}, s.start + r.row_in_file AS place "
            f"FROM evaluation_files_{self._kinds} r JOIN evaluation_starts_{self._kinds} s ON r.file = s.file"
        )


_CASTS = {"FLOAT": "double", "VARCHAR": "string"}
"""A float as text is another number than as a double; text may be stored as bytes."""


def _starts(frame: DataFrame, paths: Sequence[Path], starts: Sequence[int]) -> pa.Table:
    """Where the rows of each file begin, by the file's name as Spark spells it."""
    names = [re.sub(r"\Afile:/+", "/", name) for name in frame.inputFiles()]
    spelled = {unquote(name): name for name in names}
    there = [(spelled.get(str(path)), start) for path, start in zip(paths, starts, strict=True)]
    files = pa.array([file for file, _ in there], pa.string())
    return pa.table({"file": files, "start": pa.array([start for _, start in there], pa.int64())})


def _uri(path: Path) -> str:
    """A path as Spark takes it: what it would read as a pattern is escaped."""
    return "file://" + "".join(f"\\{c}" if c in "{}[]*?\\" else c for c in str(path))


def _refuse_other_formats(snapshots: Sequence[Snapshot]) -> None:
    other = next((snapshot.file for snapshot in snapshots if snapshot.file.format != "parquet"), None)
    if other is not None:
        raise LogRejected(
            f"{shown(other.name)}: --engine spark reads evaluations from Parquet alone; write them so, {_INSTEAD}"
        )


def _refuse_other_types(source: Source) -> None:
    used = [(EVALUATIONS.column(name), at) for name, at in source.mapped.columns.items()]
    used += [(Column(name, "text"), at) for name, at in source.mapped.attributes.items()]
    for column, at in used:
        if at >= len(source.types):
            continue  # spelled by a folder
        kind = source.types[at]
        if kind not in (_TEXTS if column.kind == "text" else _NUMBERS):
            wanted = "text or whole numbers" if column.kind == "text" else "DOUBLE, whole numbers or text"
            raise LogRejected(
                f"{shown(source.file.name)}: column {shown(source.names[at])!r} has the type {shown(kind)}, which "
                f"Spark and DuckDB may read differently; write {wanted}, {_INSTEAD}"
            )
