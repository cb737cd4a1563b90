"""Which images does the demo learn from and test on? Handwritten digits under graded acquisition conditions.

The 1,797 images (8 x 8 pixels, 16 grey levels) come with scikit-learn and were labelled by people: E.
Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, 1998. They
are split into training and test images *before* any condition is applied: an image that is tested in one task
trains in none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from toolkit.demo.settings import Settings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CLASSES = 10
_SPLIT, _NOISE = (7,), (11,)  # keys of the random streams that are the same in every replicate


@dataclass(frozen=True)
class ImageSet:
    """Images of one task. pixels: (n, 64) in [0, 1]; labels: (n,) by people; ids: row in the data set."""

    pixels: Floats
    labels: Ints
    ids: Ints

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, rows: Ints) -> ImageSet:
        """The images in these rows."""
        return ImageSet(self.pixels[rows], self.labels[rows], self.ids[rows])


@dataclass(frozen=True)
class TaskImages:
    """One task: the images it may learn from, those it is tested on, and the ink band of each test image."""

    name: str
    training: ImageSet
    test: ImageSet
    test_ink: tuple[str, ...]


def rotated(degrees: float) -> Callable[[Floats, np.random.Generator], Floats]:
    """Turned counter-clockwise about the centre, corners filled with paper."""

    def turn(images: Floats, rng: np.random.Generator) -> Floats:
        from scipy import ndimage

        turned = ndimage.rotate(images, degrees, axes=(1, 2), reshape=False, order=1)
        return np.asarray(np.clip(turned, 0.0, 1.0), dtype=np.float64)

    return turn


def as_scanned(images: Floats, rng: np.random.Generator) -> Floats:
    """Unchanged."""
    return images


def inverted(images: Floats, rng: np.random.Generator) -> Floats:
    """White on black, as on archive film."""
    return np.asarray(1.0 - images, dtype=np.float64)


def blurred(images: Floats, rng: np.random.Generator) -> Floats:
    """Out of focus: a Gaussian of 0.8 pixels."""
    from scipy import ndimage

    return np.asarray(ndimage.gaussian_filter(images, (0.0, 0.8, 0.8)), dtype=np.float64)


def noisy(images: Floats, rng: np.random.Generator) -> Floats:
    """With sensor noise of a quarter of the scale, clipped to it."""
    return np.clip(images + rng.normal(0.0, 0.25, images.shape), 0.0, 1.0)


def thick_strokes(images: Floats, rng: np.random.Generator) -> Floats:
    """Written with a broad pen: the maximum over 2 x 2 pixels."""
    from scipy import ndimage

    return np.asarray(ndimage.grey_dilation(images, (1, 2, 2)), dtype=np.float64)


#: (n, 8, 8) in [0, 1] to the same shape and scale.
TRANSFORMS: Mapping[str, Callable[[Floats, np.random.Generator], Floats]] = {
    "as-scanned": as_scanned,
    "rotated-15": rotated(15),
    "rotated-30": rotated(30),
    "rotated-90": rotated(90),
    "inverted": inverted,
    "blurred": blurred,
    "noisy": noisy,
    "thick-strokes": thick_strokes,
}


@lru_cache(maxsize=4)
def load_tasks(settings: Settings) -> tuple[TaskImages, ...]:
    """The images of every task in order of arrival; the same in every replicate, release and process."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    images, labels = digits.images / 16.0, digits.target.astype(np.int64)
    training, test = split(labels, settings.tests_per_class)
    bands = ink_bands(images[training].mean(axis=(1, 2)), images[test].mean(axis=(1, 2)))
    tasks = []
    for position, condition in enumerate(settings.conditions):
        # Noise is drawn for each side by itself: test images look the same whatever is trained on.
        seen, unseen = (
            ImageSet(_apply(condition.name, images[rows], (*_NOISE, position, side)), labels[rows], rows)
            for side, rows in enumerate((training, test))
        )
        tasks.append(TaskImages(condition.name, seen, unseen, bands))
    return tuple(tasks)


def split(labels: Ints, tests_per_class: int) -> tuple[Ints, Ints]:
    """Rows to train on and rows to test on, drawn without replacement within each class; both sorted."""
    rng = np.random.default_rng(_SPLIT)
    chosen = [rng.choice(np.flatnonzero(labels == label), tests_per_class, replace=False) for label in range(CLASSES)]
    test = np.sort(np.concatenate(chosen))
    return np.setdiff1d(np.arange(len(labels)), test), test


def ink_bands(reference: Floats, means: Floats) -> tuple[str, ...]:
    """Whether each scan is light, medium or dark: its mean intensity among thirds of the training images."""
    cuts = np.quantile(reference, [1 / 3, 2 / 3])
    names = ("light", "medium", "dark")
    return tuple(names[band] for band in np.digitize(means, cuts))


def class_means(pixels: Floats, labels: Ints) -> Floats:
    """Mean image of each class, (10, 64); the mean of all images where a class has none."""
    overall = pixels.mean(axis=0)
    return np.stack([pixels[labels == c].mean(axis=0) if (labels == c).any() else overall for c in range(CLASSES)])


def similarity(means: Floats, other: Floats) -> float:
    """Cosine, in [-1, 1], between two tasks' class means after what all classes share is taken away.

    Without that step the common grey of all digits would make any two tasks alike.
    """
    a, b = (m - m.mean(axis=0) for m in (means, other))
    scale = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float((a * b).sum() / scale) if scale > 0 else 0.0


def _apply(name: str, images: Floats, key: tuple[int, ...]) -> Floats:
    changed = TRANSFORMS[name](images, np.random.default_rng(key))
    return changed.reshape(len(images), -1)
