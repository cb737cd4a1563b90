"""Is work done once each, side by side, one thread a process, and does all of it end together?"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from joblib import parallel_config
from threadpoolctl import threadpool_info

from toolkit.parallel import handed_out

ROOT = Path(__file__).parents[1]
_TWO_FOR_A_MINUTE = """
import sys
from tests.test_parallel import for_a_minute
from toolkit.parallel import handed_out
list(handed_out([(for_a_minute, (sys.argv[1],))] * 2, jobs=2))
"""


def described(number: int) -> tuple[int, int, set[int], bool]:
    import scipy.linalg  # noqa: F401  libraries must be there to have threads

    ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    return number, os.getpid(), {pool["num_threads"] for pool in threadpool_info()}, ignored


def for_a_minute(folder: str) -> None:
    (Path(folder) / str(os.getpid())).touch()
    time.sleep(60)


def nothing(folder: str) -> None:
    pass


def until(holds: Callable[[], bool], seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.05)
    return holds()


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def begun(folder: Path) -> list[int]:
    return [int(path.name) for path in folder.iterdir()]


def test_each_call_is_done_once_in_processes_of_one_thread_that_leave_interrupts_to_this_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        monkeypatch.setenv(name, "2")
    found = list(handed_out([(described, (number,)) for number in range(6)], jobs=2))
    assert sorted(number for number, *_ in found) == list(range(6))
    assert os.getpid() not in {pid for _, pid, _, _ in found}
    assert [(threads, ignored) for _, _, threads, ignored in found] == [({1}, True)] * 6


def test_one_job_is_done_in_this_process_which_stays_as_it_is() -> None:
    before = signal.getsignal(signal.SIGINT)
    assert {pid for _, pid, _, _ in handed_out([(described, (0,))] * 2, jobs=1)} == {os.getpid()}
    assert signal.getsignal(signal.SIGINT) is before


def test_no_more_than_so_many_at_once() -> None:
    lock, now, most = threading.Lock(), [0], [0]

    def one() -> None:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.05)
        with lock:
            now[0] -= 1

    list(handed_out([(one, ())] * 7, jobs=3, prefer="threads", apart=True))
    assert most == [3]


def test_closing_ends_what_is_being_done(tmp_path: Path) -> None:
    """Nothing is said of it: warnings are errors here."""
    results = handed_out([(nothing, ("",)), *[(for_a_minute, (str(tmp_path),))] * 2], jobs=2, apart=True)
    next(results)
    assert until(lambda: len(begun(tmp_path)) >= 1)
    results.close()
    assert until(lambda: not any(map(runs, begun(tmp_path))), 5)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_nothing_outlives_this_process(tmp_path: Path, number: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", _TWO_FOR_A_MINUTE, str(tmp_path)], cwd=ROOT, stderr=subprocess.DEVNULL
    )
    try:
        assert until(lambda: len(begun(tmp_path)) == 2)
        process.send_signal(number)
        assert process.wait(5) == -number
    finally:
        process.kill()
    assert until(lambda: not any(map(runs, begun(tmp_path))), 5)


def test_a_backend_that_gives_all_results_at_once() -> None:
    """As Ray's: joblib's own on multiprocessing."""
    with parallel_config(backend="multiprocessing"):
        found = list(handed_out([(described, (number,)) for number in range(4)], jobs=2))
    assert [number for number, *_ in found] == list(range(4))
    assert os.getpid() not in {pid for _, pid, *_ in found}
