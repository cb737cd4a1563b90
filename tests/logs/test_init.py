"""A pipeline that only writes its log pays for the standard library alone."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import toolkit.logs

HEAVY = ("duckdb", "pandas", "pydantic", "pyarrow", "numpy", "matplotlib")
PROBE = """
import json, sys, time
start = time.perf_counter()
{statement}
seconds = time.perf_counter() - start
print(json.dumps([seconds, [name for name in {heavy} if name in sys.modules]]))
"""


def probe(statement: str) -> tuple[float, list[str]]:
    """Seconds (the best of five) and heavy modules after `statement` in a fresh interpreter."""
    code = PROBE.format(statement=statement, heavy=HEAVY)
    runs = [
        json.loads(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
        for _ in range(5)
    ]
    return min(run[0] for run in runs), runs[0][1]


def test_the_writer_is_light() -> None:
    """Under 50 ms, without any of the heavy modules."""
    seconds, heavy = probe("from toolkit.logs import StreamLogWriter")
    assert heavy == []
    assert seconds < 0.05


def test_the_fingerprint_is_light() -> None:
    """Under 100 ms, without any of the heavy modules: it answers "up to date"."""
    seconds, heavy = probe("from toolkit.logs.fingerprint import fingerprint, inputs_of")
    assert heavy == []
    assert seconds < 0.1


@pytest.mark.parametrize("name", toolkit.logs.__all__)
def test_every_public_name_is_there(name: str) -> None:
    """Names imported on first use do exist."""
    assert getattr(toolkit.logs, name).__name__ == name


def test_no_other_name() -> None:
    """A misspelt name is an AttributeError, as in any module."""
    with pytest.raises(AttributeError, match="read_streams"):
        toolkit.logs.read_streams  # noqa: B018
