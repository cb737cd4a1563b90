"""What if workers of a Spark cluster are killed while a log is reduced there? Executors are processes of their own."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pyspark", reason="PySpark comes with the extra `spark`")
pytest.importorskip("sqlglot", reason="SQLGlot comes with the extra `spark`")

from tests.cube.spark_logs import LOGS
from tests.cube.spark_processes import EXECUTOR, processes
from tests.cube.spark_settings import QUICK
from tests.end_to_end.stage import kill
from toolkit.cube import reduce_stream
from toolkit.cube.cube import load_cube
from toolkit.cube.spark_read import build_on_spark
from toolkit.logs import read_stream

pytestmark = [
    pytest.mark.slow,
    pytest.mark.nightly,
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas", "ignore::ResourceWarning"),
]
_LATE = 20
"""A number of a Spark job by which items, buckets and sums are kept on the workers."""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two workers with one core each."""
    import pyspark
    from pyspark.sql import SparkSession

    settings = QUICK | {"spark.log.level": "OFF"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_HOME", str(Path(pyspark.__file__).parent))
        session = SparkSession.builder.master("local-cluster[2,1,1024]").config(map=settings).getOrCreate()
        yield session
        session.stop()


@contextmanager
def beside(step: Callable[[], bool]) -> Iterator[None]:
    """Within it `step` is done again and again beside the block, until it says that it is done."""
    over = threading.Event()

    def again() -> None:
        while not step() and not over.wait(0.02):
            pass

    thread = threading.Thread(target=again)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@pytest.mark.parametrize("after", [0, _LATE])
def test_a_worker_that_is_killed_changes_no_number(cluster: Any, tmp_path: Path, after: int) -> None:
    """Early, and when much is kept on it: Spark makes that anew."""
    stream = tmp_path / "stream"
    LOGS["grouped"](stream)
    with read_stream(stream) as log:
        expected = reduce_stream(log)
    tracker = cluster.sparkContext.statusTracker()
    first = max(cluster.sparkContext._jsc.sc().dagScheduler().nextJobId(), 0)
    killed: list[int] = []

    def step() -> bool:
        if any(job >= first + after for job in tracker.getActiveJobsIds()):
            killed.extend(processes(os.getpid(), EXECUTOR)[:1])
            kill(killed)
        return bool(killed)

    with beside(step):
        found = build_on_spark(stream, tmp_path / "cube")
    assert len(killed) == 1
    assert not Path(f"/proc/{killed[0]}").exists() or "Z" in Path(f"/proc/{killed[0]}/stat").read_text()
    assert found.tables.keys() == expected.tables.keys()
    saved = load_cube(tmp_path / "cube")
    for table, rows in expected.tables.items():
        assert found.tables[table].equals(rows), table
        assert saved.tables[table].num_rows == rows.num_rows, table
