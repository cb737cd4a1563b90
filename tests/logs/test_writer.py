"""What a pipeline writes is read back, also from several processes and after a kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.logs.streams import config, rejected, rows_of
from toolkit.logs.read import read_stream
from toolkit.logs.writer import StreamLogWriter

LOOP = """
import sys
from toolkit.logs import StreamLogWriter
log = StreamLogWriter(sys.argv[1])
i = 0
while True:
    log.evaluation(stage=1, task="alpha", item=f"{sys.argv[2]}-{i}", score=i % 2, seed=0)
    i += 1
    if i == 2000:
        print("ready", flush=True)
"""


def test_all_tables_round_trip(tmp_path: Path) -> None:
    """Each call is one row, absent arguments take the defaults, more columns travel along."""
    config(tmp_path)
    hostile = 'line\nbreak, "quotes" and é\u2028'
    with StreamLogWriter(tmp_path) as log:
        log.evaluation(stage=1, task="alpha", item=hostile, score=1, attr_topic="x", step=2.5)
        log.evaluation(stage=2, task="beta", answer="a", truth="b", score=0.0, arm="joint", seed=3, n=10, sd=0.5)
        log.feedback(stage=1, task="alpha", item=hostile, source="human", rater="r", score=0.5, form="rubric")
        log.sample(stage=1, task="alpha", sample="s", text=hostile, embedding=[1.0, 2.0], parents=["p"])
    log.evaluation(stage=3, task="gamma", score=1)  # a closed writer opens again
    log.close()
    with read_stream(tmp_path) as read:
        assert rejected(read) == []
        assert rows_of(read, "evaluations", "stage", "task", "item", "score", "arm", "seed", "step", "attr_topic") == [
            (1, "alpha", hostile, 1.0, "stream", 0, 2.5, "x"),
            (2, "beta", None, 0.0, "joint", 3, None, None),
            (3, "gamma", None, 1.0, "stream", 0, None, None),
        ]
        assert rows_of(read, "feedback", "item", "score", "form") == [(hostile, 0.5, "rubric")]
        assert rows_of(read, "samples", "text", "embedding", "parents") == [(hostile, [1.0, 2.0], ["p"])]


def test_killed_while_writing_from_two_processes(tmp_path: Path) -> None:
    """Both processes' rows are there; at most the last line of each is cut."""
    config(tmp_path)
    processes = [
        subprocess.Popen([sys.executable, "-c", LOOP, str(tmp_path), name], stdout=subprocess.PIPE) for name in "ab"
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    files = sorted((tmp_path / "evaluations").iterdir())
    assert len(files) == 2
    lines = sum(file.read_bytes().count(b"\n") for file in files)
    with read_stream(tmp_path) as log:
        entry = log.ledger.entries()["evaluations"]
        assert entry.used == lines >= 4000
        assert entry.rejected <= 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_writes_its_own_file(tmp_path: Path) -> None:
    """A writer carried into a child process opens files of its own."""
    config(tmp_path)
    code = f"""
import os
from toolkit.logs import StreamLogWriter
log = StreamLogWriter({str(tmp_path)!r})
log.evaluation(stage=1, task="alpha", item="parent", score=1)
child = os.fork()
log.evaluation(stage=1, task="alpha", item="child" if child == 0 else "parent again", score=1)
if child == 0:
    os._exit(0)
os.waitpid(child, 0)
"""
    subprocess.run([sys.executable, "-c", code], check=True)
    assert len(list((tmp_path / "evaluations").iterdir())) == 2
    with read_stream(tmp_path) as log:
        items = {item for (item,) in rows_of(log, "evaluations", "item")}
    assert items == {"parent", "parent again", "child"}
