"""Test images are apart from training images, look as their condition says, and similarity means likeness."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cosine
from sklearn.datasets import load_digits

from toolkit.demo.images import (
    TRANSFORMS,
    TaskImages,
    class_means,
    ink_bands,
    load_tasks,
    similarity,
    split,
)
from toolkit.demo.settings import CONDITIONS, Settings


@pytest.fixture
def scans() -> np.ndarray:
    return load_digits().images[:20] / 16.0


class TestSplit:
    def test_sides_share_nothing_and_lose_nothing(self) -> None:
        """Every image is on exactly one side."""
        labels = load_digits().target
        training, test = split(labels, 20)
        assert sorted([*training, *test]) == list(range(1797))
        assert np.bincount(labels[test]).tolist() == [20] * 10

    def test_every_task_splits_the_same_images(self, tasks: tuple[TaskImages, ...]) -> None:
        """An image tested in one task trains in none: the split comes before the condition."""
        tested = set(tasks[0].test.ids.tolist())
        for task in tasks:
            assert set(task.test.ids.tolist()) == tested
            assert tested.isdisjoint(task.training.ids.tolist())

    def test_labels_are_those_that_people_gave(self, tasks: tuple[TaskImages, ...]) -> None:
        """The label of each image is the data set's."""
        for task in tasks:
            for side in (task.training, task.test):
                np.testing.assert_array_equal(side.labels, load_digits().target[side.ids])


class TestConditions:
    @pytest.mark.parametrize("name", [condition.name for condition in CONDITIONS])
    def test_scale_and_shape_stay(self, name: str, scans: np.ndarray) -> None:
        """Whatever the condition, pixels stay in [0, 1] and the images 8 x 8."""
        seen = TRANSFORMS[name](scans, np.random.default_rng(0))
        assert seen.shape == scans.shape
        assert seen.min() >= 0
        assert seen.max() <= 1

    def test_quarter_turn_is_exact(self, scans: np.ndarray) -> None:
        """Rotation by 90 degrees is a permutation of pixels."""
        seen = TRANSFORMS["rotated-90"](scans, np.random.default_rng(0))
        np.testing.assert_allclose(seen, np.rot90(scans, axes=(1, 2)), atol=1e-12)

    def test_inversion_twice_is_nothing(self, scans: np.ndarray) -> None:
        """White on black on white is the scan."""
        rng = np.random.default_rng(0)
        np.testing.assert_allclose(TRANSFORMS["inverted"](TRANSFORMS["inverted"](scans, rng), rng), scans)

    def test_strokes_get_thicker_and_blur_keeps_ink(self, scans: np.ndarray) -> None:
        """A broad pen never removes ink; a blurred line is fainter at its darkest."""
        rng = np.random.default_rng(0)
        assert (TRANSFORMS["thick-strokes"](scans, rng) >= scans).all()
        assert (TRANSFORMS["blurred"](scans, rng).max(axis=(1, 2)) < scans.max(axis=(1, 2))).all()

    def test_noise_of_a_test_image_does_not_depend_on_the_other_tasks(self) -> None:
        """With fewer tasks the images of those that are left look the same."""
        few, many = load_tasks(Settings(tasks=6)), load_tasks(Settings(tasks=8))
        np.testing.assert_array_equal(few[5].test.pixels, many[5].test.pixels)


def test_ink_bands_are_thirds_of_the_reference() -> None:
    """Three equal parts on the reference itself."""
    reference = np.random.default_rng(0).random(300)
    bands = ink_bands(reference, reference)
    assert [bands.count(name) for name in ("light", "medium", "dark")] == [100, 100, 100]
    assert max(reference[[b == "light" for b in bands]]) < min(reference[[b == "dark" for b in bands]])


class TestSimilarity:
    def test_is_the_cosine_of_stacked_centred_class_means(self, tasks: tuple[TaskImages, ...]) -> None:
        """SciPy's cosine on means computed image by image gives the same number."""
        stacked = []
        for task in tasks[:2]:
            side = task.training
            means = [side.pixels[[label == c for label in side.labels]].mean(axis=0) for c in range(10)]
            stacked.append((np.array(means) - np.mean(means, axis=0)).ravel())
        ours = similarity(*(class_means(t.training.pixels, t.training.labels) for t in tasks[:2]))
        assert ours == pytest.approx(1 - cosine(*stacked), abs=1e-12)

    def test_negative_is_the_opposite(self, tasks: tuple[TaskImages, ...]) -> None:
        """The inverted condition says exactly the opposite of the scan."""
        scan, film = (class_means(t.training.pixels, t.training.labels) for t in (tasks[0], tasks[2]))
        assert tasks[2].name == "inverted"
        assert similarity(scan, film) == pytest.approx(-1, abs=1e-12)

    def test_nothing_to_compare_is_zero(self) -> None:
        """Classes that all look the same have no likeness to anything."""
        assert similarity(np.ones((10, 64)), np.eye(10, 64)) == 0.0
