"""Which margin should a stream have: what do so many points mean, and how small a change could its log show?

Nothing here reads the values that are to be judged: a margin is chosen for what matters, not for what was found.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from toolkit.errors import UsageError
from toolkit.inference.planning import POWER
from toolkit.inference.quantiles import t_quantile, z_quantile
from toolkit.logs.config import Margin, StreamConfig
from toolkit.results import AXES, Estimate
from toolkit.results.estimate import Axis
from toolkit.review.axes import headline_of
from toolkit.review.margins import KEYS, margin_for, scale_of

SHARES = (0.005, 0.01, 0.02, 0.05)  # of the scale


@dataclass(frozen=True)
class Noise:
    """How fine one axis is measured, in its own unit; None where the log cannot say.

    between_runs: standard deviation of the headline between models trained anew. here: the smallest true value that
    this log's interval would tell from zero with a power of 80 %; change: the same of a change between two such logs.
    margin: the one in force, provisional where nobody chose it.
    """

    axis: Axis
    between_runs: float | None
    here: float | None
    change: float | None
    margin: float
    provisional: bool
    reason: str | None = None


def noises(estimates: Sequence[Estimate], config: StreamConfig) -> tuple[Noise, ...]:
    """The noise of each axis's headline, in the order of the axes."""
    return tuple(_noise(axis, [e for e in estimates if e.axis == axis], config) for axis in AXES)


def _noise(axis: Axis, estimates: Sequence[Estimate], config: StreamConfig) -> Noise:
    applied, head = margin_for(config, axis), headline_of(axis, estimates)
    if head is None or head.se is None or not head.se > 0:
        reason = "nothing in the log speaks of it" if head is None else head.reason or "its interval has no plain error"
        return Noise(axis, None, None, None, applied.value, applied.provisional, reason)
    seeds = head.n.get("seeds", 0)
    spread = max(head.variance.get("seeds", 0.0) - head.variance.get("residual", 0.0), 0.0)
    between = math.sqrt(spread * seeds) if seeds > 1 else None
    least = (t_quantile(config.review.level, head.df or math.inf) + z_quantile(2 * POWER - 1)) * head.se
    return Noise(axis, between, least, least * math.sqrt(2), applied.value, applied.provisional)


def meaning(axis: Axis, share: float, config: StreamConfig) -> tuple[float, str]:
    """A share of an axis's scale in the axis's unit, and what it means in plain words."""
    low, high = config.score_range if axis in ("transfer", "forgetting") else _other_scale(axis, config)
    value = share * (high - low)
    if (low, high) != (0, 1):
        return value, f"{share * 100:g} % of the scale from {low:g} to {high:g}"
    count = round(share * 1000, 1)
    return value, {
        "transfer": f"{count:g} of 1,000 answers to a new task right or wrong by experience alone",
        "forgetting": f"{count:g} more wrong answers of 1,000 on what was learned",
        "feedback": f"the judge's mean {value:g} above or below people's: {count:g} answers of 1,000 passed wrongly",
        "alignment": f"{count:g} more disagreements with people of 1,000 than people have with each other",
        "generation": f"{count:g} wrong labels of 1,000 accepted samples",
    }[axis]


def _other_scale(axis: Axis, config: StreamConfig) -> tuple[float, float]:
    return (config.feedback.range or config.score_range) if axis == "feedback" else (0.0, 1.0)


def parse_choice(text: str) -> tuple[str, float]:
    """`forgetting=0.02` or `regulated.forgetting=0.01` as key and value. Raises UsageError for anything else."""
    name, equals, number = text.partition("=")
    key = name.strip()
    try:
        value = float(number)
    except ValueError:
        value = math.nan
    known = [*KEYS.values(), *(f"regulated.{key}" for key in KEYS.values())]
    if not equals or key not in known or not (math.isfinite(value) and value > 0):
        raise UsageError(f"--set {text!r}: give AXIS=VALUE, the value above zero; the axes are: {', '.join(known)}")
    return key, value


def with_margins(text: str, chosen: Mapping[str, Margin], config: StreamConfig) -> str:
    """The text of stream.toml with these margins, comments and order kept. Raises UsageError where it cannot be read.

    chosen: by key, as `parse_choice` gives it. A margin beyond its axis's whole scale is refused.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    for key, margin in chosen.items():
        axis = next(axis for axis, name in KEYS.items() if name == key.removeprefix("regulated."))
        if margin.value >= scale_of(config, axis):
            raise UsageError(f"--set {key}={margin.value:g}: as large as the whole scale; nothing could exceed it")
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise UsageError(f"stream.toml cannot be read: {error}; correct it first") from None
    for key, margin in chosen.items():
        table: Any = document
        for name in ("review", "margins", *key.split(".")):
            if name not in table:
                table.append(name, tomlkit.table(is_super_table=name in ("review", "margins", "regulated")))
            table = table[name]
        for field, value in margin.model_dump(exclude_none=True).items():
            table[field] = value
    return tomlkit.dumps(document)
