"""What does one Inspect log say: of which task, model and checkpoint, whether it ended well, and what of each sample?

Two formats hold the same: `.eval`, a zip archive whose summaries suffice, and `.json`, one object.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from toolkit.logs.adapters.account import Account
from toolkit.logs.adapters.evalzip import DamagedArchive, EvalZip
from toolkit.logs.adapters.jsonfiles import last_object, read_object
from toolkit.logs.adapters.sourcefiles import called

Object = Mapping[str, Any]


@dataclass(frozen=True)
class Log:
    """One log without its samples. names: what may name its checkpoint, by sort. scores: its reported results."""

    path: Path
    name: str
    task: str
    model: str
    created: str
    status: str
    names: Mapping[str, str]
    spec: Object
    scores: tuple[Object, ...] = field(default=())


def read_log(path: Path, source: Path, account: Account) -> Log | None:
    """The head of one log; None, counted, where the file is none."""
    name = called(path, source)
    if path.suffix == ".eval":
        try:
            with EvalZip(path) as archive:
                whole = archive.has("header.json")
                text = archive.read("header.json" if whole else "_journal/start.json")
        except DamagedArchive as damage:
            account.left_out("files", str(damage), name)
            return None
        content = last_object(text, name, account)
    else:
        content = read_object(path, name, account)
    if content is None:
        return None
    spec = content.get("eval")
    if not isinstance(spec, dict) or not isinstance(spec.get("task"), str):
        account.left_out("files", "JSON that is no Inspect log", name)
        return None
    results = _object(content, "results")
    scores = results.get("scores")
    return Log(
        path=path,
        name=name,
        task=spec["task"],
        model=str(spec.get("model", "")),
        created=str(spec.get("created", "")),
        status=str(content.get("status", "started")),
        names=_names(spec, content, name),
        spec=spec,
        scores=tuple(score for score in scores if isinstance(score, dict)) if isinstance(scores, list) else (),
    )


def samples_of(log: Log, account: Account) -> Iterator[Object]:
    """Every sample of a log, or its summary, with id, target and scores; what cannot be read is counted."""
    if log.path.suffix != ".eval":
        content = read_object(log.path, log.name, Account()) or {}  # its head has been counted
        yield from _objects(content.get("samples"))
        return
    try:
        with EvalZip(log.path) as archive:
            names = ["summaries.json"] if archive.has("summaries.json") else []
            for name in names or archive.matching(r"_journal/summaries/\d+\.json"):
                yield from _objects(json.loads(archive.read(name)))
            if not names and not any(archive.matching(r"_journal/summaries/\d+\.json")):
                for name in archive.matching(r"samples/[^/]+\.json"):
                    yield json.loads(archive.read(name))
    except (DamagedArchive, ValueError, RecursionError) as damage:
        account.left_out("files", f"in part: {damage}", log.name)


def reductions_of(log: Log) -> list[Object]:
    """What the log says of each item over its epochs, by scorer; empty where it says nothing."""
    if log.path.suffix != ".eval":
        return list(_objects((read_object(log.path, log.name, Account()) or {}).get("reductions")))
    try:
        with EvalZip(log.path) as archive:
            return list(_objects(json.loads(archive.read("reductions.json"))))
    except (DamagedArchive, ValueError, RecursionError):
        return []


def _names(spec: Object, content: Object, name: str) -> dict[str, str]:
    """Stage in metadata or arguments, tags, revision, model, folder, date."""
    said = [_object(spec, "metadata"), _object(content, "metadata"), _object(spec, "task_args")]
    numbers = [entry["stage"] for entry in said if isinstance(entry.get("stage"), int | str)]
    tags = [tag for holder in (spec, content) if isinstance(holder.get("tags"), list) for tag in holder["tags"]]
    checkpoints = [entry[key] for entry in said for key in ("checkpoint", "revision", "step") if key in entry]
    revision = _object(spec, "model_args").get("revision")
    parent = PurePosixPath(name).parent.as_posix()
    return {
        "stage": f"stage-{numbers[0]}".replace("stage-stage", "stage") if numbers else "",
        "tags": " ".join(str(tag) for tag in dict.fromkeys(tags)),
        "checkpoint": f"checkpoint-{checkpoints[0]}" if checkpoints and isinstance(checkpoints[0], int) else
        str(checkpoints[0]) if checkpoints else "",
        "revision": str(revision) if revision else "",
        "model": str(spec.get("model", "")),
        "folder": "" if parent == "." else parent,
        "date": str(spec.get("created", "")),
    }  # fmt: skip


def _object(content: Object, key: str) -> Object:
    value = content.get(key)
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> Iterator[Object]:
    if isinstance(value, list):
        yield from (entry for entry in value if isinstance(entry, dict))
