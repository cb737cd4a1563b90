"""On which answers is the judge off: does its bias change with an attribute that it should not care about?

The slope of judge minus human on an attribute. A longer answer may deserve more, and what it deserves is what people
gave it: their score stands in the difference. Errors by clusters of items with CR2 and Bell-McCaffrey degrees of
freedom (`inference.linear`), because attributes are skewed and the judge's scatter follows them.

Beside it stands the slope at the same human score. It tells a judge that spreads its scores less than people do from
one that looks at the attribute; but people err, and where the attribute goes with quality it takes what they missed
for a bias of the judge (regression to the mean). So it is a second look, and the plain slope is the estimate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from toolkit.analyses.families import flagged
from toolkit.inference.linear import linear_fit
from toolkit.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

SKEWED = 1.0  # of the third standardised moment: an exponential distribution has 2, a symmetric one 0
GROUPS = 2  # an attribute with as many values or fewer has groups, and no slope


def attribute_slopes(rows: pd.DataFrame, base: Estimate) -> list[Estimate]:
    """Change of judge minus human per sd of each numeric attribute and of `length`, flags adjusted over all of them.

    rows: one row a judgement with columns judge, human, cluster, weight, length, attr_*, as `judgements.paired` gives
    base: axis, arm, level and unit (that of the scores) of the estimates

    Attributes are logarithms where they are positive and skewed, as the method says. Attributes in words, or with no
    more than two values, are left to the means of their groups. Groups: `attr_x=slope`, and at the same human score
    `attr_x=slope-given-human`; for `length` none, and `part=given-human`. P-values are adjusted for all attributes
    together (Benjamini & Hochberg 1995), of either kind. Scope: these trained models, new items.
    """
    names = sorted(str(name) for name in rows.columns if str(name).startswith("attr_"))
    plain, given = [], []
    for name in [*names, "length"]:
        values = numeric(rows[name]) if name in rows else None
        if values is None or len(np.unique(values[np.isfinite(values)])) <= GROUPS:
            continue
        length = name == "length"
        quantity = "length_bias" if length else "feedback_bias_by_attribute"
        base = base.model_copy(update={"quantity": quantity, "group": None if length else f"{name}=slope"})
        plain.append(_slope(rows, values, name, base, given_human=False))
        base = base.model_copy(update={"group": "part=given-human" if length else f"{name}=slope-given-human"})
        given.append(_slope(rows, values, name, base, given_human=True))
    return [*flagged(plain, [None] * len(plain)), *flagged(given, [None] * len(given))]


def numeric(column: pd.Series) -> Floats | None:
    """[row]: the column as numbers, nan where it is empty; None where one of its values is no number."""
    import pandas as pd

    values = pd.to_numeric(column, errors="coerce")
    if (values.isna() & column.notna()).any() or values.isna().all():
        return None
    return np.asarray(values, dtype=float)


def _slope(rows: pd.DataFrame, values: Floats, name: str, base: Estimate, *, given_human: bool) -> Estimate:
    judge, human = rows["judge"].to_numpy(dtype=float), rows["human"].to_numpy(dtype=float)
    here = np.isfinite(values) & np.isfinite(judge) & np.isfinite(human)
    x, human, y = values[here], human[here], (judge - human)[here]
    weights, clusters = rows["weight"].to_numpy(dtype=float)[here], rows["cluster"].to_numpy()[here]
    called = name.removeprefix("attr_")
    logged = len(x) > 0 and x.min() > 0 and _skewness(x) > SKEWED
    if logged:
        x, called = np.log(x), f"log {called}"
    base = base.model_copy(update={"unit": f"{base.unit} per sd of {called}"})
    spread = float(np.sqrt(np.cov(x, aweights=weights))) if len(x) > 1 else 0.0
    if spread == 0 or np.ptp(y) == 0:
        return base.model_copy(update={"reason": f"needs judged items that differ in {name} and in the judge's bias"})
    columns = [np.ones_like(x), (x - np.average(x, weights=weights)) / spread]
    if given_human:
        columns.append(human - human.mean())
    try:
        fit = linear_fit(y, np.column_stack(columns), clusters=clusters, weights=weights, tested=[1])
    except ValueError as error:
        return base.model_copy(update={"reason": f"needs more judged items that differ in {name}: {error}"})
    low, high = fit.interval(1, base.level)
    update: dict[str, object] = {
        "value": float(fit.coefficients[1]),
        "n": {"labels": fit.rows, "clusters": fit.clusters},
    }
    if not np.isfinite([low, high]).all() or high <= low:
        return base.model_copy(update=update | {"reason": f"needs more items that differ in {name}"})
    given = " at the same human score" if given_human else ""
    method = f"least squares on {called}{given}, CR2 by item cluster, Bell-McCaffrey t"
    update |= {
        "low": low, "high": high, "scope": "items", "se": float(np.sqrt(fit.variances[1])), "df": float(fit.df[1]),
        "p_value": fit.p_value(1), "method": method,
    }  # fmt: skip
    return base.model_copy(update=update)


def _skewness(x: Floats) -> float:
    centred = x - x.mean()
    spread = float((centred**2).mean())
    return float((centred**3).mean() / spread**1.5) if spread > 0 else 0.0
