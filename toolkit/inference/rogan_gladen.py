"""How many answers are right, where a judge of known sensitivity and specificity called them right or wrong?

Rogan & Gladen 1978: (share called right + specificity - 1) / (sensitivity + specificity - 1), kept within
[0, 1]. All three shares are estimates; the interval is that of Lang & Reiczigel 2014, which adds pseudo-counts to
each so that it covers also where a judge made no mistake on the calibration sample.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from toolkit.inference.quantiles import z_quantile

LEAST_YOUDEN = 0.1
FEWEST_OF_A_CLASS = 5


@dataclass(frozen=True)
class Calibration:
    """A judge's verdicts on items whose class people know.

    right, right_called: items that people call right, and how many of them the judge called so
    wrong, wrong_called: items that people call wrong, and how many of them the judge called wrong
    """

    right: int
    right_called: int
    wrong: int
    wrong_called: int

    def __post_init__(self) -> None:
        if not (0 <= self.right_called <= self.right and 0 <= self.wrong_called <= self.wrong):
            raise ValueError("verdicts counted must lie between 0 and the items of their class")


@dataclass(frozen=True)
class Rate:
    """A corrected share with its interval; all None with the reason where the judge cannot be corrected."""

    value: float | None
    low: float | None
    high: float | None
    sensitivity: float | None
    specificity: float | None
    reason: str | None = None


def rogan_gladen(called: int, judged: int, calibration: Calibration, *, level: float = 0.95) -> Rate:
    """The share right of all items, from `called` of `judged` items that the judge called right.

    The calibration sample is drawn within each class at random, and apart from the judged items. Refused with
    fewer than five items of a class, and where sensitivity + specificity - 1 (Youden's index) is not above 0.1
    with the interval's certainty: dividing by it then says nothing. Raises ValueError where counts are
    impossible.
    """
    if not 0 <= called <= judged or not judged:
        raise ValueError(f"{called} of {judged} items called right is not possible")
    if min(calibration.right, calibration.wrong) < FEWEST_OF_A_CLASS:
        reason = f"needs human labels of at least {FEWEST_OF_A_CLASS} right and {FEWEST_OF_A_CLASS} wrong answers"
        return Rate(None, None, None, None, None, reason)
    sensitivity = calibration.right_called / calibration.right
    specificity = calibration.wrong_called / calibration.wrong
    z = z_quantile(level)
    # Lang & Reiczigel 2014: z^2 pseudo-items for the share, two for sensitivity and specificity.
    n, a, b = judged + z * z, calibration.right + 2, calibration.wrong + 2
    share, se, sp = (called + z * z / 2) / n, (calibration.right_called + 1) / a, (calibration.wrong_called + 1) / b
    youden = se + sp - 1
    doubt = sqrt(se * (1 - se) / a + sp * (1 - sp) / b)
    if youden - z * doubt <= LEAST_YOUDEN or sensitivity + specificity - 1 <= LEAST_YOUDEN:
        reason = "the judge's sensitivity + specificity is too near 1: its verdicts say too little of people's"
        return Rate(None, None, None, sensitivity, specificity, reason)
    value = (called / judged + specificity - 1) / (sensitivity + specificity - 1)
    centre = (share + sp - 1) / youden
    error = sqrt(
        share * (1 - share) / n + se * (1 - se) / a * centre**2 + sp * (1 - sp) / b * (1 - centre) ** 2
    ) / youden  # fmt: skip
    shift = 2 * z * z * (centre * se * (1 - se) / a - (1 - centre) * sp * (1 - sp) / b)
    low, high = (min(max(centre + shift + sign * z * error, 0.0), 1.0) for sign in (-1, 1))
    value = min(max(value, 0.0), 1.0)
    return Rate(value, min(low, value), max(high, value), sensitivity, specificity)
