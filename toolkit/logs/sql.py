"""How SQL is put together and run here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb


def identifier(name: str) -> str:
    """`name` as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """`text` as a quoted SQL string."""
    return "'" + text.replace("'", "''") + "'"


def ask(connection: duckdb.DuckDBPyConnection, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
    """Run a statement to its end and give its rows: a result fetched in part blocks the next statement."""
    rows: list[tuple[Any, ...]] = connection.execute(query, list(values)).fetchall()
    return rows
