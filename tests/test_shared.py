"""Is a shared folder made by one process alone, and is nothing half-made ever shared?"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.shared import made_once

ROOT = Path(__file__).parents[1]
WORKER = """
import os, sys, time
from pathlib import Path
from types import SimpleNamespace
from tests.shared import made_once
own = Path(sys.argv[1])
os.environ["PYTEST_XDIST_WORKER"] = own.name

def make(folder):
    time.sleep(0.2)
    (folder / own.name).touch()

factory = SimpleNamespace(getbasetemp=lambda: own)
print(sorted(p.name for p in made_once(factory, "slow", make).iterdir()))
"""


def test_workers_share_what_the_first_of_them_made(tmp_path: Path) -> None:
    """Four processes at once, each with a folder of its own: all see the same one file."""
    order = [sys.executable, "-c", WORKER]
    workers = [
        subprocess.Popen([*order, str(tmp_path / f"gw{n}")], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for n in range(4)
    ]
    said = {worker.communicate(timeout=60)[0].strip() for worker in workers}
    assert [worker.returncode for worker in workers] == [0] * 4
    assert len(said) == 1, said
    assert said.pop() in {f"['gw{n}']" for n in range(4)}


def test_what_could_not_be_made_is_made_again(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> None:
    """The error is that of the maker, and what it left half-made is gone."""
    name = f"half-made-{tmp_path.name}"

    def fail(folder: Path) -> None:
        (folder / "half").touch()
        raise ValueError("in the middle")

    with pytest.raises(ValueError, match="in the middle"):
        made_once(tmp_path_factory, name, fail)
    folder = made_once(tmp_path_factory, name, lambda folder: (folder / "whole").touch())
    assert [p.name for p in folder.iterdir()] == ["whole"]
    assert made_once(tmp_path_factory, name, fail) == folder
