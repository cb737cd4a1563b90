"""How does the demo make synthetic digits? A Gaussian for each class, learned from few images and experience.

The class means are posterior means under a conjugate prior that the earlier tasks give (Gelman et al.,
Bayesian Data Analysis, 3rd ed., section 3.6); the covariance, shared by the classes, is shrunk as Ledoit and
Wolf (2004) propose and pooled with that of the prior.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from toolkit.demo.images import CLASSES, Floats, ImageSet, Ints, class_means, similarity

#: A drawn image is unreadable when it leaves the grey scale by more than a tenth of it, root mean square.
UNREADABLE = 0.1
#: How often the generator draws before it hands over an unreadable image.
MAX_DRAWS = 2


@dataclass(frozen=True)
class ClassGaussians:
    """A generator. means: (10, 64); covariance: (64, 64), within classes, shared by them."""

    means: Floats
    covariance: Floats


@dataclass(frozen=True)
class Prior:
    """What earlier tasks say about a new one; `weight`: how many images a class that counts for."""

    means: Floats
    covariance: Floats
    weight: float


@dataclass(frozen=True)
class Drawn:
    """Generated images. pixels: (n, 64) in [0, 1]; labels: (n,) the class asked for; readable: (n,);
    draws: (n,) how many draws each took."""

    pixels: Floats
    labels: Ints
    readable: Ints
    draws: Ints


def fit(images: ImageSet, prior: Prior | None = None) -> ClassGaussians:
    """The generator for a task from its seed images, starting from `prior` where there is one."""
    from sklearn.covariance import ledoit_wolf

    means = class_means(images.pixels, images.labels)
    covariance, _ = ledoit_wolf(images.pixels - means[images.labels], assume_centered=True)
    if prior is None:
        return ClassGaussians(means, covariance)
    counts = np.bincount(images.labels, minlength=CLASSES)[:, None]
    own = np.where(counts > 0, means, 0.0)  # a class without an image is what the prior says
    means = (counts * own + prior.weight * prior.means) / (counts + prior.weight)
    experience = prior.weight * CLASSES
    covariance = (len(images) * covariance + experience * prior.covariance) / (len(images) + experience)
    return ClassGaussians(means, covariance)


def carried_over(images: ImageSet, earlier: Sequence[ClassGaussians], prior_images: float) -> Prior | None:
    """What the generators of earlier tasks say about a new one, seen from its seed images.

    Each counts by its similarity to them, nothing below zero; together they count for `prior_images` images a
    class times their mean similarity: strangers are listened to little. None where no earlier task is alike.
    """
    means = class_means(images.pixels, images.labels)
    alike = np.array([max(0.0, similarity(means, task.means)) for task in earlier])
    if alike.sum() <= 0:
        return None
    shares = alike / alike.sum()
    return Prior(
        means=np.tensordot(shares, np.stack([task.means for task in earlier]), axes=1),
        covariance=np.tensordot(shares, np.stack([task.covariance for task in earlier]), axes=1),
        weight=prior_images * float(shares @ alike),
    )


def draw(generator: ClassGaussians, per_class: int, rng: np.random.Generator, temperature: float = 1.0) -> Drawn:
    """`per_class` images of each class, each drawn once more where the first is unreadable.

    temperature: the covariance is taken times this: below 1 images are more like their class's mean, above it less.
    """
    values, vectors = np.linalg.eigh(generator.covariance)
    root = vectors * np.sqrt(temperature * np.clip(values, 0.0, None))
    labels = np.repeat(np.arange(CLASSES), per_class)
    # All tries are drawn at once: how many one image needs must not shift the noise of the next.
    noise = rng.standard_normal((MAX_DRAWS, len(labels), root.shape[0]))
    tries = generator.means[labels] + noise @ root.T
    outside = np.sqrt(np.mean((tries - np.clip(tries, 0.0, 1.0)) ** 2, axis=2))
    good = outside <= UNREADABLE
    readable = good.any(axis=0)
    chosen = np.where(readable, good.argmax(axis=0), MAX_DRAWS - 1)
    pixels = np.clip(tries[chosen, np.arange(len(labels))], 0.0, 1.0)
    return Drawn(pixels, labels, readable.astype(np.int64), chosen + 1)
