"""A description says what the image shows: where it lies, how dark it is, and how it reads as text."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage
from sklearn.datasets import load_digits

from toolkit.demo.description import GREYS, LOOPS, embeddings, intensities, texts


@pytest.fixture(scope="module")
def scans() -> np.ndarray:
    return load_digits().data / 16.0


def test_embedding_averages_blocks_of_two_by_two() -> None:
    """An image that is white but for one block is zero but for one number."""
    image = np.zeros((8, 8))
    image[2:4, 6:8] = [[1.0, 0.5], [0.5, 0.0]]
    (vector,) = embeddings(image.reshape(1, 64))
    assert vector == [0.0] * 7 + [0.5] + [0.0] * 8


def test_blocks_keep_what_pixels_say_about_spread(scans: np.ndarray) -> None:
    """Images drawn together to their class's mean by any factor are so in the 16 numbers: no collapse is hidden."""
    labels = load_digits().target
    centre = np.stack([scans[labels == c].mean(axis=0) for c in range(10)])[labels]
    wide, narrow = (np.array(embeddings(centre + factor * (scans - centre))) for factor in (1.0, 0.2))
    ratios = [narrow[labels == c].var(axis=0).sum() / wide[labels == c].var(axis=0).sum() for c in range(10)]
    np.testing.assert_allclose(ratios, 0.2**2, rtol=0.05)


def test_intensity_is_the_mean_of_the_pixels(scans: np.ndarray) -> None:
    """To half a hundredth, and a share of the scale."""
    found = np.array(intensities(scans))
    assert np.abs(found - scans.mean(axis=1)).max() <= 0.005 + 1e-12
    assert intensities(np.stack([np.zeros(64), np.ones(64)])) == [0.0, 1.0]


def test_text_is_eight_lines_of_eight_and_reads_back(scans: np.ndarray) -> None:
    """Every character stands for a quarter of the scale, darkest the fullest: the pixel lies in that quarter."""
    written = texts(scans)
    assert len(written) == len(scans)
    for text, image in zip(written, scans, strict=True):
        lines = text.split()  # no blanks within a line: a line is a word
        assert [len(line) for line in lines] == [8] * 8
        quarter = np.array([GREYS.index(c) for line in lines for c in line])
        assert (quarter / 4 <= image).all()
        assert (image <= (quarter + 1) / 4).all()


def test_lines_recur_in_images(scans: np.ndarray) -> None:
    """As words of a text must for measures that count them: most lines of 250 images are found in another too."""
    lines = [line for text in texts(scans[:250]) for line in text.split()]
    assert len(set(lines)) < len(lines) / 2


def test_loops_are_those_of_the_written_digit(scans: np.ndarray) -> None:
    """Paper that the stroke encloses, counted by SciPy in people's digits: on average less than a quarter where the
    class has no loop, more than a half where it has one, most for the eight."""
    labels = load_digits().target
    mean = [np.mean([_enclosed(image.reshape(8, 8)) for image in scans[labels == c][:60]]) for c in range(10)]
    for loops, found in zip(LOOPS, mean, strict=True):
        assert found < 0.25 if loops == 0 else found > 0.5
    assert int(np.argmax(mean)) == LOOPS.index(2) == 8


def _enclosed(image: np.ndarray) -> int:
    """Pieces of paper in the image, twice smoothed to four times its size, that do not reach the border."""
    paper = np.pad(ndimage.zoom(image, 4, order=1) <= 0.45, 1, constant_values=True)
    pieces, _ = ndimage.label(paper)
    return int((np.bincount(pieces.ravel())[1:] >= 6).sum()) - 1
