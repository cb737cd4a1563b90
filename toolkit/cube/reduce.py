"""How a checked log becomes a cube: a few grouped scans a table, run where the data lives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from toolkit.cube.cube import Cube, CubeMeta
from toolkit.cube.engine import DuckEngine
from toolkit.cube.evaluations import Evaluations, reduce_evaluations
from toolkit.cube.facts import gather
from toolkit.cube.judged import reduce_judgements
from toolkit.cube.parts import Parts
from toolkit.cube.samples import reduce_samples
from toolkit.cube.similarity import similarity_file, similarity_of_samples

if TYPE_CHECKING:
    from toolkit.cube.engine import Engine
    from toolkit.cube.reduced import Reduced
    from toolkit.logs import CheckedLog

MAX_BUCKETS = 512


def reduce_stream(log: CheckedLog, *, max_buckets: int = MAX_BUCKETS, engine: Engine | None = None) -> Cube:
    """Reduce a checked log to its cube.

    max_buckets: clusters of a task that are kept one by one; beyond it they are folded into that many
    buckets (a power of two). engine: where its tables are, by default all with the log.
    Raises LogRejected where a file was rewritten since it was checked.
    """
    if max_buckets & (max_buckets - 1):
        raise ValueError(f"max_buckets must be a power of two, got {max_buckets}")
    with log.held_still():
        return _reduced(log, engine or DuckEngine(log.connection), max_buckets)[0]


def reduce_growing(
    log: CheckedLog, reduced: Reduced | None, max_buckets: int = MAX_BUCKETS
) -> tuple[Cube, Reduced | None, str | None]:
    """Reduce a log that may grow: its cube, what is kept for that day, and why where that is nothing.

    reduced: what was kept of the files that the log was read without (`log.earlier`). Raises CannotJoin where these
    must be read again, LogRejected where a file was rewritten since it was checked.
    """
    parts = Parts(reduced, None if log.earlier is None else log.earlier.cells)
    with log.held_still():
        cube, evaluations = _reduced(log, DuckEngine(log.connection), max_buckets, parts)
    return (cube, None, None) if evaluations is None else (cube, evaluations.reduced, evaluations.why)


def _reduced(
    log: CheckedLog, engine: Engine, max_buckets: int, parts: Parts | None = None
) -> tuple[Cube, Evaluations | None]:
    reduced = None
    tables: dict[str, pa.Table] = {}
    tasks = [task.name for task in log.config.tasks]
    similarity, notices = similarity_file(log.folder, tasks)
    if "evaluations" in log.tables:
        reduced = reduce_evaluations(engine, log.config, max_buckets, parts)
        tables |= reduced.tables
        notices += reduced.notices
    if "feedback" in log.tables:
        tables["judgements"] = reduce_judgements(log, engine)
    if "samples" in log.tables:
        samples = reduce_samples(log, engine)
        tables |= samples.tables
        notices += samples.notices
        if similarity is None:
            similarity, told = similarity_of_samples(tables["sample_rows"], tasks, samples.embedded)
            notices += told
    if similarity is not None:
        tables["similarity"] = similarity
    meta = CubeMeta(
        config=log.config,
        ledger=log.ledger.entries(),
        notices=(*log.notices, *notices),
        inputs=log.inputs,
        fingerprint=log.fingerprint,
        newest=log.newest,
        tables=tuple(sorted(log.tables)),
        facts=gather(log, engine),
    )
    return Cube(meta, tables), reduced
