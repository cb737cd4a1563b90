"""Would new people, who rate new items, find the same bias and the same agreement?

The scope `raters`: items and people are crossed (`inference.raters`), the trained models are those of the log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from toolkit.analyses.bias import UNIT, bias_bounds
from toolkit.analyses.evidence import Evidence
from toolkit.analyses.judgements import KEYS, Paired, paired
from toolkit.inference.raters import raters_interval
from toolkit.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

SCOPE_RATERS = "scope=raters"
UNNAMED = "needs people told apart: log the rater of every human judgement"


def bias_for_new_raters(evidence: Evidence, arm: str) -> Estimate:
    """Judge minus person over all, for new people rating new items (`scope=raters`); the value is the headline's.

    People of an item share its weight; with several seeds the mean is over those models.
    """
    base = Estimate(quantity="feedback_bias", axis="feedback", arm=arm, level=evidence.level, unit=UNIT,
                    group=SCOPE_RATERS)  # fmt: skip
    pairs = paired(evidence.cube, arm=arm, each_person=True)
    if not isinstance(pairs, Paired):
        return base.model_copy(update={"reason": pairs})
    rows = pairs.rows[pairs.rows["judge"].notna() & pairs.rows["human"].notna()]
    if rows.empty:
        return base.model_copy(update={"reason": "no numeric judgements on both sides"})
    # Someone who gave a label and no score has no part of the item's weight.
    scored = rows.groupby([*KEYS, "rater"], dropna=False)["human"].transform("size")
    rows = rows.assign(weight=rows["weight"] * rows["people"] / scored)
    values = (rows["judge"] - rows["human"]).to_numpy(dtype=float)
    return _over_people(base, rows, values, bias_bounds(evidence))


def agreement_for_new_raters(evidence: Evidence, arm: str, rows: pd.DataFrame) -> Estimate:
    """Share of equal answers of judge and person, for new people rating new items (`scope=raters`).

    rows: one a judge, person and item, with categories in columns `a` and `b`
    """
    base = Estimate(quantity="agreement", axis="alignment", arm=arm, level=evidence.level, unit="share",
                    group=SCOPE_RATERS)  # fmt: skip
    same = np.asarray(rows["a"] == rows["b"], dtype=float)
    return _over_people(base, rows, same, (0.0, 1.0), share=True)


def _over_people(
    base: Estimate,
    rows: pd.DataFrame,
    values: npt.NDArray[np.float64],
    bounds: tuple[float, float],
    *,
    share: bool = False,
) -> Estimate:
    if rows["person"].isna().any():
        return base.model_copy(update={"reason": UNNAMED})
    found = raters_interval(
        values, rows["weight"], rows["cluster"], rows["person"], level=base.level, bounds=bounds,
        seed=rows["seed"], share=share,
    )  # fmt: skip
    seeds = int(rows["seed"].nunique())
    n = {"labels": len(rows), "people": found.people, "clusters": found.clusters, "seeds": seeds}
    update: dict[str, Any] = {"value": found.value, "n": n, "reason": found.reason}
    if found.low is None or found.variance is None:
        return base.model_copy(update=update)
    parts = {"items": found.items, "raters": found.raters, "residual": found.residual}
    method = f"items x raters, Satterthwaite t{' on log odds' if share else ''}"
    update |= {
        "low": found.low, "high": found.high, "scope": "raters", "df": found.df,
        "variance": {name: v for name, v in parts.items() if v > 0},
        "method": f"{method}; mean of {seeds} seeds, for these models" if seeds > 1 else method,
    }  # fmt: skip
    if not share:  # on log odds the ends are not value +- t se, and a share has no test of zero
        update |= {"se": found.variance**0.5, "p_value": found.p_value}
    return base.model_copy(update=update)
