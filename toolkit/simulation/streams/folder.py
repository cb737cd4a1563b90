"""How does a simulated stream come to lie in a folder, and its true values with it?"""

from __future__ import annotations

import json
import os
import shutil
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from toolkit.errors import RunFailed, UsageError
from toolkit.simulation.streams.scenarios import SCENARIOS, StreamScenario

TRUTH = "truth.json"


def write_stream(folder: Path, scenario: str = "default", *, seed: int = 0) -> Path:
    """Write a stream of the scenario into `folder`, which must not exist or be empty, and return its truth.json.

    The same scenario and seed give the same rows; other seeds draw other items, training runs and luck, with the
    same true values. Raises UsageError for an unknown scenario or a folder in use, RunFailed where it cannot be
    written.
    """
    if scenario not in SCENARIOS:
        raise UsageError(f"no scenario {scenario!r}; there are {', '.join(SCENARIOS)}")
    if seed < 0:
        raise UsageError(f"seed is {seed}: it must not be negative")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder}: there is something already; name another folder for the stream")
    hidden = folder.parent / f".{folder.name}.partial-{os.getpid()}"
    try:
        hidden.mkdir(parents=True)
        _write(hidden, scenario, SCENARIOS[scenario], seed)
        if folder.exists():
            folder.rmdir()
        hidden.rename(folder)
    except OSError as error:
        where = error.filename or folder
        raise RunFailed(f"{where}: {error.strerror or error}; make room or name another folder") from error
    finally:
        shutil.rmtree(hidden, ignore_errors=True)
    return folder / TRUTH


def _write(folder: Path, name: str, scenario: StreamScenario, seed: int) -> None:
    import pyarrow.parquet as pq
    import tomlkit

    from toolkit.simulation.streams import tables
    from toolkit.simulation.streams.draw import draw
    from toolkit.simulation.streams.truths import GENERALISES_TO, true_values

    # By name: a scenario that is added later does not change what the others draw.
    rng = np.random.default_rng([zlib.crc32(name.encode()), seed])
    answers = draw(scenario, rng)
    written = {"evaluations": tables.evaluations(scenario, answers)}
    if scenario.judge is not None:
        written["feedback"] = tables.feedback(scenario, answers, scenario.judge, rng)
    if scenario.generator is not None:
        written["samples"] = tables.samples(scenario, scenario.generator, rng)
    for table, rows in written.items():
        pq.write_table(rows, folder / f"{table}.parquet")
    (folder / "stream.toml").write_text(tomlkit.dumps(_config(name, scenario, seed)), encoding="utf-8")
    truth = {
        "scenario": name,
        "about": scenario.about,
        "seed": seed,
        "generalises_to": GENERALISES_TO,
        "values": true_values(scenario),
    }
    (folder / TRUTH).write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")


def _config(name: str, scenario: StreamScenario, seed: int) -> dict[str, Any]:
    from toolkit.simulation.arrays import task_names

    settings: dict[str, Any] = {
        "name": f"simulated-{name}",
        "title": f"Simulated stream: {scenario.about}",
        "score_range": [0, 1],
        "step_unit": "samples",
        "release": f"seed-{seed}",
        "tasks": [{"name": task} for task in task_names(scenario.tasks)],
        "models": {"student": f"simulated, scenario {name}, seed {seed}"},
        "review": {"seeds_shared": True, "human_sampling": "random"},
    }
    if scenario.judge is not None:
        settings["feedback"] = {"range": [0, 1]}
    return settings
