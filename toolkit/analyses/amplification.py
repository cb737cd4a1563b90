"""Do the samples drift away from human ones along the rounds in their labels or properties, and how far can they?

A round's bias is that of the samples that went into training against the human samples of the same task: total
variation of their labels, and the difference of each numeric attribute's mean in human standard deviations.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from toolkit.analyses.collapse import label_codes, labels_of
from toolkit.analyses.estimates import named
from toolkit.analyses.evidence import Evidence
from toolkit.analyses.families import flagged
from toolkit.analyses.real_data import training_counts
from toolkit.analyses.round_biases import CellBias, RoundBias, cell_biases, difference, ratio, round_biases, slope
from toolkit.analyses.round_cells import RoundCell, round_cells
from toolkit.analyses.samples import NO_ROWS, SampleSet, kept_samples
from toolkit.inference.amplification import Bias, amplification_bound, amplification_limit, label_bias, property_bias
from toolkit.results import Estimate

Floats = npt.NDArray[np.float64]
ONE_ROUND = "needs accepted samples and human ones of the same tasks at two stages or more"
NO_PROPERTY = "needs labels, or numeric attr_* columns, of generated and human samples"
EACH_APART = "there are no labels and several attributes: each is reported by itself"
BOUND = "a bound, not an estimate: it has no interval"
NO_LIMIT = "no human samples are added after the first round: the bound rises without limit"
NO_COUNTS = "needs samples of two stages or more that went into training"


def amplification(evidence: Evidence, arm: str = "stream") -> tuple[Estimate, ...]:
    """Bias of the last round minus that of the first, of each round, its slope, its ratio, and its upper bound.

    Of labels where both sides have them (no group; `part=slope`, `part=ratio`), and of each numeric attribute
    (`attribute=attr_x`, `attribute=attr_x,part=...`). `part=bound` is the largest possible ratio given how many human
    and generated samples each round added (Taori & Hashimoto 2023), `part=limit` what it tends to.
    """
    base = Estimate(quantity="bias_amplification", axis="feedback", arm=arm, level=evidence.level, unit="share")
    bounds = _bounds(evidence, base)
    samples = kept_samples(evidence.cube, arm)
    cells = NO_ROWS if samples is None else round_cells(samples)
    if isinstance(cells, str):
        return (base.model_copy(update={"reason": cells}), *bounds)
    if len({cell.stage for cell in cells}) < 2:
        return (base.model_copy(update={"reason": ONE_ROUND}), *bounds)
    labelled = cell_biases(cells, partial(_label_bias, label_codes(cells)))
    by_attribute = {name: cell_biases(cells, partial(_property_bias, name)) for name in _attributes(cells)}
    properties = {name: found for name, found in by_attribute.items() if not isinstance(found, str)}
    beside = _of_attributes(base, properties)
    if not isinstance(labelled, str):
        return (*_course(base, round_biases(labelled)), *beside, *bounds)
    if len(properties) == 1:
        (name, found), *_ = properties.items()
        whole = _course(_in_deviations(base), round_biases(found))[0]
        return (whole.model_copy(update={"method": f"{name}: {whole.method}"}), *beside, *bounds)
    reason = EACH_APART if properties else labelled
    return (base.model_copy(update={"reason": reason}), *beside, *bounds)


def _in_deviations(base: Estimate) -> Estimate:
    return base.model_copy(update={"unit": "standard deviations"})


def _of_attributes(base: Estimate, properties: dict[str, list[CellBias]]) -> list[Estimate]:
    """Each attribute's course; the differences of last and first round are flagged together."""
    heads, rest = [], []
    for name, found in properties.items():
        own = _in_deviations(base).model_copy(update={"group": f"attribute={name}"})
        head, *more = _course(own, round_biases(found))
        heads.append(head)
        rest += more
    return [*flagged(heads, [None] * len(heads)), *rest]


def _course(base: Estimate, rounds: Sequence[RoundBias]) -> list[Estimate]:
    """Last minus first, each round minus the first, slope per stage, and last over first."""
    if len(rounds) < 2:
        return [base.model_copy(update={"reason": ONE_ROUND})]
    first, last = rounds[0], rounds[-1]
    found = [named(base, difference(last, first, base.level))]
    found += [named(base, difference(other, first, base.level), stage=other.stage) for other in rounds[1:]]
    found.append(slope(_part(base, "slope").model_copy(update={"unit": f"{base.unit} per stage"}), rounds))
    found.append(ratio(_part(base, "ratio").model_copy(update={"unit": "ratio"}), last, first))
    n = {**found[0].n, "stages": len(rounds)}
    return [found[0].model_copy(update={"n": n}), *found[1:]]


def _part(base: Estimate, part: str) -> Estimate:
    return base.model_copy(update={"group": ",".join(name for name in (base.group, f"part={part}") if name)})


def _label_bias(codes: dict[str, int], cell: RoundCell) -> tuple[Bias, npt.NDArray[np.bool_]]:
    synthetic, human = labels_of(cell.synthetic), labels_of(cell.human)
    if not synthetic.notna().any() or not human.notna().any():
        raise ValueError(NO_PROPERTY)
    sides = [np.array([codes[label] for label in side.dropna()], dtype=np.int64) for side in (synthetic, human)]
    return label_bias(*sides), human.notna().to_numpy(dtype=bool)


def _attributes(cells: Sequence[RoundCell]) -> list[str]:
    """Names of the attributes that are numbers."""
    frame = cells[0].synthetic.frame
    return [str(name) for name in frame.columns if str(name).startswith("attr_") and frame[name].dtype.kind in "iuf"]


def _property_bias(name: str, cell: RoundCell) -> tuple[Bias, npt.NDArray[np.bool_]]:
    synthetic, human = (_numbers(side, name) for side in (cell.synthetic, cell.human))
    there = np.isfinite(human)
    return property_bias(synthetic[np.isfinite(synthetic)], human[there]), there


def _numbers(samples: SampleSet, name: str) -> Floats:
    return samples.frame[name].to_numpy(dtype=float, na_value=np.nan)


def _bounds(evidence: Evidence, base: Estimate) -> list[Estimate]:
    """The bound on the ratio of last and first bias, the mean over seeds, and its limit."""
    bound, limit = (_part(base, part).model_copy(update={"unit": "ratio"}) for part in ("bound", "limit"))
    counts = training_counts(evidence, str(base.arm))
    if counts is None or counts["stage"].nunique() < 2:
        return [bound.model_copy(update={"reason": NO_COUNTS})]
    values: list[float] = []
    for _, rounds in counts.sort_values("stage").groupby("seed"):
        human, synthetic = (rounds[side].to_numpy(dtype=float) for side in ("human", "synthetic"))
        if len(rounds) > 1:
            values.append(float(amplification_bound(human[0] + synthetic[0], human[1:], synthetic[1:])[-1]))
    later = counts[counts["stage"] > counts["stage"].min()]
    method = "1 + sum of k_i / n_i times the shares kept since (Taori & Hashimoto 2023), all data so far kept"
    last = amplification_limit(float(later["human"].mean()), float(later["synthetic"].mean()))
    known = {"value": last, "method": "(m + k) / m of the mean round", "reason": BOUND}
    return [
        bound.model_copy(update={"value": float(np.mean(values)), "method": method, "reason": BOUND}),
        limit.model_copy(update=known if np.isfinite(last) else {"reason": NO_LIMIT}),
    ]
