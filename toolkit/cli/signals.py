"""Has the process been asked to end, and does the run hear of it?

A signal becomes an exception at once. A module that is imported or called at that moment may swallow it, so the
steps of a run ask again.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_heard: list[int] = []  # signals belong to the process, and so does this list


class Terminated(BaseException):
    """The process was asked to end (SIGTERM), so that kernels are ended and the run is put away."""


@contextmanager
def listening() -> Iterator[list[int]]:
    """Turn SIGINT and SIGTERM into exceptions for the block; the list holds those that were heard."""
    _heard.clear()
    if threading.current_thread() is not threading.main_thread():  # where no signals are heard
        yield _heard
        return
    before = {number: signal.signal(number, _hear) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield _heard
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def end_if_asked() -> None:
    """Raise what a signal meant to, where it was heard and its exception got lost."""
    if signal.SIGTERM in _heard:
        raise Terminated
    if signal.SIGINT in _heard:
        raise KeyboardInterrupt


def _hear(number: int, frame: FrameType | None) -> None:
    _heard.append(number)
    end_if_asked()
