"""Which names in the log look like a group of tasks rather than a task.

Evaluation tools log the mean over a benchmark's parts beside the parts; read as a task, it counts them twice.
"""

from __future__ import annotations

from collections.abc import Iterator

from toolkit.logs.shown import listed, shown
from toolkit.logs.sql import Asked, ask
from toolkit.results import Notice

_CLOSE = 1e-9
_PAIRS = 4_000_000  # of tasks that share an item, looked at; of more, a fixed part of the items is taken


def grouping_tasks(connection: Asked) -> Iterator[Notice]:
    """Tasks whose items are those of several others together, or whose means are always the others' mean."""
    by_items = _by_items(connection)
    for task, parts in by_items.items():
        yield _notice(task, parts, "its items are theirs together")
    for task, parts in _by_means(connection).items():
        if task not in by_items:
            yield _notice(task, parts, "its mean is theirs at every stage")


def _notice(task: str, parts: list[str], why: str) -> Notice:
    return Notice(
        code="group-of-tasks",
        message=f"Task {shown(task)!r} looks like a group of {listed(sorted(parts), 6)}: {why}. "
        "If so, leave it out of the log, or it counts twice.",
    )


def _by_items(connection: Asked) -> dict[str, list[str]]:
    """Tasks that hold every item of two or more smaller tasks and no others."""
    work = ask(
        connection,
        "SELECT coalesce(sum(n * n), 0) FROM (SELECT count(DISTINCT task) AS n FROM evaluation_items "
        "GROUP BY item HAVING n > 1)",
    )
    if not work[0][0]:
        return {}
    every = 1 + int(work[0][0]) // _PAIRS
    rows = ask(
        connection,
        f"""
        WITH pairs AS (
            SELECT DISTINCT task, item FROM evaluation_items WHERE id % {every} = 0
        ),
        shared AS (SELECT item FROM pairs GROUP BY item HAVING count(*) > 1),
        sizes AS (SELECT task, count(*) AS n FROM pairs GROUP BY task),
        common AS (SELECT task, item FROM pairs WHERE item IN (SELECT item FROM shared)),
        parts AS (
            SELECT shared_by.* FROM (
                SELECT a.task AS whole, b.task AS part, count(*) AS n
                FROM common AS a JOIN common AS b ON a.item = b.item AND a.task <> b.task
                GROUP BY a.task, b.task
            ) AS shared_by
            JOIN sizes AS small ON small.task = part JOIN sizes AS large ON large.task = whole
            WHERE shared_by.n = small.n AND shared_by.n < large.n
        ),
        covered AS (
            SELECT whole, count(DISTINCT item) AS n
            FROM parts JOIN common ON common.task = parts.part GROUP BY whole
        )
        SELECT parts.whole, parts.part
        FROM parts JOIN covered ON parts.whole = covered.whole JOIN sizes ON sizes.task = parts.whole
        WHERE covered.n = sizes.n ORDER BY parts.whole, parts.part
        """,
    )
    found: dict[str, list[str]] = {}
    for whole, part in rows:
        found.setdefault(whole, []).append(part)
    return {whole: parts for whole, parts in found.items() if len(parts) > 1}


def _by_means(connection: Asked) -> dict[str, list[str]]:
    """Tasks whose mean is always that of the tasks whose names begin with theirs, or that of all others.

    At least two cells (arm, order, seed, stage, step) with different scores must say so.
    """
    if not ask(connection, "SELECT 1 FROM evaluation_cells WHERE n > items LIMIT 1"):
        return {}
    rows = ask(
        connection,
        """
        SELECT arm, task_order, seed, stage, step, task, avg(score) FROM evaluations
        WHERE item IS NULL GROUP BY ALL ORDER BY ALL
        """,
    )
    cells: dict[tuple[object, ...], dict[str, float]] = {}
    for *cell, task, score in rows:
        cells.setdefault(tuple(cell), {})[task] = score
    tasks = sorted({row[5] for row in rows})
    found = {}
    for task in tasks:
        others = [other for other in tasks if other != task]
        named = [other for other in others if other.startswith(task)]
        for parts in (named, others):
            full = [cell for cell in cells.values() if task in cell and all(part in cell for part in parts)]
            if len(parts) < 2 or len({cell[task] for cell in full}) < 2:
                continue
            if all(abs(cell[task] - sum(cell[p] for p in parts) / len(parts)) < _CLOSE for cell in full):
                found[task] = parts
                break
    return found
