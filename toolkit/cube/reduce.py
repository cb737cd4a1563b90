"""How a checked log becomes a cube: one grouped scan a table, run where the data lives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from toolkit.cube import queries
from toolkit.cube.cube import Cube, CubeMeta
from toolkit.cube.facts import gather
from toolkit.cube.sample_queries import shown_label
from toolkit.cube.samples import hiding, reduce_samples, shown_attribute
from toolkit.cube.similarity import similarity_file, similarity_of_samples
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
    tasks = [task.name for task in log.config.tasks]
    similarity, notices = similarity_file(log.folder, tasks)
    if "evaluations" in log.tables:
        tables |= _evaluations(log, max_buckets)
        notices += _mixed(log)
    if "feedback" in log.tables:
        tables["judgements"] = _judgements(log)
    if "samples" in log.tables:
        samples = reduce_samples(log)
        tables |= samples.tables
        notices += samples.notices
        if similarity is None:
            similarity, told = similarity_of_samples(tables["sample_rows"], tasks, samples.embedded)
            notices += told
    if similarity is not None:
        tables["similarity"] = similarity
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
    attributes = "".join(f", {shown_attribute(name, 'f')}" for name in columns if name.startswith("attr_"))
    clusters = queries.CLUSTERS_OF_ITEMS if "evaluations" in log.tables else queries.NO_CLUSTERS
    accepted = queries.ACCEPTED_OF_SAMPLES if "samples" in log.tables else queries.NO_SAMPLES
    label = shown_label("f.label", "f.task")
    query = queries.JUDGEMENTS.format(label=label, clusters=clusters, accepted=accepted, attributes=attributes)
    return _arrow(log, query, {"show_raters": log.config.review.show_raters, **hiding(log.config)})


def _arrow(log: CheckedLog, query: str, parameters: dict[str, Any] | None = None) -> pa.Table:
    return log.connection.sql(query, params=parameters).to_arrow_table()
