"""A stream of two tasks with samples, written as JSON lines, and its cube."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from toolkit.cube import reduce_stream
from toolkit.cube.cube import Cube
from toolkit.logs import read_stream

Row = dict[str, Any]
TASKS = (("alpha", "standard"), ("beta", "regulated"))


def stream(folder: Path, samples: list[Row], *, toml: str = "", feedback: list[Row] | None = None) -> Path:
    """A stream of two tasks, the second regulated, with one evaluation."""
    folder.mkdir(parents=True, exist_ok=True)
    tasks = "".join(f'[[tasks]]\nname = "{name}"\nrisk = "{risk}"\n' for name, risk in TASKS)
    (folder / "stream.toml").write_text(f'name = "s"\n{tasks}{toml}', encoding="utf-8")
    tables = {"evaluations": [{"stage": 1, "task": "alpha", "item": "i", "score": 1}], "samples": samples}
    if feedback is not None:
        tables["feedback"] = feedback
    for name, rows in tables.items():
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return folder


def cube_of(folder: Path) -> Cube:
    with read_stream(folder) as log:
        return reduce_stream(log)
