"""The smaller numbers of the pages, each against a computation of another kind."""

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats
from statsmodels.stats.proportion import samplesize_confint_proportion

from tests.builders import cube_from_scores, scores_from_items, scores_from_matrix
from toolkit.analyses import Evidence, forgetting, transfer
from toolkit.analyses.moderators import similarity_to_earlier
from toolkit.cube.cube import Cube
from toolkit.review.labels import labels_for_margin


def test_retention_interval_equals_the_jackknife_of_the_ratio():
    """One seed, one task reaching age 2: delete-one jackknife of mean later over mean at arrival, many items."""
    rng = np.random.default_rng(1)
    y = rng.normal(0.6, 0.1, (1, 1, 4, 1, 400))
    got = forgetting(Evidence(cube_from_scores(scores_from_items(y)))).one("retention", group="age=2")
    first, later = y[0, 0, 1, 0], y[0, 0, 3, 0]
    n = len(first)
    without = (later.sum() - later) / (first.sum() - first)
    error = np.sqrt((n - 1) / n * ((without - without.mean()) ** 2).sum())
    assert got.value == pytest.approx(later.mean() / first.mean(), abs=1e-9)
    assert got.se == pytest.approx(error, rel=1e-2)
    assert got.simultaneous  # wider than one interval alone, narrower than Bonferroni's for two ages
    alone, both = (stats.t.ppf(1 - 0.025 / k, n - 1) * error for k in (1, 2))
    assert alone * 0.99 < (got.high - got.low) / 2 < both * 1.01


def test_joint_gap_is_paired_by_seed():
    rng = np.random.default_rng(2)
    R = np.full((2, 4, 3, 2), np.nan)
    R[0] = rng.random((4, 3, 2))
    R[1, :, 2] = rng.random((4, 2))
    scores = scores_from_matrix(R, arms=("stream", "joint"))
    got = forgetting(Evidence(cube_from_scores(scores))).one("joint_gap", task=None)
    want = stats.ttest_rel(R[1, :, 2].mean(-1), R[0, :, 2].mean(-1)).confidence_interval()
    assert (got.low, got.high) == pytest.approx((want.low, want.high), abs=1e-9)


def with_tables(cube, **tables):
    return Cube(cube.meta, {**cube.tables, **tables})


def test_learning_curves_are_t_over_seeds_of_the_step_means():
    rng = np.random.default_rng(3)
    means = np.round(rng.random(5), 3)
    rows = [
        {"arm": "stream", "task_order": "default", "seed": seed, "stage": 1, "task": "task 1", "step": 10.0, "n": 20,
         "total": round(mean * 20 * 1e9), "total_sq": 0}
        for seed, mean in enumerate(means)
    ]  # fmt: skip
    cube = cube_from_scores(scores_from_matrix(np.full((1, 5, 2, 1), 0.5)))
    (got,) = transfer(Evidence(with_tables(cube, curves=pa.Table.from_pylist(rows)))).select("score", group="step=10")
    want = stats.ttest_1samp(means, 0).confidence_interval()
    assert (got.low, got.high) == pytest.approx((max(want.low, 0), min(want.high, 1)), abs=1e-9)


def test_similarity_is_that_of_the_nearest_earlier_task():
    """Whichever way round a pair is written; a task with a pair missing is left out."""
    cube = cube_from_scores(scores_from_matrix(np.full((1, 2, 5, 4), 0.5)))
    pairs = [("task 1", "task 2", 0.1), ("task 3", "task 1", 0.7), ("task 2", "task 3", 0.4), ("task 4", "task 1", 0.9)]
    table = pa.Table.from_pylist([{"task": a, "other": b, "similarity": s} for a, b, s in pairs])
    assert similarity_to_earlier(Evidence(with_tables(cube, similarity=table))) == {"task 2": 0.1, "task 3": 0.7}


def test_similarity_slope_equals_least_squares_where_tasks_are_equally_sure():
    """Equal variances: the weighted fit is the ordinary one, whatever tau^2 is."""
    rng = np.random.default_rng(4)
    tasks = 6
    noise = rng.normal(0, 0.02, (2, 1, 1, 1))  # the same spread of seeds in every task: seeds differ by a shift
    effect = rng.normal(0, 0.1, tasks)
    R = np.full((2, 2, tasks + 1, tasks), np.nan)
    for j in range(tasks):
        R[0, :, j + 1, j] = 0.6 + effect[j] + np.array([0.01, -0.01]) + noise[0].ravel()
        R[1, :, j + 1, j] = 0.6
    x = rng.random(tasks)
    pairs = [
        {"task": f"task {j + 1}", "other": f"task {i + 1}", "similarity": x[j]} for j in range(tasks) for i in range(j)
    ]
    cube = cube_from_scores(scores_from_matrix(R, arms=("stream", "isolated")))
    got = transfer(Evidence(with_tables(cube, similarity=pa.Table.from_pylist(pairs)))).one("transfer_similarity_slope")
    fit = stats.linregress(x[1:], effect[1:])
    assert got.value == pytest.approx(fit.slope, abs=1e-9)
    half = stats.t.ppf(0.975, tasks - 3) * fit.stderr
    assert (got.high - got.low) / 2 == pytest.approx(half, rel=1e-3)


def test_labels_needed_are_those_of_statsmodels_for_a_share():
    """A difference with the spread of a fair coin: the sample size for a share of one half."""
    want = samplesize_confint_proportion(0.5, 0.05, alpha=0.05)
    assert labels_for_margin(0.05, 0.5, level=0.95) == int(np.ceil(want))
