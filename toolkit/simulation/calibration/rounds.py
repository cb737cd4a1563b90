"""Does the mean by people's measure cover where labels were drawn twice from the same answers?

A first draw at random, and a second one as `streamreview sample` makes it, by the judge's scores from what is left.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from toolkit.inference.ppi_design import over_rounds, ppi_design
from toolkit.review.drawing import Answer, draw
from toolkit.simulation.calibration.fewlabels import SHARE, covered
from toolkit.simulation.calibration.study import Generator, Line, Outcome, Study

Floats = npt.NDArray[np.float64]

SURE = 0.4  # both parameters of the beta distribution of the judge's scores: mostly sure, if not always right
TRUTH = 0.1 + 0.5 / (2 * SURE + 1) + 0.3 / 2


def _answers(rng: Generator, size: int) -> tuple[Floats, Floats]:
    """People's 0 or 1 and the judge's scores: where the judge is unsure, answers are wrong more often than it says."""
    f = rng.beta(SURE, SURE, size)
    return (rng.random(size) < 0.1 + 0.5 * (2 * f - 1) ** 2 + 0.3 * f).astype(float), f


def _second(rng: Generator, f: Floats, left: npt.NDArray[np.intp], labels: int) -> list[tuple[int, float]]:
    """Places and chances of the second draw from what is left."""
    answers = [Answer(1, "task", str(place), "stream", 0, None, float(f[place]), round=2) for place in left]
    drawn = draw(answers, labels, scale=SHARE, seed=int(rng.integers(2**31)))
    return [(int(one.answer.item), one.probability) for one in drawn]


def _study(size: int, first: int, second: int, *, control: bool = False) -> Study:
    """The control takes all labels for one draw at random."""

    def replicate(rng: Generator) -> Sequence[Outcome]:
        y, f = _answers(rng, size)
        order = rng.permutation(size)
        drawn = _second(rng, f, order[first:], second)
        at = np.concatenate([order[:first], [place for place, _ in drawn]])
        chance = np.concatenate([np.full(first, first / size), [p for _, p in drawn]])
        hidden, relative = np.full(size, np.nan), np.ones(size)
        weights = over_rounds(chance, np.repeat([1, 2], [first, len(drawn)]))
        hidden[at], relative[at] = y[at], min(1.0, weights.min()) / weights
        found = [ppi_design(hidden, f, chance=relative, bounds=SHARE)]
        if control:
            found.append(ppi_design(hidden, f, bounds=SHARE))
        return [covered(one, TRUTH) for one in found]

    lines = [
        Line(f"mean from human labels of {size} answers: {first} at random, then {second} of the others by the judge's "
             "scores", "items", "gated PPI++, chances of both draws", (0.93, 0.97)),
        Line("the same", "items", "gated PPI++, as if drawn at once and evenly", (0.0, 0.88), negative=True),
    ]  # fmt: skip
    return Study(f"few-labels-rounds-{first + second}", tuple(lines[: 1 + control]), replicate)


STUDIES = (_study(400, 20, 30), _study(1000, 20, 100, control=True))
