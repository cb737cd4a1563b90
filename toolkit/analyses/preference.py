"""Do judges favour answers of their own model family, at the quality that people saw?

Judge minus human in the crossed table of judges and generators. That some judges are milder, and some generators
write what all judges overrate, is no preference for one's own: both are taken out, and what remains of the own cells is
the difference in differences (self-preference: Panickssery et al. 2024; preference leakage: Li et al. 2025).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from toolkit.analyses.families import flagged
from toolkit.inference.linear import LinearFit, linear_fit
from toolkit.inference.simultaneous import bonferroni
from toolkit.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

NEEDS = (
    "needs judges of two families or more that scored answers of the same two generator families or more, one of them "
    "a judge's own (rater_family, generator_family), and people's scores of the same answers"
)
METHOD = "difference in differences (judge and generator effects), CR2 by item cluster, Bell-McCaffrey t"


def family_preference(rows: pd.DataFrame, base: Estimate) -> list[Estimate]:
    """How much a judge adds to answers of its own family; beside it each family's own, where they can be told apart.

    rows: one row a judgement with columns judge, human, rater, rater_family, generator_family, cluster, weight
    base: axis, arm, level and unit of the estimates

    The coefficient of "own family" beside an effect of each judge and each generator family. With two families that
    judge each other, only the mean of both preferences can be told: half of the crossed difference of the four means.
    Empty where no families are logged.
    """
    base = base.model_copy(update={"quantity": "family_preference"})
    if "rater_family" not in rows or "generator_family" not in rows:
        return []
    difference = (rows["judge"] - rows["human"]).astype(float)
    rows = rows.assign(difference=difference)[rows["rater_family"].notna() & rows["generator_family"].notna()]
    rows = rows[rows["difference"].notna()]
    if rows.empty:
        return []
    own = (rows["rater_family"] == rows["generator_family"]).to_numpy()
    families = sorted(rows["rater_family"][own].unique())
    whole = _fitted(rows, own[:, None].astype(float))
    if whole is None or rows["rater_family"].nunique() < 2 or rows["generator_family"].nunique() < 2:
        return [base.model_copy(update={"reason": NEEDS})]
    found = [_estimate(whole, -1, base, base.level)]
    apart = np.column_stack([own & (rows["rater_family"] == family).to_numpy() for family in families]).astype(float)
    fit = _fitted(rows, apart) if len(families) > 1 else None
    if fit is None:
        return found
    strict = bonferroni(base.level, len(families))
    groups = [{"group": f"rater_family={family}", "simultaneous": True} for family in families]
    each = [_estimate(fit, k - len(families), base.model_copy(update=group), strict) for k, group in enumerate(groups)]
    return found + flagged(each, [None] * len(each))


def _fitted(rows: pd.DataFrame, own: Floats) -> LinearFit | None:
    """Effects of judges and generators, and of own[row, column]; None where they cannot be told apart."""
    X = np.hstack([_dummies(rows["rater"]), _dummies(rows["generator_family"])[:, 1:], own])
    tested = range(X.shape[1] - own.shape[1], X.shape[1])
    y, weights = rows["difference"].to_numpy(dtype=float), rows["weight"].to_numpy(dtype=float)
    try:
        return linear_fit(y, X, clusters=rows["cluster"].to_numpy(), weights=weights, tested=tested)
    except ValueError:
        return None


def _dummies(names: pd.Series) -> Floats:
    values, code = np.unique(names.to_numpy(dtype=str), return_inverse=True)
    return np.eye(len(values))[code]


def _estimate(fit: LinearFit, column: int, base: Estimate, level: float) -> Estimate:
    low, high = fit.interval(column, level)
    n = {"labels": fit.rows, "clusters": fit.clusters}
    update: dict[str, object] = {"value": float(fit.coefficients[column]), "n": n}
    if not np.isfinite([low, high]).all() or high <= low:
        reason = "needs more answers: the judge's bias does not vary enough for an interval"
        return base.model_copy(update=update | {"reason": reason})
    return base.model_copy(update=update | {
        "low": low, "high": high, "scope": "items", "se": float(np.sqrt(fit.variances[column])),
        "df": float(fit.df[column]), "p_value": fit.p_value(column), "method": METHOD,
    })  # fmt: skip
