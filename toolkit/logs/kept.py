"""What of a checked log's evaluations is kept for the day when files are added to it?"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from toolkit.logs.earlier import (
    CELLS_KEPT,
    ITEMS_KEPT,
    JOINED_ITEMS_KEPT,
    MEANS_KEPT,
    Account,
    CannotJoin,
    Earlier,
    FileRead,
    joinable,
    outside_of,
    settings_of,
)
from toolkit.logs.loaded import Loaded
from toolkit.logs.notices import scores_outside
from toolkit.logs.profile import CELL

if TYPE_CHECKING:
    from toolkit.logs.checked import CheckedLog

_MOST_SCORES = 1_000  # distinct scores outside the scale that are kept
_MOST_ITEMS = 5_000_000  # of about 60 bytes


def kept_of(log: CheckedLog) -> Earlier:
    """What is kept of an open log with evaluations. Raises CannotJoin where a larger log could not use it."""
    loaded = next(table for table in log.loaded if table.table.name == "evaluations")
    account = _account(log, loaded)
    joined = log.earlier is not None
    cluster = "cluster" if joined else "md5(cluster)"
    connection = log.connection
    means = MEANS_KEPT.format(cell=", ".join(CELL), cluster=cluster)
    if connection.execute("SELECT count(*) FROM evaluation_items").fetchall()[0][0] > _MOST_ITEMS:
        raise CannotJoin("there are very many items")
    if not connection.execute("SELECT 1 FROM evaluation_cells WHERE n > items LIMIT 1").fetchall():
        means = f"SELECT * FROM ({means}) LIMIT 0"
    return Earlier(
        account,
        _table(connection, CELLS_KEPT),
        _table(connection, JOINED_ITEMS_KEPT if joined else ITEMS_KEPT),
        _table(connection, means),
    )


def _table(connection: duckdb.DuckDBPyConnection, query: str) -> pa.Table:
    return connection.sql(query).to_arrow_table()


def _account(log: CheckedLog, loaded: Loaded) -> Account:
    entry = log.ledger.entries()["evaluations"]
    if not joinable(entry.reasons):
        raise CannotJoin("rows were rejected for what other rows hold")
    outside: Counter[float] = Counter()
    if log.earlier is not None:
        outside.update(outside_of(log.earlier.account))
    outside.update(scores_outside(log.connection, loaded))
    if len(outside) > _MOST_SCORES:
        raise CannotJoin("very many different scores are outside the scale")
    return Account(
        settings=settings_of(log.inputs),
        files=_files(log, loaded),
        rows=entry.read,
        reasons=entry.reasons,
        cut=log.ledger.first_cut("evaluations"),
        outside=tuple((score.hex(), n) for score, n in outside.items()),
    )


def _files(log: CheckedLog, loaded: Loaded) -> tuple[FileRead, ...]:
    before = () if log.earlier is None else log.earlier.account.files
    inputs = {file.path: file for file in log.inputs}
    own = tuple(
        FileRead(
            path=source.file.name,
            bytes=inputs[source.file.name].bytes,
            sha256=inputs[source.file.name].sha256,
            attributes=tuple(source.mapped.attributes),
            doubled=source.mapped.doubled,
            backwards=log.backwards.get(source.file.name),
        )
        for source in loaded.sources
    )
    return (*before, *own)
