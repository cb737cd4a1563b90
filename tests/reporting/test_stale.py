"""Is a log stale exactly when its youngest log file is older than it may be?"""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

from toolkit.reporting.stale import is_stale, newest_log

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)


def test_the_youngest_log_file_decides_and_not_what_people_edit(tmp_path: Path) -> None:
    times = {"evaluations/a.csv": 100, "evaluations/b.csv": 200, "stream.toml": 900, "similarity.csv": 800}
    for name, time in times.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time, time))
    assert newest_log(tmp_path, times) == dt.datetime.fromtimestamp(200, dt.UTC)
    assert newest_log(tmp_path, ["stream.toml"]) is None


def test_stale_begins_after_the_expected_time() -> None:
    day = 24 * 60.0
    assert not is_stale(NOW - dt.timedelta(hours=24), day, NOW)
    assert is_stale(NOW - dt.timedelta(hours=24, seconds=1), day, NOW)


def test_nothing_expected_is_never_stale() -> None:
    assert not is_stale(NOW - dt.timedelta(days=1000), None, NOW)
    assert not is_stale(None, 1.0, NOW)
