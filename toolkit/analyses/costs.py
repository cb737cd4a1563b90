"""What does a sample that is accepted cost, and is that getting cheaper from stage to stage at equal label quality?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from toolkit.analyses.evidence import Evidence
from toolkit.analyses.generation import by_stage, by_task, label_wrong, no_share, ratio_estimate, spent
from toolkit.inference.interval import Bounds, p_of
from toolkit.inference.panel import unit_slopes, within_fit
from toolkit.inference.quantiles import t_quantile
from toolkit.results import Estimate, Notice

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

SPENT = ("cost", "tokens", "seconds")
FREE: Bounds = (0.0, float("inf"))
FEWEST_SEEDS = 3  # below it stages stand in for seeds
STAGES, STAGES_ALONE = 3, 4  # stages that a trend needs: in each of three seeds or more, and with fewer seeds
MORE = 2  # further stages where the label error is a regressor too
PER_STAGE = "% a stage"
EQUAL_QUALITY = "part=equal-quality"


def costs(evidence: Evidence, arm: str, rows: pd.DataFrame) -> Iterator[Estimate]:
    """Cost, tokens and seconds per accepted sample by task and stage, over all where `generation` has it not; trends.

    rows: counts of generated samples. Seeds are replicates; of one run there is a value, and no interval: the cube
    keeps sums of what was spent.
    """
    for column in SPENT:
        part, unit = spent(column), f"{column} per accepted sample"
        base = no_share(evidence, arm, f"{column}_per_accepted", f"needs {column} in samples", unit=unit)
        if column != "cost":
            yield ratio_estimate(base, part, rows, bounds=FREE)
        if (rows[f"{column}_known"] > 0).any():
            yield from by_task(evidence, base, part, rows, bounds=FREE)
            yield from by_stage(base, part, rows, bounds=FREE)
    yield cost_trend(evidence, arm, rows)
    yield cost_trend(evidence, arm, rows, equal_quality=True)


def cost_trend(evidence: Evidence, arm: str, rows: pd.DataFrame, *, equal_quality: bool = False) -> Estimate:
    """Change of the cost of an accepted sample per stage, in %, as the slope of its logarithm.

    equal_quality: beside the label error rate of the stage (group `part=equal-quality`), as it was measured: where
        few labels were verified, that takes out a part of what better labels cost, not all of it
    Three seeds or more: the mean of the seeds' slopes with t over seeds (Pesaran & Smith 1995). Fewer: one slope
    within seeds, stages as clusters, CR2 with Bell-McCaffrey degrees of freedom; that generalises to other tasks.
    """
    base = no_share(evidence, arm, "cost_trend", "needs cost in samples", unit=PER_STAGE)
    points = _points(rows, equal_quality=equal_quality)
    if equal_quality:
        need = "needs cost, and verified_label beside target_label, in samples"
        base = base.model_copy(update={"group": EQUAL_QUALITY, "reason": need})
    if not len(points):
        return base
    X = points[:, [1, 3]] if equal_quality else points[:, [1]]
    seeds, stages = np.unique(points[:, 0]), np.unique(points[:, 1])
    counts = {"seeds": len(seeds), "stages": len(stages)}
    several = len(seeds) >= FEWEST_SEEDS
    fewest = (STAGES if several else STAGES_ALONE) + (MORE if equal_quality else 0)
    if len(stages) < fewest:
        reason = f"needs a known cost and accepted samples at {fewest} stages or more; {len(stages)} have them"
        return base.model_copy(update={"reason": reason, "n": counts})
    found = _over_seeds(points, X, base.level, fewest) if several else _over_stages(points, X, base.level)
    if isinstance(found, str):
        return base.model_copy(update={"reason": found, "n": counts})
    beside = " at equal label error" if equal_quality else ""
    return base.model_copy(update=found | {"n": counts, "reason": None, "method": f"{found['method']}{beside}"})


def _points(rows: pd.DataFrame, *, equal_quality: bool) -> Floats:
    """[point, (seed, stage, log cost, label error)]: each stage of each seed with a cost above zero."""
    points = []
    for (seed, stage), part in rows.groupby(["seed", "stage"]):
        (cost, accepted), (wrong, checked) = spent("cost")(part), label_wrong(part)
        if cost > 0 and accepted > 0 and (checked > 0 or not equal_quality):
            points.append((seed, stage, np.log(cost / accepted), wrong / checked if checked else np.nan))
    return np.array(points, dtype=float).reshape(-1, 4)


def _over_seeds(points: Floats, X: Floats, level: float, fewest: int) -> dict[str, object] | str:
    seeds, at, size = np.unique(points[:, 0], return_inverse=True, return_counts=True)
    whole = size[at] >= fewest
    slopes = unit_slopes(points[whole, 2], X[whole], unit=points[whole, 0])
    if len(slopes) < FEWEST_SEEDS:
        return (
            f"needs {FEWEST_SEEDS} seeds with {fewest} stages or more each, whose stages differ in what the trend is "
            f"told from; {len(slopes)} of {len(seeds)} are so"
        )
    mean, variance = float(slopes.mean()), float(slopes.var(ddof=1)) / len(slopes)
    if variance == 0:
        return "all seeds show the same trend to the last digit, which says nothing of how it varies"
    df = len(slopes) - 1.0
    half = t_quantile(level, df) * np.sqrt(variance)
    return _percent(mean, mean - half, mean + half, p_of(mean, variance, df)) | {
        "scope": "seeds", "method": "least squares of log cost on stage in each seed, t over seeds",
    }  # fmt: skip


def _over_stages(points: Floats, X: Floats, level: float) -> dict[str, object] | str:
    try:
        fit = within_fit(points[:, 2], X, unit=points[:, 0], cluster=points[:, 1])
    except ValueError:
        return "needs stages whose label errors are no straight line over stages: the two cannot be told apart"
    if not fit.usable:
        return "the costs lie on a straight line to the last digit, which says nothing of how they vary"
    return _percent(fit.slope, *fit.interval(level), fit.p_value) | {
        "scope": "tasks",
        "method": "least squares of log cost on stage within seeds, CR2 by stage, Bell-McCaffrey t",
    }  # fmt: skip


def _percent(slope: float, low: float, high: float, p_value: float) -> dict[str, object]:
    value, low, high = (100 * float(np.expm1(end)) for end in (slope, low, min(high, 700.0)))
    return {"value": value, "low": low, "high": high, "p_value": p_value}


def cost_notices(rows: pd.DataFrame) -> Iterator[Notice]:
    """What is known of only a part of the samples: the cost of those without it is not in the sums."""
    for column in SPENT:
        known, n = int(rows[f"{column}_known"].sum()), int(rows["n"].sum())
        if 0 < known < n:
            yield Notice(
                code="cost-partly-known",
                message=f"{column} is known of {known:,} of {n:,} generated samples: a stage and task of which a part "
                "has it counts that part's mean for the rest, one that has none of it counts nowhere",
            )
