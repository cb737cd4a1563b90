"""The reduction: a checked log becomes a few small tables of sums, once, where the data lives."""

from __future__ import annotations

from pathlib import Path

from toolkit.cube.cube import Cube, CubeMeta, load_cube
from toolkit.cube.reduce import reduce_stream
from toolkit.cube.scores import Scores, scores_of

__all__ = ["Cube", "CubeMeta", "Scores", "build_cube", "load_cube", "reduce_stream", "scores_of"]


def build_cube(stream: Path, into: Path) -> Cube:
    """Read, check and reduce the stream folder `stream`, and store the cube in the folder `into`."""
    from toolkit.logs import read_stream

    with read_stream(stream) as log:
        cube = reduce_stream(log)
    cube.save(into)
    return cube
