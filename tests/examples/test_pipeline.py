"""The example pipeline runs as it stands and writes a log that is reviewed without a change."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.logs.streams import rejected
from toolkit.logs.read import read_stream

EXAMPLE = Path(__file__).parents[2] / "examples" / "pipeline" / "pipeline.py"


def test_example_writes_a_whole_log(tmp_path: Path) -> None:
    """As its own text says to run it: three tasks, three seeds, every row taken, and forgetting to be seen."""
    root = EXAMPLE.parents[2]
    subprocess.run([sys.executable, str(EXAMPLE), str(tmp_path / "log")], check=True, env={"PYTHONPATH": str(root)})
    with read_stream(tmp_path / "log") as log:
        assert rejected(log) == []
        assert [task.name for task in log.config.tasks] == ["zeros and ones", "twos and threes", "fours and fives"]
        counts = {name: entry.used for name, entry in log.ledger.entries().items()}
        assert counts == {"evaluations": 3 * 3 * 3 * 40, "feedback": 3 * 3 * 3 * 40, "samples": 3 * 3 * 60}
