"""The demo's log is a sound log: the reader takes every row of it and has nothing to remark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from toolkit.logs import read_stream


def test_every_row_is_used(folders: list[Path], logs: list[dict[str, list[dict[str, Any]]]]) -> None:
    """Read = used = lines in the files, for every table of every release."""
    for folder, rows in zip(folders, logs, strict=True):
        with read_stream(folder) as log:
            found = {name: (entry.read, entry.used) for name, entry in log.ledger.entries().items()}
            assert found == {name: (len(table), len(table)) for name, table in rows.items()}
            assert log.notices == ()
