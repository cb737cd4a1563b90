"""Where evaluations are kept when they are not kept in DuckDB: what reading a log asks of such a place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import duckdb

from toolkit.logs.config import StreamConfig
from toolkit.logs.loaded import Loaded
from toolkit.logs.scan import Snapshot
from toolkit.logs.sql import Asked


class Elsewhere(Protocol):
    """Another place than DuckDB where the evaluations of a log are read, checked and kept."""

    def beside(self, connection: duckdb.DuckDBPyConnection) -> Asked:
        """What the checks ask: that place where a statement names what is there, else `connection`."""

    def load(
        self, connection: duckdb.DuckDBPyConnection, snapshots: Sequence[Snapshot], config: StreamConfig
    ) -> Loaded:
        """The evaluations, as `toolkit.logs.load.load_table` gives a table."""
