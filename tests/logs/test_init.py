"""A pipeline that only writes its log pays for the standard library alone."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import toolkit.logs

HEAVY = ("duckdb", "pandas", "pydantic", "pyarrow", "numpy", "matplotlib")
PROBE = """
import json, sys
{statement}
print(json.dumps([name for name in {heavy} if name in sys.modules]))
"""


def heavy_after(statement: str) -> list[str]:
    """Heavy modules that `statement` loads in a fresh interpreter."""
    code = PROBE.format(statement=statement, heavy=HEAVY)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    found: list[str] = json.loads(done.stdout)
    return found


def test_the_writer_is_light() -> None:
    """None of the heavy modules is loaded."""
    assert heavy_after("from toolkit.logs import StreamLogWriter") == []


def test_the_fingerprint_is_light() -> None:
    """It answers "up to date", and loads none of the heavy modules either."""
    assert heavy_after("from toolkit.logs.fingerprint import fingerprint, inputs_of") == []


@pytest.mark.parametrize("name", toolkit.logs.__all__)
def test_every_public_name_is_there(name: str) -> None:
    """Names imported on first use do exist."""
    assert getattr(toolkit.logs, name).__name__ == name


def test_no_other_name() -> None:
    """A misspelt name is an AttributeError, as in any module."""
    with pytest.raises(AttributeError, match="read_streams"):
        toolkit.logs.read_streams  # noqa: B018
