"""Does the place of an answer, or its length, decide a judge's preference between two?

Position: the same pair shown in both orders; a judge that looks at the answers alone picks the same one twice.
Length: log odds of choosing the answer shown first against the log ratio of the two lengths, where people judged the
same pairs at the same preference of theirs.
"""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from toolkit.analyses.estimates import named
from toolkit.analyses.families import flagged
from toolkit.analyses.judgements import weighted_mean
from toolkit.inference.interval import Interval, Parts, p_of, t_ends
from toolkit.inference.ladder import interval
from toolkit.inference.simultaneous import bonferroni
from toolkit.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

PLACE = ["seed", "stage", "task", "target", "criterion", "pair"]
POSITION_UNIT = "share of pairs"
LENGTH_UNIT = "log odds per unit of log length ratio"
IMPOSSIBLE = 20.0  # log odds: choices that a length tells without fail have no finite slope


def preference_biases(table: pd.DataFrame, base: Estimate) -> list[Estimate]:
    """Position and length bias of choices between two answers; empty where the log has no such choices.

    table: the cube's judgements; base: axis, arm and level of the estimates
    """
    arm = base.arm or "stream"
    if not ((table["arm"] == arm) & (table["form"] == "preference")).any():
        return []
    chosen = preferences(table, arm)
    length = length_preference(chosen, base)
    return [*position_bias(chosen, base), *([] if length is None else [length])]


def preferences(table: pd.DataFrame, arm: str) -> pd.DataFrame:
    """Choices between two answers of known pair and position that were made; score 1: the answer shown first wins."""
    if "pair" not in table or "position" not in table:
        return table.iloc[:0]
    frame = table[(table["arm"] == arm) & (table["form"] == "preference")]
    frame = frame[~frame["abstained"].fillna(False).astype(bool)]
    known = frame["pair"].notna() & frame["position"].notna() & frame["score"].between(0, 1)
    return frame[known].assign(criterion=frame["criterion"].fillna("").astype(str))


def position_bias(chosen: pd.DataFrame, base: Estimate) -> list[Estimate]:
    """P(the answer shown first wins) - 1/2 over pairs shown in both orders: all judges, then each where several.

    chosen: rows of `preferences`; base: axis, arm and level of the estimates

    Half the difference of two paired shares: pairs whose first answer won in both orders, and pairs whose second did.
    One judge, one seed, one pair a cluster: Tango's score interval and McNemar's exact p-value; else the sandwich over
    clusters of items, crossed with seeds where there are several.
    """
    base = base.model_copy(update={"quantity": "position_bias", "unit": POSITION_UNIT})
    judged = chosen[chosen["source"] == "synthetic"]
    both = _in_both_orders(judged)
    if both.empty:
        reason = "needs pairs shown to a judge in both orders: log form = preference, pair, position and score twice"
        return [base.model_copy(update={"reason": reason})]
    whole = _pairs_estimate(both, base, base.level)
    raters = sorted(both["rater"].unique())
    if len(raters) == 1:
        return [whole]
    strict, together = bonferroni(base.level, len(raters)), {"simultaneous": True}
    each = [
        _pairs_estimate(part, base.model_copy(update={"group": f"rater={rater}"}), strict).model_copy(update=together)
        for rater, part in ((rater, both[both["rater"] == rater]) for rater in raters)
    ]
    return [whole, *flagged(each, [None] * len(each))]


def _in_both_orders(judged: pd.DataFrame) -> pd.DataFrame:
    """One row a judge and pair: how much more often than not the answer shown first won, from -1 to 1."""
    keys = [*PLACE, "rater"]
    by_order = judged.groupby([*keys, "position"], as_index=False).agg(
        score=("score", "mean"), cluster=("cluster", "min")
    )
    pairs = by_order.groupby(keys, as_index=False).agg(
        first=("score", "mean"), orders=("position", "size"), cluster=("cluster", "min")
    )
    pairs = pairs[pairs["orders"] == 2]
    return pairs.assign(first=2 * pairs["first"] - 1, weight=1.0)


def _pairs_estimate(pairs: pd.DataFrame, base: Estimate, level: float) -> Estimate:
    statistic = weighted_mean(pairs, pairs["first"].to_numpy(dtype=float))
    if statistic is None:
        raise AssertionError("there are pairs")
    result = interval([statistic], level=level, bounds=(-1.0, 1.0), binary=True)
    found = named(base, _halved(result))
    counts = {"pairs": len(pairs), **{key: n for key, n in found.n.items() if key != "items"}}
    return found.model_copy(update={"n": counts})


def _halved(result: Interval) -> Interval:
    """The interval of half the value."""

    def half(x: float | None) -> float | None:
        return None if x is None else x / 2

    def quarter(pieces: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
        return tuple((v / 4, df) for v, df in pieces)

    p = result.parts
    parts = p and Parts(p.items / 4, p.items_df, quarter(p.seeds), quarter(p.residual), p.difference, p.tasks / 4)
    variance = None if result.variance is None else result.variance / 4
    low, high = half(result.low), half(result.high)
    return replace(result, value=result.value / 2, low=low, high=high, variance=variance, parts=parts)


def length_preference(chosen: pd.DataFrame, base: Estimate) -> Estimate | None:
    """Slope of choosing the answer shown first on log(length / length_other); None where no lengths are logged.

    chosen: rows of `preferences`; base: axis, arm and level of the estimate

    Logistic regression by generalised estimating equations, independent working correlation, bias-reduced covariance by
    clusters of items (Mancl & DeRouen 2001), t with clusters less coefficients degrees of freedom. Where people
    judged the same pairs, their preference is a regressor and pairs without it are left out.
    """
    base = base.model_copy(update={"quantity": "length_bias", "group": "part=preferences", "unit": LENGTH_UNIT})
    if "length" not in chosen or "length_other" not in chosen:
        return None
    rows = chosen[(chosen["source"] == "synthetic") & (chosen["length"] > 0) & (chosen["length_other"] > 0)]
    if rows.empty:
        return None
    people = _people_choose(rows, chosen[chosen["source"] == "human"])
    adjusted = bool(np.isfinite(people).any())
    if adjusted:
        rows, people = rows[np.isfinite(people)], people[np.isfinite(people)]
    x = np.log(rows["length"].to_numpy(dtype=float) / rows["length_other"].to_numpy(dtype=float))
    columns = [np.ones_like(x), x]
    if adjusted and np.ptp(people) > 0:
        columns.append(people - 0.5)
    y, clusters = rows["score"].to_numpy(dtype=float), np.unique(rows["cluster"], return_inverse=True)[1]
    n = {"labels": len(rows), "clusters": int(clusters.max()) + 1}
    fit = _logit_slope(y, np.column_stack(columns), clusters)
    if fit is None:
        reason = "needs more choices between answers of different length, of both outcomes at like lengths"
        return base.model_copy(update={"n": n, "reason": reason})
    value, variance = fit
    df = float(n["clusters"] - len(columns))
    low, high = t_ends(value, variance, df, base.level, (-np.inf, np.inf))
    method = "logistic regression" + (" at the same human preference" if len(columns) > 2 else "")
    return base.model_copy(update={
        "value": value, "low": low, "high": high, "scope": "items", "se": float(np.sqrt(variance)), "df": df, "n": n,
        "p_value": p_of(value, variance, df), "method": f"{method}, bias-reduced covariance by item cluster, t",
    })  # fmt: skip


def _people_choose(rows: pd.DataFrame, human: pd.DataFrame) -> Floats:
    """[row]: how often people chose the answer that the row shows first; nan where nobody judged the pair."""
    if human.empty:
        return np.full(len(rows), np.nan)
    keys = [key for key in PLACE if key != "seed"]
    numbered = rows.assign(row=np.arange(len(rows)))[[*keys, "row", "position"]]
    both = numbered.merge(human[[*keys, "position", "score"]], on=keys, suffixes=("", "_human"))
    same = (both["position"] == both["position_human"]).to_numpy()
    chose = np.where(same, both["score"], 1 - both["score"])
    times = np.bincount(both["row"], minlength=len(rows))
    total = np.bincount(both["row"], chose, len(rows))
    return np.where(times > 0, total / np.maximum(times, 1), np.nan)


def _logit_slope(y: Floats, X: Floats, clusters: npt.NDArray[np.intp]) -> tuple[float, float] | None:
    """Coefficient of the second column and its variance; None where they are not finite or cannot be told."""
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_estimating_equations import GEE

    if clusters.max() + 1 <= X.shape[1] or np.ptp(y) == 0 or np.linalg.matrix_rank(X) < X.shape[1]:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            fit = GEE(y, X, groups=clusters, family=Binomial()).fit(cov_type="bias_reduced")
        except (Warning, np.linalg.LinAlgError, FloatingPointError, ValueError):
            return None
    value, variance = float(fit.params[1]), float(np.asarray(fit.cov_params())[1, 1])
    fine = np.isfinite([value, variance]).all() and variance > 0 and np.abs(fit.params).max() < IMPOSSIBLE
    return (value, variance) if fine else None
