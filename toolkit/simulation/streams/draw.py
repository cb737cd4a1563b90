"""Which answers does one stream of a scenario give? Items, training runs and luck, drawn from the population."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from toolkit.simulation.streams.effects import logits, shortfall
from toolkit.simulation.streams.scenarios import StreamScenario

Floats = npt.NDArray[np.float64]
Generator = np.random.Generator

TOGETHER = 0.6  # share of items' variance that a cluster has in common, or an item has in all tasks


@dataclass(frozen=True)
class Answers:
    """Right (1) and wrong (0) answers.

    y: [arm, seed, stage, task, item], nan where not evaluated
    curves: [arm, seed, task, step, item] at each task's own stage, nan where not taken; the steps but the last
    """

    y: Floats
    curves: Floats


def draw(scenario: StreamScenario, rng: Generator) -> Answers:
    """One stream's answers."""
    m = logits(scenario)
    A, _, T = m.shape
    S, sizes = scenario.seeds, item_counts(scenario)
    n = max(sizes)
    item = scenario.item_sd * _items(scenario, rng, 1, n) + scenario.turn_sd * _items(scenario, rng, A, n)
    run = scenario.seed_sd * _paired(rng, A, S)[:, :, None, None]
    cell = scenario.cell_sd * rng.standard_normal((A, S, T + 1, T))
    eta = (m[:, None] + run + cell)[..., None] + item[:, :, None]  # [arm, seed, stage, task, item]
    luck = special.logit(rng.random(eta.shape))
    y = np.where(np.isfinite(eta), (eta > luck).astype(float), np.nan)
    if scenario.recurrence:
        _recur(y[scenario.arms.index("stream")], (eta - luck)[scenario.arms.index("stream")], scenario.recurrence)
    curves = _curves(scenario, eta, rng)
    y[..., np.arange(n) >= np.array(sizes)[:, None]] = np.nan
    if scenario.missing:
        y[rng.random(y.shape) < scenario.missing] = np.nan
    if scenario.lost:
        y[scenario.arms.index(scenario.lost), -1] = np.nan
    return Answers(y, curves)


def item_counts(scenario: StreamScenario) -> tuple[int, ...]:
    """Test items of each task."""
    return tuple(scenario.items[j % len(scenario.items)] for j in range(scenario.tasks))


def _items(scenario: StreamScenario, rng: Generator, arms: int, n: int) -> Floats:
    """Standard normal effects [arm, seed, task, item], alike within clusters or for the same item in all tasks."""
    runs, tasks = (scenario.seeds if scenario.own_items else 1), scenario.tasks
    own = rng.standard_normal((arms, runs, tasks, n))
    if scenario.shared_items:
        common = rng.standard_normal((arms, runs, 1, n))
    elif scenario.cluster > 1:
        common = np.repeat(rng.standard_normal((arms, runs, tasks, n)), scenario.cluster, axis=-1)[..., :n]
    else:
        return own
    return np.sqrt(TOGETHER) * common + np.sqrt(1 - TOGETHER) * own


def _paired(rng: Generator, arms: int, seeds: int) -> Floats:
    """Standard normal effects [arm, seed]; runs of the same seed have half of their variance in common."""
    return np.sqrt(0.5) * (rng.standard_normal((1, seeds)) + rng.standard_normal((arms, seeds)))


def _recur(y: Floats, margin: Floats, loss: float) -> None:
    """Make items of the stream arm weaker that were wrong and then right since arrival; y[seed, stage, task, item]."""
    for j in range(y.shape[2]):
        wrong = np.zeros((y.shape[0], y.shape[3]), dtype=bool)
        mended = wrong.copy()
        for k in range(j + 1, y.shape[1]):
            right = margin[:, k, j] - loss * mended > 0
            y[:, k, j] = right
            mended |= wrong & right
            wrong |= ~right


def _curves(scenario: StreamScenario, eta: Floats, rng: Generator) -> Floats:
    if not scenario.steps:
        return np.empty((*eta.shape[:2], scenario.tasks, 0, eta.shape[-1]))
    j = np.arange(scenario.tasks)
    own = eta[:, :, j + 1, j]  # [arm, seed, task, item]
    on_the_way = own[:, :, :, None] - shortfall(scenario)[:-1, None]
    luck = special.logit(rng.random(on_the_way.shape))
    curves = np.where(np.isfinite(on_the_way), (on_the_way > luck).astype(float), np.nan)
    curves[[arm == "joint" for arm in scenario.arms]] = np.nan
    return np.asarray(curves)
