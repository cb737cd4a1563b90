"""Where rows lie that need not fit into memory: a database of their own in the log's temporary folder."""

from __future__ import annotations

from pathlib import Path

from toolkit.logs.sql import Asked, ask, literal


def in_store(connection: Asked, temporary: Path) -> str:
    """The prefix of names of tables there; the database is made where there is none yet."""
    if not ask(connection, "SELECT 1 FROM duckdb_databases() WHERE database_name = 'store'"):
        ask(connection, f"ATTACH {literal(str(temporary / 'rows.duckdb'))} AS store")
        ask(connection, "PRAGMA disable_checkpoint_on_shutdown")  # it goes with the log: nothing is to be tidied
    return "store."
