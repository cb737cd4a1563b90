"""The processes of a Spark session of a run: its driver, and its executors where these are processes of their own."""

from __future__ import annotations

from pathlib import Path

from tests.end_to_end.stage import descendants

DRIVER = b"org.apache.spark.deploy.SparkSubmit"
EXECUTOR = b"org.apache.spark.executor.CoarseGrainedExecutorBackend"


def processes(pid: int, main: bytes) -> list[int]:
    """The processes begun by another, or by one of these, that run the Java class `main`."""
    found = []
    for child in descendants(pid):
        try:
            words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if main in words:
            found.append(child)
    return found
