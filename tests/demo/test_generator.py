"""The generator finds the Gaussians that made its images, and experience counts by likeness."""

from __future__ import annotations

import numpy as np
import pytest

from toolkit.demo.generator import ClassGaussians, Prior, carried_over, draw, fit
from toolkit.demo.images import ImageSet, TaskImages


def _images(pixels: np.ndarray, labels: np.ndarray) -> ImageSet:
    return ImageSet(pixels, labels, np.arange(len(labels)))


@pytest.fixture
def known() -> ClassGaussians:
    rng = np.random.default_rng(1)
    root = rng.normal(0, 0.01, (64, 64))
    return ClassGaussians(rng.uniform(0.3, 0.7, (10, 64)), root @ root.T)


def test_draws_have_the_means_and_covariance_asked_for(known: ClassGaussians) -> None:
    """Far from the ends of the scale nothing is clipped: sample moments are the model's."""
    drawn = draw(known, 4000, np.random.default_rng(2))
    assert drawn.readable.all()
    assert (drawn.draws == 1).all()
    residuals = drawn.pixels - known.means[drawn.labels]
    np.testing.assert_allclose(residuals.T @ residuals / len(residuals), known.covariance, atol=4e-4)
    for label in range(10):
        np.testing.assert_allclose(drawn.pixels[drawn.labels == label].mean(axis=0), known.means[label], atol=0.01)


def test_fit_recovers_what_was_drawn(known: ClassGaussians) -> None:
    """Fitted on many draws, the generator is the one that drew them."""
    drawn = draw(known, 2000, np.random.default_rng(3))
    found = fit(_images(drawn.pixels, drawn.labels))
    np.testing.assert_allclose(found.means, known.means, atol=0.02)
    np.testing.assert_allclose(found.covariance, known.covariance, atol=1e-3)


def test_prior_pulls_means_by_its_weight(tasks: tuple[TaskImages, ...]) -> None:
    """With n images a class and a prior worth w, the mean is (n own + w prior) / (n + w)."""
    side = tasks[0].training
    rows = np.concatenate([np.flatnonzero(side.labels == c)[:5] for c in range(10)])
    seeds = side.take(rows)
    prior = Prior(np.full((10, 64), 0.25), np.eye(64), weight=3.0)
    own = np.array([seeds.pixels[seeds.labels == c].mean(axis=0) for c in range(10)])
    np.testing.assert_allclose(fit(seeds, prior).means, (5 * own + 3 * 0.25) / 8)
    np.testing.assert_allclose(fit(seeds, prior).covariance, (50 * fit(seeds).covariance + 30 * np.eye(64)) / 80)


def test_class_without_images_is_the_prior(tasks: tuple[TaskImages, ...]) -> None:
    """Where nobody labelled a seed image as a 4, a 4 looks as it did in earlier tasks."""
    side = tasks[0].training
    seeds = side.take(np.flatnonzero(side.labels != 4)[:60])
    prior = Prior(np.random.default_rng(0).random((10, 64)), np.eye(64), weight=2.0)
    np.testing.assert_allclose(fit(seeds, prior).means[4], prior.means[4])


def test_unlike_tasks_are_not_listened_to(tasks: tuple[TaskImages, ...]) -> None:
    """The negative says nothing about the scan, the turned scan something, and the scan itself all it may."""
    scan, turned, film = (fit(task.training) for task in tasks)
    seeds = tasks[0].training
    assert carried_over(seeds, [film], 3.0) is None
    assert carried_over(seeds, [], 3.0) is None
    prior = carried_over(seeds, [turned, film], 3.0)
    assert prior is not None
    np.testing.assert_allclose(prior.means, turned.means)
    assert 0 < prior.weight < 3
    itself = carried_over(seeds, [scan], 3.0)
    assert itself is not None
    assert itself.weight == pytest.approx(3.0)


def test_unreadable_images_cost_two_draws() -> None:
    """Images far outside the scale are drawn again, then handed over as unreadable, clipped to the scale."""
    wild = ClassGaussians(np.full((10, 64), 3.0), np.eye(64) * 0.01)
    drawn = draw(wild, 3, np.random.default_rng(0))
    assert not drawn.readable.any()
    assert (drawn.draws == 2).all()
    assert drawn.pixels.max() == 1.0


def test_second_draw_shifts_no_other_image(known: ClassGaussians) -> None:
    """Whether one image needs two draws changes no image of another class: arms share their luck."""
    means = known.means.copy()
    means[0] = 3.0
    calm = draw(known, 5, np.random.default_rng(7))
    partly = draw(ClassGaussians(means, known.covariance), 5, np.random.default_rng(7))
    assert (partly.draws[:5] == 2).all()
    np.testing.assert_array_equal(partly.pixels[5:], calm.pixels[5:])
