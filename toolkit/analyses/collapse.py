"""Do the samples that a model is trained on lose the tails and the spread of human ones, round by round?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from toolkit.analyses.estimates import estimate_of
from toolkit.analyses.evidence import Evidence
from toolkit.analyses.real_data import real_data_share
from toolkit.analyses.round_cells import Measured, RoundCell, change_between, interval_of, measured, round_cells
from toolkit.analyses.round_distances import (
    MEASURES,
    NO_EMBEDDING,
    RoundDistances,
    divergence_estimates,
    round_distances,
    whole_interval,
)
from toolkit.analyses.round_growth import divergence_growth
from toolkit.analyses.samples import NO_ROWS, SampleSet, kept_samples
from toolkit.cube import Cube
from toolkit.inference.collapse import Against, label_tail_mass, median_log_variance, tail_mass
from toolkit.inference.interval import Interval
from toolkit.results import Change, Estimate

if TYPE_CHECKING:
    import pandas as pd

MOST = 1024
LABELS = ("parsed_label", "target_label", "verified_label")
NO_LABELS = "needs labels of generated and human samples: log parsed_label or target_label in samples"
TAIL_METHOD = "conformal, distance to the five nearest human samples in other folds"
LABEL_METHOD = "conformal, by how rare the label is among human samples in other folds"
SPREAD_METHOD = "median over dimensions, equal numbers of samples"
Measure = Callable[[RoundCell], Against]


@dataclass(frozen=True)
class _Kind:
    """One quantity of a cell, and how it is told."""

    quantity: str
    group: str | None
    unit: str
    method: str
    measure: Measure


def collapse(evidence: Evidence, arm: str = "stream") -> tuple[Estimate, ...]:
    """Tail mass, spread and distance of accepted samples against human ones, its growth, and the share of real data.

    Over all and by stage; the first three over all with their change to the baseline. Tail mass is .05 where nothing
    was lost; of labels (`measure=labels`) too, and of labels alone where there are no embeddings.
    """
    shares = real_data_share(evidence, arm)
    cells = _cells(evidence.cube, arm)
    if isinstance(cells, str):
        return (*_without(evidence, arm, cells), *shares)
    old = None if evidence.baseline is None else _cells(evidence.baseline, arm)
    before = None if isinstance(old, str) else old
    estimates: list[Estimate] = []
    for kind in _kinds(cells):
        estimates += _by_kind(evidence, arm, kind, cells, before)
    distances = round_distances(cells, evidence.level)
    if isinstance(distances, str):
        base = _base(evidence, arm, "sample_divergence", distances)
        return (*estimates, base, _base(evidence, arm, "divergence_growth", distances), *shares)
    found = divergence_estimates(evidence, arm, distances)
    found = _with_changes(evidence, found, distances, before)
    return (*estimates, *found, *divergence_growth(evidence, arm, distances), *shares)


def _cells(cube: Cube, arm: str) -> list[RoundCell] | str:
    samples = kept_samples(cube, arm)
    return NO_ROWS if samples is None else round_cells(samples)


def _base(evidence: Evidence, arm: str, quantity: str, reason: str | None = None) -> Estimate:
    unit = {"tail_mass": "share", "divergence_growth": "index per stage"}.get(quantity, "index")
    return Estimate(quantity=quantity, axis="generation", arm=arm, level=evidence.level, unit=unit, reason=reason)


def _without(evidence: Evidence, arm: str, reason: str) -> list[Estimate]:
    names = ("tail_mass", "median_log_variance", "sample_divergence", "divergence_growth")
    return [_base(evidence, arm, name, reason) for name in names]


def _kinds(cells: Sequence[RoundCell]) -> list[_Kind]:
    labels = _Kind("tail_mass", "measure=labels", "share", LABEL_METHOD, partial(_label_tail, label_codes(cells)))
    spread = _Kind("median_log_variance", None, "index", SPREAD_METHOD, partial(_embedded, median_log_variance))
    if any(len(c.synthetic.embedded) and len(c.human.embedded) for c in cells):
        tail = _Kind("tail_mass", None, "share", TAIL_METHOD, partial(_embedded, tail_mass))
        return [tail, labels, spread]
    return [_Kind("tail_mass", None, "share", LABEL_METHOD, labels.measure), spread]


def _embedded(
    measure: Callable[[npt.NDArray[np.float64], npt.NDArray[np.float64]], Against], cell: RoundCell
) -> Against:
    sides = [side.embedded.embedding for side in (cell.synthetic, cell.human)]
    if sides[0] is None or sides[1] is None:
        raise ValueError(NO_EMBEDDING)
    return measure(sides[0][:MOST].astype(float), sides[1][:MOST].astype(float))


def _label_tail(codes: dict[str, int], cell: RoundCell) -> Against:
    synthetic, human = (labels_of(side).dropna() for side in (cell.synthetic, cell.human))
    if not len(synthetic) or not len(human):
        raise ValueError(NO_LABELS)
    numbered = [np.array([codes[label] for label in side], dtype=np.int64) for side in (synthetic, human)]
    return label_tail_mass(*numbered)


def labels_of(samples: SampleSet) -> pd.Series[str]:
    """[sample] the label that each was used with: parsed, else asked for, else verified; missing where it has none."""
    label = samples.frame[LABELS[0]]
    for other in LABELS[1:]:
        label = label.where(label.notna(), samples.frame[other])
    return label.map(str, na_action="ignore")


def label_codes(cells: Sequence[RoundCell]) -> dict[str, int]:
    """A number for each label of the cells."""
    known = {label for cell in cells for side in (cell.synthetic, cell.human) for label in labels_of(side).dropna()}
    return {label: code for code, label in enumerate(sorted(known))}


def _by_kind(
    evidence: Evidence, arm: str, kind: _Kind, cells: list[RoundCell], before: list[RoundCell] | None
) -> list[Estimate]:
    base = _base(evidence, arm, kind.quantity).model_copy(update={"unit": kind.unit, "group": kind.group})
    parts = measured(cells, kind.measure)
    if isinstance(parts, str):
        return [] if kind.group else [base.model_copy(update={"reason": parts})]
    result = interval_of(parts, evidence.level, share=kind.unit == "share")
    whole = _estimate(base, kind, result, None)
    if evidence.baseline is not None and evidence.baseline_release is not None:
        whole = whole.model_copy(update={"change": _change(evidence, kind, result, before)})
    stages: dict[int, list[Measured]] = {}
    for part in parts:
        stages.setdefault(part.cell.stage, []).append(part)
    by_stage = (
        _estimate(base, kind, interval_of(own, evidence.level, share=kind.unit == "share"), stage)
        for stage, own in sorted(stages.items())
    )
    return [whole, *by_stage]


def _estimate(base: Estimate, kind: _Kind, result: Interval, stage: int | None) -> Estimate:
    made = estimate_of(
        result, quantity=base.quantity, axis=base.axis, arm=base.arm, unit=base.unit, level=base.level,
        group=base.group, stage=stage,
    )  # fmt: skip
    return made.model_copy(update={"method": f"{kind.method}; {result.method}"})


def _change(evidence: Evidence, kind: _Kind, new: Interval, before: list[RoundCell] | None) -> Change:
    against = str(evidence.baseline_release)
    old = None
    if before is not None:
        codes = partial(_label_tail, label_codes(before)) if kind.method == LABEL_METHOD else kind.measure
        parts = measured(before, codes)
        old = None if isinstance(parts, str) else interval_of(parts, evidence.level, share=kind.unit == "share")
    return change_between(new, old, against, evidence.level)


def _with_changes(
    evidence: Evidence, found: list[Estimate], distances: RoundDistances, before: list[RoundCell] | None
) -> list[Estimate]:
    """The distances over all with their change: of a kernel of one bandwidth, so of the energy distance alone."""
    if evidence.baseline is None or evidence.baseline_release is None:
        return found
    old = None if before is None else round_distances(before, evidence.level)
    changes: dict[str, Change] = {}
    for measure in MEASURES:
        group = f"measure={measure}"
        if measure == "mmd":
            reason = "the bandwidth follows each release's own samples: compare the energy distance"
            changes[group] = Change(against=evidence.baseline_release, reason=reason)
            continue
        was = whole_interval(old, measure, evidence.level) if isinstance(old, RoundDistances) else None
        now = whole_interval(distances, measure, evidence.level)
        changes[group] = change_between(now, was, evidence.baseline_release, evidence.level)
    return [
        e.model_copy(update={"change": changes[e.group]}) if e.stage is None and e.group in changes else e
        for e in found
    ]
