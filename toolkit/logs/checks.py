"""Which typed rows contradict stream.toml or each other: unknown tasks and stages, duplicates."""

from __future__ import annotations

import duckdb

from toolkit.logs.config import StreamConfig
from toolkit.logs.load import Loaded
from toolkit.logs.reasons import CELL_MEANS, CONFLICT, REPEATED
from toolkit.logs.sql import ask, identifier

_WHAT = {
    "evaluations": "(arm, seed, order, stage, step, task, item)",
    "feedback": "judgement",
    "samples": "sample",
}


def task_names(connection: duckdb.DuckDBPyConnection, loaded: Loaded) -> frozenset[str]:
    """Names of the tasks in the rows that have been found sound so far."""
    query = f"SELECT DISTINCT task FROM {loaded.staging} WHERE problem IS NULL"
    return frozenset(name for (name,) in ask(connection, query))


def check_names(connection: duckdb.DuckDBPyConnection, loaded: Loaded, config: StreamConfig) -> None:
    """Reject rows of tasks and orders that stream.toml does not know, and of stages that no order reaches."""
    known = {task.name for task in config.tasks}
    _reject_values(connection, loaded, "task", known, "task is not in [[tasks]] of stream.toml")
    reach = {order: len(config.task_order(order)) for order in ("default", *config.orders)}
    if loaded.table.name == "evaluations":
        _reject_values(connection, loaded, "task_order", set(reach), "order is not in [orders] of stream.toml")
        for order, tasks in reach.items():
            _reject_stages(connection, loaded, tasks, order)
    else:
        _reject_stages(connection, loaded, max(*reach.values(), len(known)), None)


def _reject_values(
    connection: duckdb.DuckDBPyConnection, loaded: Loaded, column: str, known: set[str], reason: str
) -> None:
    query = f"SELECT DISTINCT {column} FROM {loaded.staging} WHERE problem IS NULL"
    unknown = [value for (value,) in ask(connection, query) if value not in known]
    if unknown:
        ask(
            connection,
            f"UPDATE {loaded.staging} SET problem = {loaded.reasons.code(reason)} "
            f"WHERE problem IS NULL AND {column} IN (SELECT unnest($1))",
            [unknown],
        )


def _reject_stages(connection: duckdb.DuckDBPyConnection, loaded: Loaded, tasks: int, order: str | None) -> None:
    where = f"problem IS NULL AND stage > {tasks}" + ("" if order is None else " AND task_order = $1")
    values = [] if order is None else [order]
    if ask(connection, f"SELECT 1 FROM {loaded.staging} WHERE {where} LIMIT 1", values):
        suffix = "" if order in (None, "default") else f" of order {order}"
        code = loaded.reasons.code(f"stage is beyond the {tasks} tasks{suffix}")
        ask(connection, f"UPDATE {loaded.staging} SET problem = {code} WHERE {where}", values)


def check_duplicates(connection: duckdb.DuckDBPyConnection, loaded: Loaded) -> None:
    """Reject rows of one key that differ, all of them, and the repeats of rows that are equal.

    Keys are found by a 64-bit hash and then compared, so that no collision rejects a row; contents are
    compared by their hash.
    """
    columns = loaded.table.columns
    key = ", ".join(identifier(column.stored) for column in columns if column.key)
    keys = {identifier(column.stored) for column in columns if column.key}
    content = ", ".join(name for name in loaded.columns if name not in keys)
    staging = loaded.staging
    suspects = f"SELECT hash({key}) AS h FROM {staging} WHERE problem IS NULL GROUP BY h HAVING count(*) > 1"
    if not ask(connection, f"SELECT 1 FROM ({suspects}) LIMIT 1"):
        return
    conflict = loaded.reasons.code(CONFLICT.format(what=_WHAT[loaded.table.name]))
    means = loaded.reasons.code(CELL_MEANS)
    without_item = "item IS NULL" if loaded.table.name == "evaluations" else "false"
    ask(
        connection,
        f"""
        CREATE TEMP TABLE verdicts AS
        WITH suspects AS ({suspects}), rows AS (
            SELECT rowid AS id, {key}, hash({content}) AS content FROM {staging}
            WHERE problem IS NULL AND hash({key}) IN (SELECT h FROM suspects)
        ), compared AS (
            SELECT id, {without_item} AS mean, min(content) OVER same <> max(content) OVER same AS differ,
                   id > min(id) OVER same AS later
            FROM rows WINDOW same AS (PARTITION BY {key})
        )
        SELECT id, (CASE WHEN differ AND mean THEN {means} WHEN differ THEN {conflict}
                    ELSE {loaded.reasons.code(REPEATED)} END)::UTINYINT AS problem
        FROM compared WHERE differ OR later
        """,
    )
    ask(
        connection,
        f"UPDATE {staging} SET problem = verdicts.problem FROM verdicts WHERE {staging}.rowid = verdicts.id",
    )
    ask(connection, "DROP TABLE verdicts")
