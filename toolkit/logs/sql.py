"""How SQL is put together and run here."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any, Protocol


def identifier(name: str) -> str:
    """`name` as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """`text` as a quoted SQL string."""
    return "'" + text.replace("'", "''") + "'"


class Answer(Protocol):
    """The rows of a statement that has run."""

    def fetchall(self) -> list[tuple[Any, ...]]:
        """All rows; none of a statement that gives none."""


class Asked(Protocol):
    """What the checks of a log ask of a connection: one of DuckDB's, or a place elsewhere beside one."""

    def execute(self, query: str, parameters: list[object], /) -> Answer:
        """Run a statement."""


def ask(connection: Asked, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
    """Run a statement to its end and give its rows: a result fetched in part blocks the next statement."""
    return connection.execute(query, list(values)).fetchall()


@contextlib.contextmanager
def as_written(connection: Asked) -> Iterator[None]:
    """Within it joins run as they are written: the right side is kept in memory, the left is read past it.

    DuckDB would choose by how many rows it expects, and of many Parquet files it expects as many as the first has.
    """
    ask(connection, "SET disabled_optimizers = 'join_order,build_side_probe_side'")
    try:
        yield
    finally:
        ask(connection, "RESET disabled_optimizers")
