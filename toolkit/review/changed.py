"""Is a headline read otherwise than in the baseline: by another margin, for another scope, at another level?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from toolkit.language import AXIS_TITLES, clean, level_text, scope_text, text_of
from toolkit.language import margin as margin_text
from toolkit.logs.config import StreamConfig, StreamMargins
from toolkit.results import AxisReview, Estimate, Notice, Results
from toolkit.review.axes import review_axis
from toolkit.review.margins import AppliedMargin, margin_for
from toolkit.review.verdicts import judged


def changes_since(
    baseline: Results, review: AxisReview, headline: Estimate, estimates: Sequence[Estimate], config: StreamConfig
) -> dict[str, Any]:
    """`under_baseline_margins` and `changed` of an axis that was measured; empty where nothing changed.

    estimates: all of the axis, as judged by the margins of today.
    """
    before = next((e for e in baseline.estimates if e.id == headline.id), None)
    name = clean(baseline.release)
    said: list[str] = []
    verdict = None
    margins = margins_of(baseline)
    if margins is not None:
        then = config.model_copy(update={"review": config.review.model_copy(update={"margins": margins})})
        said = _margins(name, headline, config, then)
        if said:
            again = review_axis(review.axis, judged(estimates, then), then, required=review.required, standing=False)
            verdict = again.verdict
            said[-1] += f" Under {name}'s margins: {verdict}."
    if before is not None and before.has_interval and headline.has_interval:
        if before.scope != headline.scope:
            said.append(
                f"In {name} the interval held for {scope_text(before)}; here it holds for {scope_text(headline)}."
            )
        if before.level != headline.level:
            said.append(
                f"In {name} the interval was one of {level_text(before.level)}; here it is one of "
                f"{level_text(headline.level)}."
            )
    return {"under_baseline_margins": verdict, "changed": tuple(said)}


def margins_of(baseline: Results) -> StreamMargins | None:
    """The margins that a publication was judged by; None where its record of them cannot be read."""
    try:
        return StreamConfig.model_validate(baseline.provenance.config).review.margins
    except ValidationError:
        return None


def changed_notices(reviews: Sequence[AxisReview]) -> tuple[Notice, ...]:
    """What changed in how the axes are read, one notice each."""
    return tuple(
        Notice(code="read-otherwise", message=f"{AXIS_TITLES[review.axis]}: {text}")
        for review in reviews
        for text in review.changed
    )


def _margins(name: str, headline: Estimate, config: StreamConfig, then: StreamConfig) -> list[str]:
    """One sentence where the margin of the axis is another, one where only that of its regulated tasks is."""
    pairs = [("The margin", None), *((f"The margin of {clean(task)}", task) for task in sorted(config.regulated))]
    for subject, task in pairs:
        old, new = (margin_for(c, headline.axis, task) for c in (then, config))
        if old != new:
            return [
                f"{subject} was {_said(headline, old, config)} in {name} and is {_said(headline, new, config)} now."
            ]
    return []


def _said(headline: Estimate, margin: AppliedMargin, config: StreamConfig) -> str:
    shown = headline.model_copy(update={"margin": margin.value, "margin_provisional": margin.provisional})
    return text_of(margin_text(shown, config.score_range))
