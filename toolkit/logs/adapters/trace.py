"""What do TRACE's `results-ROUND-ITASK-TASK.json` say as a stream log?

ROUND counts from 0 and is the last task learned, so it is stage ROUND + 1; ITASK is the place of TASK in the order.
Where the accuracy that TRACE wrote is the share of answers equal to their labels, each answer is an item of its own;
elsewhere the file's metric is a cell mean. Items are known by a hash of their prompt: their place in the file
depends on how many devices answered.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit.errors import LogRejected
from toolkit.logs.adapters.account import Account
from toolkit.logs.adapters.base import Adapter, Converted, Hints, Options, Record, Row, evaluation
from toolkit.logs.adapters.jsonfiles import read_object
from toolkit.logs.adapters.numbers import number
from toolkit.logs.adapters.sourcefiles import called, files_in
from toolkit.logs.adapters.textids import ids_of
from toolkit.logs.shown import listed, shown

_NAME = re.compile(r"results-(\d{1,4})-(\d{1,4})-(.+)\.json")
_LISTS = ("prompts", "results", "labels")
_METRICS = {"accuracy": 1, "similarity": 100, "sari": 100, "rouge-L": 1, "bleu-4": 1, "bleu-1": 1}
"""Metrics of TRACE in the order in which one is taken, and the largest value each can have."""
_SHORT = 80  # characters of a label that is shown as a class


@dataclass(frozen=True)
class _File:
    """One result file: where it is, its place in the source, its seed, stage, place in the order, and task."""

    path: Path
    where: str
    seed: int
    stage: int
    position: int
    task: str


def read(source: Path, options: Options, account: Account) -> Converted:
    """Every result file below `source`; several folders with such files are seeds."""
    files = _files(source, account)
    metric = options.setting("metric")
    positions: dict[str, int] = {}
    for file in files:
        if positions.setdefault(file.task, file.position) != file.position:
            raise LogRejected(
                f"{shown(file.where)}: task {shown(file.task)!r} stands at two places of the order; "
                "import runs with different orders one by one, each with --as"
            )
    tasks = sorted(positions, key=lambda task: positions[task])
    if len(set(positions.values())) < len(tasks):
        raise LogRejected(f"{shown(source, 300)}: two tasks have one number in their file names; keep one of them")
    hints = Hints(
        tasks=tasks, evidence="by TRACE's task numbers", sure=True, metric="of TRACE, in [0, 1]", score_range=(0, 1)
    )
    return Converted(_records(files, metric, options.setting("arm") or None, account), hints)


def _files(source: Path, account: Account) -> list[_File]:
    paths = files_in(source, lambda name: name.endswith(".json"))
    named = [(path, match) for path in paths if (match := _NAME.fullmatch(path.name))]
    for path in paths:
        if not _NAME.fullmatch(path.name):
            account.left_out("files", "not named results-ROUND-ITASK-TASK.json", called(path, source))
    if not named:
        raise LogRejected(
            f"{shown(source, 300)}: no results-ROUND-ITASK-TASK.json in it; give TRACE's --inference_output_path"
        )
    folders = list(dict.fromkeys(path.parent for path, _ in named))
    return [
        _File(path, called(path, source), folders.index(path.parent), int(m[1]) + 1, int(m[2]), m[3])
        for path, m in named
    ]


def _records(files: Sequence[_File], metric: str, arm: str | None, account: Account) -> Iterator[Record]:
    used: Counter[str] = Counter()
    for file in files:
        content = read_object(file.path, file.where, account)
        if content is None:
            continue
        unknown = [key for key in content if key not in ("eval", *_LISTS)]
        account.left_out("fields", f"unknown: {listed(unknown, 4)}", file.where, len(unknown))
        measured = content.get("eval")
        metrics = _metrics(measured if isinstance(measured, dict) else {})
        items = _items(content, file.where, account)
        place: Row = {"stage": file.stage, "task": file.task, "seed": file.seed, "arm": arm}
        exact = _exact(items, metrics.get("accuracy"), metric) if metric in ("", "accuracy", "exact") else None
        if exact is not None:
            used["exact match"] += 1
            account.left_out("metrics", "of items that are scored one by one", file.where, max(len(metrics) - 1, 0))
            yield from (evaluation(**place, **row) for row in exact)
            continue
        name = metric if metric in metrics else "" if metric else next((m for m in _METRICS if m in metrics), "")
        account.left_out("metrics", "another of the file is the score", file.where, len(metrics) - bool(name))
        if not name:
            account.left_out("files", f"without the metric ({metric or listed(list(_METRICS))})", file.where)
            continue
        score = metrics[name] / _METRICS.get(name, 1)
        if not 0 <= score <= 1:
            account.left_out("files", f"whose {shown(name)} is outside its scale", file.where)
            continue
        used[name] += 1
        account.left_out("items", f"known by their mean {shown(name)} alone", file.where, len(items))
        yield evaluation(**place, score=score, n=len(items) or None)
    if len(used) > 1:
        account.warn(f"scores are of different kinds ({listed(sorted(used))}): a mean over tasks mixes them")


def _metrics(measured: Mapping[str, Any]) -> dict[str, float]:
    numbers = {str(name): number(value) for name, value in measured.items()}
    return {name: value for name, value in numbers.items() if value is not None}


def _items(content: Mapping[str, Any], where: str, account: Account) -> list[tuple[str, str, str]]:
    lists = [part for name in _LISTS if isinstance(part := content.get(name), list)]
    if len(lists) < len(_LISTS) or len({len(part) for part in lists}) > 1:
        account.warn(f"{where}: prompts, results and labels are not equally many; only the file's metric is used")
        return []
    return [(str(prompt), str(result), str(label)) for prompt, result, label in zip(*lists, strict=True)]


def _exact(items: Sequence[tuple[str, str, str]], accuracy: float | None, metric: str) -> list[dict[str, Any]] | None:
    """Items scored 0 or 1, where their mean is the accuracy that TRACE wrote, or `exact` was asked for; else None."""
    for resolve in (str, _choice):
        rows = [(prompt, resolve(result), resolve(label)) for prompt, result, label in items]
        scores = [float(bool(answer) and answer == truth) for _, answer, truth in rows]
        agrees = accuracy is not None and rows and math.isclose(sum(scores) / len(rows), accuracy, abs_tol=1e-9)
        if rows and (agrees or metric == "exact"):
            classes = all(len(truth) <= _SHORT for _, _, truth in rows)
            ids = ids_of([prompt for prompt, _, _ in rows])
            return [
                {"item": item, "score": score} | ({"answer": answer[:_SHORT], "truth": truth} if classes else {})
                for item, score, (_, answer, truth) in zip(ids, scores, rows, strict=True)
            ]
    return None


def _choice(text: str) -> str:
    """The one letter after "Answer: ", as TRACE reads it where answers come with a reason; empty without one."""
    at = text.find("Answer: ")
    return "" if at < 0 else text[at + 8 : at + 9]


ADAPTER = Adapter(
    "trace",
    "TRACE's results-ROUND-ITASK-TASK.json; several folders are seeds",
    read,
    {
        "arm": "the arm of these runs, as in arm=joint; stream where not given",
        "metric": "the metric that is the score, as in metric=rouge-L, or exact for equality with the label; where not "
        "given the first that a file has of " + ", ".join(_METRICS),
    },
)
