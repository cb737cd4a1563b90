"""Intervals of the ladder against textbook formulas, an explicit crossed analysis of variance, and simulation."""

import numpy as np
import pytest
from scipy import special, stats
from statsmodels.stats.proportion import proportion_confint

from tests.builders import counts, scores_from_items, scores_from_matrix
from toolkit.analyses.metrics import average_accuracy, backward_transfer, learning_accuracy
from toolkit.inference.ladder import interval
from toolkit.inference.statistic import column_statistics, mean_of

DIFFERENCE = (-1.0, 1.0)


def statistics(scores, metric, arm="stream", *, difference=True):
    return column_statistics(scores, arm, metric, items=counts(scores), difference=difference)


def test_one_task_one_seed_is_the_paired_t_interval():
    """Items scope of a difference of two stages is the t interval of the items' differences."""
    rng = np.random.default_rng(1)
    y = rng.normal(0.5, 0.1, (1, 1, 3, 1, 40))
    got = interval([statistics(scores_from_items(y), backward_transfer)["task 1"]], level=0.95, bounds=DIFFERENCE)
    d = y[0, 0, 2, 0] - y[0, 0, 1, 0]
    low, high = stats.ttest_1samp(d, 0).confidence_interval(0.95)
    assert got.scope == "items"
    assert (got.low, got.high) == pytest.approx((low, high), abs=1e-12)


def test_independent_tasks_add_their_variances():
    """The mean over tasks with their own items has the stratified variance, sum of s_j^2 / n over T^2."""
    rng = np.random.default_rng(2)
    y = rng.normal(0.5, [[[[[0.1], [0.3], [0.2]]]]], (1, 1, 5, 3, 30))
    parts = statistics(scores_from_items(y), backward_transfer)
    got = interval([mean_of(list(parts.values()))], level=0.95, bounds=DIFFERENCE)
    d = np.array([y[0, 0, -1, j] - y[0, 0, j + 1, j] for j in range(3)])
    assert got.variance == pytest.approx(sum(x.var(ddof=1) / 30 for x in d) / 9, rel=1e-12)
    assert got.value == pytest.approx(d.mean(), rel=1e-12)


def test_shared_items_keep_their_covariance():
    """Tasks scored on the same items: the variance is that of the items' mean over tasks, not a sum."""
    rng = np.random.default_rng(3)
    y = rng.normal(0.5, 0.1, (1, 1, 5, 3, 30)) + rng.normal(0, 0.2, (1, 1, 5, 1, 30))
    parts = statistics(scores_from_items(y, shared_items=True), backward_transfer)
    got = interval([mean_of(list(parts.values()))], level=0.95, bounds=DIFFERENCE)
    d = np.mean([y[0, 0, -1, j] - y[0, 0, j + 1, j] for j in range(3)], axis=0)
    assert got.variance == pytest.approx(d.var(ddof=1) / 30, rel=1e-12)


def test_crossed_variance_equals_explicit_anova():
    """V_item + V_seed - V_residual from the two-way table of one task's differences, items x seeds."""
    rng = np.random.default_rng(4)
    seeds, n = 4, 25
    y = rng.normal(0.5, 0.1, (1, seeds, 3, 1, n)) + rng.normal(0, 0.1, (1, seeds, 3, 1, 1))
    got = interval([statistics(scores_from_items(y), backward_transfer)["task 1"]], level=0.9, bounds=DIFFERENCE)
    D = y[0, :, 2, 0] - y[0, :, 1, 0]
    v_item = D.mean(0).var(ddof=1) / n
    v_seed = D.mean(1).var(ddof=1) / seeds
    E = D - D.mean(0) - D.mean(1, keepdims=True) + D.mean()
    v_res = (E**2).sum() / ((n - 1) * (seeds - 1)) / (n * seeds)
    variance = max(v_item + v_seed - v_res, v_item, v_seed)
    assert got.variance == pytest.approx(variance, rel=1e-10)
    df = (v_item + v_seed - v_res) ** 2 / (
        v_item**2 / (n - 1) + v_seed**2 / (seeds - 1) + v_res**2 / ((n - 1) * (seeds - 1))
    )
    df = np.clip(df, seeds - 1, n - 1)
    half = stats.t.ppf(0.95, df) * np.sqrt(variance)
    assert (got.low, got.high) == pytest.approx((D.mean() - half, D.mean() + half), rel=1e-10)


def test_matrix_log_is_t_over_seeds_and_welch_where_seeds_are_not_shared():
    rng = np.random.default_rng(5)
    R = rng.normal(0.5, 0.1, (2, 4, 3, 2))
    scores = scores_from_matrix(R, arms=("stream", "isolated"))
    a = mean_of(list(statistics(scores, learning_accuracy, difference=False).values()))
    b = mean_of(list(statistics(scores, learning_accuracy, "isolated", difference=False).values()))
    x = np.array([R[:, :, 1, 0], R[:, :, 2, 1]]).mean(0)
    paired = interval([a - b], level=0.95, bounds=DIFFERENCE)
    assert (paired.low, paired.high) == pytest.approx(stats.ttest_rel(*x).confidence_interval(), abs=1e-12)
    welch = interval([a, -b], level=0.95, bounds=DIFFERENCE)
    want = stats.ttest_ind(*x, equal_var=False).confidence_interval()
    assert (welch.low, welch.high) == pytest.approx(want, abs=1e-12)


def test_one_seed_without_items_keeps_its_value_and_says_what_is_missing():
    part = statistics(scores_from_matrix(np.full((1, 1, 3, 1), 0.5)), backward_transfer)["task 1"]
    got = interval([part], level=0.95, bounds=DIFFERENCE)
    assert (got.value, got.low, got.high) == (0, None, None)
    assert "needs item-level scores or at least two seeds" in got.reason


def test_arms_without_a_common_seed_say_so():
    part = statistics(scores_from_matrix(np.full((1, 2, 3, 1), 0.5)), backward_transfer)["task 1"]
    got = interval([part.for_seeds([0]) - part.for_seeds([1])], level=0.95, bounds=DIFFERENCE)
    assert got.low is None
    assert "no seed" in got.reason


def test_items_without_any_difference_still_leave_doubt():
    """No item changed: the interval is not a point, and it is the wider the fewer items there are."""
    few, many = (
        interval(
            [mean_of(list(statistics(scores_from_items(np.ones((1, 2, 4, 2, n))), backward_transfer).values()))],
            level=0.95, bounds=DIFFERENCE,
        )
        for n in (10, 100)
    )  # fmt: skip
    assert few.low < many.low < 0 < many.high < few.high
    z2 = stats.norm.isf(0.025) ** 2
    assert many.high == pytest.approx(z2 / (200 + z2), rel=1e-9)


def test_a_perfect_score_is_not_certain():
    """All of 2 x 30 items right in both seeds: down to Wilson's lower end for 60 of 60."""
    scores = scores_from_items(np.ones((1, 2, 4, 2, 30)))
    parts = statistics(scores, average_accuracy, difference=False)
    got = interval([mean_of(list(parts.values()))], level=0.95, bounds=(0, 1))
    low, high = proportion_confint(60, 60, method="wilson")
    assert (got.low, got.high) == (pytest.approx(low, abs=1e-9), 1)
    assert high == pytest.approx(1)


def test_the_same_value_in_all_seeds_without_items_has_no_interval():
    part = statistics(scores_from_matrix(np.full((1, 3, 3, 1), 0.5)), backward_transfer)["task 1"]
    got = interval([part], level=0.95, bounds=DIFFERENCE)
    assert (got.value, got.low) == (0, None)
    assert "says nothing" in got.reason


def _transfer_items(rng, tasks, seeds, n, shared, task_effect):
    """Binary y[stream or isolated, seed, stage, task, item] with items, seed and task effects on the logit scale."""
    item = rng.normal(0, 1.5, (1, 1, tasks, n))
    moved = rng.normal(0, 0.5, (1, 1, tasks, n))
    if shared:  # the same items in every task, correlated
        item = np.sqrt(0.6) * rng.normal(0, 1.5, (1, 1, 1, n)) + np.sqrt(0.4) * item
    shape = (seeds, 1, tasks, n)
    own, other = rng.normal(0, 0.2, (seeds, 1, tasks, 1)), rng.normal(0, 0.2, (seeds, 1, tasks, 1))
    seed = rng.normal(0, 0.2, (seeds, 1, 1, 1))
    stream = rng.random(shape) < special.expit(0.4 + item + moved + seed + own + task_effect)
    isolated = rng.random(shape) < special.expit(0.4 + item + other)
    y = np.full((2, seeds, tasks + 1, tasks, n), np.nan)
    for j in range(tasks):
        y[0, :, j + 1, j], y[1, :, j + 1, j] = stream[:, 0, j], isolated[:, 0, j]
    y[0, :, -1] = stream[:, 0]
    y[1, :, -1] = isolated[:, 0]
    return y


def _expected(sd, mean):
    x, w = np.polynomial.hermite_e.hermegauss(61)
    return float((special.expit(mean + sd * x) * w).sum() / w.sum())


@pytest.mark.parametrize("shared", [False, True])
def test_coverage_of_forward_transfer_over_seeds_and_items(shared):
    """Crossed intervals cover new seeds and items; the items-only interval read so must not (negative control)."""
    rng = np.random.default_rng(6)
    truth = _expected(np.sqrt(1.5**2 + 0.5**2 + 0.2**2 + 0.2**2), 0.7) - _expected(np.hypot(1.5, 0.2), 0.4)
    replicates, tasks, seeds, n = 400, 4, 3, 400
    hits = narrow = 0
    for _ in range(replicates):
        y = _transfer_items(rng, tasks, seeds, n, shared, 0.3)
        scores = scores_from_items(y, arms=("stream", "isolated"), shared_items=shared)
        a = mean_of(list(statistics(scores, learning_accuracy, difference=False).values()))
        b = mean_of(list(statistics(scores, learning_accuracy, "isolated", difference=False).values()))
        got = interval([a - b], level=0.95, bounds=DIFFERENCE)
        hits += got.low <= truth <= got.high
        v_item = ((a - b).influence.mean(1) ** 2).sum()
        narrow += abs(got.value - truth) <= 1.96 * np.sqrt(v_item)
    error = 2.6 * np.sqrt(0.05 * 0.95 / replicates)
    assert 0.93 - error <= hits / replicates <= 0.99 + error
    assert narrow / replicates <= 0.85


def test_wilson_and_tango_serve_single_binary_tasks():
    rng = np.random.default_rng(7)
    y = (rng.random((1, 1, 3, 1, 50)) < 0.8).astype(float)
    scores = scores_from_items(y)
    level = interval([statistics(scores, average_accuracy, difference=False)["task 1"]],
                     level=0.95, bounds=(0, 1), binary=True)  # fmt: skip
    assert level.method == "Wilson score interval"
    change = interval([statistics(scores, backward_transfer)["task 1"]], level=0.95, bounds=DIFFERENCE, binary=True)
    assert change.method == "Tango score interval"


def test_binomial_error_is_that_of_lm_evaluation_harness():
    """Pythia on sciq: accuracy .871 of 1,000 items has stderr .010605256784796555, sqrt(p (1 - p) / (n - 1))."""
    y = np.zeros((1, 1, 2, 1, 1000))
    y[..., :871] = 1
    part = statistics(scores_from_items(y), average_accuracy, difference=False)["task 1"]
    assert np.sqrt((part.influence**2).sum()) == pytest.approx(0.010605256784796555, abs=1e-12)
