"""What are the true values of a simulated stream's quantities, by the id that reports give them?

Population values: means over all test items of these tasks and over models trained anew on them. Written out by
hand from the population's score matrix, and not by the functions that are to be tested against them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from toolkit.results import Estimate
from toolkit.results.estimate import Axis
from toolkit.simulation.arrays import task_names
from toolkit.simulation.population import WEIGHTS, mean_share
from toolkit.simulation.streams.chain import average, right_at
from toolkit.simulation.streams.draw import item_counts
from toolkit.simulation.streams.effects import courses, lasting_sd, logits, population_scores, shortfall, spread
from toolkit.simulation.streams.scenarios import StreamScenario

Floats = npt.NDArray[np.float64]
Named = Iterator[tuple[str, float]]

GENERALISES_TO = (
    "population values: the mean over all test items of these tasks and over models trained anew on them "
    "(scope `seeds`; with one training run an interval of scope `items` misses them by what that run adds)"
)


def true_values(scenario: StreamScenario) -> dict[str, float]:
    """True values by estimate id, rounded to twelve digits."""
    R = population_scores(scenario)
    arms = {arm: R[a] for a, arm in enumerate(scenario.arms)}
    found = dict(_transfer(arms))
    found |= dict(_forgetting(arms))
    found |= dict(_curves(scenario))
    if not scenario.cells_only:
        found |= dict(_items(scenario))
    if scenario.judge is not None:
        found |= dict(_feedback(scenario, arms["stream"]))
    if scenario.generator is not None:
        found |= dict(_generation(scenario))
    return {name: round(value, 12) for name, value in found.items()}


def _id(quantity: str, axis: Axis, **fields: object) -> str:
    return Estimate.model_validate({"quantity": quantity, "axis": axis, **fields}).id


def _by_task(quantity: str, axis: Axis, values: Floats, first: int = 0, **fields: object) -> Named:
    """Mean over tasks, and each of them; values[0] belongs to the task at position `first`."""
    names = task_names(first + len(values))[first:]
    yield _id(quantity, axis, **fields), float(values.mean())
    for name, value in zip(names, values, strict=True):
        yield _id(quantity, axis, task=name, **fields), float(value)


def _transfer(arms: dict[str, Floats]) -> Named:
    R = arms["stream"]
    T = R.shape[1]
    j = np.arange(T)
    yield from _by_task("average_accuracy", "transfer", R[T])
    yield from _by_task("learning_accuracy", "transfer", R[j + 1, j])
    yield from _by_task("zero_shot_transfer", "transfer", (R[j, j] - R[0, j])[1:], first=1)
    if "isolated" in arms:
        gained = R[j + 1, j] - arms["isolated"][j + 1, j]
        yield from _by_task("forward_transfer", "transfer", gained, against="isolated")
    for k, name in np.ndindex(R.shape):
        yield _id("score", "transfer", task=task_names(T)[name], stage=k), float(R[k, name])


def _forgetting(arms: dict[str, Floats]) -> Named:
    R = arms["stream"]
    T = R.shape[1]
    since = [R[j + 1 :, j] for j in range(T - 1)]  # from arrival to the last stage
    yield from _by_task("backward_transfer", "forgetting", np.array([c[-1] - c[0] for c in since]))
    yield from _by_task("max_forgetting", "forgetting", np.array([c[:-1].max() - c[-1] for c in since]))
    for age in range(1, T):
        reached = [c for c in since if len(c) > age]
        left = sum(c[age] for c in reached) / sum(c[0] for c in reached)
        yield _id("retention", "forgetting", group=f"age={age}"), float(left)
    for k in range(2, T + 1):
        step = float((R[k, : k - 1] - R[k - 1, : k - 1]).mean())
        yield _id("backward_transfer", "forgetting", stage=k, group="since=previous-stage"), step
    if "joint" in arms:
        missed = arms["joint"][T] - R[T]
        yield from _by_task("joint_gap", "forgetting", missed, arm="joint", against="stream")


def _items(scenario: StreamScenario) -> Named:
    """Shares of single items that were lost or won since arrival; with recurrence, that went wrong again."""
    steps, n = courses(scenario)[:-1], np.array(item_counts(scenario)[:-1], dtype=float)
    if scenario.recurrence:
        yield from _wrong_again(scenario)
        return
    first, last = (np.array([steps_of[at].right for steps_of in steps]) for at in (0, -1))  # [task, node]
    for quantity, before, after in (("item_loss_rate", first, 1 - last), ("item_gain_rate", 1 - first, last)):
        moved, at_risk = (before * after) @ WEIGHTS, before @ WEIGHTS
        yield _id(quantity, "forgetting"), float((n * moved).sum() / (n * at_risk).sum())
        for name, share in zip(task_names(scenario.tasks), moved / at_risk, strict=False):
            yield _id(quantity, "forgetting", task=name), float(share)


def _wrong_again(scenario: StreamScenario) -> Named:
    """Wrong answers among items put right, and among those never wrong; and the isolated student's to the former."""
    alone = logits(scenario)[scenario.arms.index("isolated")]
    fixed, never = np.zeros((2, 3))  # at risk, wrong again, wrong of the isolated student
    for j, steps in enumerate(courses(scenario)):
        wrong = 1 - right_at(alone[j + 1, j], lasting_sd(scenario), scenario.cell_sd)
        for step in steps[2:]:
            fixed += [average(step.fixed), average(step.fixed_wrong), average(step.fixed * wrong)]
            never += [average(step.never), average(step.never_wrong), average(step.never * wrong)]
    shares = {"fixed": fixed[1] / fixed[0], "never": never[1] / never[0], "isolated": fixed[2] / fixed[0]}
    for part, share in shares.items():
        yield _id("recurrence_rate", "forgetting", group=f"part={part}"), float(share)


def _curves(scenario: StreamScenario) -> Named:
    m = logits(scenario)
    names = task_names(scenario.tasks)
    for a, arm in enumerate(scenario.arms):
        if arm == "joint":
            continue
        for j, name in enumerate(names):
            heights = mean_share(m[a, j + 1, j] - shortfall(scenario), spread(scenario)) if scenario.steps else ()
            for step, height in zip(scenario.steps, heights, strict=True):
                yield _id("score", "transfer", arm=arm, task=name, stage=j + 1, group=f"step={step}"), float(height)


def _feedback(scenario: StreamScenario, R: Floats) -> Named:
    """Bias and agreement of a judge over answers of which a share R[stage, task] is right."""
    judge = scenario.judge
    if judge is None:
        return
    T = scenario.tasks
    judged = np.arange(T) < np.arange(T + 1)[:, None]  # [stage, task]: the answers to tasks learned by then
    weight = judged * np.array(item_counts(scenario), dtype=float)
    praise, blame = (1 - R) * judge.praises, R * judge.blames
    parts: tuple[tuple[str, Axis, Floats], ...] = (
        ("feedback_bias", "feedback", praise - blame),
        ("agreement", "alignment", 1 - praise - blame),
    )
    for quantity, axis, value in parts:
        yield _id(quantity, axis), float((value * weight).sum() / weight.sum())
        for j, name in enumerate(task_names(T)):
            yield _id(quantity, axis, task=name), float(value[judged[:, j], j].mean())
        for k in range(1, T + 1):
            yield _id(quantity, axis, stage=k), float((value[k] * weight[k]).sum() / weight[k].sum())


def _generation(scenario: StreamScenario) -> Named:
    generator = scenario.generator
    if generator is None:
        return
    readable = 1 - generator.unreadable
    shares = {
        "acceptance_rate": readable * generator.accepted,
        "parse_failure_rate": generator.unreadable,
        "label_error_rate": generator.wrong,
    }
    for quantity, share in shares.items():
        yield from _by_task(quantity, "generation", np.full(scenario.tasks, share))
