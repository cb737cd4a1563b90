"""The bundled demonstration at a small size, for all tests that read it; and slow files of tests begin first."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.shared import command, made_once


def pytest_configure() -> None:
    """Interrupts reach the processes that tests start, also where all this was started in the background."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with a slow test to the front, so that none of them is begun last, while other processes are idle."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder with nothing in it but the caches of the commands that were run by tests."""
    return made_once(tmp_path_factory, "home", lambda folder: None)


@pytest.fixture(scope="session")
def demo_streams(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two releases of a small run of the bundled pipeline, oldest first; only to be read."""
    from toolkit.demo.run import write_releases
    from toolkit.demo.settings import RELEASES, Settings

    small = Settings(tasks=4, seeds=3, tests_per_class=8, budget=600, checkpoints=(200, 600), human_new=40)
    two = RELEASES[:2]
    folder = made_once(tmp_path_factory, "demo-streams", lambda folder: write_releases(folder, two, small, jobs=1))
    return [folder / method.release for method in two]


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, demo_streams: list[Path], home: Path) -> tuple[list[Path], Path]:
    """The two releases, published: (stream folders, reports folder); only to be read."""

    def publish(reports: Path) -> None:
        for stream in demo_streams:
            done = command("run", stream, "--out", reports, "--fail-on", "none", home=home)
            assert done.returncode == 0, done.stderr

    return demo_streams, made_once(tmp_path_factory, "demo-reports", publish)


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place with six publications of a small log, see `fill_shelf`; only to be read."""
    from tests.reporting.support import fill_shelf

    return made_once(tmp_path_factory, "shelf", fill_shelf)
