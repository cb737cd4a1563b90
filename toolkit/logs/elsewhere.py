"""Where tables of a log are kept when they are not kept in DuckDB: what reading a log asks of such a place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import duckdb

from toolkit.logs.config import StreamConfig
from toolkit.logs.loaded import Loaded
from toolkit.logs.scan import Snapshot
from toolkit.logs.schema import Table
from toolkit.logs.sql import Asked


class Elsewhere(Protocol):
    """Another place than DuckDB where tables of a log are read, checked and kept."""

    def takes(self, table: Table, snapshots: Sequence[Snapshot]) -> bool:
        """Whether a table is read there; another is read by DuckDB."""

    def beside(self, connection: duckdb.DuckDBPyConnection) -> Asked:
        """What the checks ask: that place where a statement names what is there, else `connection`."""

    def load(
        self, connection: duckdb.DuckDBPyConnection, table: Table, snapshots: Sequence[Snapshot], config: StreamConfig
    ) -> Loaded:
        """A table, as `toolkit.logs.load.load_table` gives it."""
