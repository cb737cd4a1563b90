"""How differently are a synthetic judge's and people's judgements of the same items distributed?

The null hypothesis is that judge and people are exchangeable on every item: sides are swapped for whole clusters of
items. Beside each distance stands the same between halves of the people (`part=floor`) and the smallest that so many
items would show (`part=detectable`). Items count alike: what is said holds for the items that people saw.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from toolkit.analyses.evidence import Evidence
from toolkit.analyses.families import flagged
from toolkit.analyses.sides import NO_SECOND_PERSON, Sides, judge_and_people, people_and_people
from toolkit.inference.classifier import held_out_auc
from toolkit.inference.fewdiffer import FEW as FEW_DIFFER
from toolkit.inference.fewdiffer import Farthest, differing, farthest_energy, farthest_js, farthest_mmd
from toolkit.inference.histograms import bin_edges, stability_index, total_variation
from toolkit.inference.kernels import ENERGY, gaussian, median_distance
from toolkit.inference.permutation import TwoSamples, p_value, permuted_counts, signs
from toolkit.inference.simultaneous import bonferroni
from toolkit.inference.twosample import PERMUTATIONS, Comparison, Measure, compare, js_measure, kernel_measure
from toolkit.results import Estimate

BINS = 10
FEW = 299
SWAPPED = f"sides swapped within clusters of items, {PERMUTATIONS} permutations"
UNITS = {
    "score_divergence": "nats", "energy_distance": "points of the feedback scale", "mmd": "index",
    "two_sample_auc": "index",
}  # fmt: skip
NUMBERS_ONLY = "needs numeric judgements on both sides; class labels are compared by their divergence"


@dataclass(frozen=True)
class _Distance:
    """One distance between two sides: its name, how it is told to a reader, and what computes and what bounds it."""

    quantity: str
    method: str
    prepared: Callable[[Sides], tuple[TwoSamples, Measure]]
    farthest: Farthest


def _distances(sides: Sides, reach: float) -> list[_Distance]:
    """The distances, with bins and bandwidth of all judgements together, so that judges and tasks compare.

    reach: between the ends of the feedback scale
    """
    categories = "" if sides.labels or len(np.unique(sides.values)) <= BINS else f" over {BINS} bins"
    js = _Distance(
        "score_divergence", f"Jensen-Shannon{categories}, Miller-Madow corrected", _histograms(sides), farthest_js
    )
    if sides.labels or sides.refused:
        return [js]
    points, counts = np.unique(sides.values, return_counts=True)
    bandwidth = median_distance(points[:, None], counts.astype(float))
    energy, kernel = kernel_measure(ENERGY), kernel_measure(gaussian(bandwidth))
    mmd = f"squared MMD without pairs of one cluster, Gaussian kernel, median bandwidth {bandwidth:.3g}"
    return [
        js,
        _Distance(
            "energy_distance",
            "energy distance without pairs of one cluster",
            lambda s: (s.samples(), energy),
            farthest_energy(reach),
        ),
        _Distance("mmd", mmd, lambda s: (s.samples(), kernel), farthest_mmd),
    ]


def _histograms(whole: Sides) -> Callable[[Sides], tuple[TwoSamples, Measure]]:
    edges = None if whole.labels else bin_edges(whole.values, BINS)

    def prepared(sides: Sides) -> tuple[TwoSamples, Measure]:
        values = sides.values
        return sides.samples(values if edges is None else np.searchsorted(edges, values, side="right")), js_measure

    return prepared


def divergence(evidence: Evidence, arm: str = "stream") -> list[Estimate]:
    """Distances between each judge's and people's judgements, over all tasks and by task, with floor and power.

    Score divergence (nats; also total variation and the population stability index, group `definition=...`), energy
    distance, squared maximum mean discrepancy, and a classifier's held-out AUC. Intervals are one-sided: from zero to
    the upper confidence bound. Where a number is missing, its estimate says why.
    """
    sides = judge_and_people(evidence, arm)
    if isinstance(sides, str):
        return [_base(evidence, arm, quantity, reason=sides) for quantity in UNITS]
    raters = sorted(sides.rows["rater"].unique())
    several = len(raters) > 1
    groups = {rater: f"rater={rater}" if several else None for rater in raters}
    known = set(sides.rows["task"])
    tasks = [task.name for task in evidence.config.tasks if task.name in known]
    estimates: list[Estimate] = []
    low, high = evidence.config.feedback.range or evidence.config.score_range
    distances = _distances(sides, high - low)
    whole = [(group, None, sides.of(rater=rater)) for rater, group in groups.items()]
    cells = [(group, task, sides.of(rater=r, task=task)) for r, group in groups.items() for task in tasks]
    by_task = [cell for cell in cells if len(cell[2].rows)] if len(tasks) > 1 else []
    for distance in distances:
        family = _family(evidence, arm, distance, whole)
        estimates += [e for e, _ in family]
        estimates += [_detectable(e, found) for e, found in family]
        estimates.append(_floor(evidence, arm, distance, labels=sides.labels))
        estimates += [e for e, _ in _family(evidence, arm, distance, by_task)]
    missing = list(UNITS)[len(distances) : -1]
    estimates += [_base(evidence, arm, name, reason=sides.refused or NUMBERS_ONLY) for name in missing]
    for group, _, part in whole:
        estimates += _definitions(evidence, arm, part, group, distances[0])
        estimates.append(_classifier(evidence, arm, part, group))
    return estimates


def _family(
    evidence: Evidence, arm: str, distance: _Distance, parts: Sequence[tuple[str | None, str | None, Sides]]
) -> list[tuple[Estimate, Comparison | None]]:
    """The distance of each part (group, task, judgements); several hold together and have adjusted p-values."""
    found = [_estimate(evidence, arm, distance, s, len(parts), group=group, task=task) for group, task, s in parts]
    if len(found) < 2:
        return found
    estimates = flagged([e for e, _ in found], [None] * len(found))
    return [(e, comparison) for e, (_, comparison) in zip(estimates, found, strict=True)]


def _base(evidence: Evidence, arm: str, quantity: str, **fields: Any) -> Estimate:
    base = Estimate(quantity=quantity, axis="alignment", arm=arm, level=evidence.level, unit=UNITS[quantity])
    return base.model_copy(update=fields)


def _n(sides: Sides) -> dict[str, int]:
    labels, clusters = len(sides.rows), sides.rows["cluster"].nunique()
    return {"labels": labels, **({} if labels == clusters else {"clusters": clusters})}


def _joined(*parts: str | None) -> str:
    return ",".join(part for part in parts if part)


def _estimate(
    evidence: Evidence, arm: str, distance: _Distance, sides: Sides, family: int, **fields: Any
) -> tuple[Estimate, Comparison | None]:
    """The distance with its one-sided interval, which holds for all `family` of its kind together."""
    if sides.refused:
        return _base(evidence, arm, distance.quantity, reason=sides.refused, n=_n(sides), **fields), None
    level = bonferroni(evidence.level, family)
    samples, measure = distance.prepared(sides)
    found = compare(samples, measure, level=level, draws=_draws(level), farthest=distance.farthest)
    few = differing(samples)
    bound = "cluster bootstrap" if few >= FEW_DIFFER else f"the share of clusters that differ, {few} of those seen"
    method = f"{distance.method}; {SWAPPED}; one-sided upper bound by {bound}"
    estimate = _base(
        evidence, arm, distance.quantity, value=max(found.value, 0.0), low=0.0, high=found.upper, n=_n(sides),
        p_value=found.p_value, method=method, scope="items", simultaneous=family > 1, **fields,
    )  # fmt: skip
    return estimate, found


def _draws(level: float) -> int:
    """Enough for twenty draws beyond the quantile, within what time allows."""
    return int(np.clip(np.ceil(20 / (1 - level)), PERMUTATIONS, 5 * PERMUTATIONS))


def _detectable(estimate: Estimate, found: Comparison | None) -> Estimate:
    """The smallest distance that the same items would have shown with 80 % power."""
    update: dict[str, Any] = {
        "group": _joined(estimate.group, "part=detectable"), "value": None, "low": None, "high": None, "scope": None,
        "p_value": None, "p_adjusted": None, "adjustment": None, "method": None, "simultaneous": False,
    }  # fmt: skip
    if found is not None and found.detectable == 0:
        update |= {"reason": "judge and people agree on every item: what would have been seen is not known"}
    elif found is not None:
        method = "about 80 % power, from the moments of the permutation null"
        reason = "follows from the number and agreement of the items: it has no interval"
        update |= {"value": found.detectable, "method": method, "reason": reason}
    return estimate.model_copy(update=update)


def _floor(evidence: Evidence, arm: str, distance: _Distance, *, labels: bool) -> Estimate:
    """The distance between halves of the people, the mean over splits of its value and of its upper bound."""
    splits = list(people_and_people(evidence, arm, labels=labels))
    group = "part=floor"
    usable = [split for split in splits if split.refused is None]
    if not usable:
        reason = splits[0].refused if splits else NO_SECOND_PERSON
        return _base(evidence, arm, distance.quantity, group=group, reason=reason)
    permutations = PERMUTATIONS if len(usable) == 1 else FEW
    found = [
        compare(
            *distance.prepared(split),
            level=evidence.level,
            permutations=permutations,
            draws=permutations,
            farthest=distance.farthest,
        )
        for split in usable
    ]
    value, high = (float(np.mean(each)) for each in ([f.value for f in found], [f.upper or 0.0 for f in found]))
    labels_each = int(np.mean([len(split.rows) for split in usable]))
    return _base(
        evidence, arm, distance.quantity, group=group, value=max(value, 0.0), low=0.0, high=high, scope="items",
        n={"labels": labels_each, "splits": len(usable)}, p_value=found[0].p_value if len(found) == 1 else None,
        method=f"{distance.method}; people split into halves by lot; mean of one-sided upper bounds",
    )  # fmt: skip


def _definitions(
    evidence: Evidence, arm: str, sides: Sides, group: str | None, histogram: _Distance
) -> Iterator[Estimate]:
    """Other measures of the same difference, uncorrected, with p-values of their own."""
    if sides.refused:
        return
    samples, _ = histogram.prepared(sides)
    first, second = permuted_counts(samples, signs(samples, PERMUTATIONS))
    reason = "biased upwards by sampling, and not corrected: no interval; the Jensen-Shannon divergence has one"
    for name, unit, found in (
        ("total_variation", "share", total_variation(first, second)),
        ("psi", "index", stability_index(first, second)),
    ):
        yield _base(
            evidence, arm, "score_divergence", group=_joined(group, f"definition={name}"), value=float(found[0]),
            unit=unit, n=_n(sides), p_value=p_value(found), method=f"plug-in; {SWAPPED}", reason=reason,
        )  # fmt: skip


def _classifier(evidence: Evidence, arm: str, sides: Sides, group: str | None) -> Estimate:
    """Held-out AUC of a classifier that sees the judgement and its squared distance from the mean of all."""
    base = _base(evidence, arm, "two_sample_auc", group=group, n=_n(sides))
    if sides.labels or sides.refused:
        return base.model_copy(update={"reason": NUMBERS_ONLY if sides.labels else sides.refused})
    values = sides.values
    features = np.column_stack([values, (values - values.mean()) ** 2])
    try:
        found = held_out_auc(sides.samples(features))
    except ValueError as error:
        return base.model_copy(update={"reason": str(error)})
    method = "logistic regression, 5 folds by cluster; refit for each of 199 swaps of sides"
    reason = "no interval: folds share what they were fitted on; the p-value refits"
    return base.model_copy(update={"value": found.auc, "p_value": found.p_value, "method": method, "reason": reason})
