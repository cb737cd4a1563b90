"""Are so many rows of a log rejected that it cannot be used, and what may be behind it?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from toolkit.errors import LogRejected
from toolkit.logs.config import StreamConfig
from toolkit.logs.earlier import Account, CannotJoin
from toolkit.logs.ledger import Ledger
from toolkit.logs.loaded import Loaded
from toolkit.logs.notices import rejection_hints
from toolkit.logs.shown import shown
from toolkit.logs.sql import Asked


def enforce(
    connection: Asked,
    ledger: Ledger,
    loaded: Sequence[Loaded],
    config: StreamConfig,
    folder: Path,
    earlier: Account | None = None,
) -> None:
    """Raise LogRejected where more rows of a table are rejected than max_rejected of stream.toml allows.

    earlier: of files of evaluations that were read before; then CannotJoin, for the message names a row of any file.
    """
    most = config.max_rejected
    for table in loaded:
        name = table.table.name
        entry = ledger.entries()[name]
        counted = ledger.counted(name)
        if counted <= most * entry.read and entry.used:
            continue
        if earlier is not None and name == "evaluations":
            raise CannotJoin("more rows were rejected than max_rejected of stream.toml allows")
        reason, rows = ledger.commonest(name)
        first = ledger.rejected(1, table=name, reason=reason)[0]
        share = 100 * counted / entry.read
        limit = f"more than max_rejected ({100 * most:g} %)" if entry.used else "so none is left"
        hint = "".join(f"; {text}" for text in rejection_hints(connection, table, config))
        raise LogRejected(
            f"{name}: {counted:,} of {entry.read:,} rows ({share:.3g} %) cannot be used, {limit}; "
            f"most often: {shown(reason, 160)} ({rows:,} rows), first at {shown(first.place)}{hint}; "
            f"see all with: streamreview check {shown(folder, 300)} --rejected"
        )
