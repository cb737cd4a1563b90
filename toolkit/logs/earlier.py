"""What is kept of evaluation files that were read before, and how the relations of the new files join theirs.

Kept is what every larger log needs of them: what each cell holds, which items there are, and the rows without an item,
at most one a cell. Names of items and clusters are kept as their MD5 alone, so joined relations hold these in place of
the names. Where joining would not give what reading all files gives, `CannotJoin` says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from toolkit.logs.config import StreamConfig
from toolkit.logs.files import LogFile
from toolkit.logs.loaded import Loaded
from toolkit.logs.profile import CELL
from toolkit.logs.reasons import CELL_MEANS, CONFLICT, REPEATED
from toolkit.logs.sql import Asked, ask
from toolkit.results import InputFile


class CannotJoin(Exception):
    """Files were read before, but the log must be read in full; the message is why, in words that quote no log."""


class FileRead(BaseModel):
    """One file of evaluations that was read: what is told of it beside its rows.

    attributes: names of its columns attr_*. doubled: columns that stand there under two names. backwards: number of
    the first row at which stages go backwards as after a restart.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    bytes: int
    sha256: str
    attributes: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()
    backwards: int | None = None


class Account(BaseModel):
    """What became of the rows of all these files.

    settings: SHA-256 of the stream.toml they were read with, empty where there was none. reasons: rejected rows by
    reason. cut: file and line of the first last line that was cut short. outside: scores outside the scale, as
    `float.hex` spells them, with the number of their rows.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    settings: str
    files: tuple[FileRead, ...]
    rows: int
    reasons: dict[str, int] = {}
    cut: tuple[str, int] | None = None
    outside: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Earlier:
    """Files that were read before.

    cells: one row a cell, as in `evaluation_cells` (n, items, folded, binary). items: (task, item, cluster) -> id and
    unit, the lower 64 bits of the cluster's MD5; item and cluster are 16 bytes of MD5, cluster null where it is the
    item. means: rows without an item, as in `evaluations`, their clusters as 16 bytes.
    """

    account: Account
    cells: pa.Table
    items: pa.Table
    means: pa.Table


CELLS_KEPT = f'SELECT {", ".join(CELL)}, n, items, folded, "binary" FROM evaluation_cells'
ITEMS_KEPT = """
SELECT task, unhex(md5(item)) AS item, CASE WHEN cluster <> item THEN unhex(md5(cluster)) END AS cluster, id,
       md5_number_lower(cluster) AS unit
FROM evaluation_items
"""
JOINED_ITEMS_KEPT = """
SELECT task, unhex(item) AS item, CASE WHEN cluster <> item THEN unhex(cluster) END AS cluster, id, unit
FROM evaluation_items
"""
MEANS_KEPT = """
SELECT {cell}, unhex({cluster}) AS cluster, score, n, sd FROM evaluations WHERE item IS NULL
"""

_SAME = " AND ".join(f"c.{key} {'IS NOT DISTINCT FROM' if key == 'step' else '='} e.{key}" for key in CELL)
_NOT_JOINED = ("task is not in", "order is not in", "stage is beyond", REPEATED, CELL_MEANS, CONFLICT.split(" {")[0])
"""How reasons begin that depend on other rows than their own."""


def settings_of(inputs: Iterable[InputFile]) -> str:
    """SHA-256 of stream.toml among the files of a stream, empty without one."""
    return next((file.sha256 for file in inputs if file.path == "stream.toml"), "")


def unread(account: Account, files: Sequence[LogFile], inputs: Sequence[InputFile]) -> tuple[LogFile, ...]:
    """The evaluation files among `files` that were not read before; inputs: those of today."""
    if account.settings != settings_of(inputs):
        raise CannotJoin("stream.toml changed")
    today = {file.path: (file.bytes, file.sha256) for file in inputs}
    for file in account.files:
        if file.path not in today:
            raise CannotJoin("a file that was read before is gone")
        if today[file.path] != (file.bytes, file.sha256):
            raise CannotJoin("a file that was read before has changed")
    known = {file.path for file in account.files}
    return tuple(file for file in files if file.name not in known)


def joinable(reasons: Iterable[str]) -> bool:
    """Whether rows rejected for these reasons would be rejected for them beside any other files too."""
    return not any(reason.startswith(_NOT_JOINED) for reason in reasons)


def same_attributes(account: Account, loaded: Loaded) -> bool:
    """Whether no two attributes of earlier and new files differ by case alone."""
    names = {*loaded.attributes, *(name for file in account.files for name in file.attributes)}
    return len(names) == len({name.casefold() for name in names})


def bring(connection: duckdb.DuckDBPyConnection, earlier: Earlier) -> None:
    """Bring what was kept to DuckDB, for `join_earlier`."""
    for name, table in (("cells", earlier.cells), ("items", earlier.items), ("means", earlier.means)):
        connection.register("table_from_outside", table)
        ask(connection, f"CREATE TABLE earlier_{name} AS SELECT * FROM table_from_outside")
        connection.unregister("table_from_outside")


def suits(cells: pa.Table, config: StreamConfig) -> bool:
    """Whether all cells are of tasks, orders and stages that are known today, for other tables may name the tasks."""
    tasks = {task.name for task in config.tasks}
    reach = {order: len(config.task_order(order)) for order in ("default", *config.orders)}
    known = cells.group_by(["task_order", "stage", "task"]).aggregate([]).to_pylist()
    return all(row["task"] in tasks and row["stage"] <= reach.get(row["task_order"], -1) for row in known)


def join_earlier(connection: Asked, loaded: Loaded, earlier: Earlier, config: StreamConfig) -> None:
    """Make `evaluations`, `evaluation_cells` and `evaluation_items` of checked new files those of all files.

    `evaluations` then has the rows without an item of all files, and of the others those of new files alone;
    `evaluation_items` has MD5s as hexadecimal digits in place of names, and `unit`. What stands in both parts stays as
    `shared_cells` (cells with items).
    """
    codes = ask(connection, f"SELECT DISTINCT problem FROM {loaded.rejected}")
    if not joinable(loaded.reasons.text(code) for (code,) in codes):
        raise CannotJoin("rows of the new files were rejected that earlier files may explain")
    if not suits(earlier.cells, config):
        raise CannotJoin("tasks or stages of earlier files are no longer known")
    if not same_attributes(earlier.account, loaded):
        raise CannotJoin("attributes of new and earlier files differ by case alone")
    keys = ", ".join(CELL)
    ask(
        connection,
        f"CREATE TABLE shared_cells AS SELECT {', '.join(f'c.{key}' for key in CELL)} FROM evaluation_cells c "
        f"JOIN earlier_cells e ON {_SAME} WHERE c.items > 0 AND e.items > 0",
    )
    ask(
        connection,
        f"CREATE OR REPLACE TABLE evaluation_cells AS SELECT {keys}, sum(n)::BIGINT AS n, sum(items)::BIGINT AS items, "
        'bit_xor(folded) AS folded, bool_and("binary") AS "binary" '
        f"FROM ({CELLS_KEPT} UNION ALL SELECT * FROM earlier_cells) GROUP BY {keys}",
    )
    if ask(connection, "SELECT 1 FROM evaluation_cells WHERE n - items > 1 LIMIT 1"):
        raise CannotJoin("a cell has a mean in new and in earlier files")
    ask(
        connection,
        "CREATE OR REPLACE TABLE evaluation_items AS "
        "SELECT task, md5(item) AS item, md5(cluster) AS cluster, id, md5_number_lower(cluster) AS unit "
        "FROM evaluation_items UNION "
        "SELECT task, lower(hex(item)), lower(hex(coalesce(cluster, item))), id, unit FROM earlier_items",
    )
    ask(connection, "ALTER VIEW evaluations RENAME TO new_evaluations")
    ask(
        connection,
        "CREATE VIEW evaluations AS "
        "SELECT * REPLACE (CASE WHEN item IS NULL THEN md5(cluster) ELSE cluster END AS cluster) FROM new_evaluations "
        "UNION ALL BY NAME SELECT * REPLACE (lower(hex(cluster)) AS cluster) FROM earlier_means",
    )


def outside_of(account: Account) -> Mapping[float, int]:
    """Scores outside the scale with the number of their rows."""
    return {float.fromhex(score): n for score, n in account.outside}
