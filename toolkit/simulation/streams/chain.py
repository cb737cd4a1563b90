"""Which way do single items go from stage to stage: right, wrong, put right, wrong again?

Given what an item and a run have in common over the stages, answers are independent, or, with recurrence, a chain:
an item that was wrong since its arrival and then right is weaker from then on. The chain is followed at each node of
a quadrature over what is in common, and its states are averaged at the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from toolkit.simulation.population import NODES, WEIGHTS

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Step:
    """One stage of one task, by node; population shares are means over nodes with their weights.

    right: chance of a right answer; fixed, never: chance that the item was right at the stage before, after it had
    been wrong, or without; fixed_wrong, never_wrong: the same, and wrong at this stage
    """

    right: Floats
    fixed: Floats
    never: Floats
    fixed_wrong: Floats
    never_wrong: Floats


def course(m: Floats, lasting: float, cell_sd: float, recurrence: float) -> Iterator[Step]:
    """The steps of one task from its arrival on.

    m: [stage] logits; lasting: sd of what an item and a run have in common; recurrence: logits that are lost by an
    item that was put right
    """
    always, wrong = np.ones_like(NODES), np.zeros_like(NODES)  # right at all stages so far; wrong, not yet put right
    fixed, again = np.zeros((2, len(NODES)))  # put right, and right or wrong at the stage before
    for logit in m:
        strong = right_at(logit, lasting, cell_sd)
        weak = right_at(logit - recurrence, lasting, cell_sd)
        right = (always + wrong) * strong + (fixed + again) * weak
        yield Step(right, fixed, always, fixed * (1 - weak), always * (1 - strong))
        always, wrong, fixed, again = (
            always * strong, (always + wrong) * (1 - strong), wrong * strong + (fixed + again) * weak,
            (fixed + again) * (1 - weak),
        )  # fmt: skip


def right_at(logit: float, lasting: float, cell_sd: float) -> Floats:
    """[node]: chance of a right answer, the effect of the cell averaged."""
    eta = logit + lasting * NODES
    return np.asarray((special.expit(eta[:, None] + cell_sd * NODES) * WEIGHTS).sum(-1))


def average(by_node: Floats) -> float:
    """The population's mean."""
    return float(WEIGHTS @ by_node)
