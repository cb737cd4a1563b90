"""Is a log older than it may be? Stale is not healthy: a log that has stopped looks as it did."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

NOT_LOGS = frozenset({"stream.toml", "similarity.csv"})
"""Files of a stream folder that people write: editing them does not make a log fresh."""


def newest_log(stream: Path, inputs: Iterable[str]) -> dt.datetime | None:
    """When the youngest of the log files `inputs` (paths below `stream`) was written; None without any."""
    times = [(stream / name).stat().st_mtime for name in inputs if name not in NOT_LOGS]
    return dt.datetime.fromtimestamp(max(times), dt.UTC) if times else None


def is_stale(newest: dt.datetime | None, every_minutes: float | None, now: dt.datetime) -> bool:
    """Whether `newest` is longer ago than `every_minutes`; never where nothing is expected."""
    if newest is None or every_minutes is None:
        return False
    return now - newest > dt.timedelta(minutes=every_minutes)
