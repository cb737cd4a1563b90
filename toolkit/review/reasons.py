"""What does each piece of evidence on a task ask people to do, and why?

Evidence of harm on the task itself that people must not leave to the loop (the judge, the labels it trains on) makes
people required; other harm, and whatever is open, a review. What is open never counts as healthy.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from toolkit.language.phrases import ASSUMED_CEILING
from toolkit.language.pieces import Parts
from toolkit.language.plan import REGULATED, UNCHECKED, UNPROVED, all_hold, plan_reason
from toolkit.logs.config import StreamConfig
from toolkit.results import Estimate, Verdict
from toolkit.results.report import Advice
from toolkit.review.margins import margin_for
from toolkit.review.verdicts import REGULATED_NEEDS_MARGIN

ADVICE: tuple[Advice, ...] = ("watch", "review", "required")
_OPEN_OR_WORSE: tuple[Verdict, ...] = ("unclear", "watch", "act")


@dataclass(frozen=True)
class Piece:
    """One estimate that says something of a task, as it stands against its margin.

    apart: of a distance between distributions, the most by which they lie apart (points of the scale, or a share)
    """

    estimate: Estimate
    verdict: Verdict
    apart: float | None = None

    @property
    def of_judge(self) -> bool:
        """Whether it says how the judge does on this very task."""
        return self.estimate.axis in ("feedback", "alignment") and self.estimate.task is not None


@dataclass(frozen=True)
class Advised:
    """The advice on one task with its reasons, the strongest first."""

    advice: Advice
    reasons: tuple[Parts, ...]


def advised(task: str, estimates: Sequence[Estimate], config: StreamConfig) -> Advised:
    """What people should do about a task: the most that any of its evidence asks for, and never nothing."""
    pieces = pieces_of(task, estimates, config)
    regulated = task in config.regulated
    asked = [(asks(piece, regulated=regulated), piece) for piece in pieces]
    floors = list(_floors(task, pieces, estimates, regulated=regulated))
    wanted: list[Advice] = [*(a for a, _ in asked), *(a for a, _ in floors)]
    advice = max(wanted, key=ADVICE.index)
    said = sorted((piece for a, piece in asked if a == advice != "watch"), key=_strength)
    judged = judged_answers(task, estimates)
    texts: list[Parts] = [
        plan_reason(piece.estimate, piece.verdict, config.score_range, apart=piece.apart, judged=judged)
        for piece in said
    ]
    healthy = [piece.estimate for piece in pieces if piece.verdict == "healthy"]
    if healthy and not said:
        texts = [(all_hold(healthy),)]
    lead, last = (
        [(text,) for a, text in floors if a == advice and (text == REGULATED) is end] for end in (False, True)
    )
    return Advised(advice, (*lead, *texts, *last))


def _strength(piece: Piece) -> tuple[int, bool]:
    """The strongest first: proved before possible before open, the task's own before what all tasks show."""
    return -_OPEN_OR_WORSE.index(piece.verdict), piece.estimate.task is None


def asks(piece: Piece, *, regulated: bool) -> Advice:
    """The advice that one piece of evidence asks for by itself."""
    if piece.verdict == "healthy":
        return "watch"
    # A loss is found by test scores, and what is said over all tasks names no task.
    proved = (
        piece.verdict == "act" and piece.estimate.quantity != "backward_transfer" and piece.estimate.task is not None
    )
    return "required" if proved or (piece.verdict == "act" and regulated) else "review"


def _floors(
    task: str, pieces: Sequence[Piece], estimates: Sequence[Estimate], *, regulated: bool
) -> Iterator[tuple[Advice, str]]:
    """What is asked for whatever the evidence says, or because there is none."""
    if not checked(task, pieces, estimates):
        # Only where all that is known speaks well of the task may people do less than everything.
        others = [piece for piece in pieces if not piece.of_judge and piece.estimate.task is not None]
        known = bool(others) and all(piece.verdict == "healthy" for piece in others)
        yield "review" if known else "required", UNCHECKED
    elif not any(piece.of_judge for piece in pieces):
        yield "review", UNPROVED
    if regulated:
        yield "review", REGULATED


def checked(task: str, pieces: Sequence[Piece], estimates: Sequence[Estimate]) -> bool:
    """Whether people's labels say anything of the judge on this task: a number without an interval says nothing."""
    raw = of_task("agreement", task, estimates)
    return any(piece.of_judge and piece.estimate.has_interval for piece in pieces) or (
        raw is not None and raw.has_interval
    )


def pieces_of(task: str, estimates: Sequence[Estimate], config: StreamConfig) -> tuple[Piece, ...]:
    """All that was measured of a task and has a margin, the judge first."""
    own = [of_task(name, task, estimates) for name in ("feedback_bias", "label_error_rate", "backward_transfer")]
    bias, errors, loss = ([] if e is None else [_piece(e)] for e in own)
    gaps, over_all = ([_piece(e) for e in there] for there in _there("agreement_gap", task, estimates, config))
    if not gaps or any(piece.verdict != "healthy" for piece in gaps):
        gaps += over_all  # what holds on the task itself says more than a mean; what is open there says less
    distances, _ = _there("energy_distance", task, estimates, config)
    if not distances:  # of class labels
        distances, _ = _there("score_divergence", task, estimates, config)
    return (*bias, *gaps, *(distance_piece(e, config) for e in distances), *errors, *loss)


def of_task(quantity: str, task: str, estimates: Sequence[Estimate]) -> Estimate | None:
    """The measured estimate of one quantity on one task, not of a part of it."""
    return next((e for e in estimates if e.quantity == quantity and e.task == task and e.is_whole and e.measured), None)


def judged_answers(task: str, estimates: Sequence[Estimate]) -> int | None:
    """How many answers of a task the judge judged, over all stages with human labels; None where it is not known."""
    mine = (e for e in estimates if e.quantity in ("labels_needed", "corrected_score") and e.task == task)
    return next((e.n["items"] for e in mine if "items" in e.n), None)


def _there(
    quantity: str, task: str, estimates: Sequence[Estimate], config: StreamConfig
) -> tuple[list[Estimate], list[Estimate]]:
    """The task's own estimates, judge by judge where there are several, and those over all tasks.

    What is said over all tasks of a stream of one task is said of that task.
    """
    there = [
        e for e in estimates if e.quantity == quantity and e.measured and e.stage is None and _whole_or_judge(e.group)
    ]
    own, over_all = [e for e in there if e.task == task], [e for e in there if e.task is None]
    if len(config.tasks) == 1:
        return own or [e.model_copy(update={"task": task}) for e in over_all], []
    return own, over_all


def _whole_or_judge(group: str | None) -> bool:
    return group in (None, ASSUMED_CEILING) or (str(group).startswith("rater=") and "," not in str(group))


def _piece(estimate: Estimate) -> Piece:
    verdict = estimate.verdict
    return Piece(estimate, verdict if verdict in ("healthy", "watch", "act") else "unclear")


def distance_piece(estimate: Estimate, config: StreamConfig) -> Piece:
    """A distance between distributions against a margin: healthy where they are equivalent within it.

    The mean shift W between two distributions on a scale of length L has W^2 <= L E / 2 (E: energy distance, twice
    the integral of the squared difference of the distribution functions; Cauchy-Schwarz), and the share that differs
    has TV^2 <= 2 JS (nats; Pinsker's inequality on both sides of the mixture). A verdict of its own goes before.
    """
    low, high = config.feedback.range or config.score_range
    energy = estimate.quantity == "energy_distance"
    margin = margin_for(config, "feedback" if energy else "alignment", estimate.task)
    factor = (high - low) / 2 if energy else 2.0
    apart = None if estimate.high is None else (factor * max(estimate.high, 0.0)) ** 0.5
    estimate = estimate.model_copy(update={"margin": margin.value, "margin_provisional": margin.provisional})
    if estimate.verdict is not None:
        return Piece(estimate, _piece(estimate).verdict, apart)
    if apart is not None and apart < margin.value:
        if margin.provisional and estimate.task in config.regulated:
            return Piece(estimate.model_copy(update={"reason": REGULATED_NEEDS_MARGIN}), "unclear", apart)
        return Piece(estimate, "healthy", apart)
    p_value = estimate.p_value if estimate.p_adjusted is None else estimate.p_adjusted
    zero_excluded = p_value is not None and p_value <= 1 - estimate.level
    beyond = (factor * max(estimate.value or 0.0, 0.0)) ** 0.5 > margin.value
    return Piece(estimate, "watch" if zero_excluded or beyond else "unclear", apart)
