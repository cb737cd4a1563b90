"""How does each quantity read: its title, which side of it is harm, and the words for its sentence?

The entries stand in wordings.toml, keyed by quantity name: `{a}` is the amount with its interval, `{who}`
the subject. A quantity that is unknown here reads by its own name and claims no direction.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from toolkit.results import AXES, Axis, Estimate
from toolkit.results.quantities import QUANTITIES

AXIS_TITLES: dict[Axis, str] = {
    "transfer": "Transfer",
    "forgetting": "Forgetting",
    "feedback": "Feedback bias",
    "alignment": "Human alignment",
    "generation": "Generation",
}
AXIS_QUESTIONS: dict[Axis, str] = {
    "transfer": "Did earlier experience help later tasks?",
    "forgetting": "Did earlier tasks lose?",
    "feedback": "Does the feedback reinforce a bias?",
    "alignment": "Do synthetic and human judgements agree?",
    "generation": "Are the samples still good and varied?",
}
_ORDER = {axis: place for place, axis in enumerate(AXES)}


@dataclass(frozen=True)
class Wording:
    """How one quantity is spoken of.

    better: +1 more is better, -1 less is better, 0 neither (a bias harms on both sides; a ceiling on none).
    up, down: the sentence above and below zero; equal where the sign says nothing.
    same: the sentence where the printed amount is zero, so that neither direction is claimed.
    more, less: the word after the amount ("3.1 points lost"); empty for levels.
    """

    title: str
    better: int
    who: str
    up: str
    down: str = ""
    same: str = ""
    more: str = ""
    less: str = ""

    @property
    def signed(self) -> bool:
        """Whether the sign goes into words, so that the printed amount has none."""
        return bool(self.less)


WORDINGS: dict[str, Wording] = {
    name: Wording(**entry)
    for name, entry in tomllib.loads(Path(__file__).with_name("wordings.toml").read_text(encoding="utf-8")).items()
}


def wording_of(name: str) -> Wording:
    """The entry of `name`; an unknown name reads as itself."""
    known = WORDINGS.get(name)
    if known is not None:
        return known
    title = name.replace("_", " ").strip().capitalize() or "Unnamed quantity"
    return Wording(title, 0, title, "{who} was {a}")


def better_side(estimate: Estimate) -> int:
    """+1 where more is better, -1 where less is better, 0 where neither or both harm.

    A finding that was already made decides (better above zero means more is better), so that a picture can
    never contradict its verdict, whatever the direction of the stream's scores.
    """
    value = estimate.value
    if value and estimate.finding in ("better", "worse") and not harms_both_sides(estimate):
        return (1 if value > 0 else -1) * (1 if estimate.finding == "better" else -1)
    return wording_of(estimate.quantity).better


def harms_both_sides(estimate: Estimate) -> bool:
    """Whether the quantity does harm above and below zero, as a bias does."""
    known = QUANTITIES.get(estimate.quantity)
    return known is not None and known.harm == "both"


def axis_place(axis: Axis) -> int:
    """The place of an axis in the order in which the five are always named."""
    return _ORDER[axis]
