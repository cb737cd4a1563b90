"""How far do judge and people agree beyond chance, by which definition, and how far do people among themselves?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from toolkit.analyses.evidence import Evidence
from toolkit.analyses.judgements import KEYS
from toolkit.inference.agreement import Coefficient, agreement_intervals, by_cluster
from toolkit.inference.ratings import Kind, rating_interval
from toolkit.inference.ratingsums import Definition
from toolkit.inference.simultaneous import bonferroni
from toolkit.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

JACKKNIFE = "item jackknife on Fisher's z"
PEOPLE = "part=people"
PLAIN: dict[str, Kind] = {
    "cohen_kappa": "cohen_kappa", "gwet_ac1": "gwet_ac", "krippendorff_alpha": "krippendorff_alpha"
}  # fmt: skip
# Definitions for scores that are ordered numbers: near values count as partial agreement.
ORDERED: tuple[tuple[str, Definition], ...] = (
    ("cohen_kappa", "quadratic"), ("gwet_ac1", "quadratic"),
    ("krippendorff_alpha", "ordinal"), ("krippendorff_alpha", "interval"),
)  # fmt: skip


def coefficients(evidence: Evidence, arm: str, rows: pd.DataFrame) -> list[Estimate]:
    """Coefficients of judge against people, and of people among themselves on the same items.

    rows: one a judge, person and item, categories in columns `a` and `b`. Numbers of more than two values get the
    definitions for ordered scores beside the plain ones (`definition=...`); people's own are `part=people`.
    """
    wanted: list[tuple[str, Definition]] = [(name, "nominal") for name in PLAIN]
    if is_ordered(rows):
        wanted += ORDERED
    ratings = rows[["a", "b"]].to_numpy() if is_ordered(rows) else _coded(rows[["a", "b"]])
    estimates = _plain(evidence, arm, rows, level=evidence.level)
    for name, definition in wanted[len(PLAIN) :]:
        found = rating_interval(
            ratings.astype(float), PLAIN[name], definition, level=evidence.level,
            weight=rows["weight"], cluster=rows["cluster"],
        )  # fmt: skip
        counts = {"labels": len(rows), "clusters": rows["cluster"].nunique()}
        estimates.append(_estimate(evidence, arm, name, found, n=counts, group=f"definition={definition}"))
    return estimates + _people(evidence, arm, rows, wanted)


def by_rater(evidence: Evidence, arm: str, rows: pd.DataFrame) -> list[Estimate]:
    """Kappa of each synthetic judge, where there are several; the intervals hold for all of them together."""
    raters = sorted(rows["rater"].unique())
    level = bonferroni(evidence.level, len(raters))
    estimates = []
    for rater in raters if len(raters) > 1 else []:
        part = rows[rows["rater"] == rater]
        (kappa,) = (e for e in _plain(evidence, arm, part, level=level) if e.quantity == "cohen_kappa")
        update = {"group": f"rater={rater}", "simultaneous": True}
        if kappa.has_interval:
            update["method"] = f"{kappa.method}; {prevalence(part)}"
        estimates.append(kappa.model_copy(update=update))
    return estimates


def interval_alpha(evidence: Evidence, arm: str, rows: pd.DataFrame) -> list[Estimate]:
    """Interval alpha of scores with too many values to be categories, and of people among themselves."""
    named = rows.assign(a=rows["judge"].astype(float), b=rows["human"].astype(float))
    found = rating_interval(
        named[["a", "b"]], "krippendorff_alpha", "interval", level=evidence.level,
        weight=named["weight"], cluster=named["cluster"],
    )  # fmt: skip
    n = {"labels": len(named), "clusters": named["cluster"].nunique()}
    own = _estimate(evidence, arm, "krippendorff_alpha", found, n=n, group="definition=interval")
    return [own, *_people(evidence, arm, named, [("krippendorff_alpha", "interval")])]


def is_ordered(rows: pd.DataFrame) -> bool:
    """Whether the categories are numbers of more than two values."""
    return rows["a"].dtype.kind == "f" and len(np.unique(rows[["a", "b"]].to_numpy(dtype=float))) > 2


def prevalence(rows: pd.DataFrame) -> str:
    """How much of people's ratings lies outside their commonest category: what kappa depends on."""
    share = 1 - float(rows["b"].value_counts(normalize=True).iloc[0])
    return f"{share:.0%} of people's ratings outside their commonest category"


def _plain(evidence: Evidence, arm: str, rows: pd.DataFrame, *, level: float) -> list[Estimate]:
    C = by_cluster(rows["a"], rows["b"], rows["weight"].to_numpy(dtype=float), rows["cluster"])
    counts = by_cluster(rows["a"], rows["b"], np.ones(len(rows)), rows["cluster"]).sum(0)
    found = agreement_intervals(C, level, counts=counts)
    n = {"labels": len(rows), "clusters": len(C)}
    # Raw agreement has its seeds too, and is estimated with them.
    return [_estimate(evidence, arm, name, one, n=n) for name, one in found.items() if name != "agreement"]


def _estimate(evidence: Evidence, arm: str, quantity: str, found: Coefficient, **fields: Any) -> Estimate:
    measured = found.low is not None
    base = Estimate(
        quantity=quantity, axis="alignment", arm=arm, level=evidence.level, unit="coefficient", value=found.value,
        low=found.low, high=found.high, reason=found.reason, scope="items" if measured else None,
        method=JACKKNIFE if measured else None,
    )  # fmt: skip
    return base.model_copy(update=fields)


def _people(evidence: Evidence, arm: str, rows: pd.DataFrame, wanted: list[tuple[str, Definition]]) -> list[Estimate]:
    """People's own coefficients on the judged items that two of them saw; nothing where there are none."""
    each = rows.drop_duplicates([*KEYS, "person"])
    each = each[each["people"] > 1]
    if each.empty:
        return []
    keyed = each.assign(code=each["b"] if each["b"].dtype.kind == "f" else _coded(each[["b"]])[:, 0])
    keyed = keyed.assign(whole=keyed["weight"] * keyed["people"])  # a person's row has its share of the item's weight
    table = keyed.pivot(index=KEYS, columns="person", values="code").to_numpy(dtype=float)
    items = keyed.groupby(KEYS, dropna=False)[["whole", "cluster"]].first()
    if table.shape[1] < 2 or len(items) != len(table):
        return []
    estimates = []
    for name, definition in wanted:
        found = rating_interval(
            table, PLAIN[name], definition, level=evidence.level, weight=items["whole"], cluster=items["cluster"]
        )
        group = PEOPLE if definition == "nominal" else f"{PEOPLE},definition={definition}"
        n = {"labels": len(each), "clusters": items["cluster"].nunique()}
        estimates.append(_estimate(evidence, arm, name, found, n=n, group=group))
    return estimates


def _coded(labels: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Categories as numbers, the same number for the same label in every column."""
    _, codes = np.unique(labels.to_numpy().astype(str), return_inverse=True)
    numbers: npt.NDArray[np.float64] = codes.reshape(labels.shape).astype(float)
    return numbers
