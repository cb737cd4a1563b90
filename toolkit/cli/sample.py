"""`streamreview sample`: draws the judged answers that people should look at next, as a table to fill in."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.cli.show import say, warn
from toolkit.errors import UsageError

if TYPE_CHECKING:
    from toolkit.logs import CheckedLog
    from toolkit.review.drawing import Answer, Drawn

_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_DESCRIBED = ("stage", "task", "item", "arm", "seed", "target", "criterion", "stratum", "probability")


def sample(stream: Path, *, labels: int | None, tasks: Sequence[str], seed: int, out: Path | None) -> None:
    """Draw answers and write them, to a file or to stdout.

    labels: over all tasks; None takes what the people plan asks of each task. Raises UsageError where there is
    nothing to draw, where `labels` are too few, or where `out` is there already.
    """
    from toolkit.logs import read_stream
    from toolkit.review.drawing import candidates, draw, spread_over

    if out is not None and out.exists():
        raise UsageError(f"{out} is there already; it may hold labels, so name another file with --out")
    if seed < 0:
        raise UsageError(f"--seed {seed} must be 0 or more")
    with read_stream(stream) as log:
        there = candidates(log, tasks=tasks)
        wanted = _planned(log) if labels is None else spread_over(labels, {task: len(a) for task, a in there.items()})
        config = log.config
    scale = config.feedback.range or config.score_range
    drawn = [one for task, answers in there.items() for one in draw(answers, wanted[task], scale=scale, seed=seed)]
    text = filled_in(drawn)
    if out is None:
        print(text, end="")  # noqa: T201
    else:
        try:
            out.write_text(text, encoding="utf-8", newline="")
        except OSError as error:
            raise UsageError(f"{out}: cannot be written: {error.strerror}") from None
        say(f"{len(drawn)} answers of {len(there)} tasks, stage {drawn[0].answer.stage}: {out}")
        say("Fill in rater and score, then put the file into the stream's folder feedback/ and run the review again.")
    if labels is None:
        _warn_of_missing(wanted, there)
    quoted = sum(_quoted(text) != text for one in drawn for text in (one.answer.item, one.answer.task))
    if quoted:
        warn(f"{quoted} names begin like a formula and stand behind an apostrophe: take it away before logging")


def _planned(log: CheckedLog) -> dict[str, int]:
    """Labels of each task by the people plan of a full run of this log."""
    from toolkit.analyses import Evidence
    from toolkit.cube import reduce_stream
    from toolkit.review.plan import planned

    return {row.task: row.labels for row in planned(Evidence(reduce_stream(log)))}


def _warn_of_missing(wanted: Mapping[str, int], there: Mapping[str, Sequence[Answer]]) -> None:
    """Says where fewer answers can be drawn than the plan asks for."""
    short = [f"{task} {len(got)} of {wanted[task]}" for task, got in there.items() if len(got) < wanted[task]]
    if short:
        warn(
            "more judged items needed: the latest stage has fewer answers that were judged and people have not seen "
            f"than the people plan asks for: {', '.join(short)}"
        )


def filled_in(drawn: Sequence[Drawn]) -> str:
    """The table that people fill in: one row an answer, rater and score (or label) empty."""
    kind = "label" if all(one.answer.score is None for one in drawn) else "score"
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*_DESCRIBED, "rater", kind, "source"])
    for one in drawn:
        a = one.answer
        writer.writerow((
            a.stage, _quoted(a.task), _quoted(a.item), _quoted(a.arm), a.seed, "answer", _quoted(a.criterion or ""),
            _quoted(one.stratum), repr(one.probability), "", "", "human",
        ))  # fmt: skip
    return text.getvalue()


def _quoted(text: str) -> str:
    """Text that a spreadsheet would take for a formula gets an apostrophe: names come from logs."""
    return f"'{text}" if text.startswith(_STARTS_FORMULA) else text
