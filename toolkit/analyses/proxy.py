"""Does the judge see the student improve where people do not? The judge's course along the stream beside theirs.

The judge's mean of a stage is over all that it judged, people's over what they saw (weighted by inclusion
probability); the gap of a stage is their difference, linked through the items that both judged. The slope of the gap
over stages is a meta-regression (`inference.metaregression`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from toolkit.analyses.evidence import Evidence
from toolkit.analyses.judgements import given_judgements, weighted_mean
from toolkit.inference.ladder import interval
from toolkit.inference.metaregression import meta_regression
from toolkit.inference.statistic import Statistic
from toolkit.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]
FEWEST = 3
NEEDS = "needs numeric judgements by people and by synthetic judges at three stages or more"


def proxy_drift(evidence: Evidence, arm: str = "stream") -> list[Estimate]:
    """Slope per stage of judge minus people; beside it the judge's own slope and people's (`part=judge`, `part=human`).

    Above zero: the proxy runs ahead of what people see.
    """
    base = Estimate(quantity="proxy_human_gap_trend", axis="feedback", arm=arm, level=evidence.level,
                    unit="points of the feedback scale per stage")  # fmt: skip
    table = evidence.cube.table("judgements")
    if table is None:
        return [base.model_copy(update={"reason": NEEDS})]
    frame = given_judgements(table.to_pandas(), arm=arm, target="answer")
    frame = frame[frame["score"].notna()]
    judge = _by_stage(frame[frame["source"] == "synthetic"].assign(weight=1.0))
    human = _by_stage(_weighted(frame[frame["source"] == "human"]))
    stages = sorted(set(judge) & set(human))
    labels = int((frame["source"] == "human").sum())
    parts: dict[str | None, dict[int, tuple[Statistic, ...]]] = {
        None: {stage: _gap(judge[stage], human[stage]) for stage in stages},
        "part=judge": {stage: (judge[stage],) for stage in stages},
        "part=human": {stage: (human[stage],) for stage in stages},
    }
    return [_slope(base.model_copy(update={"group": group}), found, labels) for group, found in parts.items()]


def _weighted(human: pd.DataFrame) -> pd.DataFrame:
    """People's judgements with the inverse of their items' inclusion probability, where all have one."""
    known = len(human) > 0 and bool(human["probability"].notna().all())
    return human.assign(weight=1 / human["probability"] if known else 1.0)


def _by_stage(rows: pd.DataFrame) -> dict[int, Statistic]:
    """Mean score of each stage, with the influence of each cluster of items."""
    found = {}
    for stage, part in rows.groupby("stage"):
        statistic = weighted_mean(part, part["score"].to_numpy(dtype=float), difference=False)
        if statistic is not None:
            found[int(str(stage))] = statistic
    return found


def _gap(judge: Statistic, human: Statistic) -> tuple[Statistic, ...]:
    """One term where both have the same seeds, else two: people may have seen some training runs only."""
    return (judge - human,) if judge.seeds == human.seeds else (judge, -human)


def _slope(base: Estimate, found: dict[int, tuple[Statistic, ...]], labels: int) -> Estimate:
    points = []
    for stage, terms in found.items():
        result = interval(terms, level=base.level, bounds=(-np.inf, np.inf))
        if result.variance:
            points.append((stage, result.value, result.variance))
    if len(points) < FEWEST:
        return base.model_copy(update={"reason": NEEDS})
    x, y, v = np.array(points, dtype=float).T
    fit = meta_regression(y, v, np.column_stack([np.ones_like(x), x - x.mean()]))
    low, high = fit.interval(1, base.level)
    return base.model_copy(update={
        "value": float(fit.coefficients[1]), "low": low, "high": high, "scope": "tasks", "df": float(fit.df),
        "se": float(fit.errors[1]), "n": {"stages": len(points), "labels": labels},
        "method": "random-effects meta-regression on stage, Knapp-Hartung t",
    })  # fmt: skip
