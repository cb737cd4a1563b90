"""How does an alarm read: what has changed since the baseline, by how much, and how sure that is at every look?"""

from __future__ import annotations

from toolkit.language.counts import counted
from toolkit.language.numbers import NBSP, Number, Range, Scale, decimals, digits, scale_of
from toolkit.language.pieces import Parts
from toolkit.language.wordings import wording_of
from toolkit.results import Monitor

_SUBJECTS = {
    "agreement_gap": "agreement of the judge with people, against people's own,",
    "label_error_rate": "the share of wrong labels",
}


def change_scale(state: Monitor, score_range: Range) -> Scale:
    """The scale of a change: that of a difference, so that shares read as points."""
    return scale_of(state.unit, score_range, difference=True)


def monitor_key(state: Monitor) -> str:
    """The name of a sequence in its publication: axis and kind, forgetting/all."""
    return f"{state.axis or state.quantity}/{state.sequence}"


def change_so_far(state: Monitor, score_range: Range = (0.0, 1.0)) -> Parts:
    """The change with its interval and unit, signed: "−2.1 points (−3.8 to −0.4)"; empty where there is none."""
    if state.value is None or state.low is None or state.high is None:
        return ()
    scale, places = change_scale(state, score_range), _places(state, score_range)
    value, low, high = (
        Number(digits(x * scale.factor, places), x, monitor_key(state), field, "monitor")
        for field, x in (("value", state.value), ("low", state.low), ("high", state.high))
    )
    return (value, scale.unit_after(value.text), " (", low, " to ", high, ")")


def alarm_sentence(
    state: Monitor, score_range: Range = (0.0, 1.0), *, now: float, both: bool = False, scope: str = ""
) -> str:
    """An alarm in one sentence: "backward transfer has fallen by 2.1 points since 2026.10 (...)".

    now: the value as it is, for a quantity that does harm on either side of zero (`both`), of which its new side
    is said; scope: what the interval holds for.
    Raises ValueError where there is no interval.
    """
    if state.value is None or state.low is None or state.high is None:
        raise ValueError(f"{state.quantity}: an alarm needs the interval that it rests on")
    scale, places = change_scale(state, score_range), _places(state, score_range)
    wording = wording_of(state.quantity)
    title = _SUBJECTS.get(state.quantity, wording.title[:1].lower() + wording.title[1:])
    ends = sorted(abs(x) * scale.factor for x in (state.low, state.high))
    near, far = (digits(x, places) for x in ends)
    size = digits(abs(state.value) * scale.factor, places)
    way = "moved" if both else "risen" if state.value > 0 else "fallen"
    side = f", and is now {wording.more if now > 0 else wording.less}" if both else ""
    holds = f"; holds for {scope}" if scope else ""
    return (
        f"{title} has {way} by {size}{scale.unit_after(size)}{_over(state)} since {state.against}{side} "
        f"(anytime-valid 95{NBSP}% interval {near} to {far}{holds})"
    )


def _over(state: Monitor) -> str:
    """Over which looks a mean goes; nothing where this look speaks for itself."""
    if state.averaged < 2:
        return ""
    latest = "latest " if state.sequence == "recent" else ""
    return f" on average over the {latest}{counted(state.averaged, 'look')}"


def _places(state: Monitor, score_range: Range) -> int:
    factor = change_scale(state, score_range).factor
    low, high, value = (None if x is None else x * factor for x in (state.low, state.high, state.value))
    return decimals(low, high, value, most=1 if factor == 100 else 3)
