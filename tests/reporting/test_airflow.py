"""Does Airflow run the example DAG, and is each end of a run the end of its task that the example promises?"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.reporting.support import write_stream
from toolkit.reporting.layout import Layout
from toolkit.reporting.lock import hold

EXAMPLE = Path(__file__).parents[2] / "examples/schedules/airflow_dag.py"
RUN = """
import json, runpy, sys
ends = {}
for path in sys.argv[2:]:
    run = runpy.run_path(path)["dag"].test()
    ends[path] = {task.task_id: str(task.state) for task in run.get_task_instances()}
open(sys.argv[1], "w").write(json.dumps(ends))
"""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("airflow") is None, reason="needs Airflow 3 (`airflow` of any environment on the PATH)"
    ),
]


def dag(folder: Path, stream: Path, reports: Path) -> Path:
    """The example with the paths of this machine in place of its own."""
    own = Path(sys.executable).with_name("streamreview")
    text = EXAMPLE.read_text()
    places = {
        "/opt/streamreview/bin/streamreview": own,
        "/srv/streams/support-tickets": stream,
        "/srv/reports": reports,
    }
    for path, place in places.items():
        assert text.count(path) == 1
        text = text.replace(path, str(place))
    folder.mkdir(exist_ok=True)
    (folder / f"{stream.name}.py").write_text(text.replace('"stream_review"', f'"{stream.name}"'))
    return folder / f"{stream.name}.py"


def test_airflow_runs_the_example(tmp_path: Path) -> None:
    """A stream that is reviewed, one whose log is rejected, one that another run holds: success, failed, skipped."""
    reports, dags = tmp_path / "reports", tmp_path / "dags"
    (tmp_path / "rejected").mkdir()
    (tmp_path / "rejected/stream.toml").write_text("no_such_key = 1\n")
    streams = [write_stream(tmp_path / "reviewed"), tmp_path / "rejected", write_stream(tmp_path / "held")]
    held = tmp_path / "held/stream.toml"
    held.write_text(held.read_text().replace('name = "tickets"', 'name = "held"'))
    paths = [dag(dags, stream, reports) for stream in streams]
    python = Path(shutil.which("airflow") or "").with_name("python")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "PYTHON"))}
    environment |= {
        "AIRFLOW_HOME": str(tmp_path / "airflow"), "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False", "XDG_CACHE_HOME": str(tmp_path / "cache"),
    }  # fmt: skip
    with hold(Layout(reports), "held"):
        for order in (["-m", "airflow", "db", "migrate"], ["-c", RUN, str(tmp_path / "ends.json"), *map(str, paths)]):
            done = subprocess.run(
                [python, *order], env=environment, capture_output=True, text=True, timeout=300, check=False
            )
            assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    ends = json.loads((tmp_path / "ends.json").read_text())
    assert {Path(path).stem: states for path, states in ends.items()} == {
        "reviewed": {"review": "success"}, "rejected": {"review": "failed"}, "held": {"review": "skipped"},
    }  # fmt: skip
    assert (reports / "tickets/latest-look/index.html").exists()
