"""What do the numbers of a page rest on: which assumptions hold on this log, which could not be checked?"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from toolkit.analyses import Analysis, Evidence
from toolkit.cube import Scores
from toolkit.cube.scores import orders_of
from toolkit.inference.newtasks import FEWEST_EWC, SERIAL, serial_correlation
from toolkit.inference.planning import breaking_seed_sd
from toolkit.language import plain, scale_for, wording_of


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
        if analysis is not None:
            _one_run(evidence, analysis, doubtful)
            _neighbours(analysis, holds, doubtful)
        _order(evidence, scores, doubtful)
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


def _one_run(evidence: Evidence, analysis: Analysis, doubtful: list[str]) -> None:
    """How different training runs would have to be for one run not to show the sign of its headline."""
    for name in ("forward_transfer", "backward_transfer"):
        for e in analysis.select(name, task=None, stage=None, group=None):
            items = e.variance.get("items")
            if e.value is None or e.scope != "items" or items is None:
                continue
            sd = breaking_seed_sd(e.value, items, level=e.level)
            if sd is not None:
                scale = scale_for(e, evidence.bounds)
                shown = f"{plain(float(f'{sd * scale.factor:.2g}'))}{scale.unit_after('2')}"
                doubtful.append(
                    f"Were training runs to differ by a standard deviation of more than {shown}, this one run would "
                    f"not show the sign of {wording_of(name).title.lower()}."
                )


def _neighbours(analysis: Analysis, holds: list[str], doubtful: list[str]) -> None:
    """Whether tasks that follow each other resemble each other, so that they count for fewer than they are."""
    for name in ("forward_transfer", "backward_transfer"):
        effects = [e.value for e in analysis.select(name, stage=None, group=None) if e.task is not None]
        values = np.array([value for value in effects if value is not None])
        if len(values) < 5:  # fewer say nothing of it
            continue
        found, title = serial_correlation(values), wording_of(name).title.lower()
        if found <= SERIAL:
            holds.append(f"Neighbouring tasks do not resemble each other in {title} (correlation {found:.1f}).")
        elif len(values) >= FEWEST_EWC:
            doubtful.append(
                f"Neighbouring tasks resemble each other in {title} (correlation {found:.1f}); intervals for new tasks "
                "allow for it."
            )
        else:
            doubtful.append(
                f"Neighbouring tasks resemble each other in {title} (correlation {found:.1f}), and they are too few to "
                "allow for it: intervals for new tasks may be too narrow."
            )


def _order(evidence: Evidence, scores: Scores, doubtful: list[str]) -> None:
    if len(orders_of(evidence.cube)) < 2 and "isolated" not in scores.arms:
        doubtful.append(
            "One task order and no isolated arm: what comes of a task's place cannot be told from the task."
        )


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
        "Whether a mistake that comes back was ever mended: answers near the border of being right come and go.",
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
