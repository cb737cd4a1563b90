"""The review sheet: the release in one sentence, five verdicts, what people should do, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from toolkit.language.clauses import release_lead, release_sentence
from toolkit.logs.config import StreamConfig
from toolkit.results import AxisReview, Estimate, PlanRow, Results, Verdict
from toolkit.review.axes import review_axes, worst
from toolkit.review.decisions import Past, with_decisions
from toolkit.review.plan import people_plan


class Sheet(BaseModel):
    """What the summary page says beyond the estimates."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    verdict: Verdict
    sentence: str
    measured: int
    axes: tuple[AxisReview, ...]
    people_plan: tuple[PlanRow, ...]


def review_sheet(
    estimates: Sequence[Estimate], config: StreamConfig, baseline: Results | None = None, past: Sequence[Past] = ()
) -> Sheet:
    """Judge a release: the worst of its required axes decides, accepted or not.

    past: the verdicts of earlier releases, oldest first, for since when something has been act.
    """
    alarms = frozenset(axis.axis for axis in baseline.axes if axis.verdict == "act") if baseline else frozenset()
    axes = with_decisions(
        review_axes(estimates, config, alarms_before=alarms), estimates, config, baseline=baseline, past=past
    )
    plan = people_plan(estimates, config)
    return Sheet(
        verdict=worst(review.verdict for review in axes if review.required),
        sentence=f"{release_sentence(axes)}. {release_lead(axes, plan)}",
        measured=sum(review.verdict != "not measured" for review in axes),
        axes=axes,
        people_plan=plan,
    )


def latest_tasks(estimates: Sequence[Estimate], config: StreamConfig) -> list[tuple[str, Estimate, Estimate]]:
    """The latest tasks, newest first: what experience gave each, and what learning it did to those before it."""
    arrival = {task.name: place + 1 for place, task in enumerate(config.tasks)}
    effects = {e.stage: e for e in estimates if e.quantity == "backward_transfer" and e.stage is not None}
    rows = []
    for quantity in ("forward_transfer", "zero_shot_transfer"):
        gains = {e.task: e for e in estimates if e.quantity == quantity and e.task is not None and e.measured}
        for task, gain in gains.items():
            effect = effects.get(arrival.get(task or "", -1))
            if effect is not None:
                rows.append((task or "", gain, effect))
        if rows:
            break
    rows.sort(key=lambda row: -arrival[row[0]])
    return rows[: config.review.recent_tasks]


def gaps_of(estimates: Sequence[Estimate]) -> list[Estimate]:
    """What could not be measured at all, once a quantity and reason."""
    seen: dict[tuple[str, str | None], Estimate] = {}
    for estimate in estimates:
        if not estimate.measured and estimate.task is None:
            seen.setdefault((estimate.quantity, estimate.reason), estimate)
    return list(seen.values())
