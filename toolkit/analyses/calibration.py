"""Do a judge's scores between 0 and 1 say how often people find the answer right?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.analyses.estimates import estimate_of
from toolkit.analyses.evidence import Analysis, Evidence
from toolkit.analyses.judgements import KEYS, Paired, paired
from toolkit.inference.interval import Interval
from toolkit.inference.recalibration import Bins, calibration_bins, consistency, recalibration
from toolkit.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

QUANTITY = "calibration_error"
CURVE = "calibration_curve"
NO_INTERVAL = "the error has a floor at zero; its p-value says whether a calibrated judge would show as much"


def calibration(evidence: Evidence, arm: str = "stream") -> Analysis:
    """Calibration error less what chance gives, with its p-value; slope and intercept of logistic recalibration.

    Of all judges together, and of each where there are several (`rater=...`). Where people differ about an item their
    majority decides, and ties are left out.
    """
    rows = _scaled(evidence, arm)
    if isinstance(rows, str):
        empty = Estimate(quantity=QUANTITY, axis="alignment", arm=arm, level=evidence.level, unit="share", reason=rows)
        return Analysis((empty,))
    estimates = _of_rows(evidence, arm, rows, "")
    raters = sorted(rows["rater"].unique())
    for rater in raters if len(raters) > 1 else []:
        estimates += _of_rows(evidence, arm, rows[rows["rater"] == rater], f"rater={rater}")
    estimates += _curve(evidence, arm)
    return Analysis(tuple(estimates))


def calibration_curve(evidence: Evidence, arm: str = "stream", *, rater: str | None = None) -> Bins | str:
    """Bins of a calibration curve, of one judge or all of them; or what is missing."""
    rows = _scaled(evidence, arm)
    if isinstance(rows, str):
        return rows
    if rater is not None:
        rows = rows[rows["rater"] == rater]
    return calibration_bins(rows["judge"], rows["right"], level=evidence.level, weight=rows["weight"])


def _curve(evidence: Evidence, arm: str) -> list[Estimate]:
    """Each bin of the calibration curve of all judges together: the share found right, at the mean stated score."""
    bins = calibration_curve(evidence, arm)
    if isinstance(bins, str):
        return []
    base = Estimate(quantity=CURVE, axis="alignment", arm=arm, level=evidence.level, unit="share", scope="items",
                    method="Wilson at the effective size")  # fmt: skip
    ends = zip(bins.judge, bins.human, bins.low, bins.high, bins.n, strict=True)
    return [
        base.model_copy(update={
            "group": f"bin={place}", "value": float(right), "low": float(low), "high": float(high),
            "n": {"labels": int(n)}, "at": {"stated": float(stated)},
        })
        for place, (stated, right, low, high, n) in enumerate(ends, start=1)
    ]  # fmt: skip


def _scaled(evidence: Evidence, arm: str) -> pd.DataFrame | str:
    """One row a judge and item: `judge` in [0, 1], `right` 0 or 1, weight, cluster; or what is missing."""
    pairs = paired(evidence.cube, arm=arm, each_person=True)
    if not isinstance(pairs, Paired):
        return pairs
    low, high = evidence.config.feedback.range or evidence.config.score_range
    rows = pairs.rows[pairs.rows["judge"].notna() & pairs.rows["human"].notna()]
    if rows.empty:
        return "needs numeric judgements on both sides"
    if not rows["human"].isin([low, high]).all():
        return "needs people's judgements as right or wrong: the two ends of the feedback scale"
    rows = rows.groupby([*KEYS, "rater"], as_index=False, dropna=False).agg(
        judge=("judge", "first"), human=("human", "mean"), weight=("weight", "sum"), cluster=("cluster", "first")
    )
    rows = rows.assign(judge=(rows["judge"] - low) / (high - low), human=(rows["human"] - low) / (high - low))
    rows = rows[rows["human"] != 0.5]
    if rows["judge"].nunique() < 3:
        return "needs scores between the ends from the judge: right or wrong alone has no calibration"
    return rows.assign(right=(rows["human"] > 0.5).astype(float))


def _of_rows(evidence: Evidence, arm: str, rows: pd.DataFrame, group: str) -> list[Estimate]:
    judge, right, weight, cluster = (rows[name] for name in ("judge", "right", "weight", "cluster"))
    intercept, slope = recalibration(judge, right, level=evidence.level, weight=weight, cluster=cluster)
    error = consistency(judge, right, weight=weight, cluster=cluster)
    value = Interval(
        error.observed - error.by_chance, None, None, None,
        f"ten bins, less the {error.by_chance:.3f} of a calibrated judge, by consistency resampling",
        slope.n, p_value=error.p_value, reason=NO_INTERVAL,
    )  # fmt: skip
    parts = {"": value, "part=slope": slope, "part=intercept": intercept}
    estimates = []
    for part, found in parts.items():
        named = ",".join(name for name in (group, part) if name) or None
        estimate = estimate_of(
            found, quantity=QUANTITY, axis="alignment", arm=arm, level=evidence.level, group=named,
            unit="log odds" if part == "part=intercept" else "coefficient" if part else "share",
        )  # fmt: skip
        # A slope has no effect where it is one, and its test of zero says nothing of calibration.
        estimates.append(estimate.model_copy(update={"p_value": None}) if part == "part=slope" else estimate)
    return estimates
