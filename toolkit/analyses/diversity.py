"""How varied are the accepted samples, stage by stage, beside people's and beside what was generated?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from toolkit.analyses.diversity_measures import (
    MEASURES,
    WITHOUT_DENSITY,
    Measure,
    attribute_measures,
    reference_of,
    with_density,
)
from toolkit.analyses.diversity_sets import LEAST, Diversities, diversities, stage_sets, task_sets
from toolkit.analyses.diversity_trend import trend
from toolkit.analyses.estimates import change_from, change_terms, named
from toolkit.analyses.evidence import Evidence
from toolkit.analyses.samples import NO_ROWS, SampleSet, Side, kept_samples
from toolkit.inference.interval import Bounds, Interval, t_ends
from toolkit.inference.ladder import interval
from toolkit.inference.rarefaction import Rarefied
from toolkit.inference.simultaneous import bonferroni
from toolkit.inference.statistic import Statistic
from toolkit.results import Change, Estimate

Cells = Mapping[tuple[int | None, int], Rarefied]  # by seed (None: people) and stage

TOO_FEW = f"needs at least {LEAST} samples a stage with a text, an embedding or a label"
SIDES: tuple[Side, ...] = ("accepted", "human", "generated")
DIGITS = 10
SAME_TO_THE_LAST = "all samples give the same value, which says nothing of how it varies"


def diversity(evidence: Evidence, arm: str = "stream") -> tuple[Estimate, ...]:
    """Diversity by stage and over all, by task, its trend, and its change since the baseline, all at matched sizes.

    Over all is the mean over the stages that every seed has. The group is None for the headline measure of accepted
    samples (Vendi on embeddings, else distinct pairs of words, else the entropy of labels), `measure=...` for others,
    with `side=human` for people's samples and `side=generated` for all that was generated, before it.
    """
    base = Estimate(quantity="diversity", axis="generation", arm=arm, level=evidence.level, unit="effective samples")
    slope = base.model_copy(update={"quantity": "diversity_trend"})
    samples = kept_samples(evidence.cube, arm)
    if samples is None or not len(samples.of(side="generated")):
        return tuple(e.model_copy(update={"reason": NO_ROWS}) for e in (base, slope))
    reference = reference_of(samples)
    samples = with_density(samples, reference)
    old = None if evidence.baseline is None else kept_samples(evidence.baseline, arm)
    old = None if old is None else with_density(old, reference)
    measures = (*_named_measures(reference is not None), *attribute_measures(samples.frame))
    texts = samples.words is not None and any(len(text) for text in samples.words)
    groups = [stage_sets(samples), *([] if old is None else [stage_sets(_with_columns(old, samples))])]
    now, *before = diversities(groups, measures, texts=texts)
    known = [m for m in measures if now.of(m.name, "accepted")]
    if not known:
        return tuple(e.model_copy(update={"reason": TOO_FEW}) for e in (base, slope))
    tasks = [task.name for task in evidence.config.tasks if (samples.frame["task"] == task.name).any()]
    several = len(tasks) > 1
    (apart,) = diversities([task_sets(samples)], measures, texts=texts)
    whole = _of_sides(base, known, now)
    if evidence.baseline_release is not None:
        comparable = old is None or _dimensions(old) == _dimensions(samples)
        change = _change(whole[0], known[0], now, before, evidence.baseline_release, comparable=comparable)
        whole[0] = whole[0].model_copy(update={"change": change})
    trends = [trend(slope.model_copy(update={"group": _group(known[0], m, "accepted")}), m, apart, now) for m in known]
    return (*whole, *(_by_task(base, known[0], apart, tasks) if several else ()), *trends)


def _named_measures(with_reference: bool) -> tuple[Measure, ...]:
    if with_reference:
        return MEASURES
    return tuple(replace(m, method=f"{m.method}, {WITHOUT_DENSITY}") if m.name == "novelsum" else m for m in MEASURES)


def _with_columns(old: SampleSet, new: SampleSet) -> SampleSet:
    """The baseline's samples with every attribute of the new ones, absent where it had none."""
    missing = [name for name in new.frame.columns if name not in old.frame]
    return replace(old, frame=old.frame.assign(**dict.fromkeys(missing)))


def _dimensions(samples: SampleSet) -> int:
    return 0 if samples.embedding is None else samples.embedding.shape[1]


def _group(headline: Measure, measure: Measure, side: Side) -> str | None:
    parts = [] if side == "accepted" else [f"side={side}"]
    if measure != headline:
        parts.append(f"measure={measure.name}")
    return ",".join(parts) or None


def _of_sides(base: Estimate, known: list[Measure], now: Diversities) -> list[Estimate]:
    """Every measure of every side over all and by stage, the headline of accepted samples first."""
    found = []
    for measure in known:
        for side in SIDES:
            cells = now.of(measure.name, side)
            if not cells:
                continue
            at = base.model_copy(update={"unit": measure.unit, "group": _group(known[0], measure, side)})
            found += [_over_all(at, measure, cells), *_by_stage(at, measure, cells)]
    return found


def _by_stage(base: Estimate, measure: Measure, cells: Cells) -> Iterator[Estimate]:
    stages = sorted({stage for _, stage in cells})
    level = bonferroni(base.level, len(stages))
    for stage in stages:
        here = {(seed, k): value for (seed, k), value in cells.items() if k == stage}
        at = base.model_copy(update={"stage": stage, "simultaneous": len(stages) > 1})
        yield _over_all(at, measure, here, level=level)


def _by_task(base: Estimate, headline: Measure, apart: Diversities, tasks: list[str]) -> Iterator[Estimate]:
    """The headline measure of each task over its stages and at each, of accepted and people's samples."""
    level = bonferroni(base.level, len(tasks))
    for task in tasks:
        for side in SIDES[:2]:
            cells = apart.of(headline.name, side, task)
            at = base.model_copy(
                update={"unit": headline.unit, "task": task, "group": _group(headline, headline, side)}
            )
            if cells:
                yield _over_all(at.model_copy(update={"simultaneous": True}), headline, cells, level=level)
                yield from _by_stage(at, headline, cells)
            elif side == "accepted":
                yield at.model_copy(update={"reason": TOO_FEW})


def _over_all(base: Estimate, measure: Measure, cells: Cells, *, level: float | None = None) -> Estimate:
    """The mean over stages as an estimate."""
    by_seed = _by_seed(cells)
    if not by_seed:
        reason = f"no stage has at least {LEAST} samples in every seed"
        return base.model_copy(update={"reason": reason})
    used = [value for values in by_seed.values() for value in values]
    result = _interval(by_seed, level or base.level, measure.bounds)
    draws, size = max(value.draws for value in used), used[0].size
    how = f"mean over {draws} random subsamples" if draws else "mean over all subsamples"
    if draws:
        how += f", standard deviation between them {np.sqrt(np.mean([v.spread**2 for v in used])):.2g}"
    method = f"{measure.method}, at {size} samples: {how}" + (f"; {result.method}" if result.method else "")
    n = {"samples": sum(value.rows for value in used), "compared": size}
    n |= {"seeds": len(by_seed)} if None not in by_seed else {}
    found = named(base, result, simultaneous=base.simultaneous)
    variance = _sources(by_seed) if result.scope == "items" else found.variance
    return found.model_copy(update={"n": n, "method": method, "variance": variance})


def _by_seed(cells: Cells) -> dict[int | None, list[Rarefied]]:
    """The sets of each seed at the stages that all seeds have."""
    seeds = sorted({seed for seed, _ in cells}, key=lambda seed: -1 if seed is None else seed)
    stages = [k for k in sorted({stage for _, stage in cells}) if all((seed, k) in cells for seed in seeds)]
    return {seed: [cells[seed, k] for k in stages] for seed in seeds} if stages else {}


def _statistic(by_seed: Mapping[int | None, list[Rarefied]]) -> Statistic:
    # rounded, so that seeds which differ by no more than the last digits of a logarithm are the same
    values = np.array([np.mean([v.value for v in values]) for values in by_seed.values()]).round(DIGITS)
    return Statistic(tuple(-1 if seed is None else seed for seed in by_seed), values, difference=False)


def _sources(by_seed: Mapping[int | None, list[Rarefied]]) -> dict[str, float]:
    """Variance of one run's mean over stages, by source; stages have samples of their own."""
    (values,) = by_seed.values()
    sampling = sum(v.variance or 0.0 for v in values) / len(values) ** 2
    subsampling = sum(v.subsampling for v in values) / len(values) ** 2
    return {name: v for name, v in (("items", sampling), ("subsampling", subsampling)) if v > 0}


def _interval(by_seed: Mapping[int | None, list[Rarefied]], level: float, bounds: Bounds) -> Interval:
    """t over seeds; in one run, or for people's samples, the delete-one jackknife of samples."""
    statistic = _statistic(by_seed)
    if len(by_seed) > 1:
        return interval([statistic], level=level, bounds=bounds)
    value, variance = float(statistic.values[0]), sum(_sources(by_seed).values())
    (cells,) = by_seed.values()
    if not variance > 1e-20:
        return Interval(value, None, None, None, None, {}, reason=SAME_TO_THE_LAST)
    df = min(cell.rows for cell in cells) - 1.0
    low, high = t_ends(value, variance, df, level, bounds)
    return Interval(value, low, high, "items", "delete-one jackknife of samples, t", {}, variance, df)


def _change(
    base: Estimate, headline: Measure, now: Diversities, before: list[Diversities], against: str, *, comparable: bool
) -> Change:
    """The headline's difference to the baseline, both at the same size."""
    old = _by_seed(before[0].of(headline.name, "accepted")) if before else {}
    new = _by_seed(now.of(headline.name, "accepted"))
    if not comparable and headline.data == "embedding":
        return Change(against=against, reason="not comparable: the embeddings have another number of dimensions")
    if not old or not new:
        return Change(against=against, reason=f"{against} has no value")
    terms = change_terms([_statistic(new)], [_statistic(old)])
    result = interval(terms, level=base.level, bounds=(-np.inf, np.inf))
    if len(old) == len(new) == 1:
        variance = sum(_sources(new).values()) + sum(_sources(old).values())
        df = min(cell.rows for cells in (*new.values(), *old.values()) for cell in cells) - 1.0
        if variance > 0:
            low, high = t_ends(result.value, variance, df, base.level, (-np.inf, np.inf))
            result = replace(result, low=low, high=high, variance=variance, df=df, reason=None)
    return change_from(result, against)
