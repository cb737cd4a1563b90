"""What is slow to make and only read: made once in a test run, by whichever process asks first."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """The folder `name` that `make` has filled, common to all of pytest-xdist's workers.

    It is other tests' too: a test that changes something works on a copy. Where `make` raises, nothing is left
    and the next to ask makes it again.
    """
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent  # each worker has a folder of its own in that of the run
    folder, done = base / name, base / f"{name}.made"
    with FileLock(base / f"{name}.lock"):
        if not done.exists():
            folder.mkdir()
            try:
                make(folder)
            except BaseException:
                shutil.rmtree(folder)
                raise
            done.touch()
    return folder


def command(*arguments: object, home: Path) -> subprocess.CompletedProcess[str]:
    """Run `streamreview` as a user would, with caches of its own."""
    environment = os.environ | {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), "COLUMNS": "200"}
    return subprocess.run(
        [sys.executable, "-m", "toolkit", *map(str, arguments)],
        capture_output=True, text=True, env=environment, timeout=600, check=False,
    )  # fmt: skip
