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

CHANCE = ("cohen_kappa", "gwet_ac1", "krippendorff_alpha")

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


def group_means(analysis: Analysis) -> list[Estimate]:
    """The bias within values of attributes, without the slopes on numeric ones."""
    found = analysis.select("feedback_bias_by_attribute")
    return [e for e in found if "=slope" not in (e.group or "")]


def slopes(analysis: Analysis) -> list[Estimate]:
    """Slopes of the bias on numeric attributes and on length, per standard deviation."""
    found = [e for e in analysis.select("feedback_bias_by_attribute") if (e.group or "").endswith("=slope")]
    return [*found, *(e for e in analysis.select("length_bias", group=None) if e.measured)]


def beside_the_bias(analysis: Analysis) -> list[Estimate]:
    """Length at the same human score and in preferences, and rules against people and judges."""
    found = [*analysis.select("feedback_bias"), *analysis.select("length_bias")]
    return [e for e in found if (e.group or "").startswith("part=")]


def distances(analysis: Analysis) -> list[Estimate]:
    """All distances between judge and people over all tasks, with their floor and what is detectable."""
    names = ("score_divergence", "energy_distance", "mmd", "two_sample_auc")
    return [e for name in names for e in analysis.select(name, task=None) if e.measured]


def by_people(analysis: Analysis) -> list[Estimate]:
    """Forgetting and transfer as people's labels correct them, over all tasks and task by task."""
    names = ("forward_transfer", "backward_transfer")
    return [e for name in names for e in analysis.select(name, group="part=human-corrected")]


def label_plan(analysis: Analysis) -> list[Estimate]:
    """Labels saved over all tasks, and needed next time over all tasks and task by task."""
    return [*analysis.select("labels_saved", group=None, task=None), *analysis.select("labels_needed", group=None)]


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
    return [e for name in CHANCE for e in agreement.select(name, group=None)]


def coefficient_table(agreement: Analysis) -> list[Estimate]:
    """The coefficients with other distances between grades, those of people with each other, and judge by judge."""
    found = [e for name in CHANCE for e in agreement.select(name)]
    return [e for e in found if e.measured]


def ranks_and_calibration(agreement: Analysis) -> list[Estimate]:
    """Whether judge and people rank alike, item by item and system by system, and whether the judge is calibrated."""
    names = ("rank_correlation", "meta_correlation", "calibration_error")
    return [e for name in names for e in agreement.select(name, task=None)]


def in_place_of_a_person(agreement: Analysis) -> list[Estimate]:
    """The alternative annotator test: could the judge stand in for a person?"""
    return [e for e in agreement.select("agreement_gap") if not e.is_whole]


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
