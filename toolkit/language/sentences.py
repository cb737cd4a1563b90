"""How is an estimate said in one plain sentence? None speaks of significance: interval and margin do."""

from __future__ import annotations

import math

from toolkit.language.counts import counted, level_of
from toolkit.language.numbers import Range
from toolkit.language.phrases import UNIT_RANGE, amount, interval, out_of_sight, shows_something
from toolkit.language.pieces import Name, Part, Parts, capitalised, quoted
from toolkit.language.wordings import wording_of
from toolkit.results import Estimate


def sentence(
    estimate: Estimate,
    score_range: Range = UNIT_RANGE,
    *,
    who: str | None = None,
    after: int | None = None,
) -> Parts:
    """The estimate in one plain sentence.

    who: the subject, else the estimate's task, else the quantity's own; after: how many later tasks lie
    between ("after five later tasks"). A quantity without a value says why.
    """
    wording = wording_of(estimate.quantity)
    if not estimate.measured:
        where: Parts = (" on ", Name(estimate.task)) if estimate.task else ()
        reason = quoted(_stop(estimate.reason), estimate.id, "reason") if estimate.reason else "no reason was logged."
        return (Name(wording.title), *where, " could not be measured: ", reason)
    down = (estimate.value or 0) < 0 and bool(wording.down)
    subject: Parts = (who,) if who else _subject(estimate, wording.who)
    said = wording.down if down else wording.up
    if wording.same and not shows_something(amount(estimate, score_range)):
        said = wording.same
    if after:
        said = said.removesuffix(" since being learned")
    pattern = said.replace("{who}", "\0who\0").replace("{a}", "\0a\0")
    parts: list[Part] = []
    for piece in pattern.split("\0"):
        if piece == "who":
            parts.extend(capitalised(subject))
        elif piece == "a":
            parts.extend(_amount_with_interval(estimate, score_range))
        elif piece:
            parts.append(piece)
    tail = f" after {counted(after, 'later task')}" if after else ""
    if estimate.has_interval or not estimate.reason:
        return (*parts, f"{tail}.")
    return (*parts, f"{tail} (no interval: ", quoted(estimate.reason.rstrip("."), estimate.id, "reason"), ").")


def _subject(estimate: Estimate, who: str) -> Parts:
    """The task that gained or lost; where the judge or the generator is spoken of, what it did on the task."""
    if estimate.task is None:
        return (who,)
    if estimate.axis in ("feedback", "alignment", "generation"):
        return ("on ", Name(estimate.task), f", {who[:1].lower()}{who[1:]}")
    return (Name(estimate.task),)


def _amount_with_interval(estimate: Estimate, score_range: Range) -> Parts:
    ends = interval(estimate, score_range)
    if not ends or math.isinf(estimate.value or 0.0) or out_of_sight(estimate):
        return amount(estimate, score_range)
    kind = "simultaneous interval" if estimate.simultaneous else "interval"
    return (*amount(estimate, score_range), " (", level_of(estimate), f" {kind} ", *ends, ")")


def _stop(text: str) -> str:
    return text if text.endswith(".") else text + "."
