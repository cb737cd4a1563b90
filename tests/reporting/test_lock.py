"""Can two runs hold one stream, and does a killed run let it go?"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from toolkit.errors import RunFailed, StreamBusy
from toolkit.reporting.layout import Layout
from toolkit.reporting.lock import hold

HOLD = """
import sys, time
from pathlib import Path
from toolkit.reporting.layout import Layout
from toolkit.reporting.lock import hold
with hold(Layout(Path(sys.argv[1])), "tickets"):
    print("held", flush=True)
    time.sleep(60)
"""


def _holder(reports: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(reports)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_run_is_told_who_holds_the_stream(tmp_path: Path) -> None:
    """Its one line names the pid and the start of the first."""
    with _holder(tmp_path) as other:
        with (
            pytest.raises(StreamBusy, match=rf"tickets: a run \(pid {other.pid}, started 20\d\d-.*\) holds it") as e,
            hold(Layout(tmp_path), "tickets"),
        ):
            raise AssertionError
        other.kill()
    assert e.value.exit_code == 6
    assert "\n" not in str(e.value)


def test_the_lock_dies_with_its_owner(tmp_path: Path) -> None:
    """After kill -9 the stream is free at once, though the lock's files are still there."""
    with _holder(tmp_path) as other:
        os.kill(other.pid, signal.SIGKILL)
        other.wait()
    assert Layout(tmp_path).lock("tickets").with_suffix(".json").exists()
    start = time.monotonic()
    with hold(Layout(tmp_path), "tickets"):
        assert time.monotonic() - start < 1


def test_streams_do_not_wait_for_each_other(tmp_path: Path) -> None:
    with hold(Layout(tmp_path), "tickets"), hold(Layout(tmp_path), "invoices"):
        pass


def test_an_error_inside_lets_the_stream_go(tmp_path: Path) -> None:
    with pytest.raises(KeyError), hold(Layout(tmp_path), "tickets"):
        raise KeyError
    with hold(Layout(tmp_path), "tickets"):
        pass


def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("a file")
    why = r"reports: reports cannot be written here .*--out"
    with pytest.raises(RunFailed, match=why), hold(Layout(tmp_path / "reports"), "tickets"):
        raise AssertionError
