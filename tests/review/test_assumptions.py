"""What a page says its numbers rest on, where a log is short of what they need."""

import numpy as np
import pytest
from scipy import stats

from tests.builders import config, cube_from_scores, scores_from_items
from toolkit.analyses import Evidence, forgetting, transfer
from toolkit.review import assumptions


def evidence_of(y, arms=("stream",)):
    scores = scores_from_items(y, arms=arms)
    return Evidence(cube_from_scores(scores, config(len(scores.tasks))))


def test_one_run_names_the_spread_between_runs_that_would_turn_it():
    """sqrt(d^2 / z^2 - V_items), in points, and only where the items alone do not turn the sign."""
    rng = np.random.default_rng(1)
    y = (rng.random((1, 1, 5, 4, 200)) < 0.9).astype(float)
    y[:, :, -1] = rng.random((4, 200)) < 0.7
    evidence = evidence_of(y)
    found = forgetting(evidence)
    headline = found.one("backward_transfer", task=None, stage=None)
    sd = np.sqrt((headline.value / stats.norm.isf(0.025)) ** 2 - headline.se**2)
    said = [one for one in assumptions("forgetting", evidence, found).doubtful if "standard deviation" in one.sentence]
    assert len(said) == 1
    assert f"{100 * sd:.2g}\u00a0points" in said[0].sentence
    assert said[0].figures == {"standard_deviation": pytest.approx(sd)}
    flat = evidence_of((rng.random((1, 1, 5, 4, 200)) < 0.9).astype(float))
    doubted = assumptions("forgetting", flat, forgetting(flat)).doubtful
    assert not any("standard deviation" in one.sentence for one in doubted)


def test_tasks_that_resemble_their_neighbours_are_told():
    """A loss that creeps along the stream is in doubt; one that jumps from task to task is checked, and holds."""
    rng = np.random.default_rng(2)
    tasks = 8
    for rates, where in (
        (np.linspace(0.1, 0.9, tasks), "doubtful"),
        (np.where(np.arange(tasks) % 2, 0.1, 0.9), "holds"),
    ):
        y = np.ones((1, 3, tasks + 1, tasks, 60))
        y[0, :, -1] = rng.random((3, tasks, 60)) > rates[:, None]
        evidence = evidence_of(y)
        base = assumptions("forgetting", evidence, forgetting(evidence))
        assert any("eighbouring tasks" in one.sentence for one in getattr(base, where))


def test_one_order_without_an_isolated_arm_cannot_tell_place_from_task():
    y = (np.random.default_rng(3).random((2, 2, 4, 3, 20)) < 0.7).astype(float)
    alone = evidence_of(y[:1])
    both = evidence_of(y, ("stream", "isolated"))
    assert any("task's place" in one.sentence for one in assumptions("transfer", alone, transfer(alone)).doubtful)
    assert not any("task's place" in one.sentence for one in assumptions("transfer", both, transfer(both)).doubtful)
