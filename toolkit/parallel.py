"""How is work handed out that several can do at once: on this machine, or by joblib's other backends on a cluster?

Within `joblib.parallel_config(backend="dask")` (or "ray") it goes where that says; see docs/cluster.md.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack
from typing import Any, Literal, TypeVar

T = TypeVar("T")
Call = tuple[Callable[..., T], tuple[Any, ...]]
"""A function that can be pickled, and its arguments."""

_IDLE = 10  # seconds after which a process without work ends


def handed_out(
    calls: Iterable[Call[T]], *, jobs: int, prefer: Literal["processes", "threads"] = "processes", apart: bool = False
) -> Generator[T, None, None]:
    """The calls' results, each as it comes, or all at the end from a backend that gives them so (Ray's does).

    Closing the iterator, or an exception, gives up what is not done.

    jobs: at once, 1 for none beside this thread; a cluster has its own number.
    prefer: what is used on this machine. Processes have one thread each, and end with this one.
    apart: each call is handed out by itself, and no more than `jobs` of them at once, on a cluster too.
    """
    from joblib import Parallel, parallel_config
    from joblib.parallel import LokyBackend, get_active_backend

    how = {"batch_size": 1, "pre_dispatch": jobs} if apart else {}
    with ExitStack() as stack:
        backend = get_active_backend(prefer=prefer)[0]
        if not backend.supports_return_generator:
            yield from Parallel(n_jobs=jobs, prefer=prefer, **how)(_delayed(calls))
            return
        if isinstance(backend, LokyBackend):
            ours = {"initializer": _follow, "initargs": (os.getpid(),), "idle_worker_timeout": _IDLE}
            stack.enter_context(parallel_config("loky", inner_max_num_threads=1, **ours))
        parallel = Parallel(n_jobs=jobs, prefer=prefer, return_as="generator_unordered", **how)
    results = parallel(_delayed(calls))
    try:
        for result in results:  # noqa: UP028 (it would close `results` outside of the block below)
            yield result
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # says how much was given up, which is meant
            results.close()


def _delayed(calls: Iterable[Call[T]]) -> Iterator[tuple[Callable[..., T], tuple[Any, ...], dict[str, Any]]]:
    return ((function, arguments, {}) for function, arguments in calls)


def _follow(parent: int) -> None:
    """In a process of ours: interrupts are left to the parent, and there is no life after its end."""
    import signal
    import time
    from threading import Thread

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.2)
        os._exit(1)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=watch, daemon=True).start()
