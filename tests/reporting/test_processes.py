"""Do processes that several threads wait for end together, and is none begun afterwards?"""

from __future__ import annotations

import os
import pickle
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from toolkit.reporting.processes import Processes

_SAYS = [sys.executable, "-c", "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"]


def test_a_process_says_how_it_ended() -> None:
    assert Processes().run(_SAYS, os.environ) == (3, "out\n", "err\n")


def test_all_are_asked_to_end_and_waited_for(tmp_path: Path) -> None:
    processes = Processes()
    waits = "import pathlib, sys, time; pathlib.Path(sys.argv[1]).touch(); time.sleep(60)"
    with ThreadPoolExecutor(2) as pool:
        ends = [
            pool.submit(processes.run, [sys.executable, "-c", waits, str(tmp_path / name)], os.environ) for name in "ab"
        ]
        end = time.monotonic() + 20
        while len(list(tmp_path.iterdir())) < 2 and time.monotonic() < end:
            time.sleep(0.02)
        processes.end()
        assert [ended.result(5) for ended in ends] == [(-15, "", "")] * 2
    assert processes.run(_SAYS, os.environ) is None
    assert pickle.loads(pickle.dumps(processes)).run(_SAYS, os.environ) == (3, "out\n", "err\n")  # noqa: S301
