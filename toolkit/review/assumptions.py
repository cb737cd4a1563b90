"""What do the numbers of a page rest on: which assumptions hold on this log, which could not be checked?"""

from __future__ import annotations

from dataclasses import dataclass, field

from toolkit.analyses import Analysis, Evidence
from toolkit.cube import Scores


@dataclass(frozen=True)
class Assumptions:
    """Plain sentences: checked and holds, could not be checked, in doubt on this log; and what is not shown."""

    holds: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()
    not_established: tuple[str, ...] = field(default=())


def assumptions(name: str, evidence: Evidence, analysis: Analysis | None = None) -> Assumptions:
    """The assumptions of one page (transfer, forgetting, feedback, divergence, generation)."""
    holds: list[str] = []
    unchecked: list[str] = []
    doubtful: list[str] = []
    codes = {notice.code: notice.message for notice in evidence.cube.meta.notices}
    scores = evidence.scores
    if name in ("transfer", "forgetting") and scores is not None:
        _items(scores, codes, holds, doubtful)
        _seeds(scores, holds, doubtful)
    if name == "transfer" and scores is not None and "isolated" in scores.arms:
        unchecked.append("Stream and isolated arm were trained with the same budget.")
        unchecked.append("Seed k of one arm started as seed k of the other (review.seeds_shared)."
                         if evidence.config.review.seeds_shared
                         else "Seeds are independent between arms (review.seeds_shared = false).")  # fmt: skip
    if name in ("feedback", "divergence"):
        _people(evidence, analysis, holds, doubtful, unchecked)
    if name == "releases":
        unchecked.append("Releases were scored and judged in the same way; items are paired where their ids agree.")
    if name == "generation":
        unchecked.append("Verified labels are right: they come from people or from a rule named in the log.")
    return Assumptions(tuple(holds), tuple(unchecked), tuple(doubtful), _LIMITS.get(name, ()))


def _items(scores: Scores, codes: dict[str, str], holds: list[str], doubtful: list[str]) -> None:
    differing = [message for code, message in codes.items() if code.startswith("items")]
    if all(sums is None for sums in scores.sums):
        doubtful.append("Only cell means were logged: items cannot be paired, and only seeds carry uncertainty.")
    elif differing:
        doubtful.extend(differing)
    else:
        holds.append("Each task is scored on the same items at every stage, so differences are paired by item.")


def _seeds(scores: Scores, holds: list[str], doubtful: list[str]) -> None:
    count = len(scores.seeds)
    if count == 1:
        doubtful.append("One seed: how results vary from one training run to the next cannot be estimated.")
    elif count == 2:
        doubtful.append("Two seeds say little of how results vary from run to run.")
    else:
        holds.append(f"{count} seeds carry the variation from one training run to the next.")


def _people(
    evidence: Evidence, analysis: Analysis | None, holds: list[str], doubtful: list[str], unchecked: list[str]
) -> None:
    if analysis is not None and not any(estimate.measured for estimate in analysis.estimates):
        return
    table = evidence.cube.table("judgements")
    probability = table is not None and any(p is not None for p in table["probability"].to_pylist())
    if probability:
        holds.append("People saw a random sample of the judged items; its probabilities were logged and are used.")
    elif evidence.config.review.human_sampling == "random":
        unchecked.append("People saw a random sample of the judged items (declared in stream.toml).")
    else:
        doubtful.append("How items came before people is not known: results hold for the items they saw.")
    unchecked.append("People judged without seeing what the judge had said.")


_LIMITS: dict[str, tuple[str, ...]] = {
    "transfer": (
        "How tasks unlike these would fare, except for the prediction of the next task of this kind.",
        "Why a task profits or not: similarity is observed, not assigned.",
        "What another order of the same tasks would have given.",
    ),
    "forgetting": (
        "Whether what was lost can be relearned quickly.",
        "What another order of the same tasks would have given.",
    ),
    "feedback": (
        "Whether people are right: their judgement is the reference here.",
        "Causes: groups with a larger bias differ in more than one respect.",
    ),
    "divergence": (
        "Whether people are right: agreement with them is what is measured.",
        "How other people would judge these items.",
    ),
    "generation": ("How varied the samples are: labels and yield are counted here, not diversity.",),
    "releases": (
        "Causes: releases differ in more than one respect.",
        "Chance of a false alarm over many releases: each interval is that of one comparison.",
    ),
    "summary": (
        "Anything about tasks unlike these.",
        "Whether people are right where judges are compared with them.",
    ),
}
