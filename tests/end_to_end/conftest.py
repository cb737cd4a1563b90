"""The real command line on real streams; each published folder is made once and only read by the tests."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.shared import command, made_once

__all__ = ["command", "published"]

HOSTILE = "<img src=x onerror=alert(1)>"


def published(reports: Path, stream: str, release: str) -> dict:
    """A publication's results.json."""
    return json.loads((reports / stream / release / "results.json").read_text())


@pytest.fixture(scope="session")
def first_log(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Path:
    """One seed, one arm, two tasks, the second with a hostile name, forty items; published as release 1 in reports/."""

    def publish(place: Path) -> None:
        stream = place / "stream"
        stream.mkdir()
        (stream / "stream.toml").write_text(f'name = "first"\n[[tasks]]\nname = "old"\n[[tasks]]\nname = "{HOSTILE}"\n')
        right = {"old": (10, 36, 20), HOSTILE: (12, 14, 34)}
        rows = [
            f"{stage},{task},{task}{item},{int(item < n)}\n"
            for task, shares in right.items()
            for stage, n in enumerate(shares)
            for item in range(40)
        ]
        (stream / "evaluations.csv").write_text("stage,task,item,score\n" + "".join(rows))
        done = command("run", stream, "--out", place / "reports", "--release", "1", home=home)
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""

    return made_once(tmp_path_factory, "first-log", publish)
