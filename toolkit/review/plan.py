"""Where must people stay in the loop: what should they do about each task before the next release?

Advice is never that no one is needed: a watch sample is the least, and regulated tasks are reviewed at least.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from toolkit.inference.quantiles import z_quantile
from toolkit.language.phrases import sentence, text_of
from toolkit.logs.config import StreamConfig
from toolkit.results import Estimate, PlanRow
from toolkit.results.report import Advice
from toolkit.review.margins import margin_for

WATCH_SAMPLE = 20
FEWEST_REVIEW = 30
MOST_LABELS = 2000
FIRST_LABELS = 100  # place a share within ten points either way, whatever it is


def people_plan(estimates: Sequence[Estimate], config: StreamConfig) -> tuple[PlanRow, ...]:
    """One row a task, the most urgent first."""
    rows = [_row(task.name, task.risk, estimates, config) for task in config.tasks]
    urgency = {"required": 0, "review": 1, "watch": 2}
    order = {task.name: j for j, task in enumerate(config.tasks)}
    return tuple(sorted(rows, key=lambda r: (r.risk != "regulated", urgency[r.advice], order[r.task])))


def labels_for_margin(config: StreamConfig, task: str, *, sd: float | None) -> int:
    """Human labels for which the interval of the judge's bias on one task is as wide as its margin.

    n = (z sd / margin)^2 with the sd of judge minus human; where that is not known, half the scale.
    """
    margin = margin_for(config, "feedback", task).value
    low, high = config.feedback.range or config.score_range
    spread = (high - low) / 2 if sd is None else sd
    z = z_quantile(config.review.level)
    needed = math.ceil((z * spread / margin) ** 2)
    return max(FEWEST_REVIEW, min(MOST_LABELS, 10 * math.ceil(needed / 10)))


def _row(task: str, risk: str, estimates: Sequence[Estimate], config: StreamConfig) -> PlanRow:
    bias = _of("feedback_bias", task, estimates)
    loss = _of("backward_transfer", task, estimates)
    regulated = risk == "regulated"
    advice, labels, why = _advice(task, bias, loss, config, regulated=regulated)
    return PlanRow.model_validate({"task": task, "risk": risk, "advice": advice, "labels": labels, "why": why})


def _advice(
    task: str, bias: Estimate | None, loss: Estimate | None, config: StreamConfig, *, regulated: bool
) -> tuple[Advice, int, str]:
    if bias is None or not bias.measured:
        return "required", FIRST_LABELS, "Nothing to check the judge against: start with items drawn at random"
    labels = labels_for_margin(config, task, sd=_spread(bias))
    if bias.verdict == "act":
        return "required", labels, text_of(sentence(bias, config.score_range))
    if loss is not None and loss.verdict == "act":
        return ("required" if regulated else "review"), labels, text_of(sentence(loss, config.score_range))
    if bias.verdict in ("watch", "unclear"):
        said = text_of(sentence(bias, config.score_range))
        if bias.verdict == "unclear":
            said = f"The judge's bias is not settled: {said[:1].lower()}{said[1:]}"
        return "review", labels, said
    if loss is not None and loss.verdict == "watch":
        return "review", labels, text_of(sentence(loss, config.score_range))
    if regulated:
        return "review", labels, "Regulated: reviewed at every release, though the judge is inside its margin"
    return "watch", WATCH_SAMPLE, "The judge's bias is inside its margin"


def _spread(bias: Estimate) -> float | None:
    """The sd of judge minus human on one label, from what labels contribute to the estimate's variance."""
    labels, items = bias.n.get("labels", 0), bias.variance.get("items")
    return None if items is None or labels < 2 else math.sqrt(items * labels)


def _of(quantity: str, task: str, estimates: Sequence[Estimate]) -> Estimate | None:
    return next((e for e in estimates if e.quantity == quantity and e.task == task and e.group is None), None)
