"""What does a stakeholder see first: the review sheet of a release, and the head of an axis page?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from toolkit.figures.blocks import Block
from toolkit.figures.cells import Cell, chip_view, missing, name_view, number_view, plain_cell, said
from toolkit.figures.decisions import axis_chip_view, decided_text, decided_view, release_chip_view
from toolkit.figures.review_tables import rows_sentence
from toolkit.figures.strip import span, spark, strip
from toolkit.language import (
    AXIS_QUESTIONS,
    AXIS_TITLES,
    Number,
    Quoted,
    change,
    chip,
    counts,
    interval,
    level_of,
    margin,
    quoted,
    reading,
    scope_text,
    text_of,
    urgency,
)
from toolkit.language.decisions import axis_chip
from toolkit.language.numbers import Range
from toolkit.language.phrases import UNIT_RANGE
from toolkit.language.pieces import parts_of
from toolkit.language.raters import judging
from toolkit.language.wordings import axis_place
from toolkit.results import AxisReview, Estimate, JudgedBy, LedgerEntry, Verdict

History = Mapping[str, Sequence[float | None]]


def headline(
    axis: AxisReview,
    estimate: Estimate | None,
    score_range: Range = UNIT_RANGE,
    *,
    history: Sequence[float | None] = (),
    by: Sequence[JudgedBy] = (),
) -> Block:
    """The head of an axis page: its question, verdict, sentence and strip.

    history: the headline value of earlier releases and of this one, oldest first; by: whose judgements it rests on.
    """
    view = _axis_view(axis, estimate, score_range, None, history, None) | {"by": said(judging(by)) if by else None}
    text = f"{view['question']} {axis_chip(axis).text}: {axis.sentence} {decided_text(axis)}".rstrip()
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
    ledger: Mapping[str, LedgerEntry] | None = None,
) -> Block:
    """The review sheet: the release's verdict and one row an axis, the most urgent first.

    estimates: those among which the axes' headlines are found by id; history: values over releases, oldest
    first and this one last, keyed by axis, headline id or quantity; links: axis -> page.
    Axes that could not be measured share one row at the end. ledger: rows of the log by table, said in one line.
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
    absent: list[dict[str, Any]] = [
        {"title": AXIS_TITLES[axis.axis], "says": _says(axis), "href": (links or {}).get(axis.axis)}
        | decided_view(axis, None, score_range)
        for axis in ordered
        if axis.verdict == "not measured"
    ]
    first, rest = _lead(sentence)
    told = () if f"{measured} of {len(axes)} measured" in sentence else (
        Number(f"{measured}", measured, "", "measured", "results"), " of ",
        Number(f"{len(axes)}", len(axes), "", "axes_total", "results"), " measured.",
    )  # fmt: skip
    level = next((level_of(e) for e in heads.values() if e is not None), None)
    data: dict[str, Any] = {
        "chip": release_chip_view(verdict, axes),
        "sentence": first,
        "rest": said((quoted(rest, "", "sentence", "results"),) if rest else ""),
        "measured": said(told),
        "rows": said(rows_sentence(ledger)) if ledger else None,
        "axes": rows,
        "missing": absent,
        "missing_chip": chip_view(chip("not measured")),
        "level": number_view(level) if level is not None else None,
        "first_release": not any(row["change"] for row in rows) if first_release is None else first_release,
        "provisional": any(e is not None and e.margin is not None and e.margin_provisional for e in heads.values()),
    }
    lines = [f"{verdict.capitalize()}: {sentence} {text_of(told)}".strip()]
    lines += [
        f"  {AXIS_TITLES[axis.axis]}: {axis_chip(axis).text}. {axis.sentence} {decided_text(axis)}".rstrip()
        for axis in judged
    ]
    lines += [f"  {row['title']}: not measured. {plain_cell(row['says'])}" for row in absent]
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
        "id": estimate.id if estimate is not None else "",
        "title": AXIS_TITLES[axis.axis],
        "question": AXIS_QUESTIONS[axis.axis],
        "chip": axis_chip_view(axis),
        "says": _says(axis),
        **decided_view(axis, estimate, score_range),
        "because": [name_view(task) for task in axis.because],
        "required": axis.required,
        "href": href,
        "strip": None,
        "reading": None,
        "interval": None,
        "level": None,
        "scope": "",
        "n": None,
        "margin": None,
        "change": None,
        "spark": spark(history),
        "reason": None,
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
        "level": number_view(level_of(estimate)),
        "scope": scope_text(estimate),
        "n": said(counts(estimate)) if estimate.n else None,
        "margin": said(limit) if limit else None,
        "change": said(moved) if moved else None,
        "reason": missing(estimate, "") if estimate.reason else None,
        "plain": text_of(reading(estimate, score_range)),
    }


def _says(axis: AxisReview) -> Cell:
    """The axis's sentence, quoted, its numbers marked."""
    return said((Quoted(parts_of(axis.parts) or (axis.sentence,), axis.axis, "sentence", "axis"),))


def _history_of(history: History, axis: AxisReview, estimate: Estimate | None) -> Sequence[float | None]:
    for key in (axis.headline, axis.axis, estimate.quantity if estimate else None):
        if key is not None and key in history:
            return history[key]
    return ()


def _lead(sentence: str) -> tuple[str, str]:
    """The first sentence, which becomes the title, and what follows it."""
    first, stop, rest = sentence.strip().partition(". ")
    return (first.rstrip("."), rest) if stop else (sentence.strip().rstrip("."), "")
