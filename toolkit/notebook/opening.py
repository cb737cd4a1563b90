"""How is a release opened in a notebook: from a stored cube, a stream folder, or the bundled demonstration?"""

from __future__ import annotations

import json
from pathlib import Path

from toolkit.analyses import Evidence
from toolkit.cube import load_cube
from toolkit.notebook.run import Run
from toolkit.notebook.stream import open_stream
from toolkit.results import Results


def open_run(
    *, stream: str = "", cube: str = "", baseline: str = "", parts: str = "", history: str = "", release: str = ""
) -> Run:
    """Open one release.

    stream: a stream folder; empty: the newest release of the bundled demonstration
    cube: a stored cube, read instead of the stream where given
    baseline: the folder of the publication to compare with (results.json and cube/)
    parts: where this notebook writes its part of the results
    history: the folder of the stream's publications, for trends over releases
    release: the release's name; empty: as stream.toml gives it
    """
    current = load_cube(Path(cube)) if cube else open_stream(stream).cube
    before = _results(Path(baseline)) if baseline else None
    evidence = Evidence(
        current,
        load_cube(Path(baseline) / "cube") if baseline else None,
        before.release if before else None,
    )
    folder = Path(cube).parent if cube else None
    return Run(evidence, before, Path(parts) if parts else None, Path(history) if history else None, release, folder)


def _results(folder: Path) -> Results:
    return Results.model_validate(json.loads((folder / "results.json").read_text(encoding="utf-8")))
