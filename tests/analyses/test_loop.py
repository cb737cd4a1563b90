"""Bias at a stage and errors at the next: against all dummies in statsmodels, confounded logs, and what is refused."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from statsmodels.formula.api import ols

from tests.builders import config, cube_from_scores, judgements, scores_from_matrix
from toolkit.analyses.evidence import Evidence
from toolkit.analyses.loop import lagged_effects
from toolkit.cube.cube import Cube


def judged(bias, items=8, noise=0.0, rng=None, **columns):
    """A judge and a person on the same items of each cell, judge minus person = bias[task, seed, stage - 1] + noise."""
    t, s, k, i = (a.ravel() for a in np.meshgrid(*(np.arange(n) for n in (*bias.shape, items)), indexing="ij"))
    rng = rng or np.random.default_rng(0)
    person = rng.random(len(t))
    both = {"task": [f"task {j + 1}" for j in t], "seed": s, "stage": k + 1, "item": i + items * k} | columns
    judge = person + bias[t, s, k] + noise * rng.normal(size=len(t))
    return pd.concat([
        pd.DataFrame(both | {"source": "synthetic", "rater": "judge", "score": judge}),
        pd.DataFrame(both | {"source": "human", "rater": "person", "score": person}),
    ])  # fmt: skip


def evidence(bias, error=None, samples=None, rows=None, **fields):
    """bias[task, seed, stage - 1]; error[task, seed, stage]; samples: rows of label counts."""
    tasks = bias.shape[0]
    settings = config(tasks, feedback={"range": [-9, 9]}, **fields)
    table = judgements(judged(bias) if rows is None else rows)
    R = np.full((1, 1, 1, tasks), np.nan) if error is None else 1 - np.moveaxis(error, 0, -1)[None]
    cube = cube_from_scores(scores_from_matrix(R), settings, table)
    tables = {} if samples is None else {"samples": pa.Table.from_pandas(samples, preserve_index=False)}
    return Evidence(Cube(cube.meta, {**cube.tables, **tables}))


def one(log, group=None):
    (found,) = (e for e in lagged_effects(log) if e.group == group)
    return found


def logs(rng, tasks, seeds, stages, slope=0.0, shared=0.5):
    """Biases and errors of units whose level raises both, with shocks that all tasks of a student share."""
    level = rng.normal(size=(tasks, seeds, 1))
    shocks = shared * rng.normal(size=(2, 1, seeds, stages))
    bias = level + shocks[0] + rng.normal(size=(tasks, seeds, stages))
    error = np.full((tasks, seeds, stages + 2), 0.0)
    error[..., 2:] = 2 * level + shocks[1] + slope * bias + rng.normal(size=bias.shape)
    return bias, error


def as_frame(bias, error):
    """[row] bias at stage k and error at stage k + 1, k from 1."""
    t, s, k = np.indices(bias.shape).reshape(3, -1)
    return pd.DataFrame({"t": t, "s": s, "k": k, "x": bias[t, s, k], "y": error[t, s, k + 2]})


@pytest.mark.parametrize(("tasks", "seeds"), [(5, 3), (5, 1), (2, 6)])
def test_the_slope_is_that_of_all_dummies(tasks, seeds):
    """Task x seed and seed x stage from four tasks on, else task x seed and stage, by statsmodels."""
    bias, error = logs(np.random.default_rng(1), tasks, seeds, 6, slope=0.3)
    got = one(evidence(bias, error))
    rest = "C(t) * C(s) + C(s) * C(k)" if tasks >= 4 else "C(t) * C(s) + C(k)"
    want = ols(f"y ~ x + {rest}" if seeds > 1 else "y ~ x + C(t) + C(k)", as_frame(bias, error)).fit()
    assert got.value == pytest.approx(want.params["x"], abs=1e-8)
    assert got.scope == ("tasks" if tasks >= 4 else "seeds")
    assert got.n == {"cells": bias.size, "seeds": seeds, "stages": 6, "tasks": tasks}


@pytest.mark.nightly
def test_no_effect_is_not_found_where_levels_and_students_shocks_confound():
    """About .05 of logs; pooled least squares nearly always finds one."""
    rng = np.random.default_rng(2)
    runs, wrong, pooled, found = 60, 0, 0, 0
    for _ in range(runs):
        bias, error = logs(rng, 6, 3, 6)
        wrong += one(evidence(bias, error, rows=judged(bias, items=1))).p_value < 0.05
        pooled += ols("y ~ x", as_frame(bias, error)).fit().pvalues["x"] < 0.05
        bias, error = logs(rng, 6, 3, 6, slope=0.6)
        found += one(evidence(bias, error, rows=judged(bias, items=1))).low > 0
    assert wrong / runs <= 0.05 + 2.6 * np.sqrt(0.05 * 0.95 / runs)
    assert pooled / runs >= 0.3
    assert found / runs >= 0.8


def test_the_reliability_tells_how_far_the_slope_is_drawn_to_zero():
    """Ten items of sd 3 a cell: noise variance .9 beside a variance of 1 within the effects."""
    rng = np.random.default_rng(3)
    slopes, reliability = [], []
    for _ in range(12):
        bias, error = logs(rng, 8, 4, 8, slope=1.0, shared=0.0)
        log = evidence(bias, error, rows=judged(bias, items=10, noise=3.0, rng=rng))
        slopes.append(one(log).value)
        reliability.append(one(log, "part=reliability").value)
    assert np.mean(reliability) == pytest.approx(1 / 1.9, abs=0.03)
    assert np.mean(slopes) == pytest.approx(1 / 1.9, abs=0.08)


def label_rows(error, per_cell=100):
    """Counts of verified samples with error[seed, stage] wrong, of the task that arrives at the stage."""
    s, k = np.indices(error.shape).reshape(2, -1)
    return pd.DataFrame({
        "arm": "stream", "seed": s, "stage": k, "task": [f"task {j}" for j in k], "origin": "synthetic",
        "accepted": True, "n": per_cell, "label_checked": per_cell,
        "label_wrong": np.rint(error[s, k] * per_cell).astype(int),
    })  # fmt: skip


def test_label_errors_follow_the_mean_bias_of_the_seeds_stage():
    """Each task's samples are made once: seeds of one stage are compared, by statsmodels with dummies."""
    rng = np.random.default_rng(4)
    bias = rng.normal(size=(3, 5, 5))
    error = np.clip(0.3 + 0.1 * rng.normal(size=(5, 7)), 0, 1)
    got = one(evidence(bias, samples=label_rows(error)), "on=label-error")
    s, k = np.indices((5, 5)).reshape(2, -1)
    frame = pd.DataFrame({"s": s, "k": k, "x": bias.mean(0)[s, k], "y": np.rint(error[s, k + 2] * 100) / 100})
    assert got.value == pytest.approx(ols("y ~ x + C(s) + C(k)", frame).fit().params["x"], abs=1e-8)
    assert (got.scope, got.n) == ("seeds", {"cells": 25, "seeds": 5, "stages": 5})


def test_label_errors_of_the_same_task_are_taken_where_samples_are_made_again():
    rng = np.random.default_rng(5)
    bias = rng.normal(size=(5, 2, 5))
    made = [label_rows(0.3 + 0.1 * rng.random((2, 7))).assign(task=f"task {j + 1}") for j in range(5)]
    got = one(evidence(bias, samples=pd.concat(made)), "on=label-error")
    assert got.n["tasks"] == 5


def test_scores_where_lower_is_better_are_errors_themselves():
    bias, error = logs(np.random.default_rng(6), 5, 2, 6, slope=0.5)
    up, down = one(evidence(bias, error)), one(evidence(bias, 1 - error, higher_is_better=False))
    assert down.value == pytest.approx(up.value)


def reasons(log):
    return {e.group: e.reason for e in lagged_effects(log)}


def test_what_is_missing_is_said():
    bias, error = logs(np.random.default_rng(7), 5, 2, 6)
    assert "needs evaluations" in reasons(Evidence(Cube(evidence(bias).cube.meta, {
        "judgements": judgements(judged(bias))})))[None]  # fmt: skip
    assert "needs verified_label" in reasons(evidence(bias, error))["on=label-error"]
    assert (
        "needs human judgements"
        in reasons(evidence(bias, error, rows=judged(bias).query("source == 'synthetic'")))[None]
    )
    assert "needs 10 cells" in reasons(evidence(bias[:, :1, :1], error[:, :1]))[None]
    assert "4 tasks or seeds" in reasons(evidence(bias[:3], error[:3]))[None]
    assert "more stages" in reasons(evidence(bias[:, :1, :2], error[:, :1]))[None]
    assert "differs between stages" in reasons(evidence(np.zeros_like(bias), error))[None]
    flat = {e.group: e for e in lagged_effects(evidence(bias, np.zeros_like(error)))}[None]
    assert flat.low is None
    assert "errors that vary" in flat.reason
    single = reasons(evidence(bias, error, rows=judged(bias, items=1)))
    assert "two items or more" in single["part=reliability"]
