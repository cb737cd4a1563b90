"""How the tables of a log on shared storage are read by Spark where they lie, checked there, and reduced to a cube.

Evaluations must be Parquet. Feedback and samples are read by Spark where all their files are Parquet, else by DuckDB
from the same folder. What comes back is the cube: sums of evaluations, one row a judgement, counts of samples and the
samples that are kept one by one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import duckdb
import pyarrow as pa

from toolkit.cube.reduce import MAX_BUCKETS, reduce_stream
from toolkit.cube.spark import SparkEngine
from toolkit.cube.spark_session import on_spark, open_session
from toolkit.cube.spark_types import INSTEAD, own_column, readable
from toolkit.errors import LogRejected, RunFailed
from toolkit.logs.direct import can_be_direct, direct_rows, sizes_of, with_filled
from toolkit.logs.load import attributes_of
from toolkit.logs.loaded import Loaded
from toolkit.logs.read import read_stream
from toolkit.logs.reasons import Reasons
from toolkit.logs.scan import Snapshot, reading
from toolkit.logs.schema import EVALUATIONS, Table
from toolkit.logs.shown import shown
from toolkit.logs.sources import Source, inspect
from toolkit.logs.sql import Asked

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from toolkit.cube.cube import Cube
    from toolkit.logs.config import StreamConfig


def build_on_spark(stream: Path, into: Path) -> Cube:
    """As `toolkit.cube.build_cube`, with the log on Spark.

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
            return reduce_stream(log, max_buckets=max_buckets, engine=place.engine)
    finally:
        place.close()


class OnSpark:
    """Reads the tables of a log on Spark; what is small stays in DuckDB."""

    def __init__(self, session: SparkSession) -> None:
        self._session = session
        self._engine: SparkEngine | None = None
        self._kinds = 0  # of files, each a relation of its own

    @property
    def engine(self) -> SparkEngine:
        """The engine that has the tables."""
        if self._engine is None:
            raise AssertionError("nothing was read yet")
        return self._engine

    def beside(self, connection: duckdb.DuckDBPyConnection) -> Asked:
        """A connection that asks Spark for what is there and `connection` for all else."""
        self.close()
        self._engine = SparkEngine(self._session, connection)
        return self._engine

    def takes(self, table: Table, snapshots: Sequence[Snapshot]) -> bool:
        """Evaluations, and other tables whose files are all Parquet. Raises LogRejected for other evaluations."""
        other = next((snapshot.file for snapshot in snapshots if snapshot.file.format != "parquet"), None)
        if other is not None and table is EVALUATIONS:
            raise LogRejected(
                f"{shown(other.name)}: --engine spark reads evaluations from Parquet alone; write them so, {INSTEAD}"
            )
        return other is None

    def load(
        self, connection: duckdb.DuckDBPyConnection, table: Table, snapshots: Sequence[Snapshot], config: StreamConfig
    ) -> Loaded:
        """A table, not yet checked. Raises LogRejected where Spark would read it in another way."""
        name = table.name
        sources = [readable(table, source) for source in inspect(connection, table, snapshots, config)]
        if not can_be_direct(sources):
            raise LogRejected(
                f"{name}: their {len(sources):,} Parquet files differ too much in columns and folders for "
                f"--engine spark; write them alike, {INSTEAD}"
            )
        with reading(snapshots):
            sizes, sources = sizes_of(connection, sources), with_filled(connection, sources)
        loaded = Loaded(
            table,
            tuple(sources),
            attributes_of(sources),
            Reasons(),
            tuple(accumulate(sizes[:-1], initial=0)),
            sum(sizes),
            in_place=True,
            elsewhere=True,
        )
        with on_spark(f"reading {name}"):
            rows = direct_rows(
                table,
                sources,
                loaded.starts,
                loaded.attributes,
                config,
                loaded.reasons,
                relation=partial(self._relation, name),
            )
            self.engine.view(loaded.staging, rows)
            there = self.engine.rows(f"select count(place) as n from {loaded.staging}")["n"][0].as_py()
        if there != loaded.rows:
            raise RunFailed(
                f"Spark sees {there:,} of the {loaded.rows:,} rows of {name}: its workers must have the folder "
                "under the same path, with the same files"
            )
        return loaded

    def close(self) -> None:
        """Give up what is kept on the cluster; one that is gone keeps nothing."""
        if self._engine is not None:
            with suppress(RunFailed):
                self._engine.forget()
            self._engine = None

    def _relation(self, table: str, alike: Sequence[tuple[Source, int]], names: Sequence[str]) -> str:
        """SQL for the rows of files of one kind, their columns under `names`, with `place`."""
        from pyspark.sql.functions import regexp_replace

        paths = [source.snapshot.file.path.resolve() for source, _ in alike]
        frame = self._session.read.parquet(*(_uri(path) for path in paths))
        self._kinds += 1
        rows, starts = f"{table}_files_{self._kinds}", f"{table}_starts_{self._kinds}"
        self.engine.put(starts, _starts(frame, paths, [start for _, start in alike]))
        first = alike[0][0]
        own = [
            own_column(frame, name, kind).alias(short)
            for name, kind, short in zip(first.names, first.types, names, strict=True)
        ]
        file, row = frame["_metadata.file_path"], frame["_metadata.row_index"].alias("row_in_file")
        place = regexp_replace(file, r"\Afile:/+", "/").alias("file")
        self.engine.hold(rows, frame.select(*own, place, row))
        columns = ", ".join(f"r.{name}" for name in names)
        return f"SELECT {columns}, s.start + r.row_in_file AS place FROM {rows} r JOIN {starts} s ON r.file = s.file"


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
