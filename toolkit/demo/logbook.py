"""How does what happened become rows of the stream log? One function a kind of row; nothing is decided here.

Columns that equal the default of the log format (arm `stream`, seed 0, target `answer`) are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from toolkit.demo.images import Floats, ImageSet, Ints, TaskImages
from toolkit.demo.judge import JUDGE, RULE
from toolkit.demo.teaching import Batch
from toolkit.logs.writer import StreamLogWriter

ANNOTATORS = "uci-annotators"
HUMAN, SYNTHETIC, BY_RULE = "human", "synthetic", "rule"


@dataclass(frozen=True)
class Logbook:
    """Where one replicate writes its rows."""

    writer: StreamLogWriter
    seed: int

    @property
    def _seed(self) -> int | None:
        return self.seed or None

    def evaluation(self, task: TaskImages, stage: int, answers: Ints, arm: str | None = None) -> None:
        """The student's answers to all test images of a task."""
        for row, (answer, truth, image) in enumerate(_rows(task.test, answers)):
            self.writer.evaluation(
                stage=stage, task=task.name, item=item(image, task), score=int(answer == truth),
                answer=str(answer), truth=str(truth), arm=arm, seed=self._seed, cluster=cluster(image),
                attr_ink=task.test_ink[row],
            )  # fmt: skip

    def curve(self, task: TaskImages, stage: int, step: int, answers: Ints, arm: str | None = None) -> None:
        """The scores of those answers on the way, after `step` samples of the stage."""
        for answer, truth, image in _rows(task.test, answers):
            self.writer.evaluation(
                stage=stage, task=task.name, item=item(image, task), score=int(answer == truth), arm=arm,
                seed=self._seed, step=step, cluster=cluster(image),
            )  # fmt: skip

    def judgements(
        self,
        task: TaskImages,
        stage: int,
        answers: Ints,
        judged: Ints,
        ruled: Ints,
        looked_at: Ints,
        rows: Ints,
        stratum: str,
    ) -> None:
        """What judge, people and rule say about the student's answers to the test images in `rows`.

        judged, ruled: the judge's and the rule's own class for every test image; a judgement is 1 where it
        agrees with the answer. looked_at: those of `rows` for which the human label was looked up, a simple
        random sample of them, so each with probability len(looked_at) / len(rows) in its `stratum`.
        """
        share = len(looked_at) / len(rows)
        looked = frozenset(looked_at.tolist())
        for row in rows.tolist():
            image, answer, ink = int(task.test.ids[row]), answers[row], task.test_ink[row]
            self._answer(task, stage, image, SYNTHETIC, JUDGE, judged[row] == answer, ink)
            if row in looked:
                right = task.test.labels[row] == answer
                self._answer(task, stage, image, HUMAN, ANNOTATORS, right, ink, share, stratum)
                self._answer(task, stage, image, BY_RULE, RULE, ruled[row] == answer, ink)

    def _answer(
        self, task: TaskImages, stage: int, image: int, source: str, rater: str, agrees: np.bool_, ink: str,
        probability: float | None = None, stratum: str | None = None,
    ) -> None:  # fmt: skip
        self.writer.feedback(
            stage=stage, task=task.name, item=item(image, task), source=source, rater=rater,
            score=int(agrees), seed=self._seed, probability=probability, stratum=stratum,
            attr_ink=ink,
        )  # fmt: skip

    def seed_images(self, task: TaskImages, stage: int, images: ImageSet, arm: str | None = None) -> None:
        """The human-made, human-labelled images that a stage starts from and trains with."""
        embedded = embed(images.pixels)
        for row, (label, image) in enumerate(zip(images.labels.tolist(), images.ids.tolist(), strict=True)):
            self.writer.sample(
                stage=stage, task=task.name, sample=item(image, task), arm=arm, seed=self._seed,
                accepted=True, target_label=str(label), origin=HUMAN, verified_label=str(label),
                embedding=embedded[row] if arm is None else None,
            )  # fmt: skip

    def samples(self, task: TaskImages, stage: int, batch: Batch, arm: str | None = None) -> None:
        """Every generated sample: the class asked for, seen by the judge, found by the rule; cost in draws.

        An unreadable one carries neither the judge's class nor the rule's. Where a sample lies is written for
        those that the stream arm trains on.
        """
        drawn = batch.drawn
        embedded = embed(drawn.pixels)
        for row, (label, readable, draws) in enumerate(
            zip(drawn.labels.tolist(), drawn.readable.tolist(), drawn.draws.tolist(), strict=True)
        ):
            self.writer.sample(
                stage=stage, task=task.name, sample=self._sample(task, arm, row), arm=arm, seed=self._seed,
                accepted=bool(batch.accepted[row]), target_label=str(label), origin=SYNTHETIC, cost=draws,
                parse_ok=bool(readable), parsed_label=str(batch.judged[row]) if readable else None,
                verified_label=str(batch.verified[row]) if readable else None,
                embedding=embedded[row] if arm is None and batch.accepted[row] else None,
            )  # fmt: skip

    def sample_judgements(self, task: TaskImages, stage: int, batch: Batch, rows: Ints) -> None:
        """What judge and rule say about these generated samples: 1 where theirs is the class asked for."""
        for row in rows.tolist():
            label = batch.drawn.labels[row]
            for source, rater, said in ((SYNTHETIC, JUDGE, batch.judged), (BY_RULE, RULE, batch.verified)):
                self.writer.feedback(
                    stage=stage, task=task.name, item=self._sample(task, None, row), target="sample",
                    source=source, rater=rater, score=int(said[row] == label), seed=self._seed,
                )  # fmt: skip

    def _sample(self, task: TaskImages, arm: str | None, row: int) -> str:
        # Distinct from those of other arms and replicates, and from the images.
        return f"{task.name}-{arm or 'stream'}-{self.seed}-{row:03d}"


def item(image: int, task: TaskImages) -> str:
    """A test item: one image under one condition."""
    return f"{cluster(image)}-{task.name}"


def cluster(image: int) -> str:
    """The image itself, the same in every task: its row in the data set."""
    return f"d{image:04d}"


def embed(pixels: Floats) -> list[list[float]]:
    """Where images, (n, 64), lie for measures of variety: the mean of each block of 2 x 2 pixels, 16 numbers.

    A fixed measurement, the same for human and generated images of all tasks; to a hundredth of the scale.
    """
    blocks = pixels.reshape(-1, 4, 2, 4, 2).mean(axis=(2, 4)).reshape(len(pixels), 16)
    return [[round(value, 2) for value in image] for image in blocks.tolist()]


def _rows(images: ImageSet, answers: Ints) -> list[tuple[int, int, int]]:
    return list(zip(answers.tolist(), images.labels.tolist(), images.ids.tolist(), strict=True))
