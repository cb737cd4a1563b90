"""The generator finds the Gaussians that made its images, and experience counts by likeness."""

from __future__ import annotations

import numpy as np
import pytest

from toolkit.demo.generator import ClassGaussians, Prior, carried_over, draw, fit
from toolkit.demo.images import ImageSet, TaskImages
from toolkit.demo.judge import nearest_label
from toolkit.demo.settings import Settings
from toolkit.demo.teaching import seed_images


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


class TestTemperature:
    def test_scales_the_covariance(self, known: ClassGaussians) -> None:
        """With the same noise each image lies half as far from its mean at a quarter of the temperature."""
        plain, cool = (draw(known, 5, np.random.default_rng(4), t) for t in (1.0, 0.25))
        centre = known.means[plain.labels]
        np.testing.assert_allclose(cool.pixels - centre, (plain.pixels - centre) / 2, atol=1e-12)

    def test_one_is_plain_drawing(self, known: ClassGaussians) -> None:
        """Temperature 1 is the model itself."""
        plain, one = draw(known, 5, np.random.default_rng(4)), draw(known, 5, np.random.default_rng(4), 1.0)
        np.testing.assert_array_equal(plain.pixels, one.pixels)

    def test_trades_true_labels_for_variety(self, tasks: tuple[TaskImages, ...]) -> None:
        """On digits, over three tasks and three seeds: the hotter, the more labels are wrong by the nearest human
        image, the more images are unreadable, and the farther they lie from their class's mean."""
        found = []
        for temperature in (0.25, 0.5, 1.0, 2.0):
            wrong, unreadable, spread = [], [], []
            for task in tasks:
                for seed in range(3):
                    generator = fit(seed_images(task, 1, seed, Settings()))
                    drawn = draw(generator, 25, np.random.default_rng(seed), temperature)
                    seen = drawn.readable == 1
                    wrong.append(np.mean((nearest_label(drawn.pixels, task.training) != drawn.labels)[seen]))
                    unreadable.append(1 - drawn.readable.mean())
                    away = drawn.pixels - np.stack([drawn.pixels[drawn.labels == c].mean(0) for c in drawn.labels])
                    spread.append(np.mean((away**2).sum(axis=1)))
            found.append([np.mean(wrong), np.mean(unreadable), np.mean(spread)])
        errors, unreadable_share, spreads = np.array(found).T
        assert (np.diff(errors) > 0).all()
        assert (np.diff(spreads) > 0).all()
        assert unreadable_share[0] == 0 < unreadable_share[2] < unreadable_share[3]
