"""How are the results imported that Hugging Face's Trainer leaves in a folder for each stage?

One folder a stage (`1-dbpedia/all_results.json`), in it a key for each task seen so far, such as
`predict_exact_match_for_dbpedia`; or a folder a task within it; or `eval_<task>_<metric>` in the history of
trainer_state.json, which gives learning curves. Folders called after tasks tell tasks from groups of tasks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from toolkit.errors import LogRejected, UsageError
from toolkit.logs.adapters.account import Account
from toolkit.logs.adapters.base import Adapter, Converted, Hints, Options, Record, evaluation
from toolkit.logs.adapters.hffolders import Found, find_stages
from toolkit.logs.adapters.hfkeys import PREFERRED, Value, values_of
from toolkit.logs.adapters.jsonfiles import read_object
from toolkit.logs.adapters.sourcefiles import files_in
from toolkit.logs.adapters.stages import numbered
from toolkit.logs.shown import listed, shown

_RESULTS = ("all_results.json", "predict_results.json", "test_results.json", "eval_results.json")
_HISTORY = "trainer_state.json"
_RUNS = ("seeds", "orders", "arms")
_Read = list[tuple[Found, list[Value]]]


def _read(source: Path, options: Options, account: Account) -> Converted:
    paths = files_in(source, lambda name: name in (*_RESULTS, _HISTORY))
    found = find_stages(_best(paths, account), source, options, account)
    read = _values(found, options.setting("metric") or None, account)
    if not read:
        raise LogRejected(
            f"{shown(source, 300)}: no results of tasks by stage; expected are folders called like 1-name, each with "
            f"all_results.json and a key for each task; say with --stages which folder is which stage{_why(account)}"
        )
    runs = list(dict.fromkeys(one.run for one, _ in read if not one.alone)) or [read[0][0].run]
    said = options.setting("runs")
    if said not in ("", *_RUNS):
        raise UsageError(f"--set runs={shown(said)}: one of {', '.join(_RUNS)}")
    if len(runs) > 1 and not said and options.stages is None:
        raise UsageError(
            f"{shown(source, 300)}: holds several runs ({listed(runs, 8)}); say with --set runs=seeds, orders or arms "
            "what they are, or give the folder of one"
        )
    metric = options.setting("metric") or _metric(read)
    orders = {run: _order(found, run) for run in runs}
    hints = Hints(
        tasks=list(options.tasks or orders[runs[0]]),
        evidence="by the stages' folders",
        sure=bool(orders[runs[0]]),
        metric=metric,
        step_unit="training steps" if any(value.step is not None for _, values in read for value in values) else "",
    )
    if said == "orders":
        hints.orders = {_order_name(runs, run): orders[run] for run in runs}
    return Converted(_records(read, metric, runs, said, orders, hints, account), hints)


def _best(paths: Sequence[Path], account: Account) -> list[Path]:
    """Of each folder the most complete results file, and the history."""
    folders: dict[Path, list[str]] = {}
    for path in paths:
        folders.setdefault(path.parent, []).append(path.name)
    chosen = []
    for folder, names in folders.items():
        results = [name for name in _RESULTS if name in names] or [name for name in names if name != _HISTORY]
        if len(results) > 1:
            account.left_out("files", f"beside {results[0]}, which is read", results[1], len(results) - 1)
        chosen += [folder / name for name in (*results[:1], *(name for name in names if name == _HISTORY))]
    return chosen


def _values(found: Sequence[Found], metric: str | None, account: Account) -> _Read:
    """The values of each file; of two folders of one run, stage and task the later."""
    read: dict[tuple[object, ...], tuple[Found, list[Value]]] = {}
    for one in found:
        content = read_object(one.path, one.name, account)
        values = list(values_of(content, metric)) if content is not None else []
        key = (one.run, one.number, one.inner, one.path.name == _HISTORY, one.place)
        if content is not None and not values:
            account.left_out("files", "without a value of any task", one.name)
        elif values:
            if key in read:
                account.left_out("files", "of a stage that a later folder holds again", read[key][0].name)
            read[key] = (one, values)
    return list(read.values())


def _metric(read: _Read) -> str:
    counts = Counter(value.metric for _, values in read for value in values)
    return next((name for name in PREFERRED if counts[name]), counts.most_common(1)[0][0])


def _order(found: Sequence[Found], run: str) -> list[str]:
    """Tasks by the stage whose folder is called after them; empty where folders name none."""
    named = {one.task: one.number for one in found if one.run == run and one.task is not None}
    return sorted(named, key=lambda task: named[task])


def _order_name(runs: Sequence[str], run: str) -> str:
    return "default" if run == runs[0] else run.replace("/", "-")


def _records(
    read: _Read,
    metric: str,
    runs: Sequence[str],
    said: str,
    orders: Mapping[str, Sequence[str]],
    hints: Hints,
    account: Account,
) -> Iterator[Record]:
    seeds = {run: number for number, run in enumerate(numbered(runs))}
    known = {task for order in orders.values() for task in order} | set(hints.tasks)
    percent = any(v.score > 1 for _, values in read for v in values if v.metric == metric)
    hints.score_range = (0, 100) if percent else None
    for one, values in read:
        for value in values:
            task = _task(value, one, known)
            where = f"{one.name}, {value.task or one.folder}"
            if value.metric != metric:
                account.left_out("values", f"of another metric than {metric}", f"{where}, {value.metric}")
            elif task is None:
                account.left_out("values", "of several tasks together, or of a task without a stage of its own", where)
            elif one.alone:
                if task in hints.tasks and task == one.task:
                    stage = hints.tasks.index(task) + 1
                    yield evaluation(stage=stage, task=task, score=value.score, arm="isolated", step=value.step)
                else:
                    account.left_out("values", "of another task than the one learned alone", where)
            else:
                cells: dict[str, Any] = {"stage": one.number, "step": value.step}
                cells |= one.place.cells() if one.place is not None else _cells(one.run, runs, said, seeds)
                yield evaluation(**cells, task=task, score=value.score)


def _cells(run: str, runs: Sequence[str], said: str, seeds: Mapping[str, int]) -> dict[str, Any]:
    if said == "arms":
        return {"arm": "stream" if run == runs[0] else run}
    if said == "orders":
        return {"order": _order_name(runs, run)}
    return {"seed": seeds.get(run, 0)}


def _task(value: Value, one: Found, known: set[str]) -> str | None:
    name = value.task or one.inner or (one.task if one.alone else None)
    if name is None or not known:
        return name
    return name if name in known else {task.lower(): task for task in known}.get(name.lower())


def _why(account: Account) -> str:
    lines = account.lines()
    return f". {lines[0]}" if lines else ""


ADAPTER = Adapter(
    "huggingface",
    "Hugging Face Trainer: all_results.json or trainer_state.json in a folder a stage",
    _read,
    {
        "metric": "which metric scores are; default: exact_match, accuracy, acc, f1, else the most frequent",
        "runs": "what several runs are: seeds, orders or arms (the first is arm stream)",
    },
)
