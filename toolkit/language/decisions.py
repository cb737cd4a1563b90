"""How is a decision said: since when a finding stands, who bears it until when, and who chose the margin?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from toolkit.language.names import clean
from toolkit.language.numbers import Number, Range, Source
from toolkit.language.phrases import UNIT_RANGE, margin
from toolkit.language.pieces import Name, Part, Parts, capitalised, joined, quoted
from toolkit.language.verdicts import Chip, chip
from toolkit.language.wordings import wording_of
from toolkit.results import AxisReview, Estimate
from toolkit.results.estimate import Acceptance
from toolkit.results.report import ChosenMargin, Decision

_WHOLE = "all tasks together"
_NAMED = 5


def is_borne(review: AxisReview) -> bool:
    """Whether an axis would be judged less severely without the findings that are accepted."""
    return review.accepted_until is not None and review.besides_accepted != review.verdict


def axis_chip(review: AxisReview) -> Chip:
    """The chip of an axis; where all that decides it is accepted, it says until when: "Act, accepted until ..."."""
    if is_borne(review) and review.accepted_until is not None:
        made = chip(review.verdict, review.finding, axis=review.axis)
        return replace(made, text=f"{made.text}, accepted until {review.accepted_until.isoformat()}")
    return chip(review.verdict, review.finding, axis=review.axis, standing=review.standing)


def release_until(axes: Sequence[AxisReview], verdict: str) -> dt.date | None:
    """Until when all that decides a release's verdict is accepted; None where some of it is not."""
    deciding = [review for review in axes if review.required and review.verdict == verdict]
    days = [review.accepted_until for review in deciding if is_borne(review) and review.accepted_until is not None]
    return min(days) if days and len(days) == len(deciding) else None


def accepted_parts(accepted: Acceptance, id: str, field: str, source: Source = "estimate") -> Parts:  # noqa: A002
    """Who bears a finding: "accepted by quality board until 2027-01-31: the old intents are retired".

    id, field, source: where the acceptance stands in results.json.
    """
    return (
        "accepted by ",
        quoted(clean(accepted.by), id, f"{field}.by", source),
        " until ",
        Name(accepted.until.isoformat(), "time"),
        ": ",
        quoted(clean(accepted.why), id, f"{field}.why", source),
    )


def accepted_lines(review: AxisReview) -> list[Parts]:
    """One sentence for each acceptance, with all findings that it bears and their verdicts, regulated ones marked."""
    groups: dict[tuple[str, dt.date, str, str], list[int]] = {}
    for place, decision in enumerate(review.decisions):
        if decision.accepted is not None:
            key = (decision.accepted.by, decision.accepted.until, decision.accepted.why, decision.verdict)
            groups.setdefault(key, []).append(place)
    lines: list[Parts] = []
    for (by, until, why, verdict), places in groups.items():
        members = [review.decisions[place] for place in places]
        names = joined(((*_name(d, review), *([" (regulated)"] if d.regulated else [])) for d in members), ", ")
        borne = Acceptance(by=by, why=why, until=until)
        said = accepted_parts(borne, review.axis, f"decisions.{places[0]}.accepted", "axis")
        lines.append(capitalised((*names, f": {verdict}, ", *said, *_stop(why))))
    if lines and is_borne(review) and review.besides_accepted != "healthy":
        lines.append((f"Besides what is accepted: {review.besides_accepted}.",))
    return lines


def since_line(review: AxisReview) -> Parts:
    """Whether what an axis has to act on is new or has stood since when, and which findings differ; else empty."""
    own = _since(review.since, new=review.new)
    if not own:
        return ()
    groups: dict[Parts, list[Decision]] = {}
    for decision in review.decisions:
        text = _since(decision.since, new=decision.new)
        if text and text != own:
            groups.setdefault(text, []).append(decision)
    told = [(*own, "."), *((*text, ": ", *_names(members, review), ".") for text, members in groups.items())]
    return joined(told, " ")


def changed_lines(review: AxisReview) -> list[Parts]:
    """In which ways the headline is read otherwise than in the baseline, one sentence each."""
    return [(quoted(text, review.axis, f"changed.{place}", "axis"),) for place, text in enumerate(review.changed)]


def margin_lines(review: AxisReview, headline: Estimate | None, score_range: Range = UNIT_RANGE) -> list[Parts]:
    """The margins of an axis and who says so, that of its regulated tasks last; empty without a headline."""
    if headline is None:
        return []
    kinds = (("Margin ", "margin", review.margin),
             ("Margin of regulated tasks ", "margin_regulated", review.margin_regulated))  # fmt: skip
    return [
        (title, *_margin(chosen, headline, score_range, review.axis, field))
        for title, field, chosen in kinds
        if chosen is not None
    ]


def _margin(chosen: ChosenMargin, headline: Estimate, score_range: Range, axis: str, field: str) -> Parts:
    shown = margin(headline.model_copy(update={"margin": chosen.value, "margin_provisional": False}), score_range)
    head: list[Part] = [
        replace(part, id=axis, field=f"{field}.value", source="axis") if isinstance(part, Number) else part
        for part in shown
    ]
    if chosen.provisional:
        return (*head, ", provisional: nobody has chosen it.")
    said: list[Part] = (
        [", chosen by ", quoted(clean(chosen.by), axis, f"{field}.by", "axis")]
        if chosen.by
        else [", chosen by somebody whose name is not given"]
    )
    if chosen.date is not None:
        said += [" on ", Name(chosen.date.isoformat(), "time")]
    if not chosen.reason:
        return (*head, *said, "; no reason is given.")
    return (*head, *said, ": ", quoted(clean(chosen.reason), axis, f"{field}.reason", "axis"), *_stop(chosen.reason))


def _since(since: str | None, *, new: bool) -> Parts:
    if since is not None:
        return ("Standing since ", Name(clean(since), "cite"))
    return ("New in this release",) if new else ()


def _names(decisions: Sequence[Decision], review: AxisReview) -> Parts:
    named = joined((_name(decision, review) for decision in decisions[:_NAMED]), ", ")
    return (*named, " and more") if len(decisions) > _NAMED else named


def _name(decision: Decision, review: AxisReview) -> Parts:
    """The task, or all together; a finding of another quantity than the headline's says of which."""
    quantity = decision.finding.partition("/")[0]
    name: Part = _WHOLE if decision.task is None else Name(clean(decision.task))
    same = quantity == (review.headline or "").partition("/")[0]
    return (name,) if same else (f"{wording_of(quantity).title}, ", name)


def _stop(text: str) -> tuple[str, ...]:
    return () if clean(text).endswith((".", "!", "?")) else (".",)
