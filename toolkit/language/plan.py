"""In which words does the people plan say what a piece of evidence asks for, and what labels are for?

One short sentence a piece: how it stands against its margin, then the reading with its interval.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from toolkit.language.names import short
from toolkit.language.numbers import Number, Range, digits, plain
from toolkit.language.phrases import ASSUMED_CEILING, with_interval
from toolkit.language.pieces import Name, Parts, joined, quoted
from toolkit.results import Estimate, Verdict

DISTANCES = ("energy_distance", "score_divergence")
_STEMS: dict[str, dict[Verdict, str]] = {
    "feedback_bias": {
        "act": "The judge's bias is beyond its margin",
        "watch": "The judge's bias may be beyond its margin",
        "unclear": "Whether the judge's bias is inside its margin is open",
    },
    "agreement_gap": {
        "act": "The judge agrees with people less than people with each other, beyond the margin",
        "watch": "The judge may agree with people too little",
        "unclear": "Whether the judge agrees with people as well as people do is open",
    },
    "distance": {
        "act": "Judge's and people's judgements are distributed apart, beyond the margin",
        "watch": "Judge's and people's judgements are distributed apart, perhaps beyond the margin",
        "unclear": "Whether judge's and people's judgements are distributed alike is open",
    },
    "label_error_rate": {
        "act": "Too many generated samples carry a wrong label",
        "watch": "Too many generated samples may carry a wrong label",
        "unclear": "Whether too many generated samples carry a wrong label is open",
    },
    "backward_transfer": {
        "act": "The task is being lost",
        "watch": "The task may be slipping",
        "unclear": "Whether the task holds is open",
    },
}
_ASSUMED = "No item was judged by two people: whether the judge agrees with people as well as they do is open"
_HOLDS = {
    "feedback_bias": "the judge's bias",
    "agreement_gap": "its agreement with people",
    "distance": "the distribution of its judgements",
    "label_error_rate": "wrong labels of samples",
    "backward_transfer": "what was lost since arrival",
}
UNCHECKED = "No human label checks this task: start with answers drawn at random."
UNPROVED = "Nothing measured on this task shows that the judge stays within its margin."
REGULATED = "Regulated: reviewed at every release."


def plan_reason(
    estimate: Estimate,
    verdict: Verdict,
    score_range: Range,
    *,
    apart: float | None = None,
    judged: int | None = None,
) -> Parts:
    """One sentence: how this evidence stands (act, watch or unclear), with its reading.

    apart: for a distance between distributions, the most by which they may lie apart, in points of the feedback
    scale or, of class labels, as a share. judged: answers of the task that the judge judged, where known.
    """
    if estimate.group == ASSUMED_CEILING:  # a bound under an assumption: a number would say more than is known
        return (f"{_ASSUMED}.",)
    stem = _over(estimate, _STEMS[_kind(estimate)][verdict])
    shown = _apart(estimate, apart) if _kind(estimate) == "distance" else with_interval(estimate, score_range)
    return (stem, *_of_judge(estimate), ": ", *joined((shown, *_remarks(estimate, verdict, judged)), "; "), ".")


def _of_judge(estimate: Estimate) -> Parts:
    """Which of several judges it is about."""
    key, _, rater = (estimate.group or "").partition("=")
    return (" (", Name(short(rater), full=rater), ")") if key == "rater" and rater else ()


def _over(estimate: Estimate, said: str) -> str:
    """Says where the evidence is that of all tasks together."""
    return said if estimate.task is not None else f"Over all tasks, {said[:1].lower()}{said[1:]}"


def all_hold(estimates: Sequence[Estimate]) -> str:
    """What is inside its margin, named; says where nobody has chosen a margin."""
    named = list(dict.fromkeys(_HOLDS[_kind(e)] for e in estimates))
    assumed = " (nobody has chosen all of the margins)" if any(e.margin_provisional for e in estimates) else ""
    return f"Inside {'its margin' if len(named) == 1 else 'their margins'}: {', '.join(named)}{assumed}."


def purpose_text(what: str, margin: float, unit: str, *, provisional: bool) -> str:
    """What a number of labels is for: "to know the judge's bias with these models to within 0.05 feedback points".

    unit: of the margin.
    """
    return f"to know {what} to within {plain(margin)} {unit}{' (a provisional margin)' if provisional else ''}"


def capped_text(needed: int, judged: int) -> str:
    """That fewer answers were judged than labels are needed."""
    return f"{digits(needed, 0)} are needed, but only {digits(judged, 0)} answers were judged"


def _kind(estimate: Estimate) -> str:
    return "distance" if estimate.quantity in DISTANCES else estimate.quantity


def _apart(estimate: Estimate, apart: float | None) -> Parts:
    """A bound that follows from the upper end of the interval; as a number it stands in the plan's own sentence."""
    if apart is None:
        return ("no upper bound of their distance is known",)
    unit = "feedback points" if estimate.quantity == "energy_distance" else "% of them"
    scaled = apart if estimate.quantity == "energy_distance" else min(100 * apart, 100.0)
    return (f"at most {plain(_up(scaled))} {unit}",)


def _up(value: float) -> float:
    """Rounded up to two digits: what is said to be the most must not be less."""
    if value <= 0:
        return 0.0
    unit = 10.0 ** (math.floor(math.log10(value)) - 1)
    return math.ceil(value / unit - 1e-9) * unit


def _remarks(estimate: Estimate, verdict: Verdict, judged: int | None) -> tuple[Parts, ...]:
    """What keeps it open, and what would settle it."""
    said: list[Parts] = [(quoted(estimate.reason.rstrip("."), estimate.id, "reason"),)] if estimate.reason else []
    enough = estimate.settled_by.get("items") if verdict == "unclear" and "labels" in estimate.n else None
    if enough:
        more = ", more judged items needed" if judged is not None and enough > judged else ""
        shown = Number(digits(enough, 0), enough, estimate.id, "settled_by.items")
        said.append(("about ", shown, f" labels in all would settle it{more}"))
    return tuple(said)
