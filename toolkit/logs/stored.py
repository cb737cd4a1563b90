"""How rows of a table are kept in DuckDB: the columns that some file has, as they are, behind a view with all of them.

Columns that no file has are spelled by the view alone. What does not fit into memory goes to the temporary folder.
"""

from __future__ import annotations

from toolkit.logs.loaded import Loaded
from toolkit.logs.schema import Column
from toolkit.logs.sql import Asked, ask, identifier


def kept_columns(loaded: Loaded) -> list[str]:
    """Quoted names of the columns that are kept: those that some file has, and scores, which may be computed."""
    found = [c.stored for c in loaded.table.columns if c.name in loaded.found or c.name == "score"]
    return [identifier(name) for name in (*found, *loaded.attributes)]


def create_rows(connection: Asked, name: str, loaded: Loaded, more: dict[str, str]) -> None:
    """An empty table for the kept columns of a table's rows and for `more` (name -> SQL type)."""
    types = {identifier(column.stored): column.sql_type for column in loaded.table.columns} | more
    columns = ", ".join(f"{column} {types.get(column, 'VARCHAR')}" for column in (*kept_columns(loaded), *more))
    ask(connection, f"CREATE TABLE {name} ({columns})")


def all_columns(loaded: Loaded) -> str:
    """SQL for all columns of the checked table, selected from the kept ones."""
    kept = kept_columns(loaded)
    return ", ".join((*(_shown(column, kept) for column in loaded.table.columns), *map(identifier, loaded.attributes)))


def _shown(column: Column, kept: list[str]) -> str:
    name = identifier(column.stored)
    if name in kept:
        return name
    if column.name == "cluster" and '"item"' in kept:
        return f'"item" AS {name}'
    return f"{column.default or 'NULL'}::{column.sql_type} AS {name}"
