"""What does one replicate of the demo do? Three arms through all tasks, and every row that comes of it.

`stream` learns task after task: generator, judge and student all go on from what came before. `isolated`
learns each task alone, from nothing: human-labelled seed images and temperature 1 (in every release), a generator
without a prior, a judge of those seeds, a new student of the same initial weights and the same budget. `joint`
teaches one student what the isolated students were taught, all tasks mixed, with the sum of their budgets.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from toolkit.demo.generator import ClassGaussians, carried_over, fit
from toolkit.demo.images import Ints, TaskImages
from toolkit.demo.judge import Judge, fit_judge, nearest_label
from toolkit.demo.logbook import Logbook
from toolkit.demo.recursion import descendant
from toolkit.demo.settings import Method, Settings
from toolkit.demo.student import Network, answers, learn, new_network, presentation
from toolkit.demo.teaching import (
    INIT,
    JOINT,
    JUDGE,
    LOOKS,
    Lesson,
    generate,
    luck,
    raw_images,
    reference_images,
    seed_images,
    teach,
    together,
)


@dataclass(frozen=True)
class Experience:
    """What the stream arm carries from stage to stage.

    generators: one a learned task; judge_lessons: what the judge is fitted on; memory: accepted synthetic
    samples.
    """

    student: Network
    judge: Judge | None = None
    generators: tuple[ClassGaussians, ...] = ()
    judge_lessons: tuple[Lesson, ...] = ()
    memory: tuple[Lesson, ...] = ()


def run_replicate(tasks: tuple[TaskImages, ...], method: Method, seed: int, settings: Settings, log: Logbook) -> None:
    """One seed of one release, from untrained students to the last stage; stages never go back in the log."""
    start = new_network(settings.hidden, luck(seed, INIT))
    rules = [nearest_label(task.test.pixels, task.training) for task in tasks]
    now = Experience(start)
    for task in tasks:
        log.evaluation(task, 0, answers(start, task.test.pixels))
    alone: list[Lesson] = []
    for stage, task in enumerate(tasks, start=1):
        now = _stream_stage(now, task, stage, method, seed, settings, log)
        for other in tasks:
            log.evaluation(other, stage, answers(now.student, other.test.pixels))
        _judge_answers(now, tasks[:stage], rules, stage, seed, settings, log)
        alone.append(_isolated_stage(start, task, stage, seed, settings, log))
    _joint(start, tasks, together(alone), seed, settings, log)


def _stream_stage(
    now: Experience, task: TaskImages, stage: int, method: Method, seed: int, settings: Settings, log: Logbook
) -> Experience:
    by_people = method.labelled_by_people(stage)
    judge, lessons = now.judge, now.judge_lessons
    if judge is None or by_people:
        seeds = seed_images(task, stage, seed, settings)
        lessons = (*lessons, Lesson(seeds.pixels, seeds.labels))
        judge = _fitted(lessons, seed, stage)
        log.seed_images(task, stage, seeds)
    else:
        seeds = raw_images(task, stage, seed, settings)
        seeds = replace(seeds, labels=judge.judge(seeds.pixels)[0])  # what people said is not looked at
    log.reference_images(task, stage, reference_images(task, stage, seed, settings))
    generator = descendant(
        fit(seeds, carried_over(seeds, now.generators, settings.prior_images)), judge, stage, seed,
        generations=method.generations(stage), temperature=method.temperature, settings=settings,
    )  # fmt: skip
    batch = generate(generator, judge, task, stage, seed, settings, method.temperature)
    log.samples(task, stage, batch)
    checked = luck(seed, LOOKS, stage, 0).permutation(np.flatnonzero(batch.drawn.readable))
    log.sample_judgements(task, stage, batch, np.sort(checked[: settings.judged_samples]))
    accepted = batch.lesson()
    lesson = together([accepted, Lesson(seeds.pixels, seeds.labels)]) if by_people else accepted
    memory = together(now.memory)
    course = teach(now.student, lesson, memory, stage, seed, method.replay, settings)
    for step, student in course:
        log.curve(task, stage, step, answers(student, task.test.pixels))
    taught = course[-1][1]
    if not by_people and len(accepted):  # the judge learns from what it let pass
        lessons = (*lessons, accepted)
        judge = _fitted(lessons, seed, stage)
    return Experience(taught, judge, (*now.generators, generator), lessons, (*now.memory, accepted))


def _isolated_stage(
    start: Network, task: TaskImages, stage: int, seed: int, settings: Settings, log: Logbook
) -> Lesson:
    seeds = seed_images(task, stage, seed, settings)
    own = Lesson(seeds.pixels, seeds.labels)
    generator = fit(seeds)
    batch = generate(generator, _fitted((own,), seed, stage), task, stage, seed, settings)
    log.seed_images(task, stage, seeds, "isolated")
    log.samples(task, stage, batch, "isolated")
    lesson = together([batch.lesson(), own])
    course = teach(start, lesson, together([]), stage, seed, 0.0, settings)
    for step, student in course:
        log.curve(task, stage, step, answers(student, task.test.pixels), "isolated")
    log.evaluation(task, stage, answers(course[-1][1], task.test.pixels), "isolated")
    return lesson


def _joint(
    start: Network, tasks: tuple[TaskImages, ...], lesson: Lesson, seed: int, settings: Settings, log: Logbook
) -> None:
    order = presentation(len(lesson), settings.budget * len(tasks), luck(seed, JOINT))
    student = learn(start, lesson.pixels[order], lesson.labels[order], settings.rate, settings.batch)
    for task in tasks:
        log.evaluation(task, len(tasks), answers(student, task.test.pixels), "joint")


def _judge_answers(
    now: Experience,
    learned: tuple[TaskImages, ...],
    rules: list[Ints],
    stage: int,
    seed: int,
    settings: Settings,
    log: Logbook,
) -> None:
    """Judge the answers to all test images of the new task and to a random sample of each earlier one."""
    if now.judge is None:
        return
    for position, task in enumerate(learned, start=1):
        new = position == stage
        size = len(task.test)
        shuffled = luck(seed, LOOKS, stage, position).permutation(size)
        rows = shuffled if new else shuffled[: settings.judged_earlier]
        looked_at = rows[: settings.human_new if new else settings.human_earlier]
        judged, _ = now.judge.judge(task.test.pixels)
        given = answers(now.student, task.test.pixels)
        stratum = "new task" if new else "earlier task"
        log.judgements(task, stage, given, judged, rules[position - 1], looked_at, np.sort(rows), stratum)


def _fitted(lessons: tuple[Lesson, ...], seed: int, stage: int) -> Judge:
    known = together(lessons)
    # scikit-learn takes a 32-bit number, not a generator.
    return fit_judge(known.pixels, known.labels, int(luck(seed, JUDGE, stage).integers(2**31)))
