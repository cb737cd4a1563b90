"""The judge learns and says how sure it is; the rule is the nearest labelled image."""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import cdist

from toolkit.demo.images import TaskImages
from toolkit.demo.judge import fit_judge, nearest_label


def test_rule_is_the_nearest_neighbour(tasks: tuple[TaskImages, ...]) -> None:
    """Distances written out give the same labels."""
    task = tasks[1]
    nearest = cdist(task.test.pixels, task.training.pixels).argmin(axis=1)
    np.testing.assert_array_equal(nearest_label(task.test.pixels, task.training), task.training.labels[nearest])


def test_judge_is_better_than_chance_on_images_it_has_not_seen(tasks: tuple[TaskImages, ...]) -> None:
    """Fitted on 200 labelled scans it reads most of the test images; guessing reads one of ten."""
    task = tasks[0]
    judge = fit_judge(task.training.pixels[:200], task.training.labels[:200], seed=0)
    said, probabilities = judge.judge(task.test.pixels)
    assert np.mean(said == task.test.labels) > 0.7
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    np.testing.assert_array_equal(probabilities.argmax(axis=1), said)


def test_judge_gives_no_probability_to_a_class_it_never_saw(tasks: tuple[TaskImages, ...]) -> None:
    """Columns are classes, also where some are missing from what it learned."""
    side = tasks[0].training
    rows = np.flatnonzero((side.labels == 3) | (side.labels == 8))
    said, probabilities = fit_judge(side.pixels[rows], side.labels[rows], seed=0).judge(side.pixels[:50])
    assert set(said.tolist()) == {3, 8}
    assert probabilities[:, [0, 1, 2, 4, 5, 6, 7, 9]].sum() == 0
