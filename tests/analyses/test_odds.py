"""Odds of a wrong answer per stage: direction, models beside each other, and what they refuse."""

import numpy as np
import pytest
from scipy import special

from tests.builders import config, cube_from_scores, scores_from_items, scores_from_matrix
from toolkit.analyses import Evidence, forgetting

SLOPE = -0.25  # log odds of a right answer per stage


def logged(rng, slope=SLOPE, arms=("stream",), items=80, seeds=3, tasks=6):
    """Binary scores whose log odds fall by `slope` a stage since arrival, items, tasks and seeds differing."""
    shape = (len(arms), seeds, tasks + 1, tasks, items)
    age = np.maximum(np.arange(tasks + 1)[:, None] - np.arange(1, tasks + 1)[None, :], 0)[:, :, None]
    slopes = np.array([slope if arm == "stream" else 0.0 for arm in arms]).reshape(-1, 1, 1, 1, 1)
    level = 0.8 + rng.normal(0, 1, (1, 1, 1, tasks, items)) + rng.normal(0, 0.2, (1, seeds, 1, 1, 1))
    return scores_from_items((rng.random(shape) < special.expit(level + slopes * age)).astype(float), arms=arms)


def odds_of(scores):
    found = forgetting(Evidence(cube_from_scores(scores, config(len(scores.tasks)))))
    return {e.group: e for e in found.select("forgetting_odds_per_stage", against=None)}, found


def test_the_odds_of_a_wrong_answer_grow_where_scores_fall():
    """exp(.25) = 1.28 conditional on the item: the mixed model finds it, the marginal models a little less."""
    found, _ = odds_of(logged(np.random.default_rng(1)))
    mixed, whole, new = found["model=mixed"], found[None], found["scope=tasks"]
    assert mixed.low < np.exp(-SLOPE) < mixed.high
    assert mixed.low > 1
    assert 1 < whole.low < whole.value < mixed.value  # marginal effects are smaller than conditional ones
    assert new.value == pytest.approx(whole.value, rel=0.05)
    assert (whole.scope, new.scope) == ("seeds", "tasks")
    assert "sd on the logit scale: item" in mixed.method


def test_another_arm_followed_over_stages_is_compared():
    """The stream's odds ratio over that of an arm that loses nothing."""
    scores = logged(np.random.default_rng(2), arms=("stream", "replay"))
    _, found = odds_of(scores)
    (got,) = found.select("forgetting_odds_per_stage", against="replay")
    assert got.low > 1
    assert got.low < np.exp(0.22) < got.high  # the marginal difference


def test_what_cannot_be_modelled_is_said():
    rng = np.random.default_rng(3)
    found, _ = odds_of(scores_from_matrix(rng.random((1, 3, 5, 4))))
    assert "item-level" in found[None].reason
    assert set(found) == {None}
    rare = np.ones((1, 2, 5, 4, 20))
    rare[0, 0, 4, 0, 0] = 0
    found, _ = odds_of(scores_from_items(rare))
    assert "model=mixed" not in found
