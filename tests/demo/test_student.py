"""The student follows the gradient of the cross-entropy, and may be stopped between batches."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest
from scipy.special import log_softmax

from toolkit.demo.student import Network, answers, learn, new_network, presentation


@pytest.fixture
def lesson() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.random((40, 64)), rng.integers(10, size=40)


def _loss(network: Network, pixels: np.ndarray, labels: np.ndarray) -> float:
    hidden = np.maximum((pixels - 0.5) @ network.inner + network.inner_bias, 0)
    scores = log_softmax(hidden @ network.outer + network.outer_bias, axis=1)
    return float(-scores[np.arange(len(labels)), labels].mean())


@pytest.mark.parametrize("part", [0, 1, 2, 3])
def test_step_is_the_gradient(part: int, lesson: tuple[np.ndarray, np.ndarray]) -> None:
    """One step moves each weight by the rate times the slope of the loss, found by finite differences."""
    pixels, labels = lesson
    start = new_network(6, np.random.default_rng(1))
    moved = astuple(learn(start, pixels, labels, rate=1.0, batch=40))[part] - astuple(start)[part]
    for place in list(np.ndindex(moved.shape))[:: max(1, moved.size // 10)]:
        ends = []
        for change in (1e-6, -1e-6):
            weights = [w.copy() for w in astuple(start)]
            weights[part][place] += change
            ends.append(_loss(Network(*weights), pixels, labels))
        assert moved[place] == pytest.approx(-(ends[0] - ends[1]) / 2e-6, abs=1e-7)


def test_stopping_between_batches_changes_nothing(lesson: tuple[np.ndarray, np.ndarray]) -> None:
    """Learning in two parts is learning at one go, to the last bit."""
    pixels, labels = lesson
    start = new_network(6, np.random.default_rng(1))
    whole = learn(start, pixels, labels, 0.1, 10)
    halves = learn(learn(start, pixels[:20], labels[:20], 0.1, 10), pixels[20:], labels[20:], 0.1, 10)
    for one, other in zip(astuple(whole), astuple(halves), strict=True):
        np.testing.assert_array_equal(one, other)


def test_learning_leaves_the_old_student_as_it_was(lesson: tuple[np.ndarray, np.ndarray]) -> None:
    """Arms start from the same network: teaching one must not change the other's."""
    start = new_network(6, np.random.default_rng(1))
    before = [weights.copy() for weights in astuple(start)]
    learn(start, *lesson, 0.1, 10)
    for now, then in zip(astuple(start), before, strict=True):
        np.testing.assert_array_equal(now, then)


def test_student_learns_what_it_is_shown(lesson: tuple[np.ndarray, np.ndarray]) -> None:
    """After many rounds it answers its own lesson."""
    pixels, labels = lesson
    order = presentation(40, 12_000, np.random.default_rng(3))
    taught = learn(new_network(64, np.random.default_rng(1)), pixels[order], labels[order], 0.1, 10)
    assert np.mean(answers(taught, pixels) == labels) == 1.0


def test_presentation_shows_all_before_any_again() -> None:
    """Every round is a shuffle of all rows; the last one is cut at the budget."""
    order = presentation(7, 17, np.random.default_rng(0))
    assert len(order) == 17
    assert sorted(order[:7]) == sorted(order[7:14]) == list(range(7))
    assert len(set(order[14:].tolist())) == 3
    assert len(presentation(0, 17, np.random.default_rng(0))) == 0
