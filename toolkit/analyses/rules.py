"""Do rules (exact checks, heuristics) judge as people do, and do judges score as the rules do?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from toolkit.analyses.estimates import named
from toolkit.analyses.judgements import KEYS, given_judgements, weighted_mean
from toolkit.inference.interval import Bounds
from toolkit.inference.ladder import interval
from toolkit.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

LABELS_UNIT = "share of labels that differ"


def rule_feedback(table: pd.DataFrame, base: Estimate, *, bounds: Bounds) -> list[Estimate]:
    """Rule minus human (`part=rule-human`) and judge minus rule (`part=judge-rule`), where rows of a rule are there.

    table: the cube's judgements; base: axis, arm, level and unit of the estimates; bounds: of a difference of scores

    Where both gave numbers, the mean difference; where both gave labels only, the share of items on which they
    differ. Human looks count by their inclusion probability, and people of one item share its weight.
    """
    frame = given_judgements(table, arm=base.arm or "stream", target="answer")
    rules = frame[frame["source"] == "rule"]
    if rules.empty:
        return []
    people = frame[frame["source"] == "human"]
    people = people.assign(weight=1 / people.groupby(KEYS, dropna=False)["rater"].transform("nunique"))
    if people["probability"].notna().all():
        people = people.assign(weight=people["weight"] / people["probability"])
    judges = frame[frame["source"] == "synthetic"].assign(weight=1.0)
    return [
        _compared(rules.assign(weight=1.0), people, base.model_copy(update={"group": "part=rule-human"}), bounds),
        _compared(judges, rules.assign(weight=1.0), base.model_copy(update={"group": "part=judge-rule"}), bounds),
    ]


def _compared(one: pd.DataFrame, other: pd.DataFrame, base: Estimate, bounds: Bounds) -> Estimate:
    """How far `one` lies above `other` on the items of both, or how often their labels differ."""
    sides = (side[[*KEYS, "cluster", "score", "label", "weight"]] for side in (one, other))
    rows = next(sides).merge(next(sides).drop(columns="cluster"), on=KEYS, suffixes=("_one", "_other"))
    rows = rows.assign(weight=rows["weight_one"] * rows["weight_other"])
    a, b = rows["score_one"].to_numpy(dtype=float), rows["score_other"].to_numpy(dtype=float)
    scored = np.isfinite(a) & np.isfinite(b)
    labelled = (rows["label_one"].notna() & rows["label_other"].notna()).to_numpy()
    if scored.any():
        binary = bool(np.isin(a[scored], (0, 1)).all() and np.isin(b[scored], (0, 1)).all())
        values, kept, difference = a - b, scored, True
    elif labelled.any():
        values = (rows["label_one"].astype(str) != rows["label_other"].astype(str)).to_numpy(dtype=float)
        base, bounds = base.model_copy(update={"unit": LABELS_UNIT}), (0.0, 1.0)
        binary, kept, difference = True, labelled, False
    else:
        about = (base.group or "").removeprefix("part=").replace("-", " and ")
        reason = f"needs items judged by both {about}, with scores on both sides or labels on both"
        return base.model_copy(update={"reason": reason})
    rows, values = rows[kept], values[kept]
    statistic = weighted_mean(rows, values, difference=difference)
    if statistic is None:
        raise AssertionError("there are finite values")
    # The score intervals count items: they need each to weigh the same.
    equal = bool(np.ptp(rows["weight"].to_numpy()) == 0)
    result = interval([statistic], level=base.level, bounds=bounds, binary=binary and equal)
    found = named(base, result)
    counts = {"labels": len(rows), **{key: n for key, n in found.n.items() if key != "items"}}
    return found.model_copy(update={"n": counts})
