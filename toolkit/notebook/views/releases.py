"""What does the summary show: headlines, gaps, what to log next, and the course over releases?"""

from __future__ import annotations

from dataclasses import dataclass

from toolkit.notebook.run import Run
from toolkit.results import Estimate, Verdict
from toolkit.review import gaps_of
from toolkit.review.measurable import cheapest_next

LINKS = {
    "transfer": "transfer.html",
    "forgetting": "forgetting.html",
    "feedback": "feedback.html",
    "alignment": "divergence.html",
    "generation": "generation.html",
}

# Followed over releases beside the headlines.
ALSO = ("average_accuracy/stream/all", "learning_accuracy/stream/all", "max_forgetting/stream/all")


def headlines(run: Run) -> list[Estimate]:
    """The headline estimates of all axes that were tested against no effect."""
    here = {e.id: e for e in run.findings[0]}
    heads = [here[review.headline] for review in run.sheet.axes if review.headline in here]
    return [e for e in heads if e.p_adjusted is not None]


def gaps(run: Run) -> list[Estimate]:
    """What could not be measured, of all analyses."""
    return gaps_of(run.findings[0])


def cheapest(run: Run) -> tuple[str, ...]:
    """What to log next, the cheapest first."""
    return cheapest_next(run.cube.meta.facts)


@dataclass(frozen=True)
class Releases:
    """Headline estimates over releases, oldest first, this one last."""

    names: list[str]
    rows: list[tuple[str, list[Estimate | None]]]
    verdicts: list[Verdict | None]


def releases(run: Run) -> Releases:
    """The headlines of this release beside those of the releases before it."""
    from toolkit.language import wording_of

    past = run.past()
    here = {e.id: e for e in run.findings[0]}
    heads = [here[review.headline] for review in run.sheet.axes if review.headline in here]
    heads += [e for e in map(here.get, ALSO) if e is not None and e.measured]
    before = [{e.id: e for e in results.estimates} for results in past]
    rows: list[tuple[str, list[Estimate | None]]] = [
        (wording_of(e.quantity).title, [*(found.get(e.id) for found in before), e]) for e in heads
    ]
    return Releases(
        names=[*(results.release for results in past), run.release],
        rows=rows,
        verdicts=[*(results.verdict for results in past), run.sheet.verdict],
    )
