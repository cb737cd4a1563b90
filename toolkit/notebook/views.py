"""Which estimates does a figure take, and in which shape? Selections only: nothing is computed here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.analyses import Analysis
from toolkit.analyses.families import SCOPE_TASKS, SHRUNK
from toolkit.analyses.maxforgetting import NULL_BAND
from toolkit.analyses.moderators import Moderated, plasticity_fit, similarity_fit
from toolkit.notebook.run import Run
from toolkit.results import Estimate, Verdict
from toolkit.review import gaps_of
from toolkit.review.measurable import cheapest_next

if TYPE_CHECKING:
    from toolkit.figures.learning import Curve

LINKS = {
    "transfer": "transfer.html",
    "forgetting": "forgetting.html",
    "feedback": "feedback.html",
    "alignment": "divergence.html",
    "generation": "generation.html",
}

# Followed over releases beside the headlines.
ALSO = ("average_accuracy/stream/all", "learning_accuracy/stream/all", "max_forgetting/stream/all")


def whole_and_tasks(estimates: Sequence[Estimate]) -> tuple[Estimate | None, list[Estimate]]:
    """The estimate over all tasks, and those of each task, in the order given."""
    tasks = [e for e in estimates if e.task is not None]
    return next((e for e in estimates if e.task is None and e.stage is None), None), tasks


def definitions(analysis: Analysis, *quantities: str) -> list[Estimate]:
    """What one word means by several definitions: of each quantity the whole, then its `definition=...` groups.

    The band of luck is no definition.
    """
    found = []
    for quantity in quantities:
        whole = [e for e in analysis.select(quantity, task=None) if e.group is None]
        others = [e for e in analysis.select(quantity) if (e.group or "").startswith("definition=")]
        found += [*whole, *(e for e in others if e.group != NULL_BAND)]
    return [e for e in found if e.measured]


def beside_luck(forgetting: Analysis) -> list[Estimate]:
    """The loss since the best stage, and what luck alone would show."""
    return [e for e in forgetting.select("max_forgetting", task=None) if e.group in (None, NULL_BAND) and e.measured]


def luck_name(estimate: Estimate) -> str:
    """What the rows of `beside_luck` are called."""
    return "luck alone" if estimate.group else "all tasks"


def tasks_of(analysis: Analysis, quantity: str) -> tuple[list[Estimate], list[Estimate]]:
    """Each task's estimate of a quantity as measured, and drawn towards the mean."""
    each = [e for e in analysis.select(quantity, group=None) if e.task is not None and e.measured]
    each = [e for e in each if e.against == each[0].against]
    return each, [e for e in analysis.select(quantity, group=SHRUNK) if e.against == each[0].against]


def headlines(run: Run) -> list[Estimate]:
    """The headline estimates of all axes that were tested against no effect."""
    here = {e.id: e for e in run.findings[0]}
    heads = [here[review.headline] for review in run.sheet.axes if review.headline in here]
    return [e for e in heads if e.p_adjusted is not None]


def by_stage(estimates: Sequence[Estimate]) -> list[Estimate]:
    """Estimates of single stages over all tasks, in order."""
    return sorted((e for e in estimates if e.stage is not None and e.task is None), key=lambda e: e.stage or 0)


def over_all_tasks(estimates: Sequence[Estimate]) -> list[Estimate]:
    """Estimates that speak of the whole stream: no single task or stage, and no part that has a table of its own."""
    shown = (None, SCOPE_TASKS, "ceiling=1")
    return [e for e in estimates if e.task is None and e.stage is None and e.group in shown]


def age(estimate: Estimate) -> int | None:
    """Stages since a task was learned, where the estimate is of one age."""
    name, _, value = (estimate.group or "").partition("=")
    return int(value) if name == "age" else None


def by_age(analysis: Analysis, quantity: str) -> list[Estimate]:
    """Estimates of single ages over all tasks."""
    return [e for e in analysis.select(quantity, task=None) if age(e) is not None]


def curves(transfer: Analysis) -> list[Curve]:
    """Learning curves of all arms and tasks."""
    from toolkit.figures.learning import Curve

    found: dict[tuple[str, str], list[tuple[float, Estimate]]] = {}
    for e in transfer.select("score"):
        if e.group is not None and e.group.startswith("step=") and e.measured:
            step = float(e.group.removeprefix("step="))
            found.setdefault((e.task or "", e.arm or ""), []).append((step, e))
    lines = []
    for (task, arm), points in found.items():
        points.sort(key=lambda point: point[0])
        ends = all(e.has_interval for _, e in points)
        lines.append(Curve(
            task=task, arm=arm, step=[step for step, _ in points], value=[e.value or 0.0 for _, e in points],
            low=[e.low or 0.0 for _, e in points] if ends else None,
            high=[e.high or 0.0 for _, e in points] if ends else None,
        ))  # fmt: skip
    arrival = {e.task: e.stage or 0 for e in transfer.select("score") if e.group is not None}
    return sorted(lines, key=lambda line: (arrival.get(line.task, 0), line.arm != "stream", line.arm))


def gains(transfer: Analysis, against: str = "isolated") -> list[Estimate]:
    """Forward transfer against one arm: the whole and each task."""
    return list(transfer.select("forward_transfer", group=None, against=against))


def similarity(run: Run, transfer: Analysis) -> dict[str, Any]:
    """Arguments of the scatter of forward transfer against similarity to the nearest earlier task."""
    shown = {
        "caption": "Forward transfer against similarity to the nearest earlier task",
        "x_label": "similarity to the nearest earlier task", "slope": transfer.one("transfer_similarity_slope"),
    }  # fmt: skip
    return shown | _line(run, gains(transfer), similarity_fit(run.evidence))


def plasticity(run: Run, transfer: Analysis) -> dict[str, Any]:
    """Arguments of the scatter of what the stream scores at arrival above an arm without experience, by place."""
    slope = transfer.select("plasticity_slope")[0]
    shown = {
        "caption": f"Score at arrival above the {slope.against} arm, along the stream",
        "x_label": "place in the order of arrival", "slope": slope,
    }  # fmt: skip
    arm = slope.against or ""
    return shown | _line(run, gains(transfer, arm), plasticity_fit(run.evidence, arm))


def _line(run: Run, effects: Sequence[Estimate], fitted: Moderated | str, *, points: int = 50) -> dict[str, Any]:
    """Points of the tasks and the fitted line with its band; no points where nothing could be fitted."""
    if isinstance(fitted, str):
        return {"points": []}
    by_task = {e.task: e for e in effects}
    x, fit = fitted.x, fitted.fit
    grid = np.linspace(x.min(), x.max(), points)
    X = np.column_stack([np.ones_like(grid), grid - x.mean()])
    low, high = fit.band(X, run.evidence.level)
    here = [(float(at), by_task[task]) for at, task in zip(x, fitted.effects.tasks, strict=True)]
    return {"points": here, "line_x": grid, "line_y": X @ fit.coefficients, "line_low": low, "line_high": high}


@dataclass(frozen=True)
class Releases:
    """Headline estimates over releases, oldest first, this one last."""

    names: list[str]
    rows: list[tuple[str, list[Estimate | None]]]
    verdicts: list[Verdict | None]


def ceiling(agreement: Analysis) -> Estimate | None:
    """Agreement of people with each other, where it was measured."""
    return next((e for e in agreement.select("agreement_ceiling") if e.measured), None)


def coefficients(agreement: Analysis) -> list[Estimate]:
    """Agreement corrected for chance, coefficient by coefficient."""
    return [e for e in agreement.estimates if e.unit == "coefficient"]


def task_name(estimate: Estimate) -> str:
    """What a row of one task is called."""
    return estimate.task or "all tasks"


def group_name(estimate: Estimate) -> str:
    """What a row of one group is called: `attr_ink=dark` reads `ink: dark`."""
    name, _, value = (estimate.group or "").removeprefix("attr_").partition("=")
    return f"{name}: {value}"


def gaps(run: Run) -> list[Estimate]:
    """What could not be measured, of all analyses."""
    return gaps_of(run.findings[0])


def cheapest(run: Run) -> tuple[str, ...]:
    """What to log next, the cheapest first."""
    return cheapest_next(run.cube.meta.facts)


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
