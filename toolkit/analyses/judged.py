"""Which answers did the judge score, which of them did people label, and what do both add to a mean?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from toolkit.analyses.judgements import KEYS, given_judgements
from toolkit.analyses.rounds import chances, rounds_of
from toolkit.cube import Cube
from toolkit.inference.interval import Bounds, Interval, clip, p_of
from toolkit.inference.ladder import interval, is_difference, total_influence
from toolkit.inference.pooled import interval_by_task
from toolkit.inference.ppi import is_share, trusted
from toolkit.inference.ppi_design import parts_of, tuned
from toolkit.inference.quantiles import t_quantile
from toolkit.inference.simultaneous import bonferroni
from toolkit.inference.statistic import Statistic, mean_of

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

FEWEST_CLUSTERS = 10
SEEN_ONLY = "holds for the items that people saw, and no further: they were not drawn at random"


@dataclass(frozen=True)
class Judged:
    """All answers of one arm that synthetic judges scored, and people's labels of some.

    rows: one row an answer and criterion, columns as KEYS, cluster, f (mean over judges), y (mean over people, nan
        without a label), chance (of having been chosen for a label, up to a common factor)
    probability: whether the labels are a probability sample; judges: how many
    """

    rows: pd.DataFrame
    probability: bool
    judges: int

    @property
    def remark(self) -> str:
        """What a method must say of where the numbers come from; starts with a separator where there is anything."""
        several = f"; mean of {self.judges} judges" if self.judges > 1 else ""
        return several if self.probability else f"{several}; {SEEN_ONLY}"


def judged(cube: Cube, arm: str) -> Judged | str:
    """The judged answers of one arm, or what is missing.

    Only tasks and stages where people labelled something are kept: elsewhere nothing is known of the judge. Where
    no chance was logged it is the share of labelled answers in each task and stage. Several rounds of draws from the
    same answers are told by their strata, and count as one (`over_rounds`).
    """
    table = cube.table("judgements")
    if table is None:
        return "needs feedback: judgements of items by synthetic judges and by people"
    frame = given_judgements(table.to_pandas(), arm=arm, target="answer")
    frame = frame[frame["score"].notna()]
    synthetic, human = frame[frame["source"] == "synthetic"], frame[frame["source"] == "human"]
    if synthetic.empty or human.empty:
        missing = "synthetic judgements" if synthetic.empty else "human judgements"
        return f"needs numeric {missing} of answers of the arm {arm!r}"
    f = synthetic.groupby(KEYS, as_index=False).agg(f=("score", "mean"), cluster=("cluster", "first"))
    y = human.assign(number=rounds_of(human)).groupby(KEYS, as_index=False).agg(
        y=("score", "mean"), logged=("probability", "max"), number=("number", "max")
    )  # fmt: skip
    rows = f.merge(y, on=KEYS, how="left")
    rows = rows[rows["y"].notna().groupby([rows["stage"], rows["task"]]).transform("any")]
    if rows.empty:
        return "no answer was judged both by people and by a synthetic judge: compare ids, stages and seeds"
    chance, probability = chances(rows["y"], rows, declared=cube.config.review.human_sampling == "random")
    return Judged(rows.assign(chance=chance), probability, synthetic["rater"].nunique())


@dataclass(frozen=True)
class Side:
    """A corrected mean before it is known how far the judge is relied on: people - weight x gap.

    people: people's weighted mean by seed; gap: the judge's on the labelled answers less that on all
    y, f: [label] people's and the judge's scores
    """

    people: Statistic
    gap: Statistic
    y: Floats
    f: Floats


def seeds_known(rows: pd.DataFrame) -> bool:
    """Whether at least two seeds have enough labelled clusters each to stand on their own."""
    labelled = rows[rows["y"].notna()].groupby("seed")["cluster"].nunique()
    return len(labelled) > 1 and len(labelled) == rows["seed"].nunique() and int(labelled.min()) >= FEWEST_CLUSTERS


def side_of(rows: pd.DataFrame, *, by_seed: bool) -> Side | None:
    """People's and the judge's part of the mean of these rows; None with too few labelled clusters.

    by_seed: False pools the seeds, whose answers to the same item stay one cluster.
    """
    seed = rows["seed"].to_numpy() if by_seed else np.zeros(len(rows), dtype=int)
    y, f, chance = (rows[name].to_numpy(dtype=float) for name in ("y", "f", "chance"))
    keys, place = np.unique(rows["cluster"].to_numpy(), return_inverse=True)
    seeds = np.unique(seed)
    values, influence = np.zeros((2, len(seeds))), np.zeros((2, len(keys), len(seeds)))
    for s, number in enumerate(seeds):
        here = seed == number
        labelled = here & np.isfinite(y)
        drawn = len(np.unique(place[labelled]))
        if drawn < FEWEST_CLUSTERS:
            return None
        parts = parts_of(y[here], f[here], chance[here])
        values[:, s] = parts.human, parts.seen - parts.judge
        scale = np.sqrt(drawn / (drawn - 1.0))
        for k, added in enumerate((parts.of_human, parts.of_seen - parts.of_judge)):
            influence[k, :, s] = np.bincount(place[here], added, len(keys)) * scale
    names, labelled = tuple(int(number) for number in seeds), np.isfinite(y)
    people, gap = (Statistic(names, values[k], influence[k], keys, int(labelled.sum()), False) for k in (0, 1))
    return Side(people, gap, y[labelled], f[labelled])


@dataclass(frozen=True)
class Terms:
    """A corrected mean, or a difference of two, as terms for `interval`; weight: of the judge; drawn: clusters."""

    terms: tuple[Statistic, ...]
    weight: float
    drawn: int

    def finish(self, result: Interval, *, level: float, bounds: Bounds) -> Interval:
        """The interval with what tuning the weight cost: at most drawn - 2 degrees of freedom."""
        if result.variance is None or result.df is None or result.low is None or result.high is None:
            return result
        lost = 2 if self.weight else 1
        most = float(max(self.drawn - lost, 1))
        inflated = max((self.drawn - 1) / most, 1.0)  # labels that are all alike draw nothing
        df = min(result.df, most)
        wider = inflated**0.5 * t_quantile(level, df) / t_quantile(level, result.df)
        low, high = (result.value + wider * (end - result.value) for end in (result.low, result.high))
        low, high = clip(low, high, bounds)
        variance = result.variance * inflated
        p_value = p_of(result.value, variance, df) if is_difference(self.terms) else None
        return replace(result, variance=variance, df=df, low=low, high=high, p_value=p_value)


def corrected_terms(first: Sequence[Side], second: Sequence[Side] = (), *, paired: bool = True) -> Terms:
    """The mean over parts of `first`, less that of `second`, corrected by the judge.

    One weight for all, with the least variance of the result: where people labelled the same items on both sides
    it is PPI++ of the differences. paired: seeds of both sides belong together. Shares are corrected only where
    the labels of each side show enough of the judge's errors.
    """

    def terms(name: str) -> tuple[Statistic, ...]:
        a = mean_of([getattr(side, name) for side in first])
        if not second:
            return (a,)
        b = mean_of([getattr(side, name) for side in second])
        return (a - b,) if paired else (a, -b)

    people, gap = terms("people"), terms("gap")
    of_people, of_gap = total_influence(people), total_influence(gap)
    if of_people is None or of_gap is None:
        raise AssertionError("sides have influences by cluster")
    known = all(_trusted(sides) for sides in (first, second) if sides)
    weight = tuned(of_people, of_gap) if known else 0.0
    combined = tuple(_less(p, g, weight) for p, g in zip(people, gap, strict=True))
    return Terms(combined, weight, int((of_people != 0).sum()))


def corrected_interval(found: Terms, *, level: float, bounds: Bounds) -> Interval:
    """The interval of the ladder of scopes, for what `corrected_terms` gives."""
    return found.finish(interval(found.terms, level=level, bounds=bounds), level=level, bounds=bounds)


def corrected_by_task(found: Mapping[str, Terms], *, level: float, bounds: Bounds) -> dict[str, Interval]:
    """Intervals that hold for all tasks together, the variance between seeds pooled over tasks where there is one."""
    results = interval_by_task({task: terms.terms for task, terms in found.items()}, level=level, bounds=bounds)
    strict = bonferroni(level, len(found))
    return {task: terms.finish(results[task], level=strict, bounds=bounds) for task, terms in found.items()}


def _trusted(sides: Sequence[Side]) -> bool:
    y, f = np.concatenate([side.y for side in sides]), np.concatenate([side.f for side in sides])
    return not is_share(y, f) or trusted(y, f)


def _less(people: Statistic, gap: Statistic, weight: float) -> Statistic:
    if people.influence is None or gap.influence is None:
        raise AssertionError("sides have influences by cluster")
    influence = people.influence - weight * gap.influence
    return replace(people, values=people.values - weight * gap.values, influence=influence)
