"""How much of what a model is trained on was written by people, at each stage and of all data so far?

Three ways to keep data: each stage has its own alone (`regime=replace`), all data are kept (`regime=accumulate`), or
those of the last three stages (`regime=window`). Which of them a log followed it does not say; the three shares
bracket it. Only where human samples stay among the training data does error stay bounded (Gerstgrasser et al. 2024).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from toolkit.analyses.estimates import estimate_of
from toolkit.analyses.evidence import Evidence
from toolkit.inference.ladder import interval
from toolkit.inference.statistic import Statistic
from toolkit.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

WINDOW = 3
REGIMES = {"replace": 1, "window": WINDOW, "accumulate": 10**9}
COUNTED = "a count of the log's samples, not drawn from more: it has no interval"
NO_SAMPLES = "needs samples: a table of the samples that went into training, human ones with origin = human"
NO_USED = "needs samples that went into training (accepted is true or absent)"


def real_data_share(evidence: Evidence, arm: str = "stream") -> list[Estimate]:
    """Human samples over all that went into training: over all stages, and by stage and regime.

    A sample without `accepted` counts as used, one without `origin` as synthetic, an edited one as synthetic.
    """
    base = Estimate(quantity="real_data_share", axis="generation", arm=arm, level=evidence.level, unit="share")
    counts = training_counts(evidence, arm)
    if counts is None:
        return [base.model_copy(update={"reason": NO_SAMPLES})]
    if counts.empty:
        return [base.model_copy(update={"reason": NO_USED})]
    found = [_share(base, counts)]
    stages = sorted(int(stage) for stage in counts["stage"].unique())
    for regime, length in REGIMES.items():
        for i, stage in enumerate(stages):
            kept = counts[counts["stage"].isin(stages[max(0, i + 1 - length) : i + 1])]
            found.append(_share(base.model_copy(update={"stage": stage, "group": f"regime={regime}"}), kept))
    return found


def training_counts(evidence: Evidence, arm: str) -> pd.DataFrame | None:
    """Samples that went into training: seed, stage, human, synthetic; None where the log has no samples."""
    table = evidence.cube.table("samples")
    if table is None:
        return None
    frame = table.to_pandas()
    frame = frame[(frame["arm"] == arm) & frame["accepted"].astype("boolean").fillna(True).astype(bool)]
    people = (frame["origin"] == "human").fillna(False).astype(bool)
    split = frame.assign(human=frame["n"].where(people, 0), synthetic=frame["n"].where(~people, 0))
    return split.groupby(["seed", "stage"], as_index=False)[["human", "synthetic"]].sum()


def _share(base: Estimate, counts: pd.DataFrame) -> Estimate:
    by_seed = counts.groupby("seed")[["human", "synthetic"]].sum()
    total = by_seed.sum(axis=1)
    values = (by_seed["human"] / total).to_numpy(dtype=float)
    seeds = tuple(int(str(seed)) for seed in by_seed.index)
    result = interval([Statistic(seeds, values, difference=False)], level=base.level, bounds=(0.0, 1.0))
    made = estimate_of(
        result, quantity=base.quantity, axis=base.axis, arm=base.arm, unit=base.unit, level=base.level,
        stage=base.stage, group=base.group,
    )  # fmt: skip
    n = {"samples": int(total.sum()), "human": int(by_seed["human"].sum()), "seeds": len(seeds)}
    counted = {"reason": COUNTED, "scope": None, "method": None} if made.low is None else {}
    return made.model_copy(update={"n": n, "value": float(np.mean(values)), **counted})
