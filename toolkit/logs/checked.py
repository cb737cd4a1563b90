"""What is left of a stream log after it was read and checked: tables to ask, and an account of every row."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb

from toolkit.errors import LogRejected
from toolkit.logs.config import StreamConfig
from toolkit.logs.earlier import Earlier
from toolkit.logs.ledger import Ledger
from toolkit.logs.loaded import Loaded
from toolkit.logs.shown import shown
from toolkit.results import InputFile, Notice
from toolkit.temporary import remove_folder


@dataclass(frozen=True)
class CheckedLog:
    """A stream log that was read and checked.

    connection: DuckDB with the tables `tables` (of evaluations, feedback, samples), in the columns of
    docs/log-format.md, every row sound; without those that are elsewhere (`toolkit.logs.elsewhere`). inputs,
    fingerprint: the files behind it. newest: when a file of the log last changed (UTC). states: size and time of
    change (ns) of the files that are read anew by each query. loaded: what was read of each table. backwards: the row
    of each file of evaluations at which stages go back. earlier: files that were read before and not now; then
    `evaluations` has their rows without an item alone (`toolkit.logs.earlier.join_earlier`). Close it, or use it in a
    `with` statement: its temporary files go with it.
    """

    folder: Path
    config: StreamConfig
    connection: duckdb.DuckDBPyConnection
    tables: frozenset[str]
    ledger: Ledger
    notices: tuple[Notice, ...]
    inputs: tuple[InputFile, ...]
    fingerprint: str
    newest: dt.datetime
    temporary: Path
    states: dict[str, tuple[int, int]] = field(default_factory=dict)
    loaded: tuple[Loaded, ...] = ()
    backwards: Mapping[str, int] = field(default_factory=dict)
    earlier: Earlier | None = None

    def attributes(self, table: str) -> tuple[str, ...]:
        """Names of the attributes of a table."""
        return next((loaded.attributes for loaded in self.loaded if loaded.table.name == table), ())

    @contextlib.contextmanager
    def held_still(self) -> Iterator[None]:
        """Within it rows are read; raises LogRejected where a file that lies where it was logged changed by then."""
        try:
            yield
        except duckdb.Error:
            self._refuse_changes()
            raise
        self._refuse_changes()

    def _refuse_changes(self) -> None:
        for name, state in self.states.items():
            if state_of(self.folder / name) != state:
                raise LogRejected(f"{shown(name)}: was rewritten while it was being read; run again")

    def close(self) -> None:
        """Close the connection and remove the temporary files."""
        self.connection.close()
        remove_folder(self.temporary)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def state_of(path: Path) -> tuple[int, int] | None:
    """Size and time of change (ns) of a file, None where it is gone."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns
