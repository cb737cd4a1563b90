"""How are processes begun by several threads, and ended all together?"""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Mapping, Sequence


class Processes:
    """The processes that threads of this one have begun and wait for.

    A copy in another process is empty: what runs on a cluster is ended there.
    """

    def __init__(self) -> None:
        self._alive: set[subprocess.Popen[str]] = set()
        self._changed = threading.Condition()
        self._ending = False

    def __reduce__(self) -> tuple[type[Processes], tuple[()]]:
        return Processes, ()

    def run(self, words: Sequence[str], environment: Mapping[str, str]) -> tuple[int, str, str] | None:
        """Exit code, output and errors of a process that ran to its end; None where it was not begun any more."""
        with self._changed:
            if self._ending:
                return None
            process = subprocess.Popen(  # noqa: S603 (words of our own)
                list(words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                errors="replace", env=dict(environment),
            )  # fmt: skip
            self._alive.add(process)
        try:
            out, err = process.communicate()
        finally:
            with self._changed:
                self._alive.discard(process)
                self._changed.notify_all()
        return process.returncode, out, err

    def end(self) -> None:
        """Begin no more, ask those that run to end (SIGTERM), and wait until they have."""
        with self._changed:
            self._ending = True
            for process in self._alive:
                process.terminate()
            self._changed.wait_for(lambda: not self._alive)
