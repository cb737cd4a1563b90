"""What belongs to many tasks looked at together: adjusted flags, shrunken effects, and new tasks of this kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from toolkit.analyses.estimates import Terms
from toolkit.inference.interval import Bounds, Interval, clip
from toolkit.inference.ladder import interval
from toolkit.inference.multiplicity import adjusted
from toolkit.inference.newtasks import tasks_interval
from toolkit.inference.shrinkage import FEWEST, morris
from toolkit.results import Estimate

SCOPE_TASKS = "scope=tasks"
SHRUNK = "shrunk=morris"


def flagged(estimates: Sequence[Estimate], results: Sequence[Interval | None]) -> list[Estimate]:
    """Exploratory estimates of one family with their p-values adjusted (Benjamini-Hochberg).

    results: the interval of each; where variances are pooled over tasks, a task's own test has to agree.
    """
    own = [None if result is None else result.own_p_value for result in results]
    corrected = adjusted([e.p_value for e in estimates], "Benjamini-Hochberg", own)
    return [
        e if p is None else e.model_copy(update={"p_adjusted": p, "adjustment": "Benjamini-Hochberg"})
        for e, p in zip(estimates, corrected, strict=True)
    ]


def beside(by_task: Mapping[str, Terms], *, level: float, bounds: Bounds) -> Iterator[tuple[str, str | None, Interval]]:
    """What stands beside a difference and its tasks: group, task and interval of each.

    The mean for a new stream of tasks (`scope=tasks`), and each task's effect drawn towards the mean as far as
    the spread between tasks allows (`shrunk=morris`), where the log has enough for them.
    """
    if all(len(terms) == 1 for terms in by_task.values()):
        result = tasks_interval([terms[0] for terms in by_task.values()], level=level, bounds=bounds)
        if result.low is not None:
            yield SCOPE_TASKS, None, result
    results = {task: interval(terms, level=level, bounds=bounds) for task, terms in by_task.items()}
    each = {task: result for task, result in results.items() if result.variance}
    if len(each) < FEWEST:
        return
    y, v = np.array([(result.value, result.variance) for result in each.values()], dtype=float).T
    shrunk = morris(y, v)
    for (task, raw), value, low, high in zip(each.items(), shrunk.values, *shrunk.ends(level), strict=True):
        low, high = clip(low, high, bounds)
        yield SHRUNK, task, replace(
            raw, value=float(value), low=low, high=high, scope="tasks", variance=None, df=None, p_value=None,
            parts=None, method="empirical Bayes over tasks, Morris correction",
        )  # fmt: skip
