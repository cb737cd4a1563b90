"""What follows from an interval and a margin: a finding and a verdict, never from a p-value."""

from __future__ import annotations

from collections.abc import Iterable

from toolkit.inference.planning import settled_by
from toolkit.inference.quantiles import level_of
from toolkit.language.phrases import ASSUMED_CEILING
from toolkit.logs.config import StreamConfig
from toolkit.results import Estimate, Finding, Verdict
from toolkit.results.quantities import QUANTITIES, Harm
from toolkit.review.margins import margin_for

# A rate lies on the harmful side of zero by nature: "better" and "worse" than zero say nothing of it.
_RATES = frozenset({"label_error_rate"})
# What stands beside the estimate that is judged: other definitions, scopes, models and shrunken values of it.
_BESIDE = ("definition=", "scope=", "shrunk=", "model=", "part=")
REGULATED_NEEDS_MARGIN = "a regulated task needs a margin that somebody has chosen"


def judged(estimates: Iterable[Estimate], config: StreamConfig) -> tuple[Estimate, ...]:
    """The estimates with margin, finding and verdict, where their quantity is one that margins apply to."""
    return tuple(_judge(estimate, config) for estimate in estimates)


def harm_of(estimate: Estimate, config: StreamConfig) -> Harm:
    """Which direction of this estimate does harm on this stream."""
    known = QUANTITIES.get(estimate.quantity)
    harm = known.harm if known else "none"
    if estimate.group is not None and estimate.group.startswith(_BESIDE):
        return "none"
    if estimate.axis in ("transfer", "forgetting") and not config.higher_is_better:
        return {"low": "high", "high": "low"}.get(harm, harm)  # type: ignore[return-value]
    return harm


def _judge(estimate: Estimate, config: StreamConfig) -> Estimate:
    harm = harm_of(estimate, config)
    if harm == "none" or estimate.quantity == "next_task_transfer":
        return estimate
    margin = margin_for(config, estimate.axis, estimate.task)
    update: dict[str, object] = {"margin": margin.value, "margin_provisional": margin.provisional}
    if estimate.value is None:
        return estimate.model_copy(update=update | {"verdict": "not measured"})
    if estimate.low is None or estimate.high is None:
        return estimate.model_copy(update=update | {"verdict": "unclear", "finding": "unclear"})
    interval = (estimate.value, estimate.low, estimate.high)
    verdict = verdict_of(*interval, margin=margin.value, harm=harm)
    finding = finding_of(*interval, margin=margin.value, harm=harm)
    if estimate.group == ASSUMED_CEILING and verdict in ("act", "watch"):
        verdict = "unclear"  # the ceiling is an assumption, and harm is not proved by one
    if margin.provisional and estimate.task in config.regulated and verdict == "healthy":
        verdict = "unclear"
        update["reason"] = REGULATED_NEEDS_MARGIN
    update |= {"verdict": verdict, "finding": None if estimate.quantity in _RATES else finding}
    if verdict == "unclear" and estimate.group != ASSUMED_CEILING:
        update["settled_by"] = _plan(estimate, margin.value, harm)
    return estimate.model_copy(update=update)


def _plan(estimate: Estimate, margin: float, harm: Harm) -> dict[str, int]:
    """How large a log would settle it, were the value true: the interval has to clear the nearest limit."""
    value = estimate.value or 0.0
    distance = abs(abs(value) - margin) if harm == "both" else abs(value + (margin if harm == "low" else -margin))
    items = estimate.n.get("labels", estimate.n.get("items", 0))
    counts = {"items": items, "seeds": estimate.n.get("seeds", 0)}
    level = estimate.level
    if estimate.simultaneous and estimate.se and estimate.low is not None and estimate.high is not None:
        level = level_of((estimate.high - estimate.low) / 2 / estimate.se, estimate.df)
    return settled_by(estimate.variance, counts, distance, level=level, df=estimate.df)


def verdict_of(value: float, low: float, high: float, *, margin: float, harm: Harm) -> Verdict:
    """The verdict of one interval against one margin.

    act: the whole interval is beyond the margin; healthy: the whole interval is on its harmless side; watch:
    neither, but zero is excluded on the harmful side, or the value itself is beyond the margin; else unclear.
    """
    if harm == "both":
        if -margin < low and high < margin:
            return "healthy"
        if low > margin or high < -margin:
            return "act"
        return "watch" if low > 0 or high < 0 or abs(value) > margin else "unclear"
    if harm == "high":
        value, low, high = -value, -high, -low
    if low > -margin:
        return "healthy"
    if high < -margin:
        return "act"
    return "watch" if high < 0 or value < -margin else "unclear"


def finding_of(value: float, low: float, high: float, *, margin: float, harm: Harm) -> Finding:
    """What the interval says: no material change (within the margin of zero), better, worse, or unclear."""
    if -margin < low and high < margin:
        return "no material change"
    if harm == "both":
        return "worse" if low > 0 or high < 0 else "unclear"
    if harm == "high":
        low, high = -high, -low
    if low > 0:
        return "better"
    return "worse" if high < 0 else "unclear"
