"""How much has a quantity changed since the baseline, where only each release's own estimate is there?

The releases are taken as independent. Those that share test items err alike more often than not, so that the interval
is then somewhat too wide rather than too narrow; headlines link the items and have changes of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from toolkit.analyses.evidence import Evidence
from toolkit.analyses.judged import SEEN_ONLY
from toolkit.inference.interval import satterthwaite, t_ends
from toolkit.results import Change, Estimate

CHANGES = frozenset({
    "feedback_bias_trend", "position_bias", "length_bias", "family_preference", "proxy_human_gap_trend",
    "agreement", "cohen_kappa", "gwet_ac1", "krippendorff_alpha", "calibration_error", "corrected_score",
    "score_divergence",
})  # fmt: skip
PREFERENCES = "part=preferences"
FLOORED = "a distance with a floor at zero has no interval that a difference of two could be made from"
# What these hold constant is told by their method alone.
_REGRESSIONS = frozenset({"length_bias", "family_preference"})
_POSSIBLE = {"share": 1.0, "share of pairs": 1.0, "coefficient": 2.0}
_SCORE = "score interval"


def with_changes(
    estimates: Iterable[Estimate], evidence: Evidence, analyse: Callable[[Evidence], Sequence[Estimate]]
) -> tuple[Estimate, ...]:
    """The estimates, those over all of `CHANGES` with their change since the baseline where they have none.

    analyse: gives the baseline's estimates, called once and only where one is wanted
    """
    found, old, against = tuple(estimates), evidence.baseline, evidence.baseline_release
    wanted = {e.id for e in found if _wanted(e)}
    if old is None or against is None or not wanted:
        return found
    other_scale = _scale(evidence) != _scale(Evidence(old))
    before = {} if other_scale else {e.id: e for e in analyse(Evidence(old))}
    changed = []
    for e in found:
        reason = None
        if e.quantity == "score_divergence":
            reason = FLOORED
        elif other_scale:
            reason = "not comparable: the feedback scale differs"
        elif e.id in wanted and e.id not in before:
            reason = f"{against}: not measured"
        if e.id not in wanted:
            changed.append(e)
        elif reason is not None:
            changed.append(e.model_copy(update={"change": Change(against=against, reason=reason)}))
        else:
            changed.append(with_independent_change(e, before[e.id], against))
    return tuple(changed)


def with_independent_change(now: Estimate, before: Estimate, against: str) -> Estimate:
    """`now` with the change since `before`, the same quantity of an earlier release named `against`.

    Where both intervals are value +- t se: the difference with both errors and Welch's degrees of freedom. Else, for
    coefficients on Fisher's z and shares with score intervals, from the two intervals' own ends (MOVER: Zou 2007,
    Zou & Donner 2008). Only a reason where definitions, units, levels, scopes or kinds of counts differ. Raises
    ValueError where the two are not the same quantity of the same part.
    """
    if now.id != before.id:
        raise ValueError(f"{now.id} and {before.id} are different quantities")
    return now.model_copy(update={"change": _change(now, before, against)})


def _wanted(e: Estimate) -> bool:
    part = PREFERENCES if e.quantity == "length_bias" and e.group == PREFERENCES else None
    whole = e.task is None and e.stage is None and e.group == part
    return e.quantity in CHANGES and whole and e.measured and e.change is None


def _scale(evidence: Evidence) -> tuple[float, float]:
    return evidence.config.feedback.range or evidence.config.score_range


def _change(now: Estimate, before: Estimate, against: str) -> Change:
    if now.value is None:
        return Change(against=against, reason=now.reason)
    if before.value is None:
        return Change(against=against, reason=f"{against}: {before.reason}")
    differs = _not_comparable(now, before)
    if differs is not None:
        return Change(against=against, reason=f"not comparable: {differs}")
    value = now.value - before.value
    most = _POSSIBLE.get(now.unit, np.inf)
    if _symmetric(now) and _symmetric(before):
        return _welch(now, before, against, most)
    if now.low is None or now.high is None or before.low is None or before.high is None:
        missing = now if not now.has_interval else before
        reason = f"no interval of the change, as there is none of the value: {missing.reason}"
        return Change(against=against, value=value, reason=reason)
    below = np.hypot(now.value - now.low, before.high - before.value)
    above = np.hypot(now.high - now.value, before.value - before.low)
    low, high = max(float(value - below), -most), min(float(value + above), most)
    return Change(against=against, value=value, low=low, high=high)


def _symmetric(e: Estimate) -> bool:
    """Whether the interval is value +- t(df) se, but for bounds."""
    return e.has_interval and bool(e.se) and bool(e.df) and _SCORE not in (e.method or "")


def _welch(now: Estimate, before: Estimate, against: str, most: float) -> Change:
    pieces = [(e.se**2, e.df) for e in (now, before) if e.se is not None and e.df is not None]
    variance = sum(v for v, _ in pieces)
    df = satterthwaite(variance, pieces, min(df for _, df in pieces), sum(df for _, df in pieces))
    value = (now.value or 0.0) - (before.value or 0.0)
    low, high = t_ends(value, variance, df, now.level, (-most, most))
    return Change(against=against, value=value, low=low, high=high, se=float(np.sqrt(variance)), df=df)


def _not_comparable(now: Estimate, before: Estimate) -> str | None:
    """Why two estimates of one name cannot be subtracted, or None."""
    if now.unit != before.unit:
        return f"the unit is {now.unit} here and {before.unit} there"
    if (now.level, now.simultaneous) != (before.level, before.simultaneous):
        return "the intervals are of different levels"
    if now.has_interval and before.has_interval and now.scope != before.scope:
        return f"one interval holds for new {now.scope}, the other for new {before.scope}"
    if _kinds(now) != _kinds(before):
        return "the two rest on different kinds of counts"
    if now.quantity in _REGRESSIONS and now.method != before.method:
        return "the two hold different things constant"
    if (SEEN_ONLY in (now.method or "")) != (SEEN_ONLY in (before.method or "")):
        return "only one of the releases has people's labels of a random sample"
    return None


def _kinds(e: Estimate) -> set[str]:
    """Kinds of the counts; clusters are named only where they are not the items themselves."""
    return set(e.n) - {"clusters"}
