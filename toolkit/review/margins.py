"""Which margin, the smallest change that matters, applies to an estimate, and did somebody choose it?"""

from __future__ import annotations

from dataclasses import dataclass

from toolkit.logs.config import StreamConfig
from toolkit.results.estimate import Axis

PROVISIONAL_SHARE = 0.02
KEYS: dict[Axis, str] = {
    "transfer": "transfer",
    "forgetting": "forgetting",
    "feedback": "feedback_bias",
    "alignment": "alignment",
    "generation": "generation",
}
UNITS: dict[Axis, str] = {
    "transfer": "score",
    "forgetting": "score",
    "feedback": "points of the feedback scale",
    "alignment": "agreement",
    "generation": "share of labels that are wrong",
}


@dataclass(frozen=True)
class AppliedMargin:
    """A margin in the axis's unit; provisional where nobody has chosen it."""

    value: float
    provisional: bool


def margin_for(config: StreamConfig, axis: Axis, task: str | None = None) -> AppliedMargin:
    """The margin of an axis, the stricter one for a regulated task; without any, 2 % of the axis's scale."""
    chosen = config.review.margins
    key = KEYS[axis]
    margin = getattr(chosen, key)
    if task in config.regulated:
        margin = getattr(chosen.regulated, key) or margin
    if margin is not None:
        return AppliedMargin(margin.value, provisional=False)
    return AppliedMargin(PROVISIONAL_SHARE * scale_of(config, axis), provisional=True)


def scale_of(config: StreamConfig, axis: Axis) -> float:
    """How wide the scale is on which an axis is measured."""
    if axis in ("transfer", "forgetting"):
        low, high = config.score_range
    elif axis == "feedback":
        low, high = config.feedback.range or config.score_range
    else:
        low, high = 0.0, 1.0
    return high - low
