"""What is the verdict on each of the five questions, and which tasks decide it?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from toolkit.language.counts import settling
from toolkit.language.phrases import ASSUMED_CEILING, reading
from toolkit.language.pieces import Parts, as_said, text_of
from toolkit.language.sentences import sentence
from toolkit.logs.config import StreamConfig
from toolkit.results import AXES, AxisReview, Estimate, Verdict
from toolkit.results.estimate import Axis
from toolkit.results.quantities import HEADLINES

# The worst first. What a required axis lacks is worse than what it leaves unclear.
SEVERITY: tuple[Verdict, ...] = ("act", "watch", "not measured", "unclear", "healthy")
_NAMED = 3


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The most severe of some verdicts; "not measured" of none."""
    return min(verdicts, key=SEVERITY.index, default="not measured")


def headline_of(axis: Axis, estimates: Sequence[Estimate]) -> Estimate | None:
    """The estimate an axis rests on: the first of its headline quantities that was measured, else the first."""
    whole = [
        next((e for e in estimates if e.quantity == name and e.task is None and e.is_whole), None)
        for name in HEADLINES[axis]
    ]
    found = [e for e in whole if e is not None]
    return next((e for e in found if e.measured), found[0] if found else None)


def review_axis(
    axis: Axis, estimates: Sequence[Estimate], config: StreamConfig, *, required: bool, standing: bool
) -> AxisReview:
    """Verdict, finding and sentence of one axis.

    The mean alone does not decide: a task whose simultaneous interval lies beyond its margin makes the axis
    act, and a regulated task that is not healthy forbids healthy.
    """
    headline = headline_of(axis, estimates)
    if headline is None or not headline.measured or headline.quantity != HEADLINES[axis][0]:
        return _not_measured(axis, headline, estimates, config, required=required)
    tasks = tasks_of(headline, estimates)
    verdict, deciding = decided(headline, tasks, config)
    because = [e.task for e in deciding if e.task]
    said = _sentence(headline, deciding, tasks, config)
    if headline.group == ASSUMED_CEILING:
        said = _assumed_sentence(headline, estimates, config)
    if verdict == "unclear" and (settled := settling(headline)):
        said = (*said, " ", *settled)
    return AxisReview(
        axis=axis, required=required, verdict=verdict, finding=headline.finding,
        standing=standing and verdict == "act", headline=headline.id, because=tuple(because), sentence=text_of(said),
        parts=as_said(said),
    )  # fmt: skip


def decided(headline: Estimate, tasks: Sequence[Estimate], config: StreamConfig) -> tuple[Verdict, list[Estimate]]:
    """The verdict of an axis from its headline and tasks, and the tasks that decide it, empty where the mean does."""
    acting = [e for e in tasks if e.verdict == "act"]
    regulated = [e for e in tasks if e.task in config.regulated and e.verdict not in ("healthy", None)]
    if acting:
        return "act", acting
    if headline.verdict == "healthy" and regulated:
        return worst(e.verdict for e in regulated if e.verdict), regulated
    return headline.verdict or "unclear", []


def tasks_of(headline: Estimate, estimates: Sequence[Estimate]) -> list[Estimate]:
    """The measured estimates of the headline's quantity on single tasks."""
    return [e for e in estimates if _same_but_task(e, headline)]


def _same_but_task(estimate: Estimate, headline: Estimate) -> bool:
    return (
        estimate.task is not None
        and estimate.group is None
        and estimate.quantity == headline.quantity
        and (estimate.arm, estimate.against) == (headline.arm, headline.against)
        and estimate.measured
    )


def _not_measured(
    axis: Axis, headline: Estimate | None, estimates: Sequence[Estimate], config: StreamConfig, *, required: bool
) -> AxisReview:
    of_headline = (e for e in estimates if e.quantity == HEADLINES[axis][0] and e.is_whole)
    first = next((e for e in of_headline if not e.measured), None)
    reason = (first.reason if first else None) or "nothing in the log speaks of it"
    said: Parts = (f"Not measured: {reason.rstrip('.')}.",)
    measured = headline is not None and headline.measured
    if measured and headline is not None:
        said = (*said, " What there is instead: ", *sentence(headline, config.score_range))
    return AxisReview(
        axis=axis, required=required, verdict="not measured",
        finding=headline.finding if measured and headline else None,
        headline=headline.id if headline else None, sentence=text_of(said), parts=as_said(said),
    )  # fmt: skip


def _sentence(headline: Estimate, deciding: list[Estimate], tasks: list[Estimate], config: StreamConfig) -> Parts:
    said = sentence(headline, config.score_range)
    if deciding:
        deciding = sorted(deciding, key=lambda e: abs(e.value or 0), reverse=True)
        said = (*said, " ", *sentence(deciding[0], config.score_range))
        names = [e.task or "" for e in deciding[1:_NAMED]]
        if names:
            rest = len(deciding) - 1 - len(names)
            more = f" and {rest} more" if rest else ""
            said = (*said, f" Also beyond its margin: {', '.join(names)}{more}.")
        return said
    regulated = [e.task for e in tasks if e.task in config.regulated and e.verdict == "healthy"]
    if regulated and headline.verdict == "healthy":
        said = (*said, f" Regulated tasks hold too: {', '.join(str(task) for task in regulated)}.")
    return said


def _assumed_sentence(headline: Estimate, estimates: Sequence[Estimate], config: StreamConfig) -> Parts:
    raw = next((e for e in estimates if e.quantity == "agreement" and e.task is None and e.is_whole), None)
    first: Parts = (*sentence(raw, config.score_range), " ") if raw is not None else ()
    most = reading(headline, config.score_range)
    return (
        *first,
        "How far people agree with each other was not measured; if they always did, the judge would be ",
        *(most[1:] if most[0] == "at most " else most),
        " them.",
    )


def review_axes(
    estimates: Sequence[Estimate], config: StreamConfig, *, alarms_before: frozenset[str] = frozenset()
) -> tuple[AxisReview, ...]:
    """All five axes, in the order of AXES; `alarms_before` names the axes that were act in the baseline."""
    required = config.review.required
    reviews = []
    for axis in AXES:
        mine = [e for e in estimates if e.axis == axis]
        must = axis in required if required is not None else False
        reviews.append(review_axis(axis, mine, config, required=must, standing=axis in alarms_before))
    if required is None:  # by default all that were measured
        reviews = [r.model_copy(update={"required": r.verdict != "not measured"}) for r in reviews]
    return tuple(reviews)
