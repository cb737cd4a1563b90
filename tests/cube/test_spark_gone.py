"""What if Spark is gone for good while a run reduces a log there? One line, exit code 1, and no part of a cube."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("pyspark", reason="PySpark comes with the extra `spark`")
pytest.importorskip("sqlglot", reason="SQLGlot comes with the extra `spark`")

from tests.cube.spark_processes import DRIVER, EXECUTOR, processes
from tests.cube.spark_settings import QUICK
from tests.cube.spark_tables import judged_only
from tests.end_to_end.stage import ROOT, kill

pytestmark = pytest.mark.slow
_LONGEST = 240.0  # seconds, of a run on a busy machine


class Run:
    """A run in a process of its own, on a Spark session of its own that tells its events."""

    def __init__(self, place: Path, **settings: str) -> None:
        import pyspark

        self.place = place
        self._events = place / "events"
        for folder in ("events", "conf", "spark"):
            (place / folder).mkdir()
        for part in Path(pyspark.__file__).parent.iterdir():
            if part.name != "work":  # executors have their folders beside Spark, and other runs left some there
                (place / "spark" / part.name).symlink_to(part)
        told = {"enabled": "true", "dir": self._events.as_uri(), "compress": "false", "rolling.enabled": "false"}
        every = QUICK | {"spark.log.level": "OFF"} | {f"spark.eventLog.{key}": value for key, value in told.items()}
        lines = [f"{key} {value}\n" for key, value in (every | settings).items()]
        (place / "conf" / "spark-defaults.conf").write_text("".join(lines), encoding="utf-8")
        judged_only(place / "stream")
        own = {
            "SPARK_CONF_DIR": str(place / "conf"), "SPARK_HOME": str(place / "spark"),
            "XDG_CACHE_HOME": str(place / "cache"),
        }  # fmt: skip
        words = ["run", str(place / "stream"), "--engine", "spark", "--out", str(place / "reports")]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "toolkit", *words], cwd=ROOT, env=os.environ | own, text=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip

    def events(self, name: str) -> int:
        """How many events of a kind have been told."""
        return sum(
            file.read_text(encoding="utf-8").count(f'"Event":"SparkListener{name}"') for file in self._events.iterdir()
        )

    def until(self, reached: Callable[[], bool]) -> None:
        """Wait for something that happens before the run ends."""
        end = time.monotonic() + _LONGEST
        while not reached():
            assert self.process.poll() is None, "the run ended before"
            assert time.monotonic() < end
            time.sleep(0.02)

    def ended_in_one_line(self, said: str) -> None:
        """The run failed, said so in one line, and left nothing that a later run would take for a cube."""
        _, text = self.process.communicate(timeout=_LONGEST)
        assert self.process.returncode == 1
        own = [line for line in text.splitlines() if line.startswith("streamreview: ")]
        assert len(own) == 1
        assert said in own[0]
        assert text.rstrip().endswith(own[0])
        assert "Traceback" not in text
        assert "awaitResult" not in text
        assert not list((self.place / "cache").rglob("meta.json"))
        assert not list((self.place / "reports").rglob("index.html"))


@pytest.mark.parametrize("jobs", [2, pytest.param(12, marks=pytest.mark.nightly)])
def test_the_driver_is_killed(jobs: int, tmp_path: Path) -> None:
    """While files are read, and while judgements are reduced."""
    run = Run(tmp_path, **{"spark.master": "local[1]"})
    run.until(lambda: run.events("JobStart") >= jobs)
    kill(processes(run.process.pid, DRIVER))
    run.ended_in_one_line("its driver no longer answers; see Spark's own log for more")


@pytest.mark.nightly
def test_the_last_executor_is_killed_and_none_can_start(tmp_path: Path) -> None:
    """Where there is a file, no executor gets a folder: after some attempts Spark gives up."""
    run = Run(tmp_path, **{"spark.master": "local-cluster[1,1,1024]"})
    run.until(lambda: run.events("JobStart") >= 3)
    [folder] = (tmp_path / "spark" / "work").iterdir()
    folder.rename(tmp_path / "away")
    folder.touch()
    kill(processes(run.process.pid, EXECUTOR))
    run.ended_in_one_line("Master removed our application")
