"""Do judge and people rank answers alike, item by item, and over whole systems or tasks?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from toolkit.analyses.estimates import estimate_of
from toolkit.analyses.evidence import Analysis, Evidence
from toolkit.analyses.judgements import KEYS, Paired, paired
from toolkit.inference.rankcorrelation import rank_interval
from toolkit.inference.simultaneous import bonferroni
from toolkit.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

UNIT = "coefficient"
FEWEST_UNITS = 4
NO_NUMBERS = "needs numeric judgements on both sides: class labels have no order"
# What may be compared as a whole: the column that names it, and what it is called.
UNITS = {"generator_family": "families", "task": "tasks"}


def rank_correlation(evidence: Evidence, arm: str = "stream") -> Analysis:
    """Spearman's correlation of judge and people over items, by task, criterion and judge where there are several.

    Of several judges and people the means are ranked; items count by the inverse of their inclusion probability.
    """
    rows = _scored(evidence, arm)
    if isinstance(rows, str):
        return Analysis((_empty(evidence, arm, "rank_correlation", rows),))
    estimates = [_ranks(evidence, arm, rows, level=evidence.level)]
    for column in ("task", "criterion", "rater"):
        values = sorted(rows[column].unique())
        if column == "task":
            order = [task.name for task in evidence.config.tasks]
            values.sort(key=order.index)
        level = bonferroni(evidence.level, len(values))
        for value in values if len(values) > 1 else []:
            fields = {"task": value} if column == "task" else {"group": f"{column}={value}"}
            part = rows[rows[column] == value]
            estimates.append(_ranks(evidence, arm, part, level=level, simultaneous=True, **fields))
    return Analysis(tuple(estimates))


def meta_correlation(evidence: Evidence, arm: str = "stream") -> Analysis:
    """Spearman's correlation of judge means with human means over generator families and over tasks.

    Families are the units, however many variants each has: answers of one family err together. `part=families` and
    `part=tasks`; where neither has four, one estimate says so.
    """
    rows = _scored(evidence, arm)
    if isinstance(rows, str):
        return Analysis((_empty(evidence, arm, "meta_correlation", rows),))
    estimates = []
    for column, units in UNITS.items():
        named = rows[rows[column].notna()] if column in rows else rows.iloc[:0]
        if named[column].nunique() < FEWEST_UNITS if len(named) else True:
            continue
        weighted = named.assign(judge=named["judge"] * named["weight"], human=named["human"] * named["weight"])
        sums = weighted.groupby(column)[["judge", "human", "weight"]].sum()
        judge, human = sums["judge"] / sums["weight"], sums["human"] / sums["weight"]
        found = rank_interval(judge, human, level=evidence.level, units=units)
        estimate = estimate_of(
            found, quantity="meta_correlation", axis="alignment", arm=arm, unit=UNIT, level=evidence.level,
            group=f"part={units}",
        )  # fmt: skip
        scope = "tasks" if units == "tasks" and found.low is not None else None
        estimates.append(estimate.model_copy(update={"n": {**found.n, "labels": len(named)}, "scope": scope}))
    if not estimates:
        reason = f"needs {FEWEST_UNITS} tasks or generator families (generator_family) that judge and people scored"
        estimates.append(_empty(evidence, arm, "meta_correlation", reason))
    return Analysis(tuple(estimates))


def _scored(evidence: Evidence, arm: str) -> pd.DataFrame | str:
    pairs = paired(evidence.cube, arm=arm)
    if not isinstance(pairs, Paired):
        return pairs
    rows = pairs.rows[pairs.rows["judge"].notna() & pairs.rows["human"].notna()]
    return rows if len(rows) else NO_NUMBERS


def _ranks(evidence: Evidence, arm: str, rows: pd.DataFrame, *, level: float, **fields: Any) -> Estimate:
    items = rows.groupby(KEYS, dropna=False, as_index=False).agg(
        judge=("judge", "mean"), human=("human", "first"), weight=("weight", "first"), cluster=("cluster", "first")
    )
    found = rank_interval(
        items["judge"], items["human"], level=level, weight=items["weight"], cluster=items["cluster"], units="labels"
    )
    return estimate_of(
        found, quantity="rank_correlation", axis="alignment", arm=arm, unit=UNIT, level=evidence.level, **fields
    )


def _empty(evidence: Evidence, arm: str, quantity: str, reason: str) -> Estimate:
    return Estimate(quantity=quantity, axis="alignment", arm=arm, level=evidence.level, unit=UNIT, reason=reason)
