"""Which items were judged both by people and by a synthetic judge, and with what weight each counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from toolkit.analyses.rounds import chances, rounds_of
from toolkit.cube import Cube
from toolkit.inference.statistic import Statistic

if TYPE_CHECKING:
    import pandas as pd

KEYS = ["arm", "seed", "stage", "task", "target", "criterion", "item"]


@dataclass(frozen=True)
class Paired:
    """Judgements of the same items by people and by synthetic judges.

    rows: one row a synthetic judgement of an item that people judged too, with columns seed, stage, task,
        cluster, rater, judge and human (scores; the mean over people), judge_label and human_label,
        people (how many), weight (inverse inclusion probability), attr_*
    probability: whether the human looks are a probability sample of the judged items
    judged, labelled: synthetic judgements, and how many of them people judged too
    """

    rows: pd.DataFrame
    probability: bool
    judged: int
    labelled: int


def paired(cube: Cube, *, arm: str = "stream", target: str = "answer", each_person: bool = False) -> Paired | str:
    """Pair synthetic and human judgements, or say what is missing.

    each_person: one row a person, each with an equal share of the item's weight, in place of people's mean
    """
    table = cube.table("judgements")
    if table is None:
        return "needs feedback: judgements of items by synthetic judges and by people"
    frame = given_judgements(table.to_pandas(), arm=arm, target=target)
    synthetic, human = frame[frame["source"] == "synthetic"], frame[frame["source"] == "human"]
    if synthetic.empty:
        return "needs synthetic judgements (source = synthetic) of items"
    if human.empty:
        return "needs human judgements (source = human) of some of the items that a synthetic judge scored"
    people = _each(human) if each_person else _together(human)
    judge = synthetic.rename(columns={"score": "judge", "label": "judge_label"}).drop(columns="probability")
    rows = judge.merge(people, on=KEYS, how="inner")
    if rows.empty:
        return (
            "no item was judged both by people and by a synthetic judge: compare the ids, stages, arms and "
            "seeds of human and synthetic rows"
        )
    declared = cube.config.review.human_sampling == "random"
    weight, probability = _weights(judge, human, rows, declared=declared)
    weight = weight / (rows["people"] if each_person else 1)
    return Paired(rows.assign(weight=weight), probability, len(judge), len(rows))


def _weights(
    judge: pd.DataFrame, human: pd.DataFrame, rows: pd.DataFrame, *, declared: bool
) -> tuple[pd.Series[float], bool]:
    """[row]: inverse chances, 1 where none are known, and whether the labels are a probability sample."""
    import pandas as pd

    numbered = human.assign(number=rounds_of(human))
    if (numbered["number"] > 1).any():
        seen = numbered.groupby(KEYS, as_index=False, dropna=False).agg(
            logged=("probability", "max"), number=("number", "max")
        )
        every = judge[KEYS].drop_duplicates().merge(seen, on=KEYS, how="left")
        chance, probability = chances(every["number"], every, declared=declared)
        here = rows[KEYS].merge(every.assign(chance=chance)[[*KEYS, "chance"]], on=KEYS, how="left")
        return pd.Series(1 / here["chance"].to_numpy(), index=rows.index), probability
    logged = bool(rows["probability"].notna().all())
    return (1 / rows["probability"] if logged else pd.Series(1.0, index=rows.index)), logged or declared


def given_judgements(frame: pd.DataFrame, *, arm: str, target: str) -> pd.DataFrame:
    """Judgements of one arm and target that were given: no abstentions, and no preferences between two."""
    frame = frame[(frame["arm"] == arm) & (frame["target"] == target) & (frame["form"] != "preference")]
    frame = frame[~frame["abstained"].fillna(False).astype(bool)]
    return frame.assign(criterion=frame["criterion"].fillna("").astype(str))


def _together(human: pd.DataFrame) -> pd.DataFrame:
    """One row an item: people's mean score, and how many they were."""
    return human.groupby(KEYS, as_index=False, dropna=False).agg(
        human=("score", "mean"), human_label=("label", "first"), people=("rater", "nunique"),
        probability=("probability", "max"),
    )  # fmt: skip


def _each(human: pd.DataFrame) -> pd.DataFrame:
    """One row a person and item."""
    named = human.rename(columns={"score": "human", "label": "human_label", "rater": "person"})
    people = named.groupby(KEYS, dropna=False)["person"].transform("nunique")
    return named.assign(people=people)[[*KEYS, "person", "human", "human_label", "people", "probability"]]


def weighted_mean(rows: pd.DataFrame, values: npt.NDArray[np.float64], *, difference: bool = True) -> Statistic | None:
    """The weighted mean of `values` [row] in each seed, with the influence of each cluster (Hajek's ratio).

    None where there is nothing to average.
    """
    here = np.isfinite(values)
    if not here.any():
        return None
    seed, cluster = rows["seed"].to_numpy()[here], rows["cluster"].to_numpy()[here]
    weight, values = rows["weight"].to_numpy(dtype=float)[here], values[here]
    seeds, s = np.unique(seed, return_inverse=True)
    keys, c = np.unique(cluster, return_inverse=True)
    size = np.bincount(s, weight)
    means = np.bincount(s, weight * values) / size
    influence = np.zeros((len(keys), len(seeds)))
    np.add.at(influence, (c, s), weight * (values - means[s]) / size[s])
    present = np.zeros((len(keys), len(seeds)), dtype=bool)
    present[c, s] = True
    clusters = present.sum(0)
    if (clusters < 2).any():
        return Statistic(_labels(seeds), means, None, None, len(values), difference)
    influence *= np.sqrt(clusters / (clusters - 1.0))
    return Statistic(_labels(seeds), means, influence, keys, len(values), difference)


def _labels(seeds: npt.NDArray[Any]) -> tuple[int, ...]:
    return tuple(int(seed) for seed in seeds)
