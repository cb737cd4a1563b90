"""Whose judgements are compared: a synthetic judge with people, or people with people, on the same items."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from toolkit.analyses.evidence import Evidence
from toolkit.analyses.judgements import KEYS, given_judgements, paired
from toolkit.cube import Cube
from toolkit.inference.permutation import TwoSamples, two_samples

if TYPE_CHECKING:
    import pandas as pd

FEWEST = 6  # with five clusters no swap of sides has a p-value below .05
MOST_VALUES = 1000
NO_VARIATION = "all judgements on both sides are the same: nothing to compare"
NO_SECOND_PERSON = "needs items that two people judged independently"
SPLITS = 20


@dataclass(frozen=True)
class Sides:
    """Judgements of the same items on two sides.

    rows: one row an item and judge, with columns first, second (numbers, or codes of labels), task, rater, cluster
    labels: whether the numbers stand for class labels
    """

    rows: pd.DataFrame
    labels: bool

    def of(self, **fields: Any) -> Sides:
        """The rows whose columns have these values."""
        rows = self.rows
        for name, value in fields.items():
            rows = rows[rows[name] == value]
        return Sides(rows, self.labels)

    @property
    def refused(self) -> str | None:
        """Why these rows cannot be compared, or None."""
        if self.rows["cluster"].nunique() < FEWEST:
            return f"needs {FEWEST} items (or clusters of items) that were judged on both sides"
        values = self.rows[["first", "second"]].to_numpy()
        return NO_VARIATION if values.min() == values.max() else None

    def samples(self, values: npt.NDArray[Any] | None = None) -> TwoSamples:
        """Paired samples of the judgements, or of other `values` [2 x row(, dimension)], first side first."""
        both = self.values if values is None else values
        size, cluster = len(self.rows), self.rows["cluster"].to_numpy()
        return two_samples(both[:size], both[size:], (cluster, cluster))

    @property
    def values(self) -> npt.NDArray[Any]:
        """Judgements of both sides, [2 x row]; beyond a thousand distinct ones, to a thousandth of their range."""
        both = np.concatenate([self.rows["first"].to_numpy(dtype=float), self.rows["second"].to_numpy(dtype=float)])
        low, high = both.min(), both.max()
        if len(np.unique(both)) <= MOST_VALUES:
            return both
        step = (high - low) / MOST_VALUES
        return low + step * np.rint((both - low) / step)


def judge_and_people(evidence: Evidence, arm: str) -> Sides | str:
    """Each judge's judgements beside one person's of the same item, or what is missing.

    One person an item, by lot with a fixed seed: the mean of several people varies less than one judgement does, and
    would differ from a judge who judges just as they do.
    """
    pairs = paired(evidence.cube, arm=arm, each_person=True)
    if isinstance(pairs, str):
        return pairs
    rows = pairs.rows.sort_values([*KEYS, "rater", "person"], kind="stable")
    rows = rows.sample(frac=1, random_state=0).drop_duplicates([*KEYS, "rater"]).sort_index()
    columns = (("judge", "judge_label"), ("human", "human_label"))
    return _sides(evidence, rows, [(rows[score], rows[label]) for score, label in columns])


def _sides(evidence: Evidence, rows: pd.DataFrame, sides: list[tuple[pd.Series, pd.Series]]) -> Sides | str:
    scored = sides[0][0].notna() & sides[1][0].notna()
    if scored.any():
        kept = rows[scored].assign(first=sides[0][0][scored].astype(float), second=sides[1][0][scored].astype(float))
        low, high = evidence.config.feedback.range or evidence.config.score_range
        values = kept[["first", "second"]].to_numpy()
        if values.min() < low or values.max() > high:
            return f"the scales differ: judgements lie outside the declared range {low:g} to {high:g}"
        return Sides(kept, labels=False)
    labelled = sides[0][1].notna() & sides[1][1].notna()
    if not labelled.any():
        return "not comparable: needs numeric scores on both sides, or class labels on both"
    first, second = (side[1][labelled].astype(str).to_numpy() for side in sides)
    _, codes = np.unique(np.concatenate([first, second]), return_inverse=True)
    return Sides(rows[labelled].assign(first=codes[: len(first)], second=codes[len(first) :]), labels=True)


def people_and_people(evidence: Evidence, arm: str, *, labels: bool) -> Iterator[Sides]:
    """People's judgements of the same items, people split into two halves by lot, up to `SPLITS` times.

    From each item that people of both halves judged, one judgement of either half. Yields nothing where no item was
    judged by two people. labels: whether class labels are compared in place of scores.
    """
    people = _people(evidence.cube, arm, "label" if labels else "score")
    people = people[people.groupby(KEYS)["rater"].transform("nunique") > 1]
    raters = np.sort(people["rater"].unique())
    rng = np.random.default_rng(0)
    seen: set[frozenset[str]] = set()
    for _ in range(SPLITS):
        half = set(rng.permutation(raters)[: len(raters) // 2])
        key = frozenset(half if raters[:1].tolist()[0] in half else set(raters) - half) if len(raters) else frozenset()
        if key in seen:
            continue
        seen.add(key)
        inside = people["rater"].isin(half)
        drawn = people.assign(half=inside, lot=rng.random(len(people))).sort_values("lot")
        one = drawn.drop_duplicates([*KEYS, "half"])
        first, second = one[one["half"]], one[~one["half"]]
        both = first.merge(second[[*KEYS, "value"]], on=KEYS, suffixes=("", "_second"))
        if both.empty:
            continue
        codes = _coded(both["value"], both["value_second"], labels=labels)
        yield Sides(both.assign(first=codes[0], second=codes[1]), labels)


def _people(cube: Cube, arm: str, column: str) -> pd.DataFrame:
    table = cube.table("judgements")
    if table is None:
        raise AssertionError("called with judgements only")
    frame = given_judgements(table.to_pandas(), arm=arm, target="answer")
    frame = frame[(frame["source"] == "human") & frame[column].notna()]
    return frame.assign(value=frame[column]).sort_values([*KEYS, "rater"], kind="stable")


def _coded(first: pd.Series, second: pd.Series, *, labels: bool) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    if not labels:
        return first.to_numpy(dtype=float), second.to_numpy(dtype=float)
    names = np.concatenate([first.astype(str), second.astype(str)])
    _, codes = np.unique(names, return_inverse=True)
    return codes[: len(first)], codes[len(first) :]
