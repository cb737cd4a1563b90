"""What do the numbers of a page rest on: which assumptions hold on this log, which could not be checked?"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from toolkit.analyses import Analysis, Evidence
from toolkit.cube import Scores
from toolkit.cube.scores import orders_of
from toolkit.inference.newtasks import FEWEST_EWC, SERIAL, serial_correlation
from toolkit.inference.planning import breaking_seed_sd
from toolkit.language import Parts, clean, plain, scale_for, text_of, wording_of
from toolkit.language.numbers import Number, digits
from toolkit.language.pieces import as_said
from toolkit.results import Assumption
from toolkit.results.basis import Standing


@dataclass(frozen=True)
class Assumptions:
    """What the numbers of a page rest on, and, in plain sentences, what it does not establish."""

    found: tuple[Assumption, ...] = ()
    not_established: tuple[str, ...] = field(default=())

    @property
    def holds(self) -> tuple[Assumption, ...]:
        """Those that were checked and hold."""
        return self._of("holds")

    @property
    def unchecked(self) -> tuple[Assumption, ...]:
        """Those that could not be checked."""
        return self._of("unchecked")

    @property
    def doubtful(self) -> tuple[Assumption, ...]:
        """Those in doubt on this log."""
        return self._of("doubtful")

    def _of(self, standing: Standing) -> tuple[Assumption, ...]:
        return tuple(one for one in self.found if one.standing == standing)


def assumptions(name: str, evidence: Evidence, analysis: Analysis | None = None) -> Assumptions:
    """The assumptions of one page (transfer, forgetting, feedback, divergence, generation, releases, summary)."""
    holds: list[Parts] = []
    unchecked: list[Parts] = []
    doubtful: list[Parts] = []
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
        unchecked.append(("Stream and isolated arm were trained with the same budget.",))
        unchecked.append(("Seed k of one arm started as seed k of the other (review.seeds_shared).",)
                         if evidence.config.review.seeds_shared
                         else ("Seeds are independent between arms (review.seeds_shared = false).",))  # fmt: skip
    if name in ("feedback", "divergence"):
        _people(evidence, analysis, holds, doubtful, unchecked)
    if name == "releases":
        unchecked.append(("Releases were scored and judged in the same way; items are paired where their ids agree.",))
    if name == "generation":
        unchecked.append(("Verified labels are right: they come from people or from a rule named in the log.",))
    told: list[tuple[Standing, Parts]] = [("holds", parts) for parts in holds]
    told += [("unchecked", parts) for parts in unchecked]
    told += [("doubtful", parts) for parts in doubtful]
    found = tuple(_assumption(f"{name}/{place}", standing, parts) for place, (standing, parts) in enumerate(told))
    return Assumptions(found, _LIMITS.get(name, ()))


def _assumption(id_: str, standing: Standing, parts: Parts) -> Assumption:
    figures = {part.field.removeprefix("figures."): part.value for part in parts if isinstance(part, Number)}
    return Assumption(id=id_, standing=standing, sentence=text_of(parts), parts=as_said(parts), figures=figures)


def _figure(text: str, value: float, name: str) -> Number:
    """A number of an assumption, which stands in results.json under the assumption's `figures`."""
    return Number(text, value, "", f"figures.{name}")


def _items(scores: Scores, codes: dict[str, str], holds: list[Parts], doubtful: list[Parts]) -> None:
    differing = [message for code, message in codes.items() if code.startswith("items")]
    if all(sums is None for sums in scores.sums):
        doubtful.append(("Only cell means were logged: items cannot be paired, and only seeds carry uncertainty.",))
    elif differing:
        doubtful.extend((clean(message),) for message in differing)
    else:
        holds.append(("Each task is scored on the same items at every stage, so differences are paired by item.",))


def _seeds(scores: Scores, holds: list[Parts], doubtful: list[Parts]) -> None:
    count = len(scores.seeds)
    if count == 1:
        doubtful.append(("One seed: how results vary from one training run to the next cannot be estimated.",))
    elif count == 2:
        doubtful.append(("Two seeds say little of how results vary from run to run.",))
    else:
        seeds = _figure(f"{count}", count, "seeds")
        holds.append((seeds, " seeds carry the variation from one training run to the next."))


def _one_run(evidence: Evidence, analysis: Analysis, doubtful: list[Parts]) -> None:
    """How different training runs would have to be for one run not to show the sign of its headline."""
    for name in ("forward_transfer", "backward_transfer"):
        for e in analysis.select(name, task=None, stage=None, group=None):
            items = e.variance.get("items")
            if e.value is None or e.scope != "items" or items is None:
                continue
            sd = breaking_seed_sd(e.value, items, level=e.level)
            if sd is not None:
                scale = scale_for(e, evidence.bounds)
                shown = _figure(plain(float(f"{sd * scale.factor:.2g}")), sd, "standard_deviation")
                doubtful.append((
                    "Were training runs to differ by a standard deviation of more than ", shown, scale.unit_after("2"),
                    f", this one run would not show the sign of {wording_of(name).title.lower()}.",
                ))  # fmt: skip


def _neighbours(analysis: Analysis, holds: list[Parts], doubtful: list[Parts]) -> None:
    """Whether tasks that follow each other resemble each other, so that they count for fewer than they are."""
    for name in ("forward_transfer", "backward_transfer"):
        effects = [e.value for e in analysis.select(name, stage=None, group=None) if e.task is not None]
        values = np.array([value for value in effects if value is not None])
        if len(values) < 5:  # fewer say nothing of it
            continue
        found, title = serial_correlation(values), wording_of(name).title.lower()
        shown = _figure(digits(found, 1), found, "correlation")
        alike = (f"Neighbouring tasks resemble each other in {title} (correlation ", shown, ")")
        if found <= SERIAL:
            told = f"Neighbouring tasks do not resemble each other in {title} (correlation "
            holds.append((told, shown, ")."))
        elif len(values) >= FEWEST_EWC:
            doubtful.append((*alike, "; intervals for new tasks allow for it."))
        else:
            few = ", and they are too few to allow for it: intervals for new tasks may be too narrow."
            doubtful.append((*alike, few))


def _order(evidence: Evidence, scores: Scores, doubtful: list[Parts]) -> None:
    if len(orders_of(evidence.cube)) < 2 and "isolated" not in scores.arms:
        told = "One task order and no isolated arm: what comes of a task's place cannot be told from the task."
        doubtful.append((told,))


def _people(
    evidence: Evidence, analysis: Analysis | None, holds: list[Parts], doubtful: list[Parts], unchecked: list[Parts]
) -> None:
    if analysis is not None and not any(estimate.measured for estimate in analysis.estimates):
        return
    table = evidence.cube.table("judgements")
    probability = table is not None and any(p is not None for p in table["probability"].to_pylist())
    if probability:
        holds.append(("People saw a random sample of the judged items; its probabilities were logged and are used.",))
    elif evidence.config.review.human_sampling == "random":
        unchecked.append(("People saw a random sample of the judged items (declared in stream.toml).",))
    else:
        doubtful.append(("How items came before people is not known: results hold for the items they saw.",))
    unchecked.append(("People judged without seeing what the judge had said.",))


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
    "generation": (
        "Whether samples are good in ways that neither a label nor a distance between samples shows.",
        "Whether training on them helps: that is the subject of the pages on transfer and forgetting.",
    ),
    "releases": (
        "Causes: releases differ in more than one respect.",
        "Chance of a false alarm over many releases: each interval is that of one comparison.",
    ),
    "summary": (
        "Anything about tasks unlike these.",
        "Whether people are right where judges are compared with them.",
    ),
}
