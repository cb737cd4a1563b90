"""What does each condition of a scenario do, in logits, and what does the population score there?"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from toolkit.simulation.population import mean_share
from toolkit.simulation.streams.chain import Step, average, course
from toolkit.simulation.streams.scenarios import StreamScenario

Floats = npt.NDArray[np.float64]

AGE_CONSTANT = 3.0
GUESSING = -1.5  # logits by which a task that was not learned yet falls short
_SLOWEST, _START = 200.0, 2.5  # learning curves: samples and logits of the way up


def logits(scenario: StreamScenario) -> Floats:
    """m[arm, stage, task], nan where the arm is not evaluated; stage k is after learning the k-th task."""
    T = scenario.tasks
    j = np.arange(T)
    alone = scenario.level + scenario.level_spread * np.sin(1.7 * j)
    pace = 0.35 if scenario.slow else 2.4
    learned = alone + scenario.transfer + scenario.transfer_spread * np.sin(pace * j)
    m = np.full((len(scenario.arms), T + 1, T), np.nan)
    for a, arm in enumerate(scenario.arms):
        if arm == "isolated":
            m[a, j + 1, j] = alone
        elif arm == "joint":
            m[a, T] = learned + scenario.joint
        else:
            stage = np.arange(T + 1)[:, None]
            age = stage - (j + 1)
            before = alone + GUESSING + scenario.zero_shot * stage / T
            lost = scenario.forgetting * -np.expm1(-np.maximum(age, 0) / AGE_CONSTANT)
            m[a] = np.where(age < 0, before, learned - lost)
    return m


def shortfall(scenario: StreamScenario) -> Floats:
    """[step]: logits by which the score during learning stays below that at the budget; the last is 0."""
    steps = np.array(scenario.steps, dtype=float)
    return _START * (np.exp(-steps / _SLOWEST) - np.exp(-steps[-1:] / _SLOWEST))


def spread(scenario: StreamScenario) -> float:
    """Logit sd of one answer over items and training runs together."""
    parts = (scenario.item_sd, scenario.turn_sd, scenario.seed_sd, scenario.cell_sd)
    return float(np.sqrt(np.square(parts).sum()))


def population_scores(scenario: StreamScenario) -> Floats:
    """R*[arm, stage, task]: mean over all items and training runs, nan where not evaluated."""
    m = logits(scenario)
    R = mean_share(m, spread(scenario))
    if scenario.recurrence:
        stream = R[scenario.arms.index("stream")]
        for j, steps in enumerate(courses(scenario)):
            stream[j + 1 :, j] = [average(step.right) for step in steps]
    return R


def lasting_sd(scenario: StreamScenario) -> float:
    """Logit sd of what an item's answers of one run have in common over the stages."""
    return float(np.sqrt(scenario.item_sd**2 + scenario.turn_sd**2 + scenario.seed_sd**2))


def courses(scenario: StreamScenario) -> list[list[Step]]:
    """What becomes of single items in the stream arm: [task][stage since arrival]."""
    m = logits(scenario)[scenario.arms.index("stream")]
    return [
        list(course(m[j + 1 :, j], lasting_sd(scenario), scenario.cell_sd, scenario.recurrence))
        for j in range(scenario.tasks)
    ]
