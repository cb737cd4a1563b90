"""Learning curves, plasticity, intransigence and the next task, from logs with known answers."""

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from tests.builders import config, cube_from_scores, scores_from_matrix
from toolkit.analyses import Evidence, transfer
from toolkit.cube.cube import Cube

STEPS = (10.0, 20.0, 40.0)


def evidence_of(R, arms, curves=None, **fields):
    cube = cube_from_scores(scores_from_matrix(R, arms=arms), config(R.shape[3], **fields))
    if curves is not None:
        cube = Cube(cube.meta, {**cube.tables, "curves": pa.Table.from_pylist(curves)})
    return Evidence(cube)


def rows_of(curves, arm):
    """Curve rows from curves[seed, task, step], ten items each."""
    return [
        {"arm": arm, "task_order": "default", "seed": s, "stage": j + 1, "task": f"task {j + 1}", "step": STEPS[k],
         "n": 10, "total": round(float(curves[s, j, k]) * 1e10), "total_sq": 0}
        for s, j, k in np.ndindex(curves.shape)
    ]  # fmt: skip


def two_arms(rng, seeds=4, tasks=5):
    """Isolated curves .2, .4, .6 and a stream a step ahead, with noise by seed."""
    noise = rng.uniform(-0.02, 0.02, (2, seeds, tasks, 1))
    alone = np.array([0.2, 0.4, 0.6]) + noise[0]
    stream = np.array([0.4, 0.6, 0.65]) + noise[1]
    R = np.zeros((2, seeds, tasks + 1, tasks))
    for j in range(tasks):
        R[0, :, j + 1 :, j] = stream[:, j, -1:]
        R[1, :, j + 1, j] = alone[:, j, -1]
    R[1][R[1] == 0] = np.nan
    return R, stream, alone


def test_area_transfer_is_that_of_continual_world():
    """(A - A_isolated) / (1 - A_isolated) of trapezoid areas over the share of the budget, t over seeds."""
    R, stream, alone = two_arms(np.random.default_rng(1))
    found = transfer(evidence_of(R, ("stream", "isolated"), rows_of(stream, "stream") + rows_of(alone, "isolated")))
    a, b = (np.trapezoid(np.round(c, 9), STEPS, axis=-1) / 30 for c in (stream, alone))
    share = ((a - b) / (1 - b)).mean(1)
    want = stats.ttest_1samp(share, 0).confidence_interval()
    got = found.one("normalised_area_transfer", task=None)
    assert got.value == pytest.approx(share.mean(), abs=1e-7)
    assert (got.low, got.high) == pytest.approx(tuple(want), abs=1e-7)
    assert found.one("learning_curve_area", task=None).value == pytest.approx(a.mean(), abs=1e-7)


def test_samples_saved_by_hand():
    """90 % of what the isolated arm gains: .2 + .9 x .4 = .56 is reached after 36 steps alone, 18 in the stream."""
    tasks = 4
    alone, stream = (np.tile(np.array(c), (2, tasks, 1)) for c in ((0.2, 0.4, 0.6), (0.4, 0.6, 0.65)))
    R = np.full((2, 2, tasks + 1, tasks), np.nan)
    for j in range(tasks):
        R[0, :, j + 1 :, j], R[1, :, j + 1, j] = 0.65, 0.6
    found = transfer(evidence_of(R, ("stream", "isolated"), rows_of(stream, "stream") + rows_of(alone, "isolated")))
    got = found.one("samples_saved", task=None)
    assert got.value == pytest.approx(36 - 18)
    assert got.low is None  # no task differs
    assert (got.n["tasks"], got.n["censored"], got.unit) == (4, 0, "steps")
    assert found.one("samples_saved", task="task 2").value == pytest.approx(18)


def test_where_less_is_better_the_curves_are_turned_over():
    R, stream, alone = two_arms(np.random.default_rng(2))
    up = transfer(evidence_of(R, ("stream", "isolated"), rows_of(stream, "stream") + rows_of(alone, "isolated")))
    down = transfer(
        evidence_of(1 - R, ("stream", "isolated"), rows_of(1 - stream, "stream") + rows_of(1 - alone, "isolated"),
                    higher_is_better=False)
    )  # fmt: skip
    for quantity in ("samples_saved", "normalised_area_transfer", "learning_curve_area"):
        a, b = up.one(quantity, task=None), down.one(quantity, task=None)
        assert (a.value, a.low) == pytest.approx((b.value, b.low), abs=1e-6)


@pytest.mark.parametrize(
    ("arms", "with_curves", "reason"),
    [(("stream",), True, 'needs the arm "isolated"'), (("stream", "isolated"), False, "needs learning curves")],
)
def test_missing_curves_or_arm_are_named(arms, with_curves, reason):
    R, stream, _ = two_arms(np.random.default_rng(3))
    found = transfer(evidence_of(R[: len(arms)], arms, rows_of(stream, "stream") if with_curves else None))
    for quantity in ("samples_saved", "normalised_area_transfer", "learning_curve_area"):
        assert reason in found.one(quantity).reason


def test_plasticity_slope_is_least_squares_where_tasks_are_equally_sure():
    """The gain falls by a tenth of a point a task, up to noise by seed: weighted fit of the tasks' mean gains."""
    rng = np.random.default_rng(4)
    seeds, tasks = 6, 7
    R = np.full((2, seeds, tasks + 1, tasks), np.nan)
    spread = np.array([-1.0, 1, -1, 1, -1, 1])  # the same variance over seeds in every task
    gain = 0.2 - 0.01 * np.arange(1, tasks + 1) + 0.002 * rng.normal(size=tasks)
    for j in range(tasks):
        R[0, :, j + 1 :, j] = (0.5 + gain[j] + 0.01 * spread)[:, None]
        R[1, :, j + 1, j] = 0.5
    found = transfer(evidence_of(R, ("stream", "fresh")))
    got = found.one("plasticity_slope")
    want = stats.linregress(np.arange(1, tasks + 1), gain)
    assert got.against == "fresh"
    assert got.value == pytest.approx(want.slope, abs=1e-9)
    assert got.n == {"tasks": tasks}
    assert 0 < got.p_value < 0.05
    assert 'needs the arm "isolated"' in transfer(evidence_of(R[:1], ("stream",))).one("plasticity_slope").reason


def test_intransigence_is_the_joint_arm_at_arrival_minus_the_stream():
    rng = np.random.default_rng(5)
    R = rng.random((2, 4, 4, 3))
    found = transfer(evidence_of(R, ("stream", "joint")))
    j = np.arange(3)
    gap = (R[1][:, j + 1, j] - R[0][:, j + 1, j]).mean(1)
    want = stats.ttest_1samp(gap, 0).confidence_interval()
    got = found.one("intransigence", task=None)
    assert (got.value, got.low, got.high) == pytest.approx((gap.mean(), *want), abs=1e-9)


def test_spread_between_tasks_and_the_next_one():
    """Effects known almost without error: their sd, and the t interval that predicts one more value."""
    rng = np.random.default_rng(6)
    tasks = 8
    effect = 0.1 * rng.normal(size=tasks)
    R = np.full((2, 4, tasks + 1, tasks), np.nan)
    tiny = 1e-6 * np.array([-1, 1, -1, 1])
    for j in range(tasks):
        R[0, :, j + 1 :, j] = (0.5 + effect[j] + tiny)[:, None]
        R[1, :, j + 1, j] = 0.5
    found = transfer(evidence_of(R, ("stream", "isolated")))
    sd = effect[1:].std(ddof=1)
    assert found.one("between_task_sd").value == pytest.approx(sd, rel=1e-4)
    chi = stats.chi2(tasks - 2).ppf([0.975, 0.025])
    ends = np.sqrt((tasks - 2) * sd**2 / chi)
    got = found.one("between_task_sd")
    assert (got.low, got.high) == pytest.approx(tuple(ends), rel=1e-3)
    half = stats.t.ppf(0.975, tasks - 3) * sd * np.sqrt(1 + 1 / (tasks - 1))
    next_one = found.one("next_task_transfer")
    assert next_one.high - next_one.low == pytest.approx(2 * half, rel=1e-3)
