"""Which sound rows repeat or contradict each other, and what is left without them.

Of rows with one key that differ none is used; of equal ones the first. Contents are compared by their hash.
"""

from __future__ import annotations

from collections.abc import Sequence

from toolkit.logs.config import StreamConfig
from toolkit.logs.copies import reject_copies
from toolkit.logs.loaded import Loaded
from toolkit.logs.profile import CELL, COVERING, ID, PLACES, SURPLUS, item_words_of, items_of, profile_of
from toolkit.logs.reasons import CELL_MEANS, CONFLICT, REPEATED
from toolkit.logs.spans import rows_in, spans_of
from toolkit.logs.sql import Asked, as_written, ask, identifier
from toolkit.logs.stored import all_columns, create_rows, kept_columns

_WHAT = {
    "evaluations": "(arm, seed, order, stage, step, task, item)",
    "feedback": "judgement",
    "samples": "sample",
}
_FEW = 4_000_000  # rows that may repeat each other and are compared by their names
_PART = 12_000_000  # rows that are compared at once, beyond that: larger groupings take longer for each row
_COPIED = 10_000_000  # repeated rows from which on the others are copied: every scan would look for each among these


def check_duplicates(connection: Asked, loaded: Loaded, config: StreamConfig) -> None:
    """Reject repeated and conflicting rows of a table, and make the checked table of the others."""
    with as_written(connection):
        before = _count(connection, loaded)
        if loaded.table.name == "evaluations":
            _profile_items(connection, loaded.sound, loaded)
            _reject_items(connection, loaded)
            _reject_means(connection, loaded)
        else:
            _reject_keys(connection, loaded)
        repeated = _count(connection, loaded) - before
        if loaded.copies:
            codes = [loaded.reasons.code(text) for text in (REPEATED, _conflict(loaded), CELL_MEANS)]
            reject_copies(connection, loaded, codes[0], codes[1:])
        rows = loaded.once
        if repeated and (repeated >= _COPIED or loaded.copies) and not loaded.elsewhere:
            rows = _copied(connection, loaded, config)
        elif repeated:
            rows = f"(SELECT r.* FROM {loaded.sound} r ANTI JOIN {loaded.rejected} x ON r.place = x.place)"
        ask(connection, f"CREATE VIEW {loaded.table.name} AS SELECT {', '.join(loaded.columns)} FROM {rows}")
        if loaded.table.name == "evaluations":
            if repeated or loaded.copies:
                profile = profile_of("(SELECT *, NULL AS problem FROM evaluations)", loaded.found)
                ask(
                    connection, f"CREATE OR REPLACE TABLE evaluation_cells AS SELECT * EXCLUDE problem FROM ({profile})"
                )
                _profile_items(connection, "evaluations", loaded)
            ask(connection, f"CREATE TABLE evaluation_items AS {items_of()}")
            ask(connection, "DROP TABLE item_words; DROP TABLE covering_cells")


def _count(connection: Asked, loaded: Loaded) -> int:
    return int(ask(connection, f"SELECT count(*) FROM {loaded.rejected}")[0][0])


def _profile_items(connection: Asked, rows: str, loaded: Loaded) -> None:
    ask(connection, f"CREATE OR REPLACE TABLE covering_cells AS {COVERING}")
    words = item_words_of(rows, loaded.found, [(seed, stage) for seed, stage in ask(connection, PLACES)])
    ask(connection, f"CREATE OR REPLACE TABLE item_words AS {words}")


def _reject_items(connection: Asked, loaded: Loaded) -> None:
    """Of evaluations with an item: only items that stand twice in some covering cell can stand twice in any."""
    ask(connection, f"CREATE TABLE surplus AS {SURPLUS}")
    rows = ask(
        connection,
        "SELECT sum(c.items * s.items / i.items) FROM (SELECT task, sum(items) AS items FROM evaluation_cells "
        "GROUP BY task) c JOIN (SELECT task, count(*) AS items FROM surplus GROUP BY task) s USING (task) "
        "JOIN (SELECT task, count(DISTINCT item) AS items FROM item_words GROUP BY task) i USING (task)",
    )[0][0]
    if rows is not None and (rows <= _FEW or not _told_apart(connection)):
        own = f"SELECT r.* FROM {loaded.once} r SEMI JOIN surplus s ON r.task = s.task AND r.item = s.item"
        _reject(connection, loaded, own, (*CELL, "item"), _conflict(loaded))
    elif rows is not None:
        ask(
            connection,
            f"CREATE TABLE numbers AS SELECT {', '.join(CELL)}, row_number() OVER () AS cell FROM evaluation_cells",
        )
        same = " AND ".join(
            f"r.{name} IS NOT DISTINCT FROM c.{name}" if name == "step" else f"r.{name} = c.{name}"
            for name in CELL
            if identifier(name) in kept_columns(loaded)
        )
        parts = 1 + int(rows) // _PART
        for part in range(parts):
            own = (
                f"SELECT r.*, c.cell, {ID.format(item='r.item')} AS id FROM {loaded.once} r JOIN numbers c ON {same} "
                f"WHERE r.item IS NOT NULL AND {ID.format(item='r.item')} % {parts} = {part}"
            )
            _reject(connection, loaded, own, ("cell", "id"), _conflict(loaded))
        ask(connection, "DROP TABLE numbers")
    ask(connection, "DROP TABLE surplus")


def _told_apart(connection: Asked) -> bool:
    """Whether the ids of all items of a task differ."""
    differ = f"count(DISTINCT item) <> count(DISTINCT {ID.format(item='item')})"
    return not ask(connection, f"SELECT 1 FROM item_words GROUP BY task HAVING {differ} LIMIT 1")


def _reject_means(connection: Asked, loaded: Loaded) -> None:
    """Of evaluations without an item there may be one a cell."""
    if ask(connection, "SELECT 1 FROM evaluation_cells WHERE n - items > 1 LIMIT 1"):
        rows = f"SELECT * FROM {loaded.once} WHERE item IS NULL"
        _reject(connection, loaded, rows, (*CELL, "item"), CELL_MEANS)


def _reject_keys(connection: Asked, loaded: Loaded) -> None:
    """Of any table: keys are found by a 64-bit hash and then compared, so that no collision rejects a row."""
    key = tuple(identifier(column.stored) for column in loaded.table.columns if column.key)
    hashed = f"hash({', '.join(key)})"
    ask(connection, f"CREATE TABLE suspects AS SELECT {hashed} AS h FROM {loaded.once} GROUP BY h HAVING count(*) > 1")
    if ask(connection, "SELECT 1 FROM suspects LIMIT 1"):
        rows = f"SELECT * FROM {loaded.once} WHERE {hashed} IN (SELECT h FROM suspects)"
        _reject(connection, loaded, rows, key, _conflict(loaded))
    ask(connection, "DROP TABLE suspects")


def _conflict(loaded: Loaded) -> str:
    return CONFLICT.format(what=_WHAT[loaded.table.name])


def _reject(connection: Asked, loaded: Loaded, rows: str, key: Sequence[str], conflict: str) -> None:
    """Among `rows` reject those of one key that differ, all of them, and the repeats of those that are equal.

    conflict: the reason for the former.
    """
    keys = {identifier(column.stored) for column in loaded.table.columns if column.key}
    content = [name for name in kept_columns(loaded) if name not in keys] or ["0"]  # others are equal everywhere
    listed = ", ".join(key)
    ask(
        connection,
        f"CREATE OR REPLACE TABLE repeats AS SELECT {listed}, count(*) AS n, min(place) AS first, max(place) AS last, "
        "cast(sum(place) AS bigint) AS places, min(content) <> max(content) AS differ "
        f"FROM (SELECT {listed}, place, hash({', '.join(content)}) AS content FROM ({rows})) GROUP BY {listed} "
        "HAVING count(*) > 1",
    )
    differs, equal = loaded.reasons.code(conflict), loaded.reasons.code(REPEATED)
    code = f"CASE WHEN differ THEN {differs} ELSE {equal} END"
    # Of three places the sum tells the one between; only larger groups are looked up again.
    ask(
        connection,
        f"INSERT INTO {loaded.rejected} SELECT last, {code} FROM repeats WHERE n <= 3 "
        f"UNION ALL SELECT places - first - last, {code} FROM repeats WHERE n = 3 "
        f"UNION ALL SELECT first, {differs} FROM repeats WHERE n <= 3 AND differ",
    )
    if ask(connection, "SELECT 1 FROM repeats WHERE n > 3 LIMIT 1"):
        same = " AND ".join(f"r.{name} IS NOT DISTINCT FROM g.{name}" for name in key)
        ask(
            connection,
            f"INSERT INTO {loaded.rejected} SELECT r.place, {code} FROM ({rows}) r JOIN repeats g ON {same} "
            "WHERE g.n > 3 AND (g.differ OR r.place > g.first)",
        )
    ask(connection, "DROP TABLE repeats")


def _copied(connection: Asked, loaded: Loaded, config: StreamConfig) -> str:
    """The rows that are left, some files at a time."""
    name, columns = f"kept_{loaded.table.name}", ", ".join(kept_columns(loaded))
    create_rows(connection, name, loaded, {})
    for span in spans_of(loaded, _FEW):
        gone = f"(SELECT place FROM {loaded.rejected} WHERE place BETWEEN {span.start} AND {span.end - 1})"
        rows = rows_in(loaded, span, config)
        rows = f"SELECT {columns} FROM ({rows}) r ANTI JOIN {gone} x ON r.place = x.place"
        ask(connection, f"INSERT INTO {name} ({columns}) {rows}")
    return f"(SELECT {all_columns(loaded)} FROM {name})"
