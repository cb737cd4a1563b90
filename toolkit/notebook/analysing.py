"""What does one analysis say of a release's evidence, and what is the interval of a metric of one's own?"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from math import inf

from toolkit.analyses import ANALYSES, Analysis, Evidence
from toolkit.analyses.estimates import estimate_of
from toolkit.errors import UsageError
from toolkit.inference.ladder import interval
from toolkit.inference.matrix import MatrixMetric, matrix_statistic
from toolkit.results import Axis, Estimate
from toolkit.review import judged, with_accepted

PAGES: dict[Axis, str] = {
    "transfer": "transfer", "forgetting": "forgetting", "feedback": "feedback", "alignment": "divergence",
    "generation": "generation",
}  # fmt: skip
"""The analysis, and the notebook of the same name, that answers the question of an axis."""


def analysed(evidence: Evidence, name: str, today: dt.date) -> Analysis:
    """Run one analysis and judge its estimates by the stream's margins.

    name: of `ANALYSES`; today: the day on which what stream.toml accepts is still accepted or no longer.
    Raises UsageError for another name.
    """
    if name not in ANALYSES:
        raise UsageError(f"there is no analysis {name!r}; there are {', '.join(ANALYSES)}")
    analysis = ANALYSES[name](evidence)
    found = judged(analysis.estimates, evidence.config)
    return replace(analysis, estimates=with_accepted(found, evidence.config, today))


def matrix_estimate(
    evidence: Evidence, metric: MatrixMetric, name: str, *, arm: str, difference: bool, unit: str
) -> Estimate:
    """Any function of the score matrix R[..., stage, task] as an estimate with its interval.

    Raises UsageError where the log has no scores of the arm.
    """
    scores = evidence.scores
    if scores is None or arm not in scores.arms:
        raise UsageError(f"the log has no scores of the arm {arm!r}")
    statistic = matrix_statistic(scores, arm, metric, items=evidence.items, difference=difference)
    result = interval([statistic], level=evidence.level, bounds=(-inf, inf))
    return estimate_of(result, quantity=name, axis="transfer", arm=arm, unit=unit, level=evidence.level)
