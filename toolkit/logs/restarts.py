"""Whether a file holds two runs, one after the other: its stages go backwards."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from toolkit.logs.load import Loaded
from toolkit.logs.shown import shown
from toolkit.logs.sql import ask
from toolkit.results import Notice

_MOST = 3  # descents of one cell; a file sorted by item goes back once an item, and is no restart


def restarts(connection: duckdb.DuckDBPyConnection, loaded: Loaded) -> Iterator[Notice]:
    """Files in which the stages of one task go backwards a few times, as a restarted run leaves them.

    Looked at by arm, seed, order and task, so that files sorted by these do not count. Rejected rows count: a
    restart that scores the same items again makes conflicting duplicates.
    """
    order = ", task_order" if loaded.table.name == "evaluations" else ""
    cell = f"file, arm, seed, task{order}"
    ends = (*loaded.starts[1:], loaded.rows)
    filled = [(start, i) for i, (start, end) in enumerate(zip(loaded.starts, ends, strict=True)) if end > start]
    files = ", ".join(f"({start}, {i})" for start, i in filled)
    # Long stretches of one cell and stage are folded into one row each before anything is sorted.
    rows = ask(
        connection,
        f"""
        WITH placed AS (
            SELECT rowid AS id, arm, seed, task{order}, stage FROM {loaded.staging} WHERE stage IS NOT NULL
        ), turns AS (
            SELECT *, lag(stage) OVER () IS DISTINCT FROM stage OR lag(task) OVER () IS DISTINCT FROM task
                OR lag(arm) OVER () IS DISTINCT FROM arm OR lag(seed) OVER () IS DISTINCT FROM seed AS turn
            FROM placed
        ), heads AS (
            SELECT turns.*, file
            FROM turns ASOF JOIN (VALUES {files}) AS files(start, file) ON turns.id >= files.start WHERE turn
        ), steps AS (
            SELECT *, lag(stage) OVER (PARTITION BY {cell} ORDER BY id) AS before FROM heads
        ), cells AS (
            SELECT file, min(id) FILTER (stage < before) AS first, count(*) FILTER (stage < before) AS back
            FROM steps GROUP BY {cell}
        )
        SELECT file, min(first) FROM cells GROUP BY file
        HAVING max(back) BETWEEN 1 AND {_MOST} ORDER BY file
        """,
    )
    if rows:
        file, first = rows[0]
        source = loaded.sources[file]
        more = f" and {len(rows) - 1:,} more files" if len(rows) > 1 else ""
        yield Notice(
            code="stages-go-backwards",
            message=f"{loaded.table.name}: in {shown(source.file.name)}{more} stages go backwards "
            f"(first at row {first - loaded.starts[file] + 1:,}): two runs in one log? "
            "Give each its own seed, or keep one of them.",
        )
