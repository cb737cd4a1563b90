"""How are logs of EleutherAI's lm-evaluation-harness imported, a checkpoint a stage?

Where a run logged its samples and they give the reported value, its items are taken; else the value itself, with
the number of items behind it. Groups of tasks, other metrics and filters, and older runs are left out and counted.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit.errors import LogRejected
from toolkit.logs.adapters.account import Account
from toolkit.logs.adapters.base import Adapter, Converted, Hints, Options, Record, evaluation
from toolkit.logs.adapters.checkpoints import Evaluated, place_all
from toolkit.logs.adapters.lmeval_files import Run, TaskResult, read_run
from toolkit.logs.adapters.lmeval_metrics import BINARY, Cell, items_behind
from toolkit.logs.adapters.lmeval_samples import items, survey
from toolkit.logs.adapters.lmeval_tasks import Choice, choose, remarks
from toolkit.logs.adapters.sourcefiles import called, files_in
from toolkit.logs.adapters.stages import Place
from toolkit.logs.shown import shown

_CLOSE = 1e-6


@dataclass(frozen=True)
class _Read:
    """One result that is used: of which run, task and place, by which of its values."""

    run: Run
    result: TaskResult
    cell: Cell
    cells: Mapping[str, Any]


def _read(source: Path, options: Options, account: Account) -> Converted:
    paths = files_in(source, lambda name: name.endswith((".json", ".jsonl")))
    results = [path for path in paths if path.suffix == ".json" and not path.name.startswith("eval_request")]
    runs = [run for run in (read_run(path, source, account) for path in results) if run is not None]
    model = options.setting("model")
    runs = [run for run in runs if not model or model in run.names["model"].split("/") or model == run.names["model"]]
    if not runs:
        why = "".join(f"; {line}" for line in account.lines()[:2])
        raise LogRejected(
            f"{shown(source, 300)}: no results of lm-evaluation-harness{f' of {shown(model)}' if model else ''}{why}"
        )
    choices = choose(runs, options, account)
    evaluated = [
        Evaluated(run.names, run.when, run.name, frozenset(result.task for result in run.tasks)) for run in runs
    ]
    places = place_all(evaluated, len(choices), options, account)
    chosen = _newest(runs, places, choices, account)
    remarks(runs, set(choices), account)
    metrics = sorted({choice.metric for choice in choices.values()})
    hints = Hints(
        tasks=list(choices),
        evidence="as the results list them",
        metric=", ".join(metrics),
        higher_is_better=all(choice.higher for choice in choices.values()),
        step_unit="training steps",
    )
    hints.models = {"evaluated": shown(runs[-1].names["model"], 120)} if runs[-1].names["model"] else {}
    unused = {path for path in paths if path.suffix == ".jsonl"} - {
        p for r in runs for t in r.tasks if (p := r.samples(t.task))
    }
    for path in sorted(unused):
        account.left_out("files", "samples without results of the same run beside them", called(path, source))
    return Converted(_records(chosen, choices, source, account), hints)


def _newest(
    runs: Sequence[Run], places: Sequence[Place | None], choices: Mapping[str, Choice], account: Account
) -> list[_Read]:
    """The newest result of each place and task, in the order of the runs."""
    best: dict[tuple[object, ...], _Read] = {}
    for run, place in sorted(zip(runs, places, strict=True), key=lambda pair: pair[0].when):
        if place is None:
            continue
        for result in run.tasks:
            choice = choices.get(result.task)
            if choice is None:
                continue
            cell = _cell(result, choice)
            if cell is None:
                account.left_out("results", f"without {choice.metric} of filter {choice.filter or 'none'}", run.name)
                continue
            cells = place.cells()
            key = (*sorted(cells.items()), result.task)
            if key in best:
                account.left_out("results", "of an older run of the same task and checkpoint", best[key].run.name)
            best[key] = _Read(run, result, cell, cells)
    return list(best.values())


def _cell(result: TaskResult, choice: Choice) -> Cell | None:
    fitting = [c for c in result.cells if c.metric == choice.metric and c.filter == choice.filter]
    return fitting[0] if fitting and math.isfinite(fitting[0].score) else None


def _records(
    chosen: Sequence[_Read], choices: Mapping[str, Choice], source: Path, account: Account
) -> Iterator[Record]:
    sizes = _sizes(chosen)
    for one in chosen:
        task, choice = one.result.task, choices[one.result.task]
        path = one.run.samples(task)
        where = called(path, source) if path is not None else one.run.name
        if path is not None:
            seen = survey(path, where, choice.metric, choice.filter)
            problem = seen.problem or _disagrees(seen.n, seen.mean, one)
            if not problem:
                for item in items(path, where, choice.metric, choice.filter, seen.doubled, account):
                    yield evaluation(**one.cells, task=task, **item)
                continue
            account.left_out("files", f"samples {problem}; the reported value was taken instead", where)
        n = one.result.n or items_behind(one.cell.score, one.cell.stderr) or sizes.get(task)
        if n is None:
            account.left_out(
                "numbers of items", "neither stated nor to be told from the standard error", f"{where}, {task}"
            )
        sd = one.cell.stderr * math.sqrt(n) if one.cell.stderr and n and choice.metric not in BINARY else None
        yield evaluation(**one.cells, task=task, score=one.cell.score, n=n, sd=sd)


def _disagrees(n: int, mean: float, one: _Read) -> str:
    if one.result.n is not None and n != one.result.n:
        return "that are not all of the items the results count"
    if not abs(mean - one.cell.score) <= _CLOSE * max(1.0, abs(one.cell.score)):
        return "whose mean is not the reported value"
    return ""


def _sizes(chosen: Sequence[_Read]) -> dict[str, int]:
    """Items of each right-or-wrong task by its standard errors, where all of them say the same."""
    found: dict[str, set[int]] = {}
    for one in chosen:
        n = items_behind(one.cell.score, one.cell.stderr) if one.cell.metric in BINARY else None
        if n is not None:
            found.setdefault(one.result.task, set()).add(n)
    return {task: sizes.pop() for task, sizes in found.items() if len(sizes) == 1}


ADAPTER = Adapter(
    "lm-eval",
    "EleutherAI lm-evaluation-harness: results and samples of a checkpoint a stage, old and new layout",
    _read,
    {
        "metric": "which metric scores are; default: acc, exact_match, ... by task",
        "filter": "which filter's values, as strict-match; default: none, else the first",
        "model": "which model, where results of several lie together",
    },
)
