"""How a log that may grow by files becomes a cube: new files of evaluations alone are read where that will do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from toolkit.cube.cube import Cube
from toolkit.cube.reduce import MAX_BUCKETS, reduce_growing
from toolkit.cube.state import State
from toolkit.errors import LogRejected
from toolkit.logs.earlier import CannotJoin
from toolkit.logs.exchange import finish
from toolkit.logs.kept import kept_of
from toolkit.logs.read import read_stream


@dataclass(frozen=True)
class Grown:
    """A cube and how it came about.

    state: what is kept for the next time, None where that is nothing. read, kept: files of evaluations that were
    opened, and that were not. why: why all were opened, None where some were not. lost: why nothing is kept.
    """

    cube: Cube
    state: State | None
    read: int
    kept: int
    why: str | None = None
    lost: str | None = None


def reduce_grown(
    stream: Path,
    state: State | None,
    *,
    why: str = "it was not read before",
    cache: Path | None = None,
    max_buckets: int = MAX_BUCKETS,
) -> Grown:
    """Read, check and reduce the stream folder `stream`, as far as it is not known from `state`.

    why: why there is no state. cache: a folder that keeps hashes of unchanged files, without which every file is
    opened to make its hash. Raises what reading a log raises.
    """
    completed = finish(stream) is not None
    if state is not None:
        try:
            if state.max_buckets != max_buckets:
                raise CannotJoin("tasks have another number of buckets")
            return _reduced(stream, state, None, cache, max_buckets, completed)
        except CannotJoin as error:
            why = str(error)
        except LogRejected:
            why = "the new files cannot be used by themselves"  # reading all of them says it as it is
    return _reduced(stream, None, why, cache, max_buckets, completed)


def _reduced(
    stream: Path, state: State | None, why: str | None, cache: Path | None, max_buckets: int, completed: bool
) -> Grown:
    earlier, reduced = (None, None) if state is None else (state.earlier, state.reduced)
    with read_stream(stream, cache=cache, earlier=earlier, import_completed=completed) as log:
        cube, fresh, lost = reduce_growing(log, reduced, max_buckets)
        after = None
        if fresh is not None:
            try:
                with log.held_still():
                    after = State(kept_of(log), fresh, max_buckets)
            except CannotJoin as error:
                lost = str(error)
        read = sum(len(table.sources) for table in log.loaded if table.table.name == "evaluations")
    return Grown(cube, after, read, 0 if earlier is None else len(earlier.account.files), why, lost)
