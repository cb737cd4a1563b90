"""Has an axis changed for the worse since the baseline, beyond what chance does over all looks so far?

An alarm is kept apart from the verdict: the verdict reads this publication's own interval against a margin, the
alarm reads the anytime-valid sequences of the change (toolkit.review.monitor). It is raised where a whole such
interval is on the harmful side of zero, and stands for as long as it is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from toolkit.analyses import Evidence
from toolkit.language.alarms import alarm_sentence
from toolkit.language.phrases import scope_text
from toolkit.logs.config import StreamConfig
from toolkit.results import AxisReview, Estimate, Monitor, Results
from toolkit.results.quantities import QUANTITIES
from toolkit.review.items import items_of
from toolkit.review.monitor import Look, Measured, Shift, advance, measured, same_baseline
from toolkit.review.verdicts import harm_of


@dataclass(frozen=True)
class Publication:
    """What alarms need to know of a publication beside its estimates.

    before: the results of the baseline; look: whether it has no name of its own; today: for accepted findings
    """

    evidence: Evidence
    before: Results | None
    look: bool
    today: dt.date


def monitors(
    publication: Publication,
    axes: Sequence[AxisReview],
    estimates: Sequence[Estimate],
    preceding: Sequence[Monitor] = (),
) -> tuple[Monitor, ...]:
    """The sequences of all axes after this look, with their alarms; `preceding`: as the publication before left them.

    An axis that was measured and never compared with a baseline has one without looks, which says why. Where it
    cannot be compared this time, its sequences are carried on as they were, and so is an alarm.
    """
    config, today = publication.evidence.config, publication.today
    found: list[Monitor] = []
    for review in axes:
        mine = [m for m in preceding if (m.axis or _axis_of(m)) == review.axis]
        look = _look(publication, review, estimates, mine)
        if isinstance(look, str):
            found += [_carried(m, look, config, today) for m in mine]
            if not mine and publication.before is not None:
                found += _waiting(review, estimates, look)
            continue
        estimate = next(e for e in estimates if e.id == look.estimate)
        found += with_alarms(advance(mine, look), mine, estimate, config, today)
    return tuple(found)


def with_alarms(
    states: Sequence[Monitor],
    preceding: Sequence[Monitor],
    estimate: Estimate,
    config: StreamConfig,
    today: dt.date,
) -> list[Monitor]:
    """The sequences of an axis with an alarm where one is due: a new one, a standing one, an accepted one.

    estimate: this publication's headline of the axis, with its change since the baseline.
    """
    before = (estimate.value or 0.0) - ((estimate.change and estimate.change.value) or 0.0)
    stood = any(
        m.alarm and same_baseline(m, s.against, s.against_revision) and m.estimate == s.estimate
        for m in preceding
        for s in states[:1]
    )
    harm, done = harm_of(estimate, config), []
    for state in (_bounded(state, _widest(estimate, config)) for state in states):
        if state.value is None or state.low is None or state.high is None:
            raise ValueError(f"{state.quantity}: a look without an interval is carried on, not added")
        if not Shift(state.value, state.low, state.high).harms(harm, before):
            done.append(state)
            continue
        text = alarm_sentence(
            state, config.score_range, now=before + state.value, both=harm == "both", scope=scope_text(estimate)
        )
        until = _accepted_until(state, config, today)
        done.append(state.model_copy(update={"alarm": text, "standing": stood, "accepted_until": until}))
    return done


def _look(
    publication: Publication, review: AxisReview, estimates: Sequence[Estimate], preceding: Sequence[Monitor]
) -> Look | str:
    """What this publication brings to the sequences of an axis, or why it cannot."""
    evidence, baseline = publication.evidence, publication.before
    if baseline is None or evidence.baseline is None:
        return "there is no baseline to compare with"
    # What is watched is decided at the first look at a baseline: another headline would be another question.
    begun = [m.estimate for m in preceding if same_baseline(m, baseline.release, baseline.revision)]
    watched = begun[0] if begun else review.headline
    estimate = next((e for e in estimates if e.id == watched), None)
    if estimate is None or not estimate.measured:
        return (estimate and estimate.reason) or "not measured in this publication"
    change = estimate.change
    moved = change and measured(change.value, change.low, change.high, change.se, change.df, estimate.level)
    here = _measured(estimate)
    if change is None or not moved or here is None:
        return (change and change.reason) or "the change since the baseline has no interval"
    old = next((e for e in baseline.estimates if e.id == watched), None)
    tasks = tuple(
        e.task for e in estimates
        if e.task is not None and (e.quantity, e.arm, e.against) == (estimate.quantity, estimate.arm, estimate.against)
    )  # fmt: skip
    arms = tuple(arm for arm in (estimate.arm, estimate.against) if arm is not None)
    items, before_items = (
        items_of(cube, review.axis, arms=arms, tasks=tasks) for cube in (evidence.cube, evidence.baseline)
    )
    return Look(
        axis=review.axis, quantity=estimate.quantity, estimate=estimate.id, unit=estimate.unit,
        against=baseline.release, against_revision=baseline.revision,
        change=moved, current=here, before=None if old is None else _measured(old), count=_count(estimate.n),
        items=items, before_items=before_items,
        # Releases are trained anew; looks may score the same models again, whose seeds are then in all of them.
        independent=estimate.scope == "items" or not publication.look, harm=harm_of(estimate, evidence.config),
    )  # fmt: skip


def _measured(estimate: Estimate) -> Measured | None:
    return measured(estimate.value, estimate.low, estimate.high, estimate.se, estimate.df, estimate.level)


def _count(n: dict[str, int]) -> int:
    return next((n[kind] for kind in ("clusters", "items", "labels", "samples") if kind in n), 0)


def _axis_of(state: Monitor) -> str | None:
    known = QUANTITIES.get(state.quantity)
    return None if known is None else known.axis


def _accepted_until(state: Monitor, config: StreamConfig, today: dt.date) -> dt.date | None:
    """The last day on which stream.toml bears an alarm of this headline, None where it does not, or no longer."""
    return max((a.until for a in config.accepted if a.finding == state.estimate and a.until >= today), default=None)


def _carried(state: Monitor, reason: str, config: StreamConfig, today: dt.date) -> Monitor:
    """A sequence that this publication does not add to; what stood stands."""
    update = {"value": None, "low": None, "high": None, "reason": reason, "standing": state.alarm is not None}
    until = None if state.alarm is None else _accepted_until(state, config, today)
    return state.model_copy(update=update | {"accepted_until": until})


def _waiting(review: AxisReview, estimates: Sequence[Estimate], reason: str) -> list[Monitor]:
    """A sequence of no looks, which says why an axis that was measured is not watched."""
    headline = next((e for e in estimates if e.id == review.headline and e.measured), None)
    if headline is None:
        return []
    return [
        Monitor(quantity=headline.quantity, axis=review.axis, estimate=headline.id, unit=headline.unit, looks=0,
                n=0, sum=0.0, sumsq=0.0, items_sha="", alpha_spent=0.0, reason=reason)
    ]  # fmt: skip


def _widest(estimate: Estimate, config: StreamConfig) -> float:
    """The largest change that there can be, in the unit of the estimate."""
    if estimate.axis == "generation":
        return 1.0
    if estimate.axis == "alignment":
        return 2.0
    low, high = config.score_range
    if estimate.axis == "feedback":
        low, high = config.feedback.range or config.score_range
    return 2 * (high - low)


def _bounded(state: Monitor, widest: float) -> Monitor:
    if state.low is None or state.high is None:
        return state
    return state.model_copy(update={"low": max(state.low, -widest), "high": min(state.high, widest)})
