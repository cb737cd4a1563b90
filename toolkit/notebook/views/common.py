"""Which estimates of any axis belong together: tasks, stages, ages, and the whole?"""

from __future__ import annotations

from collections.abc import Sequence

from toolkit.analyses import Analysis
from toolkit.analyses.families import SCOPE_TASKS
from toolkit.notebook.run import Run
from toolkit.results import Estimate, JudgedBy
from toolkit.review import judged_by


def whole_and_tasks(estimates: Sequence[Estimate]) -> tuple[Estimate | None, list[Estimate]]:
    """The estimate over all tasks, and those of each task, in the order given."""
    tasks = [e for e in estimates if e.task is not None]
    return next((e for e in estimates if e.task is None and e.stage is None), None), tasks


def by_stage(estimates: Sequence[Estimate]) -> list[Estimate]:
    """Estimates of single stages over all tasks, in order."""
    return sorted((e for e in estimates if e.stage is not None and e.task is None), key=lambda e: e.stage or 0)


def over_all_tasks(estimates: Sequence[Estimate]) -> list[Estimate]:
    """Estimates that speak of the whole stream: no single task or stage, and no part that has a table of its own."""
    shown = (None, SCOPE_TASKS, "scope=raters", "ceiling=1")
    return [e for e in estimates if e.task is None and e.stage is None and e.group in shown]


def measured(estimates: Sequence[Estimate]) -> list[Estimate]:
    """Those that have a value; what the others lack is said apart."""
    return [e for e in estimates if e.measured]


def judges(run: Run) -> tuple[JudgedBy, ...]:
    """Whose judgements the log holds: people, judges, rules."""
    return judged_by(run.cube)


def age(estimate: Estimate) -> int | None:
    """Stages since a task was learned, where the estimate is of one age."""
    name, _, value = (estimate.group or "").partition("=")
    return int(value) if name == "age" else None


def by_age(analysis: Analysis, quantity: str) -> list[Estimate]:
    """Estimates of single ages over all tasks."""
    return [e for e in analysis.select(quantity, task=None) if age(e) is not None]


def task_name(estimate: Estimate) -> str:
    """What a row of one task is called."""
    return estimate.task or "all tasks"


def group_name(estimate: Estimate) -> str:
    """What a row of one group is called: `attr_ink=dark` reads `ink: dark`."""
    name, _, value = (estimate.group or "").removeprefix("attr_").partition("=")
    return f"{name}: {value}"
