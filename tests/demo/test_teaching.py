"""Every arm spends the same budget, replay takes its share of it, and luck is shared."""

from __future__ import annotations

from dataclasses import astuple, replace

import numpy as np

from toolkit.demo.generator import fit
from toolkit.demo.images import TaskImages
from toolkit.demo.judge import fit_judge
from toolkit.demo.settings import Settings
from toolkit.demo.student import new_network
from toolkit.demo.teaching import (
    Lesson,
    generate,
    luck,
    raw_images,
    reference_images,
    seed_images,
    shown,
    teach,
    together,
)


def _lesson(count: int, label: int) -> Lesson:
    return Lesson(np.full((count, 64), label / 10), np.full(count, label))


class TestShown:
    def test_budget_is_spent_whatever_there_is(self, small: Settings) -> None:
        """Few or many samples, with or without replay: the student sees as many."""
        for new in (1, 30, 500):
            for memory in (_lesson(0, 1), _lesson(50, 1)):
                assert len(shown(_lesson(new, 2), memory, 1, 0, 0.5, small)) == small.budget

    def test_replay_takes_its_share(self) -> None:
        """Half of what is shown is old at a replay of one half; nothing is at none."""
        settings = Settings()
        labels = shown(_lesson(30, 2), _lesson(50, 1), 3, 0, 0.5, settings).labels
        assert abs(np.mean(labels == 1) - 0.5) < 4 * np.sqrt(0.25 / settings.budget)
        assert set(shown(_lesson(30, 2), _lesson(50, 1), 3, 0, 0.0, settings).labels.tolist()) == {2}

    def test_memory_serves_where_nothing_new_was_accepted(self, small: Settings) -> None:
        """A judge that accepts nothing leaves the student with what it had."""
        assert set(shown(_lesson(0, 2), _lesson(50, 1), 1, 0, 0.0, small).labels.tolist()) == {1}


def test_course_ends_with_the_budget(small: Settings) -> None:
    """One student a checkpoint, and the last has seen everything."""
    start = new_network(8, luck(0, 1))
    course = teach(start, _lesson(30, 2), together([]), 1, 0, 0.0, small)
    assert [step for step, _ in course] == list(small.checkpoints)
    assert not np.array_equal(astuple(course[0][1])[0], astuple(course[1][1])[0])


def test_seed_images_are_of_all_classes_and_change_with_stage_and_seed(
    tasks: tuple[TaskImages, ...], small: Settings
) -> None:
    """The same number of each class, drawn anew each stage; the arm is not asked."""
    first = seed_images(tasks[0], 1, 0, small)
    assert np.bincount(first.labels).tolist() == [small.seeds_per_class] * 10
    assert len(set(first.ids.tolist())) == len(first)
    for stage, seed in ((2, 0), (1, 1)):
        assert set(seed_images(tasks[0], stage, seed, small).ids.tolist()) != set(first.ids.tolist())


def test_reference_is_a_random_sample_of_the_other_images(tasks: tuple[TaskImages, ...], small: Settings) -> None:
    """Never an image that the stage starts from, with people's labels or without; anew each stage and seed."""
    task = tasks[0]
    first = reference_images(task, 1, 0, small)
    assert len(set(first.ids.tolist())) == len(first) == small.reference_images
    assert set(first.ids.tolist()) <= set(task.training.ids.tolist())
    for start in (seed_images, raw_images):
        assert set(start(task, 1, 0, small).ids.tolist()).isdisjoint(first.ids.tolist())
    for stage, seed in ((2, 0), (1, 1)):
        assert set(reference_images(task, stage, seed, small).ids.tolist()) != set(first.ids.tolist())
    everything = replace(small, reference_images=5000)
    left = len(task.training) - len(reference_images(task, 1, 0, everything))
    assert left <= 2 * 10 * small.seeds_per_class


def test_accepted_samples_are_those_the_judge_takes_for_the_class(
    tasks: tuple[TaskImages, ...], small: Settings
) -> None:
    """Accepted: the judge's class is the one asked for, the judge is sure enough, the image is readable."""
    seeds = seed_images(tasks[0], 1, 0, small)
    judge = fit_judge(seeds.pixels, seeds.labels, 0)
    batch = generate(fit(seeds), judge, tasks[0], 1, 0, small)
    said, probabilities = judge.judge(batch.drawn.pixels)
    for row, label in enumerate(batch.drawn.labels):
        sure = probabilities[row, label] >= small.accept_at
        assert batch.accepted[row] == (said[row] == label and sure and batch.drawn.readable[row])
    lesson = batch.lesson()
    assert 0 < len(lesson) == batch.accepted.sum()
    np.testing.assert_array_equal(lesson.labels, batch.drawn.labels[batch.accepted == 1])
