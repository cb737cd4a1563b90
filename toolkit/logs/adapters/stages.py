"""At which stage was a run, a checkpoint or a date? For tools that know of none, a file says so.

The file of `--stages` is a CSV: one column names what the tool knows (called run, checkpoint, date, model or as
one likes), and any of stage, arm, seed, order, step and task say where that belongs in the stream.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit.errors import UsageError
from toolkit.logs.rows import csv_header, csv_rows, open_bytes
from toolkit.logs.shown import listed, shown

_PLACES = frozenset({"stage", "arm", "seed", "order", "step", "task"})


@dataclass(frozen=True)
class Place:
    """Where something belongs in the stream; None where the file does not say."""

    stage: int | None = None
    arm: str | None = None
    seed: int | None = None
    order: str | None = None
    step: float | None = None
    task: str | None = None

    def cells(self) -> dict[str, Any]:
        """What is said, as cells of a row, without the task."""
        said = {
            "stage": self.stage,
            "arm": self.arm,
            "seed": self.seed,
            "order": self.order,
            "step": self.step,
        }
        return {name: value for name, value in said.items() if value is not None}


@dataclass(frozen=True)
class StageMap:
    """What the file of --stages says: places by name. file: its name, for messages; key: its column of names."""

    file: str
    places: dict[str, Place]
    key: str = ""

    def place(self, *keys: str) -> Place | None:
        """The place of the first of `keys` that the file names; None where it names none."""
        return next((self.places[key] for key in keys if key in self.places), None)


def read_stages(path: Path) -> StageMap:
    """Read the file of --stages.

    Raises UsageError where it cannot be read, has no column of names or no stage, or names something twice.
    """
    where = shown(path.name)
    try:
        size = path.stat().st_size
        with open_bytes(path, size) as stream:
            names, delimiter = csv_header(stream, _PLACES)
        with open_bytes(path, size) as stream:
            rows = list(csv_rows(stream, len(names), delimiter, whole=True))
    except OSError as error:
        raise UsageError(f"--stages {where}: cannot be read: {error.strerror}") from None
    lower = [name.lower() for name in names]
    keys = [i for i, name in enumerate(lower) if name not in _PLACES]
    if len(keys) != 1 or "stage" not in lower:
        raise UsageError(
            f"--stages {where}: needs a column stage and one column that names what is mapped (run, checkpoint, "
            f"date, ...), besides any of arm, seed, order, step, task; it has {listed(names)}"
        )
    places: dict[str, Place] = {}
    for row in rows:
        if not row.fields:
            raise UsageError(f"--stages {where}, line {row.line}: not {len(names)} columns; correct that line")
        name = row.fields[keys[0]].strip()
        if name in places:
            raise UsageError(f"--stages {where}, line {row.line}: {shown(name)!r} stands there twice; keep one")
        cells = {lower[i]: field.strip() for i, field in enumerate(row.fields) if i != keys[0] and field.strip()}
        places[name] = _place(cells, f"--stages {where}, line {row.line}")
    if not places:
        raise UsageError(f"--stages {where}: no line below its header; name at least one run")
    return StageMap(path.name, places, names[keys[0]])


def numbered(names: Iterable[str]) -> list[str]:
    """Names by the numbers in them (step2 before step10), else by letters: checkpoints as they came about."""
    return sorted(set(names), key=natural)


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts names by the numbers in them: step2 before step10."""
    parts = re.split(r"(\d+)", name)
    return tuple((1, int(part), "") if part.isdecimal() else (0, 0, part) for part in parts)


def stages_of(count: int, tasks: int) -> Sequence[int] | None:
    """Stages of `count` checkpoints in their order, where nothing says which; None where they cannot be told.

    One more than tasks: the first is before any task (stage 0). Otherwise 1, 2, ...; more than that have no
    stage of their own, since stages count learned tasks.
    """
    if count == tasks + 1:
        return range(tasks + 1)
    return range(1, count + 1) if count <= tasks else None


def spread(count: int, tasks: int, *, untrained: bool) -> list[tuple[int, bool]]:
    """Stages of `count` checkpoints, at least one, and whether each is the last of its stage.

    untrained: the first is known to be before any training, so it is stage 0. Where there are more checkpoints
    than stages, as in pretraining, they are divided evenly: the last of a stage is its score, and the others are
    points of its learning curve.
    """
    plain = stages_of(count, tasks)
    if plain is not None and not untrained:
        return [(stage, True) for stage in plain]
    if untrained and count <= tasks + 1:
        return [(stage, True) for stage in range(count)]
    later = count - 1
    stages = [0, *(1 + place * tasks // later for place in range(later))]
    return [(stage, place == later or stages[place + 1] > stage) for place, stage in enumerate(stages)]


def _place(cells: dict[str, str], where: str) -> Place:
    try:
        stage = int(cells["stage"])
        seed = int(cells["seed"]) if "seed" in cells else None
        step = float(cells["step"]) if "step" in cells else None
    except KeyError:
        raise UsageError(f"{where}: no stage; write a whole number from 0 on") from None
    except ValueError:
        raise UsageError(f"{where}: stage and seed are whole numbers, step a number; correct that line") from None
    if stage < 0:
        raise UsageError(f"{where}: stage {stage} is below 0; stages count learned tasks, from 0 on")
    return Place(stage, cells.get("arm"), seed, cells.get("order"), step, cells.get("task"))
