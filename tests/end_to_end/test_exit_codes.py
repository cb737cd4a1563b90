"""Does the command end with the code that is documented, and with one line that says why?"""

from __future__ import annotations

import os
import random
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import pytest

from tests.end_to_end.soundness import problems, state
from tests.end_to_end.stage import Stage, finish
from tests.reporting.support import write_notebook, write_report_notebooks, write_stream
from toolkit.reporting.layout import Layout
from toolkit.reporting.lock import hold

TOML = 'expect_every = "2d"\n[review]\nrequired = ["forgetting"]'


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place in which release 1 is published by the command; tests work on copies."""
    place = tmp_path_factory.mktemp("codes") / "place"
    write_stream(place / "stream", toml=TOML)
    write_report_notebooks(place / "notebooks")
    done = stage(place).run("--release", "1")
    assert (done.code, done.said) == (0, "")
    return place


@pytest.fixture
def place(published: Path, tmp_path: Path) -> Path:
    shutil.copytree(published, tmp_path / "place", symlinks=True)
    return tmp_path / "place"


def stage(place: Path) -> Stage:
    """Real processes on the place's stream."""
    return Stage(place, random.Random(0), seconds=60, operations=(1, 1))


def failing(place: Path) -> AbstractContextManager[None]:
    write_notebook(place / "notebooks", "transfer", "1 / 0")
    return nullcontext()


def spoilt(place: Path) -> AbstractContextManager[None]:
    (place / "stream/stream.toml").write_text('name = "tickets"\nno_such_key = 1\n')
    return nullcontext()


def old(place: Path) -> AbstractContextManager[None]:
    for file in (place / "stream").rglob("*.jsonl"):
        os.utime(file, (time.time() - 3 * 86400,) * 2)
    return nullcontext()


@contextmanager
def held(place: Path) -> Iterator[None]:
    with hold(Layout(place / "reports"), "tickets"):
        yield


TABLE: list[tuple[int, Callable[[Path], AbstractContextManager[None]], list[str], str]] = [
    (0, lambda _: nullcontext(), ["--release", "1"], ""),
    (1, failing, ["--release", "2"], "notebook transfer: cell 2: ZeroDivisionError"),
    (2, lambda _: nullcontext(), ["--release", "../up"], "--release"),
    (2, lambda _: nullcontext(), ["--no-such-option"], "No such option"),
    (2, lambda _: nullcontext(), ["--config", "streams.toml"], "give one of STREAM, --config"),
    (3, lambda _: nullcontext(), ["--release", "1", "--fail-on", "not-measured"], "not measured"),
    (4, spoilt, ["--release", "2"], "no_such_key"),
    (5, old, ["--release", "1"], "older than expect_every"),
    (6, held, ["--release", "2"], f"pid {os.getpid()}"),
]


@pytest.mark.parametrize(("code", "arrange", "options", "said"), TABLE, ids=[f"{r[0]} {r[2][-1]}" for r in TABLE])
def test_exit_codes(
    place: Path, code: int, arrange: Callable[[Path], AbstractContextManager[None]], options: list[str], said: str
) -> None:
    """Each documented code, with its reason on stderr in one line; what stands published is untouched."""
    before = state(place)
    with arrange(place):
        ended = stage(place).run(*options)
    assert ended.code == code, ended.said
    assert said in ended.said
    assert ended.said.count("\n") == 0
    assert ended.said.startswith("streamreview: ") == (code != 0)
    assert [line for line in problems(place, before) if "notebooks" not in line] == []


def test_ten_runs_started_at_once(place: Path) -> None:
    """One works and publishes; nine end with 6 and name the one that holds the stream."""
    wait = (
        f"import time\nfrom pathlib import Path\nwhile not Path({str(place / 'go')!r}).exists():\n    time.sleep(0.1)"
    )
    write_report_notebooks(place / "notebooks", wait)
    runs = [stage(place).start("--release", "2") for _ in range(10)]
    try:
        end = time.monotonic() + 120
        while sum(run.poll() is not None for run in runs) < 9 and time.monotonic() < end:
            time.sleep(0.1)
        (worker,) = [run for run in runs if run.poll() is None]
        (place / "go").touch()
        ended = {run.pid: finish(run) for run in runs}
    finally:
        (place / "go").touch()
        for run in runs:
            if run.poll() is None:
                run.kill()
                run.communicate()
    assert ended.pop(worker.pid).code == 0
    for turned_away in ended.values():
        assert turned_away.code == 6
        assert turned_away.said.count("\n") == 0
        assert f"tickets: a run (pid {worker.pid}, started 20" in turned_away.said
    assert (place / "reports/tickets/2/results.json").is_file()
    assert len(list((place / "reports/.builds").iterdir())) == 2
