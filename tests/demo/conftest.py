"""A demo small enough for tests, run through the same code: two tasks or three, one seed, few images."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from threadpoolctl import threadpool_limits

from toolkit.demo.images import TaskImages, load_tasks
from toolkit.demo.run import write_releases
from toolkit.demo.settings import Method, Settings

Row = dict[str, Any]
Rows = dict[str, list[Row]]


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """As the demo runs; threads on matrices of this size wait for each other more than they work."""
    with threadpool_limits(limits=1):
        yield


@pytest.fixture(scope="session")
def small() -> Settings:
    return Settings(
        tasks=3, seeds=2, tests_per_class=4, seeds_per_class=4, draws_per_class=6, budget=120,
        checkpoints=(40, 120), judged_earlier=12, human_new=10, human_earlier=6, judged_samples=5,
        reference_images=15,
    )  # fmt: skip


@pytest.fixture(scope="session")
def methods() -> tuple[Method, ...]:
    return (
        Method("2026.09", "fine-tuning"),
        Method("2026.10", "replay, one stage with people", replay=0.5, human_stages=1, temperature=0.5, recursive=True),
    )


@pytest.fixture(scope="session")
def tasks(small: Settings) -> tuple[TaskImages, ...]:
    return load_tasks(small)


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory, small: Settings, methods: tuple[Method, ...]) -> list[Path]:
    return write_releases(tmp_path_factory.mktemp("demo"), methods, small)


@pytest.fixture(scope="session")
def read() -> Callable[[Path], Rows]:
    """Rows of a stream folder by table, in the order of their files, with the defaults of the format."""

    def rows(folder: Path) -> Rows:
        tables = {}
        for table in ("evaluations", "feedback", "samples"):
            lines = [line for path in sorted((folder / table).iterdir()) for line in path.read_text().splitlines()]
            tables[table] = [{"arm": "stream", "seed": 0, "step": None} | json.loads(line) for line in lines]
        return tables

    return rows


@pytest.fixture(scope="session")
def logs(folders: list[Path], read: Callable[[Path], Rows]) -> list[Rows]:
    return [read(folder) for folder in folders]
