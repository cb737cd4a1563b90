"""The odds per stage for new tasks against refits in R, clubSandwich, and simulation."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import special

from tests.builders import scores_from_items, scores_from_matrix
from toolkit.inference.odds_by_tasks import jackknife_over_tasks, log_odds_by_tasks
from toolkit.inference.quantiles import t_quantile

ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "odds.json").read_text())


def recorded_scores():
    """The recorded rows: two arms, three seeds, five tasks scored from their arrival to stage 6."""
    rows = {name: np.array(values) for name, values in ORACLE["rows"].items()}
    shape = (2, ORACLE["seeds"], ORACLE["tasks"] + 1, ORACLE["tasks"], ORACLE["items"])
    y = np.full(shape, np.nan)
    y[rows["arm"], rows["seed"] - 1, rows["stage"], rows["task"] - 1, rows["item"] - 1] = rows["y"]
    return scores_from_items(y, arms=("stream", "replay"))


def streams(rng, tasks, seeds, n, task_sd, seed_sd):
    """Binary y whose log odds fall by .25 a stage, more or less by task and by seed."""
    slope = -0.25 + task_sd * rng.normal(size=(1, 1, 1, tasks, 1)) + seed_sd * rng.normal(size=(1, seeds, 1, 1, 1))
    age = np.maximum(np.arange(tasks + 1)[:, None] - np.arange(1, tasks + 1), 0)[None, None, :, :, None]
    eta = 1 + rng.normal(0, 1, (1, 1, 1, tasks, n)) + slope * age
    return (rng.random((1, seeds, tasks + 1, tasks, n)) < special.expit(eta)).astype(float)


def test_variances_are_those_of_refits_in_r():
    """glm without each task, and without each seed, in turn; what both contain is sandwich's vcovCL by both."""
    got = jackknife_over_tasks(recorded_scores(), "stream")
    assert got.value == pytest.approx(ORACLE["pooled"], abs=1e-8)
    assert got.task == pytest.approx(ORACLE["task_variance"], rel=1e-6)
    assert got.seed == pytest.approx(ORACLE["seed_variance"], rel=1e-6)
    assert got.residual == pytest.approx(ORACLE["residual_variance"], rel=1e-6)
    assert (got.tasks, got.seeds) == (5, 3)


def test_cr3_of_the_last_least_squares_step_is_close():
    """clubSandwich's CR3 of the linear model at the GLM's weights: the refits' variance but for curvature."""
    assert jackknife_over_tasks(recorded_scores(), "stream").task == pytest.approx(
        ORACLE["linear_task_variance"], rel=0.1
    )


def test_interval_adds_what_seeds_do_to_all_tasks():
    """V = V_task + V_seed - V_residual with Satterthwaite's df, by hand from R's variances."""
    got = log_odds_by_tasks(recorded_scores(), "stream", 0.9)
    task, seed, both = (ORACLE[f"{name}_variance"] for name in ("task", "seed", "residual"))
    raw = task + seed - both
    assert got.variance == pytest.approx(max(raw, task, seed), rel=1e-6)
    df = raw**2 / (task**2 / 4 + seed**2 / 2 + both**2 / 8)
    assert got.df == pytest.approx(min(max(df, 2), 6), rel=1e-6)
    half = t_quantile(0.9, got.df) * np.sqrt(got.variance)
    assert (got.low, got.high) == pytest.approx((got.value - half, got.value + half), rel=1e-9)
    assert got.scope == "tasks"
    assert got.n == {"seeds": 3, "tasks": 5}


def test_covers_new_tasks_and_seeds_where_tasks_alone_do_not():
    """Slopes that differ by task and by seed: the interval covers; CR3 with t(T - 1) forgets the seeds."""
    rng = np.random.default_rng(1)
    replicates, rows = 200, []
    for _ in range(replicates):
        scores = scores_from_items(streams(rng, 8, 3, 60, 0.1, 0.15))
        got, parts = log_odds_by_tasks(scores, "stream", 0.95), jackknife_over_tasks(scores, "stream")
        rows.append((got.value, got.low, got.high, t_quantile(0.95, parts.tasks - 1) * np.sqrt(parts.task)))
    value, low, high, alone = np.array(rows).T
    truth = value.mean()  # of the marginal model, which is flatter than -.25; its own error is a fifteenth of a fit's
    error = 2.6 * np.sqrt(0.05 * 0.95 / replicates)
    assert 0.93 - error <= np.mean((low <= truth) & (truth <= high)) <= 0.99 + error
    assert np.mean(np.abs(value - truth) <= alone) <= 0.85


def test_a_task_without_errors_is_not_counted():
    """It says nothing of odds: value and variances are those of the stream without it."""
    y = streams(np.random.default_rng(2), 6, 2, 40, 0.1, 0.0)
    y[:, :, :, 2] = 1
    scores = scores_from_items(y)
    without = replace(scores, sums=tuple(None if j == 2 else sums for j, sums in enumerate(scores.sums)))
    got, want = jackknife_over_tasks(scores, "stream"), jackknife_over_tasks(without, "stream")
    assert (got.tasks, got.seeds) == (4, 2)
    assert (got.value, got.task, got.seed) == pytest.approx((want.value, want.task, want.seed), rel=1e-6)
    assert got.residual == pytest.approx(want.residual, rel=1e-6)


def test_one_seed_or_few_tasks_give_no_interval():
    """The value stays, with the reason; and what cannot be fitted at all says why."""
    y = streams(np.random.default_rng(3), 5, 2, 40, 0.1, 0.0)
    one = log_odds_by_tasks(scores_from_items(y[:, :1]), "stream", 0.95)
    assert one.low is None
    assert one.value < 0
    assert "two seeds" in one.reason
    few = log_odds_by_tasks(scores_from_items(y[:, :, :4, :3]), "stream", 0.95)
    assert few.low is None
    assert "at least 3 tasks" in few.reason
    matrix = log_odds_by_tasks(scores_from_matrix(np.full((1, 2, 5, 3), 0.5)), "stream", 0.95)
    assert "item-level" in matrix.reason
