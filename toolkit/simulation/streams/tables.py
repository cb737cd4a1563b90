"""Which rows of a stream log do drawn answers become? One Arrow table each for evaluations, feedback and samples."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from toolkit.simulation.arrays import task_names
from toolkit.simulation.streams.draw import Answers
from toolkit.simulation.streams.scenarios import Generator, Judge, StreamScenario

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def evaluations(scenario: StreamScenario, answers: Answers) -> pa.Table:
    """Evaluated items, then learning curves; or cell means where the scenario logs nothing else."""
    if scenario.cells_only:
        return _cells(scenario, answers.y)
    a, s, k, j, i = np.nonzero(np.isfinite(answers.y))
    rows = _rows(scenario, a, s, k, j, i, answers.y[a, s, k, j, i], None)
    if not scenario.steps:
        return rows
    # The curve's last point is the score of the matrix, which needs no second row.
    a, s, j, step, i = np.nonzero(np.isfinite(answers.curves))
    at = np.array(scenario.steps, dtype=float)
    parts = [rows, _rows(scenario, a, s, j + 1, j, i, answers.curves[a, s, j, step, i], at[step])]
    a, s, j, i = np.nonzero(np.isfinite(_final(scenario, answers.y)))
    score = _final(scenario, answers.y)[a, s, j, i]
    parts.append(_rows(scenario, a, s, j + 1, j, i, score, np.full(len(a), at[-1])))
    return pa.concat_tables(parts).sort_by([("arm", "descending"), ("seed", "ascending"), ("stage", "ascending")])


def _final(scenario: StreamScenario, y: Floats) -> Floats:
    """[arm, seed, task, item]: answers at the budget, of the arms that have curves."""
    j = np.arange(scenario.tasks)
    final = y[:, :, j + 1, j].copy()
    final[[arm == "joint" for arm in scenario.arms]] = np.nan
    return final


def _rows(
    scenario: StreamScenario, a: Ints, s: Ints, k: Ints, j: Ints, i: Ints, score: Floats, step: Floats | None
) -> pa.Table:
    columns = {
        "arm": _named(a, scenario.arms),
        "seed": pa.array(s.astype(np.int32)),
        "stage": pa.array(k.astype(np.int32)),
        "task": _named(j, task_names(scenario.tasks)),
        "item": _item_names(scenario, j, i),
        "score": pa.array(score),
        "step": pa.nulls(len(a), pa.float64()) if step is None else pa.array(step),
    }
    if scenario.cluster > 1:
        columns["cluster"] = _joined("passage", j, i // scenario.cluster)
    return pa.table(columns)


def _cells(scenario: StreamScenario, y: Floats) -> pa.Table:
    known = np.isfinite(y).any(-1)
    a, s, k, j = np.nonzero(known)
    return pa.table({
        "arm": _named(a, scenario.arms),
        "seed": pa.array(s.astype(np.int32)),
        "stage": pa.array(k.astype(np.int32)),
        "task": _named(j, task_names(scenario.tasks)),
        "score": pa.array(np.nanmean(y[known], axis=-1)),
    })  # fmt: skip


def feedback(scenario: StreamScenario, answers: Answers, judge: Judge, rng: np.random.Generator) -> pa.Table:
    """The judge on every answer to tasks learned by then, and people on a random share of the same answers."""
    y = answers.y[scenario.arms.index("stream")].copy()
    learned = np.arange(scenario.tasks) < np.arange(scenario.tasks + 1)[:, None]
    y[:, ~learned] = np.nan
    s, k, j, i = np.nonzero(np.isfinite(y))
    right = y[s, k, j, i]
    luck = rng.random(len(right))
    judged = np.where(right == 1, luck >= judge.blames, luck < judge.praises).astype(float)
    seen = rng.random(len(right)) < judge.looked_at
    by_judge = _judgements(scenario, s, k, j, i, judged, "synthetic", "judge", None)
    at = s[seen], k[seen], j[seen], i[seen]
    by_people = _judgements(scenario, *at, right[seen], "human", "annotator", judge.looked_at)
    return pa.concat_tables([by_judge, by_people])


def _judgements(
    scenario: StreamScenario, s: Ints, k: Ints, j: Ints, i: Ints, score: Floats, source: str, rater: str,
    probability: float | None,
) -> pa.Table:  # fmt: skip
    size = len(score)
    return pa.table({
        "seed": pa.array(s.astype(np.int32)),
        "stage": pa.array(k.astype(np.int32)),
        "task": _named(j, task_names(scenario.tasks)),
        "item": _item_names(scenario, j, i),
        "source": pa.array([source] * size),
        "rater": pa.array([rater] * size),
        "score": pa.array(score),
        "probability": pa.array([probability] * size, pa.float64()),
    })  # fmt: skip


def samples(scenario: StreamScenario, generator: Generator, rng: np.random.Generator) -> pa.Table:
    """Generated samples of each seed and stage: readable or not, with the right label or not, kept or not."""
    s, j = (index.ravel() for index in np.indices((scenario.seeds, scenario.tasks, generator.samples))[:2])
    size = len(s)
    readable = rng.random(size) >= generator.unreadable
    wrong = rng.random(size) < generator.wrong
    kept = readable & (rng.random(size) < generator.accepted)
    wanted = rng.integers(0, 4, size)
    found = (wanted + wrong) % 4
    labels = ("bills", "complaints", "orders", "returns")
    return pa.table({
        "seed": pa.array(s.astype(np.int32)),
        "stage": pa.array((j + 1).astype(np.int32)),
        "task": _named(j, task_names(scenario.tasks)),
        "sample": pa.array([f"s{n:06d}" for n in range(size)]),
        "accepted": pa.array(kept),
        "target_label": _named(wanted, labels),
        "verified_label": pa.array([labels[f] if ok else None for f, ok in zip(found, readable, strict=True)]),
        "parse_ok": pa.array(readable),
        "origin": pa.array(["synthetic"] * size),
    })  # fmt: skip


def _named(index: Ints, names: tuple[str, ...]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(index.astype(np.int32)), pa.array(names)).dictionary_decode()


def _item_names(scenario: StreamScenario, j: Ints, i: Ints) -> pa.Array:
    return _joined("item", np.full_like(j, -1) if scenario.shared_items else j, i)


def _joined(what: str, j: Ints, i: Ints) -> pa.Array:
    """Names such as item-03-0017, made once for each pair that occurs; position -1 is no task of its own."""
    pairs, place = np.unique(np.stack([j, i]), axis=1, return_inverse=True)
    names = [f"{what}-{i:04d}" if j < 0 else f"{what}-{j + 1:02d}-{i:04d}" for j, i in pairs.T.tolist()]
    return _named(place.ravel(), tuple(names))
