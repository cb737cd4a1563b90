"""How are the replicates of all studies carried out, side by side and the same for any number of processes?

Each block of replicates draws from a generator of its own, seeded by the study's name and the block's number: what
a study gives hangs neither on the other studies nor on who ran it.
"""

from __future__ import annotations

import multiprocessing
import os
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from toolkit.simulation.calibration.measured import Measured, measured
from toolkit.simulation.calibration.study import Study

Floats = npt.NDArray[np.float64]

BLOCK = 50  # replicates that share a generator
SEED = 20_261_101


def run_studies(studies: Sequence[Study], replicates: int, *, jobs: int = 2) -> Iterator[tuple[Measured, ...]]:
    """Run each study and yield its lines as it is done.

    replicates: of each study, divided by its `divisor`, at least two; jobs: processes, 1 for none beside this one
    """
    if jobs == 1:
        for study in studies:
            with threadpool_limits(limits=1):  # as in the processes of more jobs
                blocks = [block_of(study, number, size) for number, size in _blocks(study, replicates)]
            yield measured(study, np.concatenate(blocks))
        return
    # Spawned, not forked: a fork would copy the threads' locks of whatever the caller had imported.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_start)
    try:
        yield from _collected(pool, studies, replicates)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _collected(pool: ProcessPoolExecutor, studies: Sequence[Study], replicates: int) -> Iterator[tuple[Measured, ...]]:
    places: dict[Future[Floats], tuple[int, int]] = {}
    parts: list[list[Floats | None]] = []
    for place, study in enumerate(studies):
        blocks = list(_blocks(study, replicates))
        parts.append([None] * len(blocks))
        for number, size in blocks:
            places[pool.submit(named_block, study.name, number, size)] = place, number
    for future in as_completed(places):
        place, number = places[future]
        parts[place][number] = future.result()
        done = [part for part in parts[place] if part is not None]
        if len(done) == len(parts[place]):
            yield measured(studies[place], np.concatenate(done))


def _blocks(study: Study, replicates: int) -> Iterator[tuple[int, int]]:
    """Number and size of each block."""
    left = max(2, replicates // study.divisor)
    for number, first in enumerate(range(0, left, BLOCK)):
        yield number, min(BLOCK, left - first)


def block_of(study: Study, number: int, size: int) -> Floats:
    """Outcomes [replicate, line, value and width] of one block."""
    rng = np.random.default_rng([SEED, zlib.crc32(study.name.encode()), number])
    rows = [study.replicate(rng) for _ in range(size)]
    return np.array([[(outcome.value, outcome.width) for outcome in row] for row in rows])


def named_block(name: str, number: int, size: int) -> Floats:
    """`block_of` for a study of the registry, which a process looks up for itself."""
    from toolkit.simulation.calibration.registry import STUDIES

    return block_of(STUDIES[name], number, size)


def _start() -> None:
    """One thread a process, interrupts left to the parent, and no life after its end."""
    import signal
    from threading import Thread

    import toolkit.simulation.calibration.registry  # noqa: F401  libraries must be there to be limited

    threadpool_limits(limits=1)

    def watch() -> None:
        if parent := multiprocessing.parent_process():
            parent.join()
            os._exit(1)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=watch, daemon=True).start()
