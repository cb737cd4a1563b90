"""Logs that are too short, too poor or too uniform: a stated reason or a correct estimate, never a silent nan."""

import json
import math

import numpy as np
import pytest

from tests.builders import config, cube_from_scores, scores_from_items, scores_from_matrix
from toolkit.analyses import Evidence, forgetting, transfer
from toolkit.review import judged

ARMS = ("stream", "isolated", "joint")
RNG = np.random.default_rng(1)


def binary(*shape):
    return (np.random.default_rng(2).random(shape) < 0.7).astype(float)


def never_again():
    """Tasks are scored when they arrive and never again."""
    y = np.full((1, 3, 5, 4, 20), np.nan)
    for j in range(4):
        y[:, :, j + 1, j] = binary(1, 3, 20)
    return y


def holes():
    """A quarter of the cells is missing, never those at arrival or of the last stage."""
    y = binary(1, 3, 6, 5, 20)
    gone = RNG.random((1, 3, 6, 5)) < 0.25
    gone[:, :, -1] = False
    for j in range(5):
        gone[:, :, j + 1, j] = False
    y[gone] = np.nan
    return y


def unequal():
    """Tasks of 3 to 40 items, and a fifth of the rows missing."""
    y = binary(1, 3, 6, 5, 40)
    for j, n in enumerate((40, 20, 10, 5, 3)):
        y[..., j, n:] = np.nan
    y[RNG.random(y.shape) < 0.2] = np.nan
    return y


def lost_seed():
    """The isolated arm lost one of three seeds."""
    y = binary(2, 3, 5, 4, 20)
    y[1, 1] = np.nan
    return y


CASES = {
    "one stage": lambda: scores_from_items(binary(1, 3, 2, 4, 20)),
    "stage 0 alone": lambda: scores_from_items(binary(1, 3, 1, 4, 20)),
    "one task": lambda: scores_from_items(binary(1, 3, 3, 1, 20)),
    "one task, all arms": lambda: scores_from_items(binary(3, 3, 2, 1, 20), arms=ARMS),
    "one item": lambda: scores_from_items(binary(1, 1, 5, 4, 1)),
    "never evaluated again": lambda: scores_from_items(never_again()),
    "all right": lambda: scores_from_items(np.ones((3, 3, 5, 4, 20)), arms=ARMS),
    "all wrong": lambda: scores_from_items(np.zeros((3, 3, 5, 4, 20)), arms=ARMS),
    "all wrong, one seed": lambda: scores_from_items(np.zeros((1, 1, 5, 4, 20))),
    "constant matrix": lambda: scores_from_matrix(np.full((3, 3, 5, 4), 0.5), arms=ARMS),
    "missing cells": lambda: scores_from_items(holes()),
    "unequal items": lambda: scores_from_items(unequal()),
    "a seed lost": lambda: scores_from_items(lost_seed(), arms=ARMS[:2]),
    "fewer stages than tasks": lambda: scores_from_items(binary(2, 2, 3, 6, 20), arms=ARMS[:2]),
    "one seed, no items": lambda: scores_from_matrix(RNG.random((3, 1, 5, 4)), arms=ARMS),
    "isolated alone": lambda: scores_from_items(binary(1, 2, 4, 3, 20), arms=("isolated",)),
}


@pytest.mark.parametrize("case", CASES)
def test_every_estimate_is_a_number_or_a_reason(case):
    """Value, both ends and a finite standard error, or why not; nothing is nan, and JSON can hold it."""
    scores = CASES[case]()
    evidence = Evidence(cube_from_scores(scores, config(len(scores.tasks))))
    for analysis in (transfer(evidence), forgetting(evidence)):
        estimates = judged(analysis.estimates, evidence.config)
        assert len({e.id for e in estimates}) == len(estimates)
        for e in estimates:
            assert (e.low is None) == (e.high is None)
            assert e.has_interval or e.reason, e.id
            assert e.scope is not None or not e.has_interval, e.id
            for number in (e.value, e.low, e.high, e.se, e.df, e.p_value, e.p_adjusted, *e.variance.values()):
                assert number is None or not math.isnan(number), e.id
            if e.has_interval and not math.isinf(e.high):
                assert e.low <= e.high, e.id
            json.loads(e.model_dump_json(), parse_constant=lambda text: pytest.fail(f"{text} is no JSON"))


@pytest.mark.parametrize(
    ("case", "quantity", "reason"),
    [
        ("one stage", "backward_transfer", "at least one stage after"),
        ("one seed, no items", "max_forgetting", "item-level scores"),
        ("never evaluated again", "backward_transfer", "at least one stage after"),
        ("constant matrix", "backward_transfer", "says nothing of how they vary"),
        ("one seed, no items", "backward_transfer", "needs item-level scores or at least two seeds"),
        ("isolated alone", "backward_transfer", 'needs the arm "stream"'),
    ],
)
def test_reasons_say_what_is_missing(case, quantity, reason):
    scores = CASES[case]()
    got = forgetting(Evidence(cube_from_scores(scores, config(len(scores.tasks))))).one(quantity, stage=None, task=None)
    assert got.low is None
    assert reason in got.reason


def test_unequal_items_count_tasks_equally():
    """Backward transfer is the mean of the tasks' means, whatever their sizes, by pandas-free arithmetic."""
    y = unequal()
    scores = scores_from_items(y)
    got = forgetting(Evidence(cube_from_scores(scores, config(5)))).one("backward_transfer", stage=None, task=None)
    each = [np.nanmean(y[0, :, -1, j], -1) - np.nanmean(y[0, :, j + 1, j], -1) for j in range(4)]
    assert got.value == pytest.approx(np.mean(each), abs=1e-8)
    assert got.has_interval
