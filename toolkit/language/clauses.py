"""How does a release's verdict read in one sentence, from the verdicts of its axes?"""

from __future__ import annotations

from collections.abc import Sequence

from toolkit.results import AxisReview, PlanRow, Verdict
from toolkit.results.estimate import Axis

_NAMED_TASKS = 3
_STANDING: tuple[tuple[Verdict, str], ...] = (
    ("act", "beyond the change that matters"),
    ("watch", "to be watched"),
    ("unclear", "not settled by this log"),
    ("not measured", "not measured"),
)
_CLAUSES: dict[Axis, dict[str, str]] = {
    "transfer": {
        "act": "earlier experience harms new tasks",
        "watch": "earlier experience may be harming new tasks",
        "unclear": "whether earlier experience helps is open",
        "healthy": "earlier experience does not harm new tasks",
        "healthy better": "new tasks profit from earlier experience",
    },
    "forgetting": {
        "act": "earlier tasks are being lost",
        "watch": "earlier tasks may be slipping",
        "unclear": "whether earlier tasks hold is open",
        "healthy": "earlier tasks hold",
        "healthy better": "earlier tasks have improved",
    },
    "feedback": {
        "act": "the judge scores apart from people",
        "watch": "the judge may be drifting from people",
        "unclear": "whether the judge is biased is open",
        "healthy": "the judge scores as people do",
    },
    "alignment": {
        "act": "the judge agrees with people less than people agree with each other",
        "watch": "the judge may agree with people too little",
        "unclear": "how well the judge agrees with people is open",
        "healthy": "the judge agrees with people about as well as people do",
    },
    "generation": {
        "act": "too many samples carry a wrong label",
        "watch": "wrong labels among the samples are near their limit",
        "unclear": "how many samples carry a wrong label is open",
        "healthy": "the samples carry the labels they should",
    },
}
_NAMED_CLAUSES = 2  # of what is open; more are not read
_PARTLY: dict[Axis, str] = {
    "transfer": "earlier experience harms some new tasks",
    "forgetting": "some earlier tasks are being lost",
    "feedback": "the judge scores apart from people on some tasks",
    "alignment": "the judge agrees with people too little on some tasks",
    "generation": "too many samples of some tasks carry a wrong label",
}


def release_sentence(axes: Sequence[AxisReview]) -> str:
    """The release in one sentence: what is wrong, or else what may be; then what holds.

    What is open is said only where nothing else can be.
    """
    by_verdict: dict[Verdict, list[str]] = {}
    for review in axes:
        if review.verdict != "not measured":
            by_verdict.setdefault(review.verdict, []).append(_clause(review))
    if not by_verdict:
        return "Nothing could be judged yet; each question below says what it needs"
    wrong = by_verdict.get("act") or by_verdict.get("watch") or []
    groups = [wrong, by_verdict.get("healthy", [])]
    if not any(groups):
        if len(by_verdict["unclear"]) > _NAMED_CLAUSES:
            return "This log settles none of the questions below"
        groups = [by_verdict["unclear"]]
    text = "; ".join(_joined(group) for group in groups if group)
    return text[:1].upper() + text[1:]


def release_lead(axes: Sequence[AxisReview], plan: Sequence[PlanRow]) -> str:
    """The second sentence: how many questions stand how, and on which tasks people are required."""
    counted = ((_counted(axes, verdict), words) for verdict, words in _STANDING)
    told = [f"{count} {words}" for count, words in counted if count]
    first = f"Of {len(axes)} questions, {_joined(told)}." if told else f"All {len(axes)} questions are healthy."
    required = [row.task for row in plan if row.advice == "required"]
    if not required:
        return f"{first} Keep people reviewing samples of every task."
    if len(required) == len(plan):
        return f"{first} People are required on every task."
    named = required[:_NAMED_TASKS]
    more = f" and {len(required) - len(named)} more" if len(required) > len(named) else ""
    listed = " and ".join(named) if len(named) == 2 else _joined(named)
    return f"{first} People are required on {listed if not more else ', '.join(named) + more}."


def _counted(axes: Sequence[AxisReview], verdict: Verdict) -> str:
    count = sum(review.verdict == verdict for review in axes)
    return f"{count} {'is' if count == 1 else 'are'}" if count else ""


def _clause(review: AxisReview) -> str:
    clauses = _CLAUSES[review.axis]
    if review.verdict == "act" and review.because and review.finding != "worse":
        return _PARTLY[review.axis]
    return clauses.get(f"{review.verdict} {review.finding}", clauses[review.verdict])


def _joined(clauses: list[str]) -> str:
    if len(clauses) < 2:
        return "".join(clauses)
    return f"{', '.join(clauses[:-1])}, and {clauses[-1]}"
