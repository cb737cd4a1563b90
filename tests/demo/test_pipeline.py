"""What the arms may know: no test image teaches anything, budgets are equal, and stages go forward."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

import pytest

from toolkit.demo.images import TaskImages
from toolkit.demo.logbook import Logbook
from toolkit.demo.pipeline import run_replicate
from toolkit.demo.settings import Method, Settings

Row = dict[str, Any]


class Recorder:
    """Keeps the rows that a writer would write."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Row]] = defaultdict(list)

    def evaluation(self, **row: Any) -> None:
        self.rows["evaluations"].append(row)

    def feedback(self, **row: Any) -> None:
        self.rows["feedback"].append(row)

    def sample(self, **row: Any) -> None:
        self.rows["samples"].append(row)


def _run(tasks: tuple[TaskImages, ...], method: Method, settings: Settings) -> dict[str, list[Row]]:
    recorder = Recorder()
    run_replicate(tasks, method, 0, settings, Logbook(recorder, 0))  # type: ignore[arg-type]
    return recorder.rows


@pytest.mark.parametrize("which", [0, 1])
def test_no_test_image_teaches_anything(
    which: int, methods: tuple[Method, ...], tasks: tuple[TaskImages, ...], small: Settings
) -> None:
    """With all test images but one blackened and given other labels, everything that is trained stays the
    same: every sample, and every answer to the image that was left."""
    spoilt = []
    for task in tasks:
        pixels, labels = task.test.pixels.copy(), task.test.labels.copy()
        pixels[1:], labels[1:] = 0.0, (labels[1:] + 1) % 10
        spoilt.append(replace(task, test=replace(task.test, pixels=pixels, labels=labels)))
    honest, other = (_run(t, methods[which], small) for t in (tasks, tuple(spoilt)))
    assert honest["samples"] == other["samples"]
    kept = f"d{tasks[0].test.ids[0]:04d}"
    answers = [[row.get("answer") for row in rows["evaluations"] if row["cluster"] == kept] for rows in (honest, other)]
    assert answers[0] == answers[1]
    assert len(set(answers[0])) > 1


def test_human_labels_after_the_human_stages_teach_the_stream_nothing(
    methods: tuple[Method, ...], tasks: tuple[TaskImages, ...], small: Settings
) -> None:
    """Where people label at the first stage only, other labels of later training images change nothing that
    the stream arm makes or answers; where they label at all stages, they do."""
    wrong = (
        tasks[0],
        *(replace(t, training=replace(t.training, labels=9 - t.training.labels)) for t in tasks[1:]),
    )
    for method, alike in ((methods[1], True), (methods[0], False)):
        honest, other = (_of_stream(_run(t, method, small)) for t in (tasks, wrong))
        assert (honest == other) is alike


def _of_stream(rows: dict[str, list[Row]]) -> list[Any]:
    answers = [row["answer"] for row in rows["evaluations"] if row["arm"] is None and "answer" in row]
    samples = [(row["accepted"], row.get("parsed_label")) for row in rows["samples"] if row["arm"] is None]
    return [answers, samples]


def test_arms_start_alike_and_get_the_same_seed_images(
    methods: tuple[Method, ...], tasks: tuple[TaskImages, ...], small: Settings
) -> None:
    """At the first stage the stream has no experience: its answers are those of the isolated arm."""
    rows = _run(tasks, methods[0], small)["evaluations"]
    name = tasks[0].name
    first = [
        [r["answer"] for r in rows if (r["arm"], r["stage"], r["task"]) == (arm, 1, name) and "answer" in r]
        for arm in (None, "isolated")
    ]
    assert first[0] == first[1]
    assert len(first[0]) == len(tasks[0].test)
