"""What does a stakeholder see first: the review sheet of a release, and the head of an axis page?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from toolkit.figures.blocks import Block
from toolkit.figures.cells import chip_view, name_view, said
from toolkit.figures.strip import span, spark, strip
from toolkit.language import (
    AXIS_QUESTIONS,
    AXIS_TITLES,
    change,
    chip,
    counts,
    interval,
    level_text,
    margin,
    reading,
    scope_text,
    text_of,
    urgency,
)
from toolkit.language.numbers import Range
from toolkit.language.phrases import UNIT_RANGE
from toolkit.language.wordings import axis_place
from toolkit.results import AxisReview, Estimate, Verdict

History = Mapping[str, Sequence[float | None]]


def headline(
    axis: AxisReview,
    estimate: Estimate | None,
    score_range: Range = UNIT_RANGE,
    *,
    history: Sequence[float | None] = (),
) -> Block:
    """The head of an axis page: its question, verdict, sentence and strip.

    history: the headline value of earlier releases and of this one, oldest first.
    """
    view = _axis_view(axis, estimate, score_range, None, history, None)
    text = f"{view['question']} {view['chip']['text']}: {axis.sentence}"
    return Block("headline", view, text)


def sheet(
    verdict: Verdict,
    sentence: str,
    measured: int,
    axes: Sequence[AxisReview],
    estimates: Sequence[Estimate],
    history: History | None = None,
    score_range: Range = UNIT_RANGE,
    links: Mapping[str, str] | None = None,
    *,
    first_release: bool | None = None,
) -> Block:
    """The review sheet: the release's verdict and one row an axis, the most urgent first.

    estimates: those among which the axes' headlines are found by id; history: values over releases, oldest
    first and this one last, keyed by axis, headline id or quantity; links: axis -> page.
    Axes that could not be measured share one row at the end.
    """
    by_id = {estimate.id: estimate for estimate in estimates}
    ordered = sorted(axes, key=lambda axis: (urgency(axis.verdict), axis_place(axis.axis)))
    judged = [axis for axis in ordered if axis.verdict != "not measured"]
    heads = {axis.axis: by_id.get(axis.headline or "") for axis in axes}
    margins = span(estimate for estimate in heads.values() if estimate is not None)
    rows = [
        _axis_view(
            axis,
            heads[axis.axis],
            score_range,
            margins,
            _history_of(history or {}, axis, heads[axis.axis]),
            (links or {}).get(axis.axis),
        )
        for axis in judged
    ]
    missing = [
        {"title": AXIS_TITLES[axis.axis], "sentence": axis.sentence, "href": (links or {}).get(axis.axis)}
        for axis in ordered
        if axis.verdict == "not measured"
    ]
    first, rest = _lead(sentence)
    count = f"{measured} of {len(axes)} measured."
    data: dict[str, Any] = {
        "chip": chip_view(chip(verdict)),
        "sentence": first,
        "rest": rest,
        "measured": "" if count.rstrip(".") in sentence else count,
        "axes": rows,
        "missing": missing,
        "missing_chip": chip_view(chip("not measured")),
        "level": level_text(next((e.level for e in heads.values() if e is not None), 0.95)),
        "first_release": not any(row["change"] for row in rows) if first_release is None else first_release,
        "provisional": any(e is not None and e.margin is not None and e.margin_provisional for e in heads.values()),
    }
    lines = [f"{verdict.capitalize()}: {sentence} {data['measured']}".strip()]
    lines += [f"  {row['title']}: {row['chip']['text']}. {row['sentence']}" for row in rows]
    lines += [f"  {row['title']}: not measured. {row['sentence']}" for row in missing]
    return Block("sheet", data, "\n".join(lines))


def _axis_view(
    axis: AxisReview,
    estimate: Estimate | None,
    score_range: Range,
    margins: float | None,
    history: Sequence[float | None],
    href: str | None,
) -> dict[str, Any]:
    view: dict[str, Any] = {
        "axis": axis.axis,
        "title": AXIS_TITLES[axis.axis],
        "question": AXIS_QUESTIONS[axis.axis],
        "chip": chip_view(chip(axis.verdict, axis.finding, axis=axis.axis, standing=axis.standing)),
        "sentence": axis.sentence,
        "because": [name_view(task) for task in axis.because],
        "required": axis.required,
        "href": href,
        "strip": None,
        "reading": None,
        "interval": None,
        "level": "",
        "scope": "",
        "n": "",
        "margin": None,
        "change": None,
        "spark": spark(history),
        "reason": "",
    }
    if estimate is None:
        return view
    ends = interval(estimate, score_range)
    limit = margin(estimate, score_range)
    moved = change(estimate, score_range)
    return view | {
        "strip": strip(estimate, score_range, margins),
        "reading": said(reading(estimate, score_range)),
        "interval": said(ends) if ends else None,
        "level": level_text(estimate.level),
        "scope": scope_text(estimate),
        "n": counts(estimate.n),
        "margin": said(limit) if limit else None,
        "change": said(moved) if moved else None,
        "reason": estimate.reason or "",
        "plain": text_of(reading(estimate, score_range)),
    }


def _history_of(history: History, axis: AxisReview, estimate: Estimate | None) -> Sequence[float | None]:
    for key in (axis.headline, axis.axis, estimate.quantity if estimate else None):
        if key is not None and key in history:
            return history[key]
    return ()


def _lead(sentence: str) -> tuple[str, str]:
    """The first sentence, which becomes the title, and what follows it."""
    first, stop, rest = sentence.strip().partition(". ")
    return (first.rstrip("."), rest) if stop else (sentence.strip().rstrip("."), "")
