"""How a checked log becomes a cube: one grouped scan a table, run where the data lives."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from toolkit.cube import queries
from toolkit.cube.cube import Cube, CubeMeta
from toolkit.cube.facts import gather
from toolkit.errors import LogRejected
from toolkit.results import Notice

if TYPE_CHECKING:
    from toolkit.logs import CheckedLog

MAX_BUCKETS = 512


def reduce_stream(log: CheckedLog, *, max_buckets: int = MAX_BUCKETS) -> Cube:
    """Reduce a checked log to its cube.

    max_buckets: clusters of a task that are kept one by one; beyond it they are folded into that many
    buckets (a power of two).
    """
    if max_buckets & (max_buckets - 1):
        raise ValueError(f"max_buckets must be a power of two, got {max_buckets}")
    tables: dict[str, pa.Table] = {}
    similarity, notices = _similarity(log.folder, [task.name for task in log.config.tasks])
    if similarity is not None:
        tables["similarity"] = similarity
    if "evaluations" in log.tables:
        tables |= _evaluations(log, max_buckets)
        notices += _mixed(log)
    if "feedback" in log.tables:
        tables["judgements"] = _judgements(log)
    if "samples" in log.tables:
        tables["samples"] = _arrow(log, queries.SAMPLES)
    meta = CubeMeta(
        config=log.config,
        ledger=log.ledger.entries(),
        notices=(*log.notices, *notices),
        inputs=log.inputs,
        fingerprint=log.fingerprint,
        newest=log.newest,
        tables=tuple(sorted(log.tables)),
        facts=gather(log),
    )
    return Cube(meta, tables)


def _evaluations(log: CheckedLog, max_buckets: int) -> dict[str, pa.Table]:
    con = log.connection
    con.execute("drop view if exists matrix_rows; drop table if exists buckets")
    con.execute(queries.MATRIX_ROWS)
    con.execute(queries.BUCKETS, {"max_buckets": max_buckets})
    return {
        "sums": _arrow(log, queries.SUMS),
        "cells": _arrow(log, queries.CELLS),
        "curves": _arrow(log, queries.CURVES),
        "counts": _arrow(log, queries.COUNTS),
        **_followed_items(log),
    }


def _followed_items(log: CheckedLog) -> dict[str, pa.Table]:
    """What became of single items since their task arrived, for tasks with scores of 0 or 1."""
    con = log.connection
    con.execute("drop table if exists since_arrival")
    con.register("positions", _positions(log))
    con.execute(queries.SINCE_ARRIVAL, {"right": 1 if log.config.higher_is_better else 0})
    tables = {"pairs": _arrow(log, queries.PAIRS), "recurrence": _arrow(log, queries.RECURRENCE)}
    con.execute("drop table since_arrival")  # about as large as the log
    con.unregister("positions")
    return tables


def _positions(log: CheckedLog) -> pa.Table:
    """The stage at which each binary task arrives, in each task order: (task_order, task, arrival)."""
    binary = {task for (task,) in log.connection.sql(queries.BINARY_TASKS).fetchall()}
    rows = [
        (order, task, arrival)
        for order in dict.fromkeys(("default", *log.config.orders))
        for arrival, task in enumerate(log.config.task_order(order), start=1)
        if task in binary
    ]
    orders, tasks, arrivals = zip(*rows, strict=True) if rows else ((), (), ())
    return pa.table({
        "task_order": pa.array(orders, pa.string()),
        "task": pa.array(tasks, pa.string()),
        "arrival": pa.array(arrivals, pa.int32()),
    })  # fmt: skip


def _mixed(log: CheckedLog) -> list[Notice]:
    ((cells,),) = log.connection.sql(queries.MIXED).fetchall()
    if not cells:
        return []
    message = (
        f"{cells} cells have rows with an item and rows without; the items are used, the means beside them are not"
    )
    return [Notice(code="mixed-cells", message=message)]


def _judgements(log: CheckedLog) -> pa.Table:
    columns = [row[0] for row in log.connection.execute("describe feedback").fetchall()]
    attributes = "".join(f', f."{name}"' for name in columns if name.startswith("attr_"))
    clusters = queries.CLUSTERS_OF_ITEMS if "evaluations" in log.tables else queries.NO_CLUSTERS
    query = queries.JUDGEMENTS.format(clusters=clusters, attributes=attributes)
    return _arrow(log, query, {"show_raters": log.config.review.show_raters})


def _arrow(log: CheckedLog, query: str, parameters: dict[str, Any] | None = None) -> pa.Table:
    return log.connection.sql(query, params=parameters).to_arrow_table()


def _similarity(folder: Path, tasks: list[str]) -> tuple[pa.Table | None, list[Notice]]:
    """Read similarity.csv (task, other, similarity); pairs of tasks that the stream does not know are noted."""
    path = folder / "similarity.csv"
    if not path.exists():
        return None, []
    rows: list[tuple[str, str, float]] = []
    unknown = 0
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        missing = {"task", "other", "similarity"} - set(reader.fieldnames or ())
        if missing:
            raise LogRejected(f"{path}: no column {sorted(missing)[0]!r}; similarity.csv needs task, other, similarity")
        for row in reader:
            try:
                value = float(row["similarity"])
            except (TypeError, ValueError):
                value = math.nan
            if not math.isfinite(value):
                raise LogRejected(
                    f"{path}, line {reader.line_num}: similarity {row['similarity']!r} is no number; correct it"
                )
            if row["task"] in tasks and row["other"] in tasks:
                rows.append((row["task"], row["other"], value))
            else:
                unknown += 1
    notices = []
    if unknown:
        message = f"{unknown} rows of similarity.csv name a task that stream.toml does not list and are not used"
        notices.append(Notice(code="similarity-unknown-task", message=message))
    names, others, values = zip(*rows, strict=True) if rows else ((), (), ())
    return pa.table({
        "task": pa.array(names, pa.string()),
        "other": pa.array(others, pa.string()),
        "similarity": pa.array(values, pa.float64()),
    }), notices  # fmt: skip
