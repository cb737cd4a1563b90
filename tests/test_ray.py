"""Does Ray, by its backend for joblib, give what this machine gives?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from joblib import parallel_config

pytest.importorskip("ray", reason="Ray is large and not among the test requirements")

from toolkit.reporting.many import run_many
from toolkit.reporting.streams_file import load_streams
from toolkit.simulation.calibration.registry import STUDIES
from toolkit.simulation.calibration.running import run_studies


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[None]:
    import ray
    from ray.util.joblib import register_ray

    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    register_ray()
    yield
    ray.shutdown()


def test_calibration_gives_the_same_numbers() -> None:
    few = [STUDIES["transfer-one-task"], STUDIES["samples-saved-30"]]
    here = {lines[0].study: lines for lines in run_studies(few, 120, jobs=1)}
    with parallel_config(backend="ray"):
        there = {lines[0].study: lines for lines in run_studies(few, 120, jobs=2)}
    assert there == here


def test_many_streams(tmp_path: Path) -> None:
    """Each is run on a worker, and its end is told."""
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad/stream.toml").write_text("no_such_key = 1\n")
    path = tmp_path / "streams.toml"
    path.write_text("at_once = 2\n" + "".join(f'[[streams]]\nstream = "{name}"\n' for name in ("none", "bad")))
    with parallel_config(backend="ray"):
        outcomes = run_many(load_streams(path), tmp_path, lambda outcome: None)
    assert [(outcome.stream.name, outcome.code) for outcome in outcomes] == [("none", 2), ("bad", 4)]
