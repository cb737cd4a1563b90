"""How many human labels does the plan ask for on a task, and what are they for?

As many as make the interval of the judge's bias, or of the score by people's measure, as narrow as the margin, with
the upper 80 % bound of the variance, so that the target is met in about four of five cases.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy import special

from toolkit.inference.labels import MORE_JUDGED, SURE
from toolkit.inference.quantiles import z_quantile
from toolkit.inference.simultaneous import bonferroni
from toolkit.language.plan import capped_text, purpose_text
from toolkit.logs.config import StreamConfig
from toolkit.results import Estimate
from toolkit.results.report import Advice
from toolkit.review.margins import AppliedMargin, margin_for
from toolkit.review.reasons import judged_answers, of_task

WATCH_SAMPLE = 20
FEWEST_REVIEW = 30
MOST_LABELS = 2000
FIRST_LABELS = 100  # place a share within ten points either way, whatever it is
FIRST = "a first look: places the share of the judge's mistakes to within 10 points"
SCORE_NEEDS_MORE = "for the score by people's measure, more judged items needed"
WATCHING = "meets a mistake that one answer in 12 has, four times of five"


@dataclass(frozen=True)
class Labels:
    """How many labels, and what the number is for."""

    count: int
    purpose: str


def labels_for(task: str, advice: Advice, estimates: Sequence[Estimate], config: StreamConfig) -> Labels:
    """The labels of one task under its advice, never more than the answers that the judge judged, where known."""
    needed = _found("labels_needed", task, estimates)
    judged = judged_answers(task, estimates)
    if advice == "watch":
        return Labels(min(WATCH_SAMPLE, judged or WATCH_SAMPLE), WATCHING)
    wishes = [w for w in (_of_judge(task, estimates, config), _of_score(task, needed, config)) if w is not None]
    wish = max(wishes, key=lambda w: w.count, default=Labels(FIRST_LABELS, FIRST))
    count = max(FEWEST_REVIEW, 10 * math.ceil(wish.count / 10))
    return _capped(count, wish.purpose, judged, short=needed is not None and needed.reason == MORE_JUDGED)


def labels_for_margin(margin: float, sd: float, *, level: float) -> int:
    """Labels for which the interval of a mean reaches `margin` to each side: n = (z sd / margin)^2."""
    return math.ceil((z_quantile(level) * sd / margin) ** 2)


def upper_sd(estimate: Estimate, scale: float) -> float | None:
    """Upper 80 % bound of the sd of one label, from what labels contribute to the estimate's variance.

    By the chi-squared distribution with 2 (n - 1) / (k - 1) degrees of freedom over n clusters of labels (Box 1953),
    k the kurtosis: at most scale^2 / variance, which errors that are rare and whole have, and 3 or more. Where all
    labels agree, from the most (80 %) that may differ by the whole `scale` though none did: 1 - 0.2^(1/n). None
    where nothing is known.
    """
    labels, items = estimate.n.get("labels", 0), estimate.variance.get("items")
    n = estimate.n.get("clusters", labels)
    if n < 2 or (items is None and not _alike(estimate)):
        return None
    if not items:
        return scale * math.sqrt(1 - (1 - SURE) ** (1 / n))
    variance = items * labels
    df = 2 * (n - 1) / (max(3.0, scale**2 / variance) - 1)
    return min(math.sqrt(variance * df / float(special.chdtri(df, SURE))), max(scale, math.sqrt(variance)))


def _alike(estimate: Estimate) -> bool:
    """Whether an interval was made of labels without any spread."""
    return estimate.has_interval and estimate.se == 0


def _of_judge(task: str, estimates: Sequence[Estimate], config: StreamConfig) -> Labels | None:
    """Labels for the judge's bias on these models' answers; of class labels, for its agreement with people."""
    low, high = config.feedback.range or config.score_range
    for quantity, what, scale in (
        ("feedback_bias", "the judge's bias with these models", high - low),
        ("agreement", "the judge's agreement with people", 1.0),
    ):
        estimate = of_task(quantity, task, estimates)
        sd = None if estimate is None else upper_sd(estimate, scale)
        if estimate is not None and sd is not None:
            margin = margin_for(config, estimate.axis, task)
            together = sum(
                e.quantity == quantity and e.task is not None and e.is_whole and e.measured for e in estimates
            )
            count = labels_for_margin(margin.value, sd, level=bonferroni(config.review.level, together))
            return Labels(count, _purpose(what, margin, share=quantity == "agreement"))
    return None


def _of_score(task: str, needed: Estimate | None, config: StreamConfig) -> Labels | None:
    """Labels for the score by people's measure, where they were counted for the margin of this very task."""
    margin = margin_for(config, "feedback", task)
    if needed is None or needed.value is None or margin.value != _aimed_at(config):
        return None
    return Labels(math.ceil(needed.value), _purpose("the score by people's measure", margin))


def _aimed_at(config: StreamConfig) -> float:
    """The half-width that labels_needed was counted for: the margin of the bias of tasks that are not regulated."""
    return margin_for(config, "feedback").value


def _purpose(what: str, margin: AppliedMargin, *, share: bool = False) -> str:
    """In feedback points; shares in points of a hundred."""
    unit = "points" if share else "feedback points"
    return purpose_text(what, margin.value * (100 if share else 1), unit, provisional=margin.provisional)


def _found(quantity: str, task: str, estimates: Sequence[Estimate]) -> Estimate | None:
    mine = [e for e in estimates if e.quantity == quantity and e.task == task and e.stage is None]
    whole = [e for e in mine if e.group is None]
    return next(iter(whole or [e for e in mine if (e.group or "").startswith("definition=")]), None)


def _capped(count: int, purpose: str, judged: int | None, *, short: bool) -> Labels:
    """No more than were judged, nor than people can be asked for at once; says so."""
    if judged and count > judged:
        return Labels(min(judged, MOST_LABELS), f"{purpose}; {capped_text(count, judged)}")
    if count > MOST_LABELS:
        return Labels(MOST_LABELS, f"{purpose}; the first {MOST_LABELS:,} of {count:,}")
    return Labels(count, f"{purpose}; {SCORE_NEEDS_MORE}" if short else purpose)
