"""How is an image described in the log, for whoever asks whether the samples are varied and like people's?

Fixed measurements, the same for human and generated images of all tasks: nothing is learned here.
"""

from __future__ import annotations

from collections.abc import Sequence

from toolkit.demo.images import Floats

#: Closed loops of each digit as it is written, by class: 0, 6 and 9 have one, 8 has two.
LOOPS: Sequence[int] = (1, 0, 0, 0, 0, 0, 1, 0, 2, 1)
#: Grey levels in a text, from nothing to full. Four: with more, hardly a line of one image would be one of another.
GREYS = ".:+#"


def embeddings(pixels: Floats) -> list[list[float]]:
    """Where images, (n, 64), lie for measures of variety: the mean of each block of 2 x 2 pixels, 16 numbers.

    To a hundredth of the scale.
    """
    blocks = pixels.reshape(-1, 4, 2, 4, 2).mean(axis=(2, 4)).reshape(len(pixels), 16)
    return [[round(value, 2) for value in image] for image in blocks.tolist()]


def intensities(pixels: Floats) -> list[float]:
    """Mean intensity of each image, (n, 64), from 0 to 1; to a hundredth of the scale."""
    return [round(value, 2) for value in pixels.mean(axis=1).tolist()]


def texts(pixels: Floats) -> list[str]:
    """Each image, (n, 64), to be read: eight lines of eight characters, the darker the fuller on equal grey steps.

    Lines hold no blanks, so that each is one word, and ASCII only, as the log is.
    """
    steps = (pixels * len(GREYS)).astype(int).clip(0, len(GREYS) - 1).reshape(-1, 8, 8)
    return ["\n".join("".join(GREYS[step] for step in line) for line in image) for image in steps.tolist()]
