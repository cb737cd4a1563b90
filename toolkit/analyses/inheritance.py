"""Which properties do samples and the student's answers take on, beside human samples and beside each other?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from toolkit.analyses.conditional import numeric
from toolkit.analyses.estimates import named
from toolkit.analyses.evidence import Evidence
from toolkit.analyses.families import flagged
from toolkit.analyses.generation import no_share
from toolkit.analyses.judgements import given_judgements
from toolkit.analyses.samples import NO_ROWS, kept_samples
from toolkit.inference.property_gap import PropertyRows, property_gap
from toolkit.results import Estimate

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

MOST_VALUES = 12  # of a property in words
SKEWED = 1.0  # of the third standardised moment of the yardstick: positive properties beyond it are logarithms
LENGTH = "characters"
NO_HUMAN = "needs human samples (origin = human) of the same tasks"
NO_PROPERTIES = "needs properties of samples: columns attr_* with numbers or up to 12 values, or text"
NO_ANSWERS = "needs attr_* of the judged answers in feedback, of the names that they have in samples"


@dataclass(frozen=True)
class Side:
    """One side of a comparison.

    rows: [row] properties of samples or answers; stage: [row]; place: [row] their task, seed, weight and cluster
    """

    name: str
    rows: pd.DataFrame
    stage: npt.NDArray[np.int64]
    place: PropertyRows

    def has(self, name: str) -> bool:
        """Whether any row has this property."""
        return name in self.rows and bool(self.rows[name].notna().any())


def inheritance(evidence: Evidence, arm: str = "stream") -> tuple[Estimate, ...]:
    """Gaps in each property: accepted samples against human ones, answers against samples and against human ones.

    Of numbers the difference of means in standard deviations of the human samples of a task (of the other side, where
    those have it not), of logarithms where they are positive and skewed; of words the difference of shares of each
    value. Over all, and by the stage of the samples or answers, always within tasks, which weigh the same. Groups
    `attr_x=mean,of=samples,against=human`. Exploratory: p-values are adjusted for all together (Benjamini &
    Hochberg 1995). People's samples are one reference, in whatever seeds they stand.
    """
    base = no_share(evidence, arm, "property_gap", None)
    kept = kept_samples(evidence.cube, arm)
    if kept is None:
        return (base.model_copy(update={"reason": NO_ROWS}),)
    made, answered = _weighed(kept.of(side="accepted").frame), _answers(evidence, arm)
    people = _weighed(kept.of(side="human").frame).drop_duplicates(["task", "sample"])
    tasks = [task.name for task in evidence.config.tasks]
    seeds = sorted({int(seed) for rows in (made, answered, people) for seed in rows["seed"]})
    samples, answers, human = (
        _side(name, rows, tasks, seeds) for name, rows in (("samples", made), ("answers", answered), ("human", people))
    )
    names = [name for name in (*_attributes(made), LENGTH) if samples.has(name)]
    if not names:
        return (base.model_copy(update={"reason": NO_PROPERTIES}),)
    found: list[Estimate] = []
    for of, against in ((samples, human), (answers, samples), (answers, human)):
        pair = base.model_copy(update={"group": f"of={of.name},against={against.name}"})
        shared = [name for name in names if of.has(name) and against.has(name)]
        missing = NO_ANSWERS if of is answers else NO_HUMAN
        if against is human and len(people):
            missing += ", with the same attr_* as the samples" if of is samples else ""
        if shared:
            for name in shared:
                yard = human if human.has(name) else against
                found += _compared(pair, of, against, yard, name, counts=(len(tasks), len(seeds)))
        elif (of, against) != (answers, human):  # the same reason as above it
            found.append(pair.model_copy(update={"reason": missing}))
    return tuple(flagged(found, [None] * len(found)))


def _attributes(rows: pd.DataFrame) -> list[str]:
    return sorted(str(name) for name in rows.columns if str(name).startswith("attr_"))


def _weighed(frame: pd.DataFrame) -> pd.DataFrame:
    """With the number of samples in the log that each kept one stands for."""
    used = frame["accepted"].astype("boolean").fillna(True).rename("used")
    kept = frame.groupby(["seed", "stage", "task", used])["sample"].transform("size")
    return frame.assign(weight=frame["cell_size"] / kept)


def _answers(evidence: Evidence, arm: str) -> pd.DataFrame:
    """[row]: one an answer of the student that was judged, by however many judges and criteria."""
    import pandas as pd

    table = evidence.cube.table("judgements")
    if table is None:
        return pd.DataFrame({"task": [], "seed": [], "stage": [], "weight": []})
    frame = given_judgements(table.to_pandas(), arm=arm, target="answer")
    keys = ["seed", "stage", "task", "item"]
    frame = frame[[*keys, "cluster", *_attributes(frame)]]
    return frame.groupby(keys, as_index=False, dropna=False).first().assign(weight=1.0)


def _side(name: str, rows: pd.DataFrame, tasks: list[str], seeds: list[int]) -> Side:
    task, seed = (
        np.asarray(rows[column].map({label: place for place, label in enumerate(labels)}), dtype=np.int64)
        for column, labels in (("task", tasks), ("seed", seeds))
    )
    cluster = rows["cluster"].to_numpy() if "cluster" in rows else None
    place = PropertyRows(np.zeros(len(rows)), rows["weight"].to_numpy(dtype=float), task, seed, cluster)
    return Side(name, rows, rows["stage"].to_numpy(dtype=np.int64), place)


def _compared(
    base: Estimate, of: Side, against: Side, yard: Side, name: str, *, counts: tuple[int, int]
) -> Iterator[Estimate]:
    """The gap in one property over all and by stage: of its mean, or of the share of each of its values."""
    numbers = [_numbers(side.rows[name]) for side in (of, against, yard)]
    x, y, z = numbers
    unit = "human sds" if yard.name == "human" else "sample sds"
    parts: list[tuple[str, Floats, Floats, Floats | None]] = []
    if x is not None and y is not None and z is not None:
        logged = min(np.nanmin(part) for part in (x, y, z)) > 0 and _skewness(z[np.isfinite(z)]) > SKEWED
        x, y, z = (np.log(part) if logged else part for part in (x, y, z))
        parts, unit = [("mean", x, y, z)], f"{unit} of the log" if logged else unit
    else:
        values = sorted({str(value) for side in (of, against) for value in side.rows[name].dropna().unique()})
        if len(values) > MOST_VALUES:
            reason = f"{name} has {len(values):,} values: needs numbers, or up to {MOST_VALUES} values"
            yield base.model_copy(update={"group": f"{name}=mean,{base.group}", "reason": reason})
            return
        unit = "share"
        for value in values[1:] if values == ["False", "True"] else values:
            x, y = (_is(side.rows[name], value) for side in (of, against))
            parts.append((value, x, y, None))
    stages: list[int | None] = [None, *sorted({int(stage) for stage in of.stage})]
    for part, x, y, z in parts:
        first, second = replace(of.place, values=x), replace(against.place, values=y)
        yardstick = None if z is None else replace(yard.place, values=z)
        for stage in stages if len(stages) > 2 else [None]:
            at = base.model_copy(update={"group": f"{name}={part},{base.group}", "stage": stage, "unit": unit})
            result = property_gap(
                first if stage is None else first.take(of.stage == stage), second, yardstick=yardstick,
                shared=against.name == "human", tasks=counts[0], seeds=counts[1], level=base.level,
                bounds=(-1.0, 1.0) if yardstick is None else (-np.inf, np.inf),
            )  # fmt: skip
            yield named(at, result)


def _numbers(column: pd.Series) -> Floats | None:
    """[row]: the property as numbers, nan where it is empty; None where it is in words or yes and no."""
    if column.dropna().map(lambda value: isinstance(value, bool | np.bool_)).any():
        return None
    return numeric(column)


def _is(column: pd.Series, value: str) -> Floats:
    """[row]: 1 where the property has this value, 0 where another, nan where none."""
    return np.where(column.notna(), column.astype(str) == value, np.nan)


def _skewness(x: Floats) -> float:
    centred = x - x.mean()
    spread = float((centred**2).mean())
    return float((centred**3).mean() / spread**1.5) if spread > 0 else 0.0
