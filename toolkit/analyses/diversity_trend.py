"""Does the diversity of accepted samples fall along the stages, compared with what people wrote for the same tasks?

Tasks differ in how varied their samples can be, and a stream brings one after the other. So the trend is that of the
ratio to people's samples of the same task and stage (else of the same task at any stage), the mean over the tasks of a
stage; without people's samples, of the stage's diversity itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from toolkit.analyses.diversity_measures import Measure
from toolkit.analyses.diversity_sets import Diversities, Place
from toolkit.inference.interval import p_of, satterthwaite, t_ends
from toolkit.inference.metaregression import meta_regression
from toolkit.inference.rarefaction import Rarefied
from toolkit.results import Estimate

Floats = npt.NDArray[np.float64]
FEWEST = 3  # stages; and seeds for slopes of their own
ROUNDING = 1e-10  # differences below it are those of the last digits of a logarithm


@dataclass(frozen=True)
class Compared:
    """Accepted samples of one task, run and stage, beside people's where there are any."""

    accepted: Rarefied
    place: Place | None = None
    human: Rarefied | None = None

    @property
    def ratio(self) -> float:
        """Accepted over people's diversity, or the accepted samples' own."""
        return self.accepted.value / (1.0 if self.human is None else self.human.value)

    @property
    def own_variance(self) -> float:
        """Of the ratio, from drawing accepted samples; nan where it is not known."""
        known = self.accepted.variance
        total = np.nan if known is None else known + self.accepted.subsampling
        return total / (1.0 if self.human is None else self.human.value) ** 2

    @property
    def slope_in_human(self) -> float:
        """How the ratio moves with people's diversity."""
        return 0.0 if self.human is None else -self.ratio / self.human.value


Points = Mapping[tuple[int, int], list[Compared]]  # by seed and stage, one a task


def against_people(found: Diversities, measure: str) -> dict[tuple[int, int], list[Compared]]:
    """Ratios to people's samples by seed and stage; people's of the same stage, else the task's at the nearest."""
    human = {place: value for (name, place), value in found.values.items() if name == measure and place.seed is None}
    points = defaultdict(list)
    for (name, place), accepted in found.values.items():
        if name != measure or place.side != "accepted" or place.seed is None:
            continue
        same = [p for p in human if p.task == place.task and human[p].value > 0]
        if same:
            nearest = min(same, key=lambda p: (abs(p.stage - place.stage), p.stage))
            points[place.seed, place.stage].append(Compared(accepted, nearest, human[nearest]))
    return dict(points)


def alone(found: Diversities, measure: str) -> dict[tuple[int, int], list[Compared]]:
    """The diversity itself, by seed and stage over all tasks."""
    values = found.of(measure, "accepted").items()
    return {(seed, stage): [Compared(value)] for (seed, stage), value in values if seed is not None}


def trend(base: Estimate, measure: Measure, by_task: Diversities, by_stage: Diversities) -> Estimate:
    """Change per stage of one measure: t over the seeds' slopes from three seeds on, else meta-regression on stage."""
    points: Points = against_people(by_task, measure.name)
    unit, of = "ratio per stage", "ratio to people's samples of the same task"
    if _stages(points) is None:
        points, unit, of = alone(by_stage, measure.name), f"{measure.unit} per stage", "no people's samples beside it"
    base = base.model_copy(update={"unit": unit})
    stages = _stages(points)
    if stages is None:
        reason = f"needs {FEWEST} stages with enough samples to compare their diversity, in every seed"
        return base.model_copy(update={"reason": reason})
    seeds = sorted({seed for seed, _ in points})
    found = (_over_seeds if len(seeds) >= FEWEST else _over_stages)(points, seeds, stages, base)
    n = {"stages": len(stages), "seeds": len(seeds)}
    method = f"{measure.method}, {of}" + (f": {found.method}" if found.method else "")
    return found.model_copy(update={"method": method, "n": n})


def _stages(points: Points) -> list[int] | None:
    """The stages that every seed has, where these are enough."""
    seeds = {seed for seed, _ in points}
    common = sorted(k for k in {stage for _, stage in points} if all((seed, k) in points for seed in seeds))
    return common if len(common) >= FEWEST else None


def _over_seeds(points: Points, seeds: list[int], stages: list[int], base: Estimate) -> Estimate:
    centred = np.array(stages) - np.mean(stages)
    weight = dict(zip(stages, centred / (centred**2).sum(), strict=True))
    slopes = np.array([sum(weight[k] * _mean(points[seed, k]) for k in stages) for seed in seeds])
    # People's samples are the same for all seeds, so that their error is not in the spread of the slopes.
    moved: dict[Place, float] = defaultdict(float)
    spread: dict[Place, Rarefied] = {}
    for seed in seeds:
        for k in stages:
            for one in points[seed, k]:
                if one.place is not None and one.human is not None:
                    moved[one.place] += weight[k] * one.slope_in_human / len(points[seed, k]) / len(seeds)
                    spread[one.place] = one.human
    people = sum(moved[p] ** 2 * ((h.variance or 0.0) + h.subsampling) for p, h in spread.items())
    runs = float(slopes.var(ddof=1)) / len(seeds)
    if not runs > ROUNDING**2:
        return base.model_copy(update={"value": float(slopes.mean()), "reason": "all seeds have the same slope"})
    rows = min((h.rows for h in spread.values()), default=2)
    df = satterthwaite(runs + people, [(runs, len(seeds) - 1.0), (people, rows - 1.0)], len(seeds) - 1.0, np.inf)
    more = " and people's samples" if people > 0 else ""
    variance = {"seeds": runs} | ({"items": people} if people > 0 else {})
    return _filled(base, float(slopes.mean()), runs + people, df, f"t over the seeds' slopes{more}").model_copy(
        update={"scope": "seeds", "variance": variance}
    )


def _over_stages(points: Points, seeds: list[int], stages: list[int], base: Estimate) -> Estimate:
    y, v = [], []
    for k in stages:
        cells = [points[seed, k] for seed in seeds]
        y.append(float(np.mean([_mean(cell) for cell in cells])))
        own = sum(one.own_variance / len(cell) ** 2 for cell in cells for one in cell) / len(seeds) ** 2
        moved: dict[Place | None, float] = defaultdict(float)
        for cell in cells:
            for one in cell:
                moved[one.place] += one.slope_in_human / len(cell) / len(seeds)
        known = {one.place: one.human for cell in cells for one in cell}
        v.append(own + sum(moved[p] ** 2 * ((h.variance or 0.0) + h.subsampling) for p, h in known.items() if h))
    x = np.array(stages, dtype=float)
    variances = np.array(v)
    if not (variances > ROUNDING**2).all():
        return base.model_copy(update={"reason": "a stage's subsamples all agree, which says nothing of their error"})
    fit = meta_regression(np.array(y), variances, np.column_stack([np.ones_like(x), x - x.mean()]))
    method = "random-effects meta-regression on stage, Knapp-Hartung t, variances by the delete-one jackknife"
    found = _filled(base, float(fit.coefficients[1]), float(fit.errors[1]) ** 2, float(fit.df), method)
    return found.model_copy(update={"scope": "tasks"})


def _mean(cell: list[Compared]) -> float:
    return float(np.mean([one.ratio for one in cell]))


def _filled(base: Estimate, value: float, variance: float, df: float, method: str) -> Estimate:
    low, high = t_ends(value, variance, df, base.level, (-np.inf, np.inf))
    return base.model_copy(update={
        "value": value, "low": low, "high": high, "se": variance**0.5, "df": df, "method": method,
        "p_value": p_of(value, variance, df) if variance > 0 else None,
    })  # fmt: skip
