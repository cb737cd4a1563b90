"""The real command line on real streams; each published folder is made once and only read by the tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


def command(*arguments: object, home: Path) -> subprocess.CompletedProcess[str]:
    """Run `streamreview` as a user would, with caches of its own."""
    environment = os.environ | {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), "COLUMNS": "200"}
    return subprocess.run(
        [sys.executable, "-m", "toolkit", *map(str, arguments)],
        capture_output=True, text=True, env=environment, timeout=600, check=False,
    )  # fmt: skip


def published(reports: Path, stream: str, release: str) -> dict:
    """A publication's results.json."""
    return json.loads((reports / stream / release / "results.json").read_text())


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def demo(tmp_path_factory, home):
    """Two releases of a small run of the bundled pipeline, published: (stream folders, reports folder)."""
    from toolkit.demo.run import write_releases
    from toolkit.demo.settings import RELEASES, Settings

    folder = tmp_path_factory.mktemp("demo")
    small = Settings(tasks=4, seeds=3, tests_per_class=8, budget=600, checkpoints=(200, 600), human_new=40)
    streams = write_releases(folder / "streams", RELEASES[:2], small, jobs=1)
    reports = folder / "reports"
    for stream in streams:
        done = command("run", stream, "--out", reports, "--fail-on", "none", home=home)
        assert done.returncode == 0, done.stderr
    return streams, reports
