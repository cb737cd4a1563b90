"""Which tasks of the harness make one stream, by which of their values, and what must be known about them?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from toolkit.logs.adapters.account import Account
from toolkit.logs.adapters.base import Options
from toolkit.logs.adapters.lmeval_files import Run, TaskResult
from toolkit.logs.adapters.lmeval_metrics import filter_of, metric_of
from toolkit.logs.shown import listed


@dataclass(frozen=True)
class Choice:
    """The value that is a task's score: metric and filter, and whether higher is better."""

    metric: str
    filter: str
    higher: bool


def choose(runs: Sequence[Run], options: Options, account: Account) -> dict[str, Choice]:
    """The score of each task, for tasks whose scores lie on one scale and all mean better when higher.

    What is left out on the way is counted: tasks without such a metric, or on another scale than most.
    """
    results: dict[str, list[TaskResult]] = {}
    for run in runs:
        for result in run.tasks:
            results.setdefault(result.task, []).append(result)
    wanted, found = options.setting("metric"), {}
    for task, own in results.items():
        metric = metric_of([result.higher for result in own], wanted)
        if metric is None:
            why = f"without the metric {wanted}" if wanted else "with metrics of which lower is better alone"
            account.left_out("tasks", why, task)
            continue
        filters = list(dict.fromkeys(c.filter for result in own for c in result.cells if c.metric == metric))
        chosen = filter_of(filters, options.setting("filter") if any(filters) else "")
        if chosen is None:
            account.left_out("tasks", f"without the filter {options.setting('filter')}", task)
            continue
        found[task] = Choice(metric, chosen, all(r.higher[metric] for r in own if metric in r.higher))
        account.left_out(
            "values",
            "of another metric or filter than the task's score",
            f"{task}, scored by {metric}{f', {chosen}' if chosen else ''}",
            sum(not (c.metric == metric and c.filter == chosen) for result in own for c in result.cells),
        )
    return _one_scale(_one_direction(found, account), results, account)


def remarks(runs: Sequence[Run], tasks: Iterable[str], account: Account) -> None:
    """What the user must know: versions or numbers of examples that differ, and evaluations of a part of the items."""
    tasks = set(tasks)
    versions = _differing(runs, tasks, lambda result: result.version)
    shots = _differing(runs, tasks, lambda result: result.shots)
    if versions:
        account.warn(
            f"The version of the task differs between checkpoints for {listed(versions, 6)}: a difference over stages "
            "may be the task's, not the model's."
        )
    if shots:
        account.warn(f"The number of examples in the prompt differs between checkpoints for {listed(shots, 6)}.")
    limits = [run.name for run in runs if run.limit]
    if limits:
        account.warn(f"--limit was used in {listed(limits, 4)}: scores are of the first items alone.")
    part = sorted({r.task for run in runs for r in run.tasks if r.task in tasks and r.n and r.of and r.n < r.of})
    if part and not limits:
        account.warn(f"Fewer items were evaluated than the data hold for {listed(part, 6)}.")


def _one_direction(found: dict[str, Choice], account: Account) -> dict[str, Choice]:
    """Tasks of which higher is better, unless there is none."""
    rising = {task: choice for task, choice in found.items() if choice.higher}
    if not rising:
        return found
    for task, choice in found.items():
        if task not in rising:
            account.left_out("tasks", f"scored by {choice.metric}, of which lower is better, unlike the others", task)
    return rising


def _one_scale(
    found: dict[str, Choice], results: Mapping[str, Sequence[TaskResult]], account: Account
) -> dict[str, Choice]:
    """Tasks on the scale that most of them have: from 0 to 1, or a wider one."""
    unit = {
        task
        for task, choice in found.items()
        if all(0 <= c.score <= 1 for r in results[task] for c in r.cells if c.metric == choice.metric)
    }
    if len(unit) in (0, len(found)):
        return found
    most = unit if 2 * len(unit) >= len(found) else set(found) - unit
    for task, choice in found.items():
        if task not in most:
            account.left_out("tasks", f"scored by {choice.metric}, on another scale than most tasks", task)
    return {task: choice for task, choice in found.items() if task in most}


def _differing(runs: Sequence[Run], tasks: set[str], of: Callable[[TaskResult], str]) -> list[str]:
    seen: dict[str, Counter[str]] = {}
    for run in runs:
        for result in run.tasks:
            if result.task in tasks:
                seen.setdefault(result.task, Counter())[of(result)] += 1
    return sorted(task for task, values in seen.items() if len(values) > 1)
