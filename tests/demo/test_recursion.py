"""A generator that learns from its own samples grows narrow; what narrows it is temperature and judge."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from toolkit.demo.generator import ClassGaussians, fit
from toolkit.demo.images import CLASSES, Floats, Ints, TaskImages, load_tasks
from toolkit.demo.judge import Judge, fit_judge
from toolkit.demo.logbook import Logbook
from toolkit.demo.pipeline import run_replicate
from toolkit.demo.recursion import descendant
from toolkit.demo.settings import RELEASES, Method, Settings
from toolkit.demo.teaching import seed_images

PER_CLASS = 1000
MANY = Settings(draws_per_class=PER_CLASS)


@dataclass(frozen=True)
class Lenient:
    """Takes every image for the class asked for, but for one class perhaps."""

    never: int | None = None

    def judge(self, pixels: Floats) -> tuple[Ints, Floats]:
        labels = np.repeat(np.arange(CLASSES), PER_CLASS)
        said = np.where(labels == self.never, (labels + 1) % CLASSES, labels)
        return said, np.eye(CLASSES)[said]


@pytest.fixture(scope="module")
def known() -> ClassGaussians:
    """Far from the ends of the scale, where nothing is clipped."""
    rng = np.random.default_rng(1)
    root = rng.normal(0, 0.01, (64, 64))
    return ClassGaussians(rng.uniform(0.3, 0.7, (10, 64)), root @ root.T)


def _spread(generator: ClassGaussians) -> float:
    return float(np.trace(generator.covariance))


def _after(generator: ClassGaussians, judge: Any, generations: int, temperature: float) -> ClassGaussians:
    return descendant(
        generator, judge, 1, 0, generations=generations, temperature=temperature, settings=MANY
    )  # fmt: skip


def test_no_generation_changes_nothing(known: ClassGaussians) -> None:
    """The generator is handed back as it was."""
    assert _after(known, Lenient(), 0, 0.5) is known


def test_recursion_alone_keeps_the_spread(known: ClassGaussians) -> None:
    """At temperature 1, with a judge that accepts all and many samples, four generations vary as the first did."""
    assert _spread(_after(known, Lenient(), 4, 1.0)) == pytest.approx(_spread(known), rel=0.03)


def test_temperature_compounds(known: ClassGaussians) -> None:
    """At temperature t the spread is multiplied by (n t + w) / (n + w) a generation, with n samples and a prior worth
    w images a class."""
    weight = MANY.prior_images
    factor = (PER_CLASS * 0.5 + weight) / (PER_CLASS + weight)
    for generations in (1, 2, 3):
        found = _spread(_after(known, Lenient(), generations, 0.5)) / _spread(known)
        assert found == pytest.approx(factor**generations, rel=0.03)


def test_class_without_accepted_samples_stays_as_it_was(known: ClassGaussians) -> None:
    """Where the judge accepts no 4, a 4 looks as it did."""
    later = _after(known, Lenient(never=4), 3, 0.5)
    np.testing.assert_allclose(later.means[4], known.means[4])
    assert np.abs(later.means[5] - known.means[5]).max() > 1e-4


def test_nothing_accepted_changes_nothing(known: ClassGaussians) -> None:
    """A generator far from what the judge knows has nothing of its own to learn from."""
    blank = Judge(fit_judge(np.eye(10, 64), np.arange(10), 0).model)
    wild = ClassGaussians(np.full((10, 64), 3.0), np.eye(64) * 0.01)  # all unreadable
    assert descendant(
        wild, blank, 1, 0, generations=2, temperature=1.0, settings=Settings(draws_per_class=3)
    ) is wild  # fmt: skip


def test_a_real_judge_narrows_by_itself(tasks: tuple[TaskImages, ...]) -> None:
    """On digits, at temperature 1, every generation that a fitted judge has filtered is narrower than the last."""
    seeds = seed_images(tasks[0], 1, 0, Settings())
    judge, generator = fit_judge(seeds.pixels, seeds.labels, 0), fit(seeds)
    spreads = [_spread(descendant(generator, judge, 1, 0, generations=g, temperature=1.0, settings=Settings()))
               for g in range(4)]  # fmt: skip
    assert spreads == sorted(spreads, reverse=True)
    assert spreads[-1] < 0.8 * spreads[0]


class TestInTheRun:
    """The third release as it is, on six tasks and two seeds; the student, who makes no sample, is hardly taught."""

    @pytest.fixture(scope="class")
    @staticmethod
    def spreads() -> dict[bool, np.ndarray]:
        """[recursive] mean spread of accepted samples about their class's mean, stages 1 to 6, people's as unit."""
        settings = Settings(tasks=6, tests_per_class=5, budget=10, checkpoints=(10,), judged_earlier=5, human_new=5,
                            human_earlier=5)  # fmt: skip
        return {
            recursive: np.mean([_relative_spread(replace(RELEASES[2], recursive=recursive), seed, settings)
                                for seed in (0, 1)], axis=0)
            for recursive in (True, False)
        }  # fmt: skip

    def test_variety_is_lost_stage_after_stage(self, spreads: dict[bool, np.ndarray]) -> None:
        """From the last stage with people on each is narrower than the one before; at the sixth half is gone."""
        stages = spreads[True]
        assert (np.diff(stages[2:]) < 0).all()
        assert stages[5] < 0.5 * stages[2]

    def test_it_is_the_recursion(self, spreads: dict[bool, np.ndarray]) -> None:
        """Until people stop both are the same; with no own samples to learn from the spread stays far wider."""
        np.testing.assert_array_equal(spreads[True][:3], spreads[False][:3])
        assert (spreads[True][3:] < spreads[False][3:]).all()
        assert spreads[True][5] < 0.5 * spreads[False][5]


def _relative_spread(method: Method, seed: int, settings: Settings) -> np.ndarray:
    rows: list[dict[str, Any]] = []
    run_replicate(load_tasks(settings), method, seed, settings, Logbook(_Samples(rows), seed))  # type: ignore[arg-type]
    found = defaultdict(list)
    for row in rows:
        if row["arm"] is None and (row["origin"] == "human" or row["accepted"]):
            found[row["stage"], row["origin"], row["target_label"]].append(row["embedding"])
    spread = {key: np.var(vectors, axis=0, ddof=1).sum() for key, vectors in found.items() if len(vectors) > 1}
    means = {
        origin: [np.mean([value for key, value in spread.items() if key[:2] == (stage, origin)])
                 for stage in range(1, settings.tasks + 1)]
        for origin in ("human", "synthetic")
    }  # fmt: skip
    return np.sqrt(np.array(means["synthetic"]) / np.array(means["human"]))


class _Samples:
    """Keeps the rows of the samples table alone."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows = rows

    def sample(self, **row: Any) -> None:
        self.rows.append(row)

    def evaluation(self, **row: Any) -> None:
        pass

    def feedback(self, **row: Any) -> None:
        pass
