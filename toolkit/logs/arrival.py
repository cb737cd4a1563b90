"""In which order the tasks of a log seem to have arrived, and on what evidence.

Used for the draft of a stream.toml alone; the reader takes the order from there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from toolkit.logs.loaded import Loaded
from toolkit.logs.sql import ask
from toolkit.logs.tasks import natural_order

_SOUND = "problem IS NULL"


@dataclass(frozen=True)
class Arrival:
    """Tasks in order of arrival, what says so, and whether that leaves no doubt."""

    tasks: tuple[str, ...]
    evidence: str
    sure: bool


def arrival_order(connection: duckdb.DuckDBPyConnection, loaded: Mapping[str, Loaded]) -> Arrival | None:
    """The order of arrival by the best evidence that tells all tasks apart; None without any task.

    In this order: the first stage with samples of a task (a task's samples are made when it is learned); its
    stage in the isolated or fresh arm (which is its arrival stage); the first stage at which it was evaluated
    (logs that evaluate only what was learned); the numbers in the names; else first appearance in the files,
    which is no evidence at all.
    """
    tasks = _tasks(connection, loaded)
    if not tasks:
        return None
    for table, where, evidence in (
        ("samples", "stage > 0", "by the first stage with samples of each"),
        ("evaluations", "arm IN ('isolated', 'fresh')", "by their stage in the isolated or fresh arm"),
        ("evaluations", "arm NOT IN ('isolated', 'fresh', 'joint')", "by the first stage that evaluates each"),
    ):
        if table in loaded:
            query = f"SELECT task, min(stage) FROM staging_{table} WHERE {_SOUND} AND {where} GROUP BY task"
            first = dict(ask(connection, query))
            if first.keys() == set(tasks) and len(set(first.values())) == len(tasks):
                return Arrival(tuple(sorted(tasks, key=lambda task: first[task])), evidence, True)
    by_name = natural_order(tasks)
    if by_name is not None:
        return Arrival(by_name, "by the numbers in their names", True)
    return Arrival(tasks, "as they first appear in the files", False)


def _tasks(connection: duckdb.DuckDBPyConnection, loaded: Mapping[str, Loaded]) -> tuple[str, ...]:
    """Tasks in the order of first appearance: in the evaluations, then in the other tables."""
    names: dict[str, None] = {}
    for table in loaded:
        query = f"SELECT task FROM staging_{table} WHERE {_SOUND} GROUP BY task ORDER BY min(place)"
        names.update(dict.fromkeys(name for (name,) in ask(connection, query)))
    return tuple(names)
