"""What must be known of a verdict beside its evidence: since when, accepted by whom, and by whose margin?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from toolkit.logs.config import StreamConfig
from toolkit.results import AxisReview, Estimate, Results
from toolkit.results.report import ChosenMargin, Decision
from toolkit.review.axes import decided, tasks_of
from toolkit.review.changed import changes_since
from toolkit.review.margins import KEYS, margin_for


@dataclass(frozen=True)
class Past:
    """The verdicts of an earlier release: of axes by name and of findings by id."""

    release: str
    axes: Mapping[str, str]
    findings: Mapping[str, str]


def past_of(content: Mapping[str, Any]) -> Past:
    """The verdicts in the content of a results.json, as plain JSON."""
    return Past(
        str(content["release"]),
        {a["axis"]: a["verdict"] for a in content["axes"]},
        {e["id"]: e["verdict"] for e in content["estimates"] if e.get("verdict")},
    )


def past_of_results(results: Results) -> Past:
    """The verdicts of results that have been read."""
    return Past(
        results.release,
        {a.axis: a.verdict for a in results.axes},
        {e.id: e.verdict for e in results.estimates if e.verdict},
    )


def with_decisions(
    reviews: Iterable[AxisReview],
    estimates: Sequence[Estimate],
    config: StreamConfig,
    baseline: Results | None = None,
    past: Sequence[Past] = (),
) -> tuple[AxisReview, ...]:
    """The reviews of axes with all that was decided on them.

    past: the releases before this one, oldest first; without any, the baseline is the one that is known.
    """
    if not past and baseline is not None:
        past = [past_of_results(baseline)]
    return tuple(_with_decisions(review, estimates, config, baseline, past) for review in reviews)


def acting_since(now: str | None, before: Sequence[str | None]) -> tuple[int | None, bool]:
    """Where a verdict is act: the place of the first of the unbroken run of act before it, and whether it is new.

    before: the verdicts of earlier releases, oldest first, None where there was none.
    """
    if now != "act" or not before:
        return None, False
    run = 0
    while run < len(before) and before[-1 - run] == "act":
        run += 1
    return (None, True) if run == 0 else (len(before) - run, False)


def _since(now: str | None, past: Sequence[Past], before: Sequence[str | None]) -> dict[str, Any]:
    place, new = acting_since(now, before)
    return {"since": None if place is None else past[place].release, "new": new}


def _with_decisions(
    review: AxisReview,
    estimates: Sequence[Estimate],
    config: StreamConfig,
    baseline: Results | None,
    past: Sequence[Past],
) -> AxisReview:
    mine = [e for e in estimates if e.axis == review.axis]
    headline = next((e for e in mine if e.id == review.headline), None)
    update = _margins(review, config)
    if headline is None or review.verdict == "not measured":
        borne = [e for e in mine if e.accepted]
        return review.model_copy(update=update | {"decisions": tuple(_decision(e, config, past) for e in borne)})
    tasks = tasks_of(headline, mine)
    judged = [headline, *tasks]
    told = [e for e in judged if e.verdict == "act" or e.accepted]
    told += [e for e in mine if e.accepted and e not in judged]
    update |= {"decisions": tuple(_decision(e, config, past) for e in told)}
    update |= _besides(headline, tasks, config)
    since = _since(review.verdict, past, [p.axes.get(review.axis) for p in past])
    update |= since
    if past:
        update["standing"] = since["since"] is not None
    if baseline is not None:
        update |= changes_since(baseline, review, headline, mine, config)
    return review.model_copy(update=update)


def _decision(estimate: Estimate, config: StreamConfig, past: Sequence[Past]) -> Decision:
    return Decision(
        finding=estimate.id,
        task=estimate.task,
        regulated=estimate.task in config.regulated,
        verdict=estimate.verdict or "unclear",
        accepted=estimate.accepted,
        **_since(estimate.verdict, past, [p.findings.get(estimate.id) for p in past]),
    )


def _besides(headline: Estimate, tasks: Sequence[Estimate], config: StreamConfig) -> dict[str, Any]:
    """The axis's verdict were the accepted findings harmless, and until when all of those are accepted."""
    days = [
        e.accepted.until
        for e in (headline, *tasks)
        if e.accepted and (e is headline or e.verdict == "act" or e.task in config.regulated)
    ]
    if not days:
        return {}
    verdict, _ = decided(_harmless(headline), [_harmless(e) for e in tasks], config)
    return {"besides_accepted": verdict, "accepted_until": min(days)}


def _harmless(estimate: Estimate) -> Estimate:
    return estimate.model_copy(update={"verdict": "healthy"}) if estimate.accepted else estimate


def _margins(review: AxisReview, config: StreamConfig) -> dict[str, Any]:
    """Who chose the margins of an axis."""
    chosen, key = config.review.margins, KEYS[review.axis]
    usual, strict = getattr(chosen, key), getattr(chosen.regulated, key) if config.regulated else None
    applied = margin_for(config, review.axis)
    made = [
        ChosenMargin(value=m.value, by=m.chosen_by, reason=m.reason, date=m.date) if m else None
        for m in (usual, strict)
    ]
    return {
        "margin": made[0] or ChosenMargin(value=applied.value, provisional=True),
        "margin_regulated": made[1],
    }
