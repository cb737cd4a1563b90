"""Are the numbers the same when a log is read again, and when its rows stand in another order?"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from toolkit.simulation.calibration.study import Generator, Line, Outcome, Study

DIGITS = 10
Numbers = dict[str, tuple[float | None, float | None, float | None]]


def numbers(stream: Path) -> Numbers:
    """Value and both ends of every estimate that the analyses make of a stream folder, by id, to ten digits."""
    from toolkit.analyses import ANALYSES, Evidence
    from toolkit.cube import reduce_stream
    from toolkit.logs import read_stream

    with read_stream(stream) as log:
        evidence = Evidence(reduce_stream(log))
    found = [estimate for analysis in ANALYSES.values() for estimate in analysis(evidence).estimates]
    return {e.id: (_rounded(e.value), _rounded(e.low), _rounded(e.high)) for e in found}


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.{DIGITS}g}")


def shuffle(stream: Path, rng: Generator) -> None:
    """Put the rows of every table of a simulated stream into a random order."""
    import pyarrow.parquet as pq

    for path in sorted(stream.glob("*.parquet")):
        table = pq.read_table(path)
        pq.write_table(table.take(rng.permutation(table.num_rows)), path)


def _replicate(rng: Generator) -> Sequence[Outcome]:
    from toolkit.simulation.streams import write_stream

    with tempfile.TemporaryDirectory() as place:
        stream = Path(place) / "stream"
        write_stream(stream, "few-tasks", seed=int(rng.integers(2**31)))
        first, again = numbers(stream), numbers(stream)
        shuffle(stream, rng)
        return Outcome(float(first == again)), Outcome(float(first == numbers(stream)))


STUDIES = (
    Study(
        "identity",
        (
            Line("all numbers of a stream, read again", "", "the whole analysis, to 10 digits", (1.0, 1.0),
                 kind="identity", nominal=None),
            Line("the same, rows in another order", "", "the whole analysis, to 10 digits", (1.0, 1.0),
                 kind="identity", nominal=None),
        ),
        _replicate,
        divisor=500,
    ),
)  # fmt: skip
