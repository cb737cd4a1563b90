"""What a critique is worth in scalar judgements: by hand on straight curves, and nothing beyond what was observed."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import stats

from tests.builders import config, cube_from_scores, judgements, scores_from_matrix
from toolkit.analyses import Evidence
from toolkit.analyses.critiques import equivalent_samples
from toolkit.cube.cube import Cube

STEPS = (100.0, 200.0, 300.0, 400.0)


def evidence(curves, forms):
    """curves: arm -> [seed, task, step] scores; forms: arm -> form of its feedback."""
    arms = tuple(curves)
    seeds, tasks, _ = next(iter(curves.values())).shape
    R = np.full((len(arms), seeds, tasks + 1, tasks), 0.5)
    cube = cube_from_scores(scores_from_matrix(R, arms=arms), config(tasks))
    rows = [
        {"arm": arm, "task_order": "default", "seed": s, "stage": j + 1, "task": f"task {j + 1}", "step": STEPS[k],
         "n": 10, "total": round(float(y[s, j, k]) * 1e10), "total_sq": 0}
        for arm, y in curves.items() for s, j, k in np.ndindex(y.shape)
    ]  # fmt: skip
    judged = pd.DataFrame([
        {"arm": arm, "form": form, "item": k, "source": "synthetic", "rater": "judge", "score": 0.5}
        for arm, form in forms.items() for k in range(3)
    ])  # fmt: skip
    return Evidence(Cube(cube.meta, {
        **cube.tables, "curves": pa.Table.from_pylist(rows), "judgements": judgements(judged)
    }))  # fmt: skip


def lines(slopes):
    """Straight curves through zero, [1 seed, task, step], of so many points a hundred steps."""
    return (np.array(slopes)[:, None] * np.array(STEPS) / 100)[None]


FORMS = {"with critique": "critique", "with scores": "scalar"}


def test_a_student_that_learns_twice_as_fast_is_worth_two():
    """Ratios of slopes 2.2, 2 and 1.8 at the highest score that both reach; t over tasks of their logs."""
    slow, fast = np.array([0.1, 0.1, 0.1]), np.array([0.22, 0.2, 0.18])
    (got,) = equivalent_samples(evidence({"with critique": lines(fast), "with scores": lines(slow)}, FORMS))
    logs = np.log(fast / slow)
    low, high = stats.ttest_1samp(logs, 0).confidence_interval()
    assert got.value == pytest.approx(np.exp(logs.mean()), rel=1e-9)
    assert (got.low, got.high) == pytest.approx((np.exp(low), np.exp(high)), rel=1e-9)
    assert (got.arm, got.against, got.group) == ("with critique", "with scores", "form=critique:scalar")
    assert got.n == {"tasks": 3, "runs": 3, "left_out": 0}


def test_nothing_is_extrapolated():
    """A curve that starts above all that the other reaches has no common score: left out and counted."""
    slow = lines([0.05, 0.05, 0.05, 0.05])
    fast = lines([0.11, 0.1, 0.09, 0.3])
    (got,) = equivalent_samples(evidence({"with critique": fast, "with scores": slow}, FORMS))
    assert got.n == {"tasks": 3, "runs": 3, "left_out": 1}


def test_what_is_missing_is_said():
    y = lines([0.1, 0.12, 0.14])
    (alike,) = equivalent_samples(evidence({"a": y, "b": y}, {"a": "scalar", "b": "scalar"}))
    assert "different forms" in alike.reason
    (few,) = equivalent_samples(evidence({"a": y[:, :2], "b": 2 * y[:, :2]}, {"a": "scalar", "b": "critique"}))
    assert "three tasks" in few.reason
