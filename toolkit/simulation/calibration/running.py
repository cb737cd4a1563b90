"""How are the replicates of all studies carried out, side by side and the same for any number of processes?

Each block of replicates draws from a generator of its own, seeded by the study's name and the block's number: what
a study gives hangs neither on the other studies nor on who ran it.
"""

from __future__ import annotations

import zlib
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from toolkit.parallel import handed_out
from toolkit.simulation.calibration.measured import Measured, measured
from toolkit.simulation.calibration.study import Study

Floats = npt.NDArray[np.float64]

BLOCK = 50  # replicates that share a generator
SEED = 20_261_101


def run_studies(
    studies: Sequence[Study], replicates: int, *, jobs: int = 2
) -> Generator[tuple[Measured, ...], None, None]:
    """Run each study and yield its lines as it is done; on a cluster within `joblib.parallel_config`.

    replicates: of each study, divided by its `divisor`, at least two; jobs: processes, 1 for none beside this one
    """
    parts: list[list[Floats | None]] = [[None for _ in _blocks(study, replicates)] for study in studies]
    calls = (
        (_placed_block, (place, study, number, size))
        for place, study in enumerate(studies)
        for number, size in _blocks(study, replicates)
    )
    with closing(handed_out(calls, jobs=jobs)) as found:
        for place, number, block in found:
            parts[place][number] = block
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


def _placed_block(place: int, study: Study, number: int, size: int) -> tuple[int, int, Floats]:
    """`block_of` with where it belongs; one thread, for the processors are shared among blocks."""
    with threadpool_limits(limits=1):
        return place, number, block_of(study, number, size)
