"""Could the judge stand in for a person: is it as near to the other people as the one that it would replace?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.analyses.estimates import estimate_of
from toolkit.analyses.evidence import Analysis, Evidence
from toolkit.analyses.judgements import KEYS, Paired, paired
from toolkit.inference.alternative import EPSILON, alternative_annotator
from toolkit.inference.interval import Interval
from toolkit.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

QUANTITY = "agreement_gap"


def alternative(evidence: Evidence, arm: str = "stream", *, epsilon: float = EPSILON) -> Analysis:
    """Winning rate (`part=winning-rate`) and mean advantage (`part=advantage`) of the alternative annotator test.

    Half or more of the people won is a pass. Beside them each person's advantage with its one-sided p-value
    (`part=advantage,person=...`); of several judges each has its own (`rater=...`). They are parts of the quantity
    `agreement_gap` and no verdict rests on them.
    """
    pairs = paired(evidence.cube, arm=arm, each_person=True)
    if not isinstance(pairs, Paired):
        return Analysis((_empty(evidence, arm, pairs, ""),))
    rows, classes = _values(pairs.rows)
    if rows.empty:
        return Analysis((_empty(evidence, arm, "no item has comparable judgements on both sides", ""),))
    raters = sorted(rows["rater"].unique())
    estimates: list[Estimate] = []
    for rater in raters:
        group = f"rater={rater}," if len(raters) > 1 else ""
        estimates += _of_judge(evidence, arm, rows[rows["rater"] == rater], group, classes=classes, epsilon=epsilon)
    return Analysis(tuple(estimates))


def _values(rows: pd.DataFrame) -> tuple[pd.DataFrame, bool]:
    """Rows with the values of judge and person as numbers in `a` and `b`; whether they are codes of classes."""
    labelled = rows["judge_label"].notna() & rows["human_label"].notna()
    if not labelled.any():
        rows = rows[rows["judge"].notna() & rows["human"].notna()]
        return rows.assign(a=rows["judge"].astype(float), b=rows["human"].astype(float)), False
    rows = rows[labelled]
    labels = rows[["judge_label", "human_label"]].to_numpy().astype(str)
    codes = np.unique(labels, return_inverse=True)[1].reshape(labels.shape).astype(float)
    return rows.assign(a=codes[:, 0], b=codes[:, 1]), True


def _of_judge(
    evidence: Evidence, arm: str, rows: pd.DataFrame, group: str, *, classes: bool, epsilon: float
) -> list[Estimate]:
    people = rows.pivot(index=KEYS, columns="person", values="b")
    whole = rows.assign(weight=rows["weight"] * rows["people"])  # a person's row has its share of the item's weight
    items = whole.groupby(KEYS, dropna=False)[["a", "weight", "cluster"]].first()
    found = alternative_annotator(
        items["a"], people.to_numpy(dtype=float), level=evidence.level, classes=classes, epsilon=epsilon,
        weight=items["weight"], cluster=items["cluster"],
    )  # fmt: skip
    if isinstance(found, str):
        return [_empty(evidence, arm, found, group)]
    reason = "a share of these people; each person's own p-value stands beside"
    method = f"alternative annotator test, epsilon {epsilon:g}, Benjamini-Yekutieli over people"
    won = Interval(found.winning_rate, None, None, None, method, found.advantage.n, reason=reason)
    estimates = [
        _estimate(evidence, arm, won, f"{group}part=winning-rate"),
        _estimate(evidence, arm, found.advantage, f"{group}part=advantage"),
    ]
    for one in found.people:
        name = f"{group}part=advantage,person={people.columns[one.person]}"
        estimates.append(_estimate(evidence, arm, one.advantage, name, p_value=one.p_value))
    return estimates


def _estimate(evidence: Evidence, arm: str, found: Interval, group: str, **fields: Any) -> Estimate:
    return estimate_of(
        found, quantity=QUANTITY, axis="alignment", arm=arm, level=evidence.level, unit="share", group=group, **fields
    )


def _empty(evidence: Evidence, arm: str, reason: str, group: str) -> Estimate:
    base = Estimate(quantity=QUANTITY, axis="alignment", arm=arm, level=evidence.level, unit="share", reason=reason)
    return base.model_copy(update={"group": f"{group}part=winning-rate"})
