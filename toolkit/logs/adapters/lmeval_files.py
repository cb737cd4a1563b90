"""What does one results file of lm-evaluation-harness say: of which checkpoint, when, and what of each task?

Old layout: one JSON file a checkpoint, `{"results", "versions", "config"}`. New layout: `results_<date>.json` in a
folder a model, with `samples_<task>_<date>.jsonl` beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from toolkit.logs.adapters.account import Account
from toolkit.logs.adapters.jsonfiles import read_object
from toolkit.logs.adapters.lmeval_metrics import Cell, cells_of, higher_is_better
from toolkit.logs.adapters.sourcefiles import called

_DATED = re.compile(r"results_(\d{4}-\d\d-\d\dT[0-9-]+(?:[.:][0-9-]+)*)\.json")


@dataclass(frozen=True)
class TaskResult:
    """The values of one task in one file. higher: metric -> whether higher is better. n: items; of: in the data."""

    task: str
    cells: tuple[Cell, ...]
    higher: Mapping[str, bool]
    version: str
    shots: str
    n: int | None
    of: int | None


@dataclass(frozen=True)
class Run:
    """One results file. names: what may name its checkpoint, by sort; when: sorts reruns."""

    path: Path
    name: str
    stamp: str
    when: tuple[float, str]
    names: Mapping[str, str]
    limit: str
    tasks: tuple[TaskResult, ...]

    def samples(self, task: str) -> Path | None:
        """The file with the items of a task, written by the same run."""
        if not self.stamp:
            return None
        path = self.path.parent / f"samples_{task}_{self.stamp}.jsonl"
        return path if "/" not in task and path.is_file() else None


def read_run(path: Path, source: Path, account: Account) -> Run | None:
    """One results file; None, counted, where it is none. Groups of tasks are left out and counted."""
    name = called(path, source)
    content = read_object(path, name, account)
    if content is None:
        return None
    results = content.get("results")
    if not isinstance(results, dict):
        account.left_out("files", "JSON without results of tasks", name)
        return None
    config = content["config"] if isinstance(content.get("config"), dict) else {}
    dated = _DATED.fullmatch(path.name)
    date = content.get("date")
    return Run(
        path=path,
        name=name,
        stamp=dated[1] if dated else "",
        when=(float(date) if isinstance(date, int | float) else 0.0, dated[1] if dated else path.name),
        names=_names(config, content, name, dated[1] if dated else ""),
        limit="" if config.get("limit") is None else str(config["limit"]),
        tasks=tuple(_tasks(results, content, name, account)),
    )


def _tasks(results: Mapping[str, Any], content: Mapping[str, Any], name: str, account: Account) -> Iterator[TaskResult]:
    groups, members = _object(content, "groups"), _object(content, "group_subtasks")
    for task, result in results.items():
        if task in groups or members.get(task) or task == "all":
            account.left_out("results", "of a group of tasks, whose tasks are there", f"{name}, {task}")
            continue
        if not isinstance(result, dict):
            account.left_out("results", "not values by metric", f"{name}, {task}")
            continue
        cells = tuple(cells_of(result))
        said = _object(_object(content, "higher_is_better"), task)
        samples = _object(_object(content, "n-samples"), task)
        yield TaskResult(
            task=task,
            cells=cells,
            higher={cell.metric: higher_is_better(cell.metric, said) for cell in cells},
            version=str(_object(content, "versions").get(task, "")),
            shots=str(_object(content, "n-shot").get(task, _object(content, "config").get("num_fewshot", ""))),
            n=_whole(samples.get("effective")) or _whole(result.get("sample_len")),
            of=_whole(samples.get("original")),
        )


def _names(config: Mapping[str, Any], content: Mapping[str, Any], name: str, stamp: str) -> dict[str, str]:
    """What may tell one checkpoint from another: revision, model, folder, file, date."""
    arguments = _arguments(config.get("model_args"))
    paths = [arguments[key] for key in ("peft", "pretrained", "path", "model") if arguments.get(key)]
    parent = PurePosixPath(name).parent.as_posix()
    return {
        "revision": arguments.get("revision", ""),
        "model": paths[0].rstrip("/") if paths else "",
        "folder": "" if parent == "." else parent,
        "file": "" if stamp else PurePosixPath(name).stem,
        "date": stamp,
    }


def _arguments(given: Any) -> dict[str, str]:
    """`a=1,b=2`, as text or as an object."""
    if isinstance(given, dict):
        return {str(key): str(value) for key, value in given.items()}
    pairs = (part.partition("=") for part in str(given or "").split(","))
    return {key.strip(): value.strip() for key, equals, value in pairs if equals}


def _object(content: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = content.get(key)
    return value if isinstance(value, dict) else {}


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
