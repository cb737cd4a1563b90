"""How often does the judge call right what people call right, and what does that make of the share it calls right?

Sensitivity and specificity by people's labels on the judged answers, and the share right corrected by them (Rogan &
Gladen 1978). The correction takes both to be the same in all judged answers as in the labelled ones; PPI++
(`analyses.corrected`) does not need that, and no verdict rests on this one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.analyses.estimates import estimate_of
from toolkit.analyses.evidence import Evidence
from toolkit.analyses.judged import SEEN_ONLY, Judged, judged
from toolkit.analyses.judgements import KEYS, given_judgements, weighted_mean
from toolkit.inference.ladder import interval
from toolkit.inference.rogan_gladen import Calibration, rogan_gladen
from toolkit.inference.simultaneous import bonferroni
from toolkit.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

GROUP = "definition=rogan-gladen"
CLASSES = {1.0: "part=sensitivity", 0.0: "part=specificity"}
UNIT = "points of the feedback scale"
NOT_BINARY = "needs right or wrong from judge and people: scores at the two ends of the feedback scale"
NO_CLASS = "needs answers that people call {}: there are none among the labelled ones"


def sensitivity(evidence: Evidence, arm: str = "stream") -> list[Estimate]:
    """Sensitivity and specificity (`agreement`, `part=...`) and the corrected share, over all and by task.

    Empty where `corrected_score` already says that judgements are missing. Where people differ about an answer their
    majority decides, and ties are left out. Each judge's verdict on an answer counts.
    """
    found = judged(evidence.cube, arm)
    if isinstance(found, str):
        return []
    rows = _verdicts(evidence, arm, found)
    if rows is None:
        return [_base(evidence, arm, reason=NOT_BINARY)]
    order = [task.name for task in evidence.config.tasks]
    tasks = sorted(rows["task"].unique(), key=order.index)
    level, several = bonferroni(evidence.level, len(tasks)), len(tasks) > 1
    return [
        *(_of_class(evidence, arm, rows, right) for right in CLASSES),
        _corrected(evidence, arm, rows, found, evidence.level),
        *(
            _corrected(evidence, arm, rows[rows["task"] == task], found, level, task=task, simultaneous=several)
            for task in tasks
        ),
    ]


def _base(evidence: Evidence, arm: str, **fields: Any) -> Estimate:
    base = Estimate(quantity="corrected_score", axis="alignment", arm=arm, level=evidence.level, unit=UNIT,
                    group=GROUP)  # fmt: skip
    return base.model_copy(update=fields)


def _verdicts(evidence: Evidence, arm: str, found: Judged) -> pd.DataFrame | None:
    """One row a judge and judged answer: `called` right or not, people's `right` (nan without), seed, cluster, weight.

    None where judge or people say more than right or wrong.
    """
    table = evidence.cube.table("judgements")
    if table is None:
        raise AssertionError("there are judged answers")
    low, high = evidence.config.feedback.range or evidence.config.score_range
    frame = given_judgements(table.to_pandas(), arm=arm, target="answer")
    frame = frame[frame["score"].notna()]
    if not frame["score"].isin([low, high]).all():
        return None
    answers = found.rows[[*KEYS, "cluster", "y", "chance"]]
    judge = frame.loc[frame["source"] == "synthetic", [*KEYS, "score"]]
    rows = judge.merge(answers, on=KEYS)
    share = (rows["y"] - low) / (high - low)
    right = (share > 0.5).astype(float).where(share.notna() & (share != 0.5))
    called = (rows["score"] == high).astype(float)
    return rows.assign(called=called, right=right, weight=1 / rows["chance"])


def _of_class(evidence: Evidence, arm: str, rows: pd.DataFrame, right: float) -> Estimate:
    """Share of the answers of one class, right or wrong by people, that the judge puts there."""
    part = rows[rows["right"] == right]
    statistic = weighted_mean(part, np.asarray(part["called"] == right, dtype=float), difference=False)
    fields = {"quantity": "agreement", "unit": "share", "group": CLASSES[right]}
    if statistic is None:
        return _base(evidence, arm, reason=NO_CLASS.format("right" if right else "wrong"), **fields)
    result = interval([statistic], level=evidence.level, bounds=(0.0, 1.0), binary=True)
    estimate = estimate_of(result, axis="alignment", arm=arm, level=evidence.level, **fields)
    counts = {"labels": len(part), **{key: n for key, n in estimate.n.items() if key != "items"}}
    return estimate.model_copy(update={"n": counts})


def _corrected(
    evidence: Evidence, arm: str, rows: pd.DataFrame, found: Judged, level: float, **fields: Any
) -> Estimate:
    """The share right of all judged answers, as a score; counts are effective ones where answers share clusters."""
    low, high = evidence.config.feedback.range or evidence.config.score_range
    labelled = rows[rows["right"].notna()]
    n = {"labels": len(labelled), "items": len(rows), "clusters": int(labelled["cluster"].nunique())}
    (right, right_called), (wrong, wrong_called) = (_counts(labelled[labelled["right"] == k], k) for k in CLASSES)
    judged_n, called_n = _counts(rows.assign(weight=1.0), 1.0)
    rate = rogan_gladen(called_n, judged_n, Calibration(right, right_called, wrong, wrong_called), level=level)
    if rate.value is None or rate.low is None or rate.high is None:
        return _base(evidence, arm, reason=rate.reason, n=n, **fields)
    value = _exact(rows, labelled)
    ends = (low + (high - low) * share for share in (min(rate.low, value), value, max(rate.high, value)))
    pooled = ", pooled over seeds" if rows["seed"].nunique() > 1 else ""
    several = f"; verdicts of {found.judges} judges" if found.judges > 1 else ""
    sample = "" if found.probability else f"; {SEEN_ONLY}"
    method = (
        f"Rogan-Gladen, interval of Lang and Reiczigel{pooled}; sensitivity {rate.sensitivity:.2f} and specificity "
        f"{rate.specificity:.2f} taken to be the same in all judged answers{several}{sample}"
    )
    at_low, at, at_high = ends
    return _base(evidence, arm, value=at, low=at_low, high=at_high, scope="items", method=method, n=n, **fields)


def _exact(rows: pd.DataFrame, labelled: pd.DataFrame) -> float:
    """Rogan and Gladen's share from the weighted shares themselves, kept within [0, 1]."""
    sides = [labelled[labelled["right"] == right] for right in CLASSES]
    se, sp = (
        np.average(side["called"] == right, weights=side["weight"]) for side, right in zip(sides, CLASSES, strict=True)
    )
    return float(np.clip((rows["called"].mean() + sp - 1) / (se + sp - 1), 0, 1))


def _counts(rows: pd.DataFrame, right: float) -> tuple[int, int]:
    """Of some rows, how many verdicts they are worth, and how many of those say `right`.

    Fewer than rows where the variance of the weighted share over clusters of items is larger than that of as many
    verdicts drawn one by one (Kish's design effect); never more.
    """
    if rows.empty:
        return 0, 0
    weight = rows["weight"].to_numpy(dtype=float)
    weight = weight / weight.sum()
    said = np.asarray(rows["called"] == right, dtype=float)
    place = np.unique(rows["cluster"].to_numpy(), return_inverse=True)[1]
    share = float(np.clip(weight @ said, 0, 1))
    variance = float((np.bincount(place, weight * (said - share)) ** 2).sum())
    alike = float(1 / (np.bincount(place, weight) ** 2).sum())  # where all say the same: clusters, by their weight
    drawn = share * (1 - share)
    worth = alike if drawn < 1e-9 or alike < 1.5 else drawn / max(variance, 1e-9 * drawn)
    n = max(int(min(worth + 1e-6, len(rows))), 1)
    return n, round(share * n)
