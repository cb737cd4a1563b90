"""Estimates of the score matrix: values by hand, reasons where something is missing, changes between releases."""

import numpy as np
import pytest
from scipy import stats

from tests.builders import config, cube_from_scores, scores_from_items, scores_from_matrix
from toolkit.analyses import Evidence, forgetting, transfer

R = np.array([[0.1, 0.2, 0.1], [0.9, 0.3, 0.2], [0.8, 0.8, 0.4], [0.6, 0.7, 0.9]])  # [stage, task]


def evidence_of(scores, **more):
    return Evidence(cube_from_scores(scores), **more)


def test_values_of_a_bare_matrix_are_those_done_by_hand():
    """One seed, no items, no isolated arm: values without intervals, each with its reason."""
    evidence = evidence_of(scores_from_matrix(R[None, None]))
    found = transfer(evidence)
    lost = forgetting(evidence)
    assert found.one("average_accuracy", task=None).value == pytest.approx((0.6 + 0.7 + 0.9) / 3)
    assert found.one("learning_accuracy", task=None).value == pytest.approx((0.9 + 0.8 + 0.9) / 3)
    assert found.one("zero_shot_transfer", task=None).value == pytest.approx(((0.3 - 0.2) + (0.4 - 0.1)) / 2)
    assert lost.one("backward_transfer", task=None, stage=None).value == pytest.approx(((0.6 - 0.9) + (0.7 - 0.8)) / 2)
    assert lost.one("max_forgetting", group="definition=plug-in").value == pytest.approx((0.3 + 0.1) / 2)
    assert lost.one("backward_transfer", stage=3).value == pytest.approx(((0.6 - 0.8) + (0.7 - 0.8)) / 2)
    retained = lost.one("retention", group="age=1")
    assert retained.value == pytest.approx((0.8 + 0.7) / (0.9 + 0.8))
    for estimate in (*found.estimates, *lost.estimates):
        assert estimate.low is None
        assert estimate.reason, estimate.id


def test_missing_arm_is_named():
    evidence = evidence_of(scores_from_matrix(R[None, None]))
    forward = transfer(evidence).one("forward_transfer")
    assert forward.value is None
    assert 'the arm "isolated"' in forward.reason
    gap = forgetting(evidence).one("joint_gap")
    assert (gap.value, 'the arm "joint"' in gap.reason) == (None, True)


def test_forward_transfer_is_paired_with_the_isolated_arm():
    rng = np.random.default_rng(1)
    both = np.full((2, 4, 3, 2), np.nan)
    both[0] = rng.random((4, 3, 2))
    both[1, :, 1, 0], both[1, :, 2, 1] = rng.random(4), rng.random(4)
    evidence = evidence_of(scores_from_matrix(both, arms=("stream", "isolated")))
    got = transfer(evidence).one("forward_transfer", task=None)
    d = np.array([both[0, :, 1, 0] - both[1, :, 1, 0], both[0, :, 2, 1] - both[1, :, 2, 1]]).mean(0)
    want = stats.ttest_1samp(d, 0).confidence_interval()
    assert (got.value, got.scope, got.n) == (pytest.approx(d.mean()), "seeds", {"seeds": 4, "tasks": 2})
    assert (got.low, got.high) == pytest.approx((want.low, want.high), abs=1e-12)


def test_a_task_that_was_not_scored_after_learning_is_left_out():
    """No cell at arrival: no backward transfer for that task, and the mean is over the others."""
    matrix = np.repeat(R[None, None], 2, axis=1).copy()
    matrix[0, :, 1, 0] = np.nan
    lost = forgetting(evidence_of(scores_from_matrix(matrix)))
    whole = lost.one("backward_transfer", task=None, stage=None)
    assert whole.value == pytest.approx(0.7 - 0.8)
    assert whole.n["tasks"] == 1


@pytest.mark.parametrize("matrix", [R[:2, :1], R[:1, :1], R[:, :1]])
def test_short_streams_say_what_they_need(matrix):
    for analysis in (transfer, forgetting):
        for estimate in analysis(evidence_of(scores_from_matrix(matrix[None, None]))).estimates:
            assert estimate.reason, estimate.id


def test_change_against_the_baseline_pairs_items_and_not_seeds():
    """Two releases on the same items, one seed each: the change is the paired difference by item."""
    rng = np.random.default_rng(2)
    old, new = (rng.normal(0.5, 0.1, (1, 1, 3, 1, 30)) for _ in range(2))
    before = cube_from_scores(scores_from_items(old))
    evidence = evidence_of(scores_from_items(new), baseline=before, baseline_release="1")
    change = forgetting(evidence).one("backward_transfer", task=None, stage=None).change
    d = (new[0, 0, 2, 0] - new[0, 0, 1, 0]) - (old[0, 0, 2, 0] - old[0, 0, 1, 0])
    want = stats.ttest_1samp(d, 0).confidence_interval()
    assert (change.value, change.low, change.high) == pytest.approx((d.mean(), want.low, want.high), abs=1e-8)


def test_releases_on_other_scales_or_tasks_are_not_compared():
    scores = scores_from_matrix(np.repeat(R[None, None], 2, axis=1))
    other = cube_from_scores(scores, config(3, score_range=[0, 100]))
    evidence = Evidence(cube_from_scores(scores), other, "1")
    assert "score range" in transfer(evidence).one("average_accuracy", task=None).change.reason
    shorter = cube_from_scores(scores_from_matrix(np.repeat(R[None, None, :3, :2], 2, axis=1)), config(2))
    evidence = Evidence(cube_from_scores(scores), shorter, "1")
    assert "task 3" in transfer(evidence).one("average_accuracy", task=None).change.reason
    assert transfer(evidence).one("average_accuracy", task="task 1").change.value is not None


def test_every_estimate_is_whole():
    """Value and interval, or a reason; an interval has scope and method, holds its value, and states its n."""
    rng = np.random.default_rng(3)
    y = np.full((2, 3, 5, 4, 40), np.nan)
    y[0] = rng.random((3, 5, 4, 40)) < 0.7
    for j in range(4):
        y[1, :, j + 1, j] = rng.random((3, 40)) < 0.6
    evidence = evidence_of(scores_from_items(y, arms=("stream", "isolated")))
    estimates = [*transfer(evidence).estimates, *forgetting(evidence).estimates]
    assert len({e.id for e in estimates}) == len(estimates)
    for e in estimates:
        if e.low is None:
            assert e.reason, e.id
            continue
        assert e.scope
        assert e.method
        assert e.n
        assert e.low <= e.value <= e.high, e.id
