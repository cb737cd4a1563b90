"""Do samples carry the label that was asked for: asked for, generated and found true, and which are taken for which?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from toolkit.analyses.evidence import Analysis, Evidence
from toolkit.analyses.generation import Part, by_stage, no_share, ratio_estimate, synthetic_samples, taken
from toolkit.inference.proportions import wilson
from toolkit.results import Estimate, Notice

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

LABELS = ("target_label", "parsed_label", "verified_label")
SHOWN = 12  # confusions that are shown beside the diagonal
CANDIDATES = 60  # confusions whose intervals are made to choose from, by Wilson's lower end over all seeds
MOST_LABELS = 200  # more of them are texts, not classes
ENOUGH = 200  # samples among which a label that never differs tells something
NO_COUNTS = "needs counts of samples by their labels: log target_label, parsed_label and verified_label in samples"
GENERATED = "side=generated"
PAIRS = {
    "part=parsed": ("target_label", "parsed_label"),
    "part=verified-parsed": ("parsed_label", "verified_label"),
}


def fidelity(evidence: Evidence, arm: str = "stream") -> Analysis:
    """Label errors of accepted samples: generated against asked for, verified against generated; and confusions.

    Verified against asked for is `generation`'s label error rate, of the same samples; beside it stands that of all
    generated ones, before the gates (`side=generated`). A sample of which it is not known whether it was accepted was.
    """
    rows = synthetic_samples(evidence.cube, arm, "label_counts")
    samples = synthetic_samples(evidence.cube, arm)
    kept = [] if samples is None else list(_failures_kept(samples))
    if rows is None:
        parts = [no_share(evidence, arm, "label_error_rate", NO_COUNTS).model_copy(update={"group": g}) for g in PAIRS]
        return Analysis((*parts, no_share(evidence, arm, "label_confusion", NO_COUNTS)), tuple(kept))
    accepted = rows[taken(rows)]
    estimates = [e for group, pair in PAIRS.items() for e in _differing(evidence, arm, accepted, group, *pair)]
    estimates += _differing(evidence, arm, rows, GENERATED, "target_label", "verified_label")
    return Analysis((*estimates, *_confusions(evidence, arm, accepted)), (*kept, *_notices(rows)))


def confusion_matrix(
    rows: pd.DataFrame, *, found: str = "verified_label", asked: str = "target_label", task: str | None = None
) -> xr.DataArray:
    """Counts [asked, found] of samples with both labels, labels in order, as many rows as columns where all occur.

    rows: counts by label (the cube's `label_counts`); task: of this one only
    A row over its sum is the share of each found label among the samples asked for with one.
    """
    import xarray as xr

    both = rows[rows[asked].notna() & rows[found].notna()]
    both = both if task is None else both[both["task"] == task]
    table = both.pivot_table(index=asked, columns=found, values="n", aggfunc="sum", fill_value=0)
    names = sorted({*table.index, *table.columns})
    table = table.reindex(index=[x for x in names if x in table.index], columns=names, fill_value=0)
    coords = {"asked": [str(x) for x in table.index], "found": [str(x) for x in names]}
    return xr.DataArray(table.to_numpy(dtype=np.int64), dims=("asked", "found"), coords=coords, name="samples")


def _differing(
    evidence: Evidence, arm: str, rows: pd.DataFrame, group: str, asked: str, found: str
) -> Iterator[Estimate]:
    """How often one label differs from another, of samples with both; over all and by stage."""
    base = no_share(evidence, arm, "label_error_rate", f"needs {found} beside {asked} in samples")
    base = base.model_copy(update={"group": group})
    both = rows[rows[asked].notna() & rows[found].notna()]
    part = _share(both[asked].astype(str) != both[found].astype(str))
    whole = ratio_estimate(base, part, both)
    yield whole
    if whole.measured:
        yield from by_stage(base, part, both)


def _share(chosen: pd.Series[bool]) -> Part:
    """Samples in the chosen rows, of all rows."""

    def part(rows: pd.DataFrame) -> tuple[float, float]:
        return float(rows.loc[chosen.reindex(rows.index), "n"].sum()), float(rows["n"].sum())

    return part


def _confusions(evidence: Evidence, arm: str, rows: pd.DataFrame) -> Iterator[Estimate]:
    """For each label asked for how often it was found, and the confusions whose lower ends are highest.

    All that is shown holds together (Bonferroni). The confusions were chosen by what they show, so each interval is
    at least as strict as the chosen of so many need for their rate of misses (Benjamini & Yekutieli 2005), and of one
    run it is Clopper & Pearson's (1934): Wilson's lower end lies too high for few confusions at such levels.
    """
    base = no_share(evidence, arm, "label_confusion", "needs verified_label beside target_label in samples")
    both = rows[rows["target_label"].notna() & rows["verified_label"].notna()]
    if both.empty:
        yield base
        return
    asked, found = both["target_label"].astype(str), both["verified_label"].astype(str)
    labels, others = sorted(asked.unique()), sorted(found.unique())
    if len({*labels, *others}) > MOST_LABELS:
        reason = f"needs labels that are classes: {len({*labels, *others}):,} different ones were logged"
        yield base.model_copy(update={"reason": reason})
        return
    table = both["n"].groupby([asked, found]).sum()
    size = both["n"].groupby(asked).sum()
    cells = zip(table.index.tolist(), table.tolist(), strict=True)
    low = {(a, b): wilson(n, float(size[a]), base.level)[0] for (a, b), n in cells if a != b}
    pairs = sorted(low, key=lambda pair: (-low[pair], pair))[:CANDIDATES]
    shown = len(labels) + min(len(pairs), SHOWN)
    looked_at = len(labels) * len({*labels, *others})
    level = 1 - (1 - base.level) * min(1 / shown, shown / looked_at)

    def share(a: str, b: str) -> Estimate:
        here = both[asked == a]
        named = base.model_copy(update={"group": f"asked={a},found={b}", "simultaneous": shown > 1})
        part = _share(found == b)
        estimate = ratio_estimate(named, part, here, level=level)
        if estimate.scope != "items":
            return estimate
        ends = dict(zip(("low", "high"), _clopper_pearson(*part(here), level), strict=True))
        return estimate.model_copy(update=ends | {"method": "Clopper-Pearson interval"})

    confused = [share(a, b) for a, b in pairs]
    yield from (share(a, a) for a in labels)
    yield from sorted(confused, key=lambda e: (-(e.low or 0.0), -(e.value or 0.0)))[:SHOWN]


def _clopper_pearson(successes: float, n: float, level: float) -> tuple[float, float]:
    """The exact interval of a share: both tails of the binomial at most (1 - level) / 2."""
    tail = (1 - level) / 2
    low = float(special.betaincinv(successes, n - successes + 1, tail)) if successes else 0.0
    high = float(special.betaincinv(successes + 1, n - successes, 1 - tail)) if successes < n else 1.0
    return low, high


def _failures_kept(samples: pd.DataFrame) -> Iterator[Notice]:
    """Samples that could not be read and went into training all the same."""
    known = samples[samples["accepted"].astype("boolean").fillna(False).astype(bool)]
    failed, n = int(known["parse_failed"].sum()), int(known["n"].sum())
    if failed:
        yield Notice(
            code="failures-kept",
            message=f"{failed:,} of {n:,} accepted samples could not be parsed: they went into training as they were",
        )


def _notices(rows: pd.DataFrame) -> Iterator[Notice]:
    """What the labels cannot say: a generated label that is a copy, and verified labels of a chosen part."""
    target, parsed, verified = (rows[name] for name in LABELS)
    generated = target.notna() & parsed.notna()
    checked = target.notna() & verified.notna()
    n, wrong = int(rows.loc[generated, "n"].sum()), int(rows.loc[checked & (target != verified), "n"].sum())
    if n >= ENOUGH and wrong and not (generated & (target != parsed)).any():
        yield Notice(
            code="label-overwritten",
            message=f"the generated label is the one asked for in all {n:,} samples, while the verified label is "
            f"another one in {wrong:,}: parsed_label was probably overwritten with target_label",
        )
    kept = taken(rows)
    looked, left = int(rows.loc[verified.notna() & kept, "n"].sum()), int(rows.loc[~kept, "n"].sum())
    if looked and left and not (verified.notna() & ~kept).any():
        yield Notice(
            code="verified-accepted-only",
            message=f"labels were verified of accepted samples only, of none of the {left:,} rejected ones: label "
            "errors are those that passed the gates, and say nothing of the generator or of what the gates caught",
        )
    accepted = int(rows.loc[kept, "n"].sum())
    if 0 < looked < accepted:
        yield Notice(
            code="verified-part",
            message=f"labels of {looked:,} of {accepted:,} accepted samples were verified: the label errors are those "
            "of all accepted samples only where these were drawn at random",
        )
