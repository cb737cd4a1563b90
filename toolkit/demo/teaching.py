"""What is one lesson, and how is a student taught with it? From seed images to a learning curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from toolkit.demo.generator import ClassGaussians, Drawn, draw
from toolkit.demo.images import CLASSES, Floats, ImageSet, Ints, TaskImages
from toolkit.demo.judge import Judge, nearest_label
from toolkit.demo.settings import Settings
from toolkit.demo.student import Network, learn, presentation

# Keys of a replicate's random streams. None depends on the arm or the release: arms share their luck.
INIT, SEED_IMAGES, DRAWS, ORDER, REPLAY, JUDGE, LOOKS, JOINT, REFERENCE = range(1, 10)


def luck(seed: int, *key: int) -> np.random.Generator:
    """The random stream of a replicate for one purpose, whatever else was drawn before."""
    return np.random.default_rng((seed, *key))


@dataclass(frozen=True)
class Lesson:
    """Labelled images that a student is taught with. pixels: (n, 64); labels: (n,)."""

    pixels: Floats
    labels: Ints

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Batch:
    """Judged samples of one stage: what was drawn, the judge's class, the rule's class, and whether each went
    into training; each (n,)."""

    drawn: Drawn
    judged: Ints
    verified: Ints
    accepted: Ints

    def lesson(self) -> Lesson:
        """The accepted samples, with the labels that were asked for."""
        rows = np.flatnonzero(self.accepted)
        return Lesson(self.drawn.pixels[rows], self.drawn.labels[rows])


def together(lessons: Sequence[Lesson]) -> Lesson:
    """Several lessons as one; an empty one for none."""
    if not lessons:
        return Lesson(np.empty((0, 64)), np.empty(0, dtype=np.int64))
    return Lesson(
        np.concatenate([lesson.pixels for lesson in lessons]),
        np.concatenate([lesson.labels for lesson in lessons]),
    )


def raw_images(task: TaskImages, stage: int, seed: int, settings: Settings) -> ImageSet:
    """As many training images as a stage starts from, drawn without a look at their labels."""
    rng = luck(seed, SEED_IMAGES, stage)
    rows = rng.choice(len(task.training), CLASSES * settings.seeds_per_class, replace=False)
    return task.training.take(rows)


def seed_images(task: TaskImages, stage: int, seed: int, settings: Settings) -> ImageSet:
    """The labelled images that a stage starts from: the same number of each class, of the training images."""
    rng = luck(seed, SEED_IMAGES, stage)
    labels = task.training.labels
    rows = [
        rng.choice(np.flatnonzero(labels == label), settings.seeds_per_class, replace=False) for label in range(CLASSES)
    ]
    return task.training.take(np.concatenate(rows))


def reference_images(task: TaskImages, stage: int, seed: int, settings: Settings) -> ImageSet:
    """Training images that the stage starts from in no release and no arm: a simple random sample of them."""
    taught = [start(task, stage, seed, settings).ids for start in (seed_images, raw_images)]
    others = np.flatnonzero(~np.isin(task.training.ids, np.concatenate(taught)))
    count = min(settings.reference_images, len(others))
    return task.training.take(np.sort(luck(seed, REFERENCE, stage).choice(others, count, replace=False)))


def generate(
    generator: ClassGaussians,
    judge: Judge,
    task: TaskImages,
    stage: int,
    seed: int,
    settings: Settings,
    temperature: float = 1.0,
) -> Batch:
    """A stage's samples: drawn, accepted where the judge takes them for the class asked for, and checked."""
    drawn = draw(generator, settings.draws_per_class, luck(seed, DRAWS, stage), temperature)
    judged, accepted = accepted_by(judge, drawn, settings)
    return Batch(drawn, judged, nearest_label(drawn.pixels, task.training), accepted)


def accepted_by(judge: Judge, drawn: Drawn, settings: Settings) -> tuple[Ints, Ints]:
    """The judge's class of each sample, (n,), and whether it lets it pass, (n,): readable, and in its eyes most
    likely of the class asked for, with at least the probability `accept_at`."""
    judged, probabilities = judge.judge(drawn.pixels)
    wanted = probabilities[np.arange(len(drawn.labels)), drawn.labels]
    accepted = (judged == drawn.labels) & (wanted >= settings.accept_at) & (drawn.readable == 1)
    return judged, accepted.astype(np.int64)


def teach(
    student: Network, lesson: Lesson, memory: Lesson, stage: int, seed: int, replay: float, settings: Settings
) -> list[tuple[int, Network]]:
    """The student at each checkpoint of a stage, with the number of samples it has seen in that stage."""
    seen = shown(lesson, memory, stage, seed, replay, settings)
    course = []
    before = 0
    for checkpoint in settings.checkpoints:
        part = slice(before, checkpoint)
        student = learn(student, seen.pixels[part], seen.labels[part], settings.rate, settings.batch)
        before = checkpoint
        course.append((checkpoint, student))
    return course


def shown(lesson: Lesson, memory: Lesson, stage: int, seed: int, replay: float, settings: Settings) -> Lesson:
    """What the student sees in a stage, in order: as many samples as the budget says, (budget, 64).

    Each is a new one, or with probability `replay` one of `memory`; an empty side leaves all to the other.
    """
    new = presentation(len(lesson), settings.budget, luck(seed, ORDER, stage))
    if not len(memory) or (replay == 0.0 and len(lesson)):
        return Lesson(lesson.pixels[new], lesson.labels[new])
    rng = luck(seed, REPLAY, stage)
    old = rng.integers(len(memory), size=settings.budget)
    if not len(lesson):
        return Lesson(memory.pixels[old], memory.labels[old])
    again = rng.random(settings.budget) < replay
    return Lesson(
        np.where(again[:, None], memory.pixels[old], lesson.pixels[new]),
        np.where(again, memory.labels[old], lesson.labels[new]),
    )
