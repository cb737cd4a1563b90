"""Do mistakes that were once fixed come back more often than plain forgetting would bring?

Items that were wrong and then right are hard items: they fail more often whatever happens. So the stream is compared
with the isolated student, who has no such past, on the same items; and as forgetting takes the stream away from the
isolated student on all items, with the same comparison among items that were never wrong. For one task:

    [logit P(wrong again | fixed) - logit P(isolated wrong | fixed)]
    - [logit P(wrong | never wrong) - logit P(isolated wrong | never wrong)]

Late stages have both more fixed items and more forgetting, so the rates of both groups are means over stages with the
same weights f u / (f + u), for f fixed and u never-wrong items at risk (overlap weights, Li, Morgan & Zaslavsky 2018).
Each rate is taken as a count out of its effective size, with 1/2 added to either side (Haldane 1956). Tasks are
averaged by the inverse variance of their differences (Woolf 1955): hard tasks are compared with themselves alone.

The comparison takes answers at different stages as independent, given how hard an item is. Where a student's own
answers carry over from stage to stage, its past says more than the item's difficulty, and that is seen here as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from toolkit.analyses.churn import rows_where, share_estimate, share_statistic, why_not_followed
from toolkit.analyses.estimates import named
from toolkit.analyses.evidence import Evidence
from toolkit.analyses.measure import needs_arm
from toolkit.inference.ladder import interval
from toolkit.inference.statistic import Statistic, summed_by_key
from toolkit.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FEWEST = 20  # fixed items put to the test again, over tasks, stages and seeds
COUNTS = ("at_risk", "wrong_again", "isolated_wrong")
TOO_SHORT = "needs at least two stages after a task was learned"
NEEDS_MATCHED = 'needs the same items (ids) and seeds in the arm "isolated"'
NO_INFLUENCE = "needs at least two test items in each group"


def recurrence(evidence: Evidence, arm: str = "stream") -> list[Estimate]:
    """Excess log odds that fixed mistakes come back, and the shares that it is made of.

    First over all tasks and stages, with n: at_risk, the fixed items put to the test again, summed over tasks, stages
    and seeds; seeds; clusters. Beside it the plain shares: wrong again among fixed items (`part=fixed`), wrong among
    items never wrong before (`part=never`), and the isolated student's wrong answers to the fixed items
    (`part=isolated`). Not measurable with fewer than 20 fixed items at risk.

    Where seeds are not shared between the arms, seed k of one stands beside seed k of the other all the same.
    """
    base = Estimate(quantity="recurrence_rate", axis="forgetting", arm=arm, level=evidence.level, unit="log odds")
    rows = _rows(evidence, arm)
    if isinstance(rows, str):
        return [base.model_copy(update={"reason": rows})]
    cells = _comparable(rows)
    at_risk = int(cells["at_risk_fixed"].sum())
    n = {"at_risk": at_risk, "seeds": cells["seed"].nunique(), "clusters": cells["cluster"].nunique()}
    if at_risk < FEWEST:
        few = f"needs at least {FEWEST} answers to items that were wrong and then right, found {at_risk}"
        return [base.model_copy(update={"n": n, "reason": few})]
    result = interval([recurrence_statistic(cells)], level=evidence.level, bounds=(-np.inf, np.inf))
    reason = NO_INFLUENCE if result.low is None and n["seeds"] == 1 else result.reason
    method = None if result.method is None else f"difference in differences of log odds, {result.method}"
    whole = named(base, result).model_copy(update={"n": n, "method": method, "reason": reason})
    share = base.model_copy(update={"unit": "share"})
    estimates = [whole]
    for part, group, hits in (
        ("fixed", "fixed", "wrong_again"), ("never", "never", "wrong_again"), ("isolated", "fixed", "isolated_wrong"),
    ):  # fmt: skip
        chosen = rows[rows["group"] == group]
        statistic = share_statistic(chosen.assign(hits=chosen[hits], weight=chosen["at_risk"]))
        estimates.append(share_estimate(share, statistic, "no such item is at risk", group=f"part={part}"))
    return estimates


def _rows(evidence: Evidence, arm: str) -> pd.DataFrame | str:
    """The recurrence table of the scores' order with its buckets as `cluster`, or what is missing."""
    scores, cube = evidence.scores, evidence.cube
    if scores is None or arm not in scores.arms:
        return needs_arm(arm)
    if "isolated" not in scores.arms:
        return needs_arm("isolated")
    early = scores.tasks[: max(0, len(scores.stages) - 3)]
    if not early:
        return TOO_SHORT
    table = cube.table("recurrence")
    found = None if table is None else rows_where(table, arm=arm, task_order=scores.order)
    if found is not None and found.num_rows:
        return found.to_pandas().rename(columns={"bucket": "cluster"})
    missing = [why_not_followed(cube, scores, arm, task, place + 2) for place, task in enumerate(early, start=1)]
    return next((why for why in missing if why is not None), NEEDS_MATCHED)


def _comparable(rows: pd.DataFrame) -> pd.DataFrame:
    """Both groups side by side (`at_risk_fixed`, ...), by seed, task, stage and cluster, in cells that have both."""
    where = ["seed", "task", "stage", "cluster"]
    fixed, never = (rows.loc[rows["group"] == group, [*where, *COUNTS]] for group in ("fixed", "never"))
    both = fixed.merge(never, on=where, how="outer", suffixes=("_fixed", "_never")).fillna(0)
    there = both.groupby(["seed", "task", "stage"])[["at_risk_fixed", "at_risk_never"]].transform("sum") > 0
    return both[there.all(axis=1)]


def recurrence_statistic(cells: pd.DataFrame) -> Statistic:
    """The excess in each seed, with the delete-one jackknife influence of each cluster (Efron & Stein 1981).

    cells: seed, task, stage, cluster, and the counts of both groups, one row each of them in a cell of task and stage
    that has both groups. Deleting a cluster takes out all its items, at all stages at which they were at risk.
    """
    task, stage, cluster = cells["task"].factorize()[0], cells["stage"].to_numpy(), cells["cluster"].to_numpy()
    counts = cells[[f"{count}_{group}" for group in ("fixed", "never") for count in COUNTS]].to_numpy(dtype=float)
    seeds, seed = np.unique(cells["seed"], return_inverse=True)
    values, parts = [], []
    for column in range(len(seeds)):
        own = seed == column
        keys, place = np.unique(cluster[own].astype(np.int64), return_inverse=True)
        cell = _codes(task[own] * (stage.max() + 1) + stage[own])
        value, influence = _excess(_codes(task[own]), cell, place, counts[own].T.reshape(2, 3, -1))
        values.append(value)
        if influence is not None:
            parts.append((influence[:, None] * np.eye(len(seeds))[column], keys))
    labels = tuple(int(seed) for seed in seeds)
    if len(parts) < len(labels):
        return Statistic(labels, np.array(values))
    influences, keys = summed_by_key(parts)
    return Statistic(labels, np.array(values), influences, keys, int(cells["at_risk_fixed"].sum()))


def _excess(task: Ints, cell: Ints, cluster: Ints, counts: Floats) -> tuple[float, Floats | None]:
    """The excess of one seed and its influences [cluster]; None where a cluster stands alone.

    task, cell, cluster: codes [row]; counts: [fixed or never, at risk or wrong or isolated wrong, row].
    """
    _, first = np.unique(cell, return_index=True)
    cells = _sums(counts, cell)
    terms = _terms(cells)
    tasks = _sums(terms, task[first])
    change = _terms(cells[..., cell] - counts) - terms[..., cell]
    pairs, place = np.unique(task * (cluster.max() + 1) + cluster, return_inverse=True)
    its_task, its_cluster = np.divmod(pairs, cluster.max() + 1)
    whole = _weighted(tasks)  # [weighted difference and weight, task]
    less = _weighted(tasks[..., its_task] + _sums(change, place)) - whole[..., its_task]
    above, below = whole.sum(-1)[:, None] + _sums(less, its_cluster)
    if len(below) < 2 or (below <= 0).any():
        return float(whole[0].sum() / whole[1].sum()), None
    without = above / below
    influence = (without.mean() - without) * np.sqrt((len(without) - 1) / len(without))
    return float(whole[0].sum() / whole[1].sum()), influence


def _codes(values: Ints) -> Ints:
    return np.unique(values, return_inverse=True)[1]


def _sums(values: Floats, codes: Ints) -> Floats:
    """values[..., row] summed by code: [..., code]."""
    flat = values.reshape(-1, values.shape[-1])
    return np.array([np.bincount(codes, row) for row in flat]).reshape(*values.shape[:-1], -1)


def _terms(counts: Floats) -> Floats:
    """What a cell adds to its task, [term, cell]: weight w, w times the four rates, w^2 / n of both groups."""
    n = counts[:, 0]
    there = (n > 0).all(0)
    size = np.where(there, n, 1.0)
    weight = np.where(there, size.prod(0) / size.sum(0), 0.0)
    rates = counts[:, 1:] / size[:, None]
    return np.concatenate([weight[None], (weight * rates).reshape(4, -1), weight**2 / size])


def _weighted(terms: Floats) -> Floats:
    """Of each task's summed terms [term, task]: the difference times its inverse variance, and that: [2, task]."""
    there = terms[0] > 1e-9  # sums less their only part leave rounding errors
    weight = np.where(there, terms[0], 1.0)
    size = weight**2 / np.where(there, terms[5:], 1.0)  # effective, [group, task]
    wrong = terms[1:5].reshape(2, 2, -1) / weight * size[:, None]  # [group, stream or isolated, task]
    above, below = wrong + 0.5, size[:, None] - wrong + 0.5
    logit = np.log(above / below)
    precision = np.where(there, 1 / (1 / above + 1 / below).sum((0, 1)), 0.0)
    return np.array([precision * (logit[0, 0] - logit[0, 1] - logit[1, 0] + logit[1, 1]), precision])
