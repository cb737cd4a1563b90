"""Which typed rows contradict stream.toml: unknown tasks, orders and stages; and which rows are left after that.

For each table this leaves `seen_<table>` (how many rows of each problem, task and stage, of evaluations by cell), the
relation `sound_<table>` of rows without a problem, and `rejected_<table>` with the places of the others.
"""

from __future__ import annotations

from collections.abc import Iterable

from toolkit.logs.config import StreamConfig
from toolkit.logs.loaded import Loaded
from toolkit.logs.profile import profile_of
from toolkit.logs.scan import reading
from toolkit.logs.sql import Asked, ask, literal

_Conditions = list[tuple[str, str]]


def survey(connection: Asked, loaded: Loaded) -> None:
    """Count the rows of a table by problem, task and stage. Raises LogRejected where a file cannot be read."""
    query = f"SELECT problem, task, stage, count(*) AS n FROM {loaded.staging} GROUP BY problem, task, stage"
    if loaded.table.name == "evaluations":
        query = profile_of(loaded.staging, loaded.found)
    with reading([source.snapshot for source in loaded.sources]):
        ask(connection, f"CREATE TABLE seen_{loaded.table.name} AS {query}")


def task_names(connection: Asked, loaded: Loaded) -> frozenset[str]:
    """Names of the tasks in the rows that have been found sound so far."""
    query = f"SELECT DISTINCT task FROM seen_{loaded.table.name} WHERE problem IS NULL"
    return frozenset(name for (name,) in ask(connection, query))


def check_names(connection: Asked, loaded: Loaded, config: StreamConfig) -> None:
    """Reject rows with a problem, and those of tasks, orders and stages that stream.toml does not know."""
    conditions = _unknown(connection, loaded, config)
    strange = " OR ".join(f"({condition})" for condition, _ in conditions)
    sound = "problem IS NULL" + (f" AND NOT ({strange})" if conditions else "")
    if loaded.table.name == "evaluations":
        ask(
            connection, f"CREATE TABLE evaluation_cells AS SELECT * EXCLUDE problem FROM seen_evaluations WHERE {sound}"
        )
    ask(connection, f"CREATE TABLE {loaded.rejected} (place BIGINT, problem UTINYINT)")
    bad = bool(conditions) or _any(connection, loaded, "problem IS NOT NULL")
    where = f" WHERE {sound}" if bad else ""
    for name, rows in {loaded.sound: loaded.staging, loaded.once: loaded.alone}.items():
        ask(connection, f"CREATE VIEW {name} AS SELECT * EXCLUDE problem FROM {rows}{where}")
    if bad:
        cases = "".join(f" WHEN {condition} THEN {loaded.reasons.code(reason)}" for condition, reason in conditions)
        found = f"CASE WHEN problem IS NOT NULL THEN problem{cases} END"
        ask(
            connection,
            f"INSERT INTO {loaded.rejected} "
            f"SELECT * FROM (SELECT place, {found} AS found FROM {loaded.staging}) AS seen WHERE found IS NOT NULL",
        )


def _unknown(connection: Asked, loaded: Loaded, config: StreamConfig) -> _Conditions:
    """What is wrong with rows that are sound by themselves: SQL that is true for them, and the reason."""
    tasks = {task.name for task in config.tasks}
    reach = {order: len(config.task_order(order)) for order in ("default", *config.orders)}
    possible: _Conditions = [(_not_in("task", tasks), "task is not in [[tasks]] of stream.toml")]
    if loaded.table.name == "evaluations":
        possible.append((_not_in("task_order", reach), "order is not in [orders] of stream.toml"))
        for order, most in reach.items():
            suffix = "" if order == "default" else f" of order {order}"
            reason = f"stage is beyond the {most} tasks{suffix}"
            possible.append((f"stage > {most} AND task_order = {literal(order)}", reason))
    else:
        most = max(*reach.values(), len(tasks))
        possible.append((f"stage > {most}", f"stage is beyond the {most} tasks"))
    return [(c, why) for c, why in possible if _any(connection, loaded, f"problem IS NULL AND {c}")]


def _not_in(column: str, known: Iterable[str]) -> str:
    listed = ", ".join(literal(name) for name in sorted(known))
    return f"{column} NOT IN ({listed})" if listed else "true"


def _any(connection: Asked, loaded: Loaded, where: str) -> bool:
    return bool(ask(connection, f"SELECT 1 FROM seen_{loaded.table.name} WHERE {where} LIMIT 1"))
