"""How is one notebook executed? By papermill in a fresh kernel, within a time limit, cell by cell.

A cell's own limit would let a notebook of many cells run for ever: the limit here is the whole notebook's,
and it ends the kernel and whatever the kernel started.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.reporting.kernel import kill, new_kernel
from toolkit.temporary import make_folder, remove_folder

if TYPE_CHECKING:
    from jupyter_client.manager import AsyncKernelManager

    from toolkit.reporting.forked import WarmProcess

_ENGINE = "streamreview"
_register = threading.Lock()


class KernelDiedError(Exception):
    """The kernel's process ended before the notebook did."""


class TimeIsUpError(Exception):
    """The notebook ran longer than it may."""


class CancelledError(Exception):
    """The run was given up while the notebook was being executed."""


@dataclass
class Kernels:
    """The kernels of one run that are alive, so that giving up a run ends them all."""

    cancelled: bool = False
    _alive: list[AsyncKernelManager] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def watch(self, manager: AsyncKernelManager, seconds: float) -> Iterator[threading.Event]:
        """Keep `manager` among the living for the block and kill it after `seconds`; the event says so."""
        expired = threading.Event()

        def expire() -> None:
            expired.set()
            kill(manager)

        timer = threading.Timer(seconds, expire)
        timer.daemon = True
        with self._lock:
            if self.cancelled:
                raise CancelledError
            self._alive.append(manager)
        timer.start()
        try:
            yield expired
        finally:
            timer.cancel()
            with self._lock:
                self._alive.remove(manager)

    def cancel(self) -> None:
        """Kill every kernel of the run and let no new one start."""
        with self._lock:
            self.cancelled = True
            for manager in self._alive:
                kill(manager)


def execute(
    source: Path,
    executed: Path,
    parameters: Mapping[str, Any],
    *,
    folder: Path,
    timeout: float,
    threads: int,
    kernels: Kernels,
    memory: int | None = None,
    warm: WarmProcess | None = None,
) -> None:
    """Execute the notebook `source` with `parameters` and write it to `executed`, also where it fails.

    To be called in a thread that has no event loop of its own.

    folder: the kernel's working folder. timeout: seconds for the whole notebook. memory: bytes of data.
    warm: the process to fork the kernel from.
    Raises papermill's PapermillExecutionError where a cell raised, and KernelDiedError, TimeIsUpError or
    CancelledError.
    """
    from nbclient.exceptions import DeadKernelError

    papermill = _papermill()
    place = make_folder()
    manager = new_kernel(place, threads=threads, memory=memory, warm=warm)
    try:
        with kernels.watch(manager, timeout) as expired:
            try:
                papermill.execute_notebook(
                    str(source).replace("{", "{{").replace("}", "}}"),
                    str(executed).replace("{", "{{").replace("}", "}}"),
                    dict(parameters),
                    engine_name=_ENGINE,
                    kernel_name="python3",
                    language="python",
                    progress_bar=False,
                    start_timeout=max(5, min(120, int(timeout))),
                    autosave_cell_every=0,
                    km=manager,
                    resources={"metadata": {"path": str(folder)}},
                )
            except (DeadKernelError, RuntimeError) as error:
                if expired.is_set():
                    raise TimeIsUpError from None
                if kernels.cancelled:
                    raise CancelledError from None
                if isinstance(error, DeadKernelError) or "Kernel died" in str(error):
                    raise KernelDiedError from None
                raise
    finally:
        kill(manager)
        _close_loop()
        remove_folder(place)


def _close_loop() -> None:
    """Close the event loop that nbclient opened for this thread and would leave open."""
    import asyncio

    from jupyter_core.utils import ensure_event_loop

    loop = ensure_event_loop()
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
    asyncio.set_event_loop(None)


def _papermill() -> Any:
    """papermill with our engine registered; both are imported on first use, for they are slow to import."""
    import papermill
    from papermill.clientwrap import PapermillNotebookClient
    from papermill.engines import NBClientEngine, papermill_engines

    class FreshKernelEngine(NBClientEngine):  # type: ignore[misc]
        @classmethod
        def execute_managed_notebook(
            cls, nb_man: Any, kernel_name: str, *, km: Any, resources: Any, start_timeout: int, **_: Any
        ) -> Any:
            client = PapermillNotebookClient(
                nb_man,
                km=km,
                kernel_name=kernel_name,
                resources=resources,
                startup_timeout=start_timeout,
                shutdown_kernel="immediate",
                timeout=None,
                log=_quiet(),
            )
            client.owns_km = True  # so that the client ends the kernel and closes its sockets
            with _saved_once(nb_man):
                return client.execute()

    with _register:
        if _ENGINE not in papermill_engines._engines:
            papermill_engines.register(_ENGINE, FreshKernelEngine)
            logging.getLogger("papermill").setLevel(logging.CRITICAL)
    return papermill


@contextmanager
def _saved_once(manager: Any) -> Iterator[None]:
    """Write the notebook when it ends, however it ends; papermill would write all of it before and after each cell."""
    save = manager.save
    manager.save = lambda **_: None
    try:
        yield
    finally:
        manager.save = save
        manager.save()


def _quiet() -> logging.Logger:
    log = logging.getLogger("toolkit.reporting.nbclient")
    log.setLevel(logging.CRITICAL)
    return log
