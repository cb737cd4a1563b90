"""Do synthetic judges and people agree, beyond chance, and as well as people agree with each other?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from toolkit.analyses.coefficients import by_rater, coefficients, interval_alpha, prevalence
from toolkit.analyses.estimates import change_from, change_terms, estimate_of
from toolkit.analyses.evidence import Analysis, Evidence
from toolkit.analyses.judgements import KEYS, Paired, given_judgements, paired, weighted_mean
from toolkit.analyses.raters import agreement_for_new_raters
from toolkit.cube import Cube
from toolkit.inference.ladder import interval
from toolkit.inference.simultaneous import bonferroni
from toolkit.inference.statistic import Statistic
from toolkit.results import Change, Estimate

if TYPE_CHECKING:
    import pandas as pd

UNIT = "share"
MOST_CATEGORIES = 12
TOO_MANY = f"scores take more than {MOST_CATEGORIES} values: agreement in categories does not apply"
NO_CEILING = "needs items that two people judged independently"


def agreement(evidence: Evidence, arm: str = "stream") -> Analysis:
    """Estimates of the alignment axis: agreement, chance-corrected coefficients, and the gap to people's own."""
    pairs = paired(evidence.cube, arm=arm, each_person=True)
    categories = _categories(pairs) if isinstance(pairs, Paired) else pairs
    if isinstance(pairs, str) or isinstance(categories, str):
        reason = str(categories)
        found = [_base(evidence, arm, name, reason=reason) for name in ("agreement", "agreement_gap")]
        if reason == TOO_MANY and isinstance(pairs, Paired):
            found += interval_alpha(evidence, arm, _scored(pairs.rows))
        return Analysis(tuple(found))
    rows = categories
    ceiling = human_ceiling(evidence.cube, arm)
    overall = _raw(evidence, arm, rows)
    estimates = [
        gap(evidence, arm, rows, ceiling),
        overall,
        agreement_for_new_raters(evidence, arm, rows),
        _ceiling_estimate(evidence, arm, ceiling),
        *coefficients(evidence, arm, rows),
        *_split(evidence, arm, rows, "task"),
        *_split(evidence, arm, rows, "stage"),
        *(_split(evidence, arm, rows, "rater") if rows["rater"].nunique() > 1 else ()),
        *by_rater(evidence, arm, rows),
    ]
    return Analysis(tuple(estimates))


def _base(evidence: Evidence, arm: str, quantity: str, **fields: Any) -> Estimate:
    base = Estimate(quantity=quantity, axis="alignment", arm=arm, level=evidence.level, unit=UNIT)
    return base.model_copy(update=fields)


def _categories(pairs: Paired) -> pd.DataFrame | str:
    """Rows with comparable categories of judge and people in columns `a` and `b`, or why there are none."""
    rows = pairs.rows
    labelled = rows["judge_label"].notna() & rows["human_label"].notna()
    if labelled.any():
        rows = rows[labelled]
        return rows.assign(a=rows["judge_label"].astype(str), b=rows["human_label"].astype(str))
    rows = _scored(rows)
    if rows.empty:
        return "no item has comparable judgements on both sides"
    values = np.unique(rows[["judge", "human"]].to_numpy(dtype=float))
    if len(values) > MOST_CATEGORIES:
        return TOO_MANY
    return rows.assign(a=rows["judge"].astype(float), b=rows["human"].astype(float))


def _scored(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["judge"].notna() & rows["human"].notna()]


def _same(rows: pd.DataFrame) -> Statistic | None:
    return weighted_mean(rows, np.asarray(rows["a"] == rows["b"], dtype=float), difference=False)


def _raw(evidence: Evidence, arm: str, rows: pd.DataFrame, *, level: float | None = None, **fields: Any) -> Estimate:
    statistic = _same(rows)
    if statistic is None:
        return _base(evidence, arm, "agreement", reason="no judged item", **fields)
    result = interval([statistic], level=level or evidence.level, bounds=(0.0, 1.0))
    estimate = estimate_of(
        result, quantity="agreement", axis="alignment", arm=arm, unit=UNIT, level=evidence.level, **fields
    )
    return estimate.model_copy(update={"n": _labels(estimate.n, rows)})


def _labels(n: dict[str, int], rows: pd.DataFrame) -> dict[str, int]:
    return {"labels": len(rows), **{key: count for key, count in n.items() if key != "items"}}


def _split(evidence: Evidence, arm: str, rows: pd.DataFrame, column: str) -> list[Estimate]:
    """Raw agreement of each stage, or of each task or judge with intervals that hold for all of them together."""
    values = sorted(rows[column].unique())
    if column == "stage":
        return [_raw(evidence, arm, rows[rows["stage"] == stage], stage=int(stage)) for stage in values]
    if column == "task":
        order = [task.name for task in evidence.config.tasks]
        values.sort(key=order.index)
    estimates = []
    for value in values:
        part = rows[rows[column] == value]
        fields = {"task": value} if column == "task" else {"group": f"{column}={value}"}
        level = bonferroni(evidence.level, len(values))
        estimate = _raw(evidence, arm, part, level=level, simultaneous=len(values) > 1, **fields)
        if column == "rater" and estimate.method is not None:
            estimate = estimate.model_copy(update={"method": f"{estimate.method}; {prevalence(part)}"})
        estimates.append(estimate)
    return estimates


def human_ceiling(cube: Cube, arm: str) -> Statistic | None:
    """Agreement between pairs of people on the same items; None where no item has two."""
    table = cube.table("judgements")
    if table is None:
        return None
    people = given_judgements(table.to_pandas(), arm=arm, target="answer")
    people = people[people["source"] == "human"]
    people = people.assign(value=people["label"].where(people["label"].notna(), people["score"]))
    people = people.dropna(subset=["value"])
    alike = people.groupby([*KEYS, "value"], dropna=False, sort=False).agg(
        n=("value", "size"), cluster=("cluster", "first")
    )
    alike = alike.assign(same=alike["n"] * (alike["n"] - 1))  # ordered pairs with the same answer
    frame = alike.groupby(KEYS, dropna=False).agg(n=("n", "sum"), same=("same", "sum"), cluster=("cluster", "first"))
    frame = frame[frame["n"] > 1].reset_index()
    if len(frame) < 2:
        return None
    frame = frame.assign(same=frame["same"] / (frame["n"] * (frame["n"] - 1)), weight=1.0)
    values: npt.NDArray[np.float64] = frame["same"].to_numpy(dtype=float)
    return weighted_mean(frame, values, difference=False)


def _ceiling_estimate(evidence: Evidence, arm: str, ceiling: Statistic | None) -> Estimate:
    if ceiling is None:
        return _base(evidence, arm, "agreement_ceiling", reason=NO_CEILING)
    result = interval([ceiling], level=evidence.level, bounds=(0.0, 1.0))
    return estimate_of(result, quantity="agreement_ceiling", axis="alignment", arm=arm, unit=UNIT, level=evidence.level)


def gap(evidence: Evidence, arm: str, rows: pd.DataFrame, ceiling: Statistic | None) -> Estimate:
    """Judge-human agreement minus human-human agreement.

    Without items that two people judged, people are taken to agree perfectly: the most pessimistic ceiling, so
    a gap that is harmless under it is harmless. The group says so, and no verdict of harm is drawn from it.
    """
    same = _same(rows)
    if same is None:
        return _base(evidence, arm, "agreement_gap", reason="no judged item")
    terms = _gap_terms(same, ceiling)
    result = interval(terms, level=evidence.level, bounds=(-1.0, 0.0 if ceiling is None else 1.0))
    group = "ceiling=1" if ceiling is None else None
    estimate = estimate_of(
        result, quantity="agreement_gap", axis="alignment", arm=arm, unit=UNIT, level=evidence.level, group=group
    ).model_copy(update={"n": _labels(result.n, rows)})
    if evidence.baseline is None or evidence.baseline_release is None:
        return estimate
    change = _gap_change(evidence, arm, terms, assumed=ceiling is None)
    return estimate.model_copy(update={"change": change})


def _gap_terms(same: Statistic, ceiling: Statistic | None) -> tuple[Statistic, ...]:
    if ceiling is None:
        return (Statistic(same.seeds, same.values - 1, same.influence, same.keys, same.items),)
    if set(same.seeds) == set(ceiling.seeds):
        return (same - ceiling,)
    return same, -ceiling


def _gap_change(evidence: Evidence, arm: str, terms: tuple[Statistic, ...], *, assumed: bool) -> Change:
    against, old = evidence.baseline_release, evidence.baseline
    if against is None or old is None:
        raise AssertionError("called with a baseline only")
    pairs = paired(old, arm=arm, each_person=True)
    rows = _categories(pairs) if isinstance(pairs, Paired) else pairs
    if isinstance(rows, str):
        return Change(against=against, reason=f"{against}: {rows}")
    ceiling = human_ceiling(old, arm)
    if (ceiling is None) != assumed:
        return Change(against=against, reason="not comparable: only one of the releases has items judged by two people")
    same = _same(rows)
    if same is None:
        return Change(against=against, reason=f"{against}: no judged item")
    result = interval(change_terms(terms, _gap_terms(same, ceiling)), level=evidence.level, bounds=(-2.0, 2.0))
    return change_from(result, against)
