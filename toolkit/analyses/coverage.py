"""Which of the log's scores do the means over tasks not use, and why?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from toolkit.analyses.evidence import Evidence
from toolkit.cube import Scores
from toolkit.cube.scores import orders_of
from toolkit.results import Notice

SHOWN = 5


def coverage_notices(evidence: Evidence) -> tuple[Notice, ...]:
    """A notice for further task orders, unscored tasks, and seeds that lack some of an arm's scores."""
    scores = evidence.scores
    if scores is None:
        return ()
    return (*_orders(evidence, scores), *_unscored(scores), *_incomplete_seeds(scores))


def _orders(evidence: Evidence, scores: Scores) -> Iterator[Notice]:
    orders = orders_of(evidence.cube)
    if len(orders) > 1:
        others = _listed([order for order in orders if order != scores.order])
        message = f"the log has several task orders; these numbers are of {scores.order!r} and leave out {others}"
        yield Notice(code="several-orders", message=message)


def _unscored(scores: Scores) -> Iterator[Notice]:
    never = [task for j, task in enumerate(scores.tasks) if not np.isfinite(scores.mean[..., j]).any()]
    if never:
        yield Notice(code="tasks-unscored", message=f"no score was logged for {_listed(never)}")


def _incomplete_seeds(scores: Scores) -> Iterator[Notice]:
    last = len(scores.stages) - 1
    for a, arm in enumerate(scores.arms):
        cells = np.isfinite(scores.mean[a])  # [seed, stage, task]
        any_seed = cells.any(0)
        learned = [j for j in range(len(scores.tasks)) if j + 1 <= last]
        needed = [(stage, j) for j in learned for stage in {j + 1, last} if any_seed[stage, j]]
        lacking = [
            str(seed)
            for seed, has in zip(scores.seeds, cells, strict=True)
            if has.any() and not all(has[stage, j] for stage, j in needed)
        ]
        if lacking:
            yield Notice(
                code="seeds-incomplete",
                message=f"arm {arm!r}: seeds {_listed(lacking)} lack scores at arrival or at the last stage of some "
                "tasks; means over tasks are over the other seeds",
            )


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
