"""How does what happened become rows of the stream log? One function a kind of row; nothing is decided here.

Columns that equal the default of the log format (arm `stream`, seed 0, target `answer`) are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

from toolkit.demo.description import LOOPS, embeddings, intensities, texts
from toolkit.demo.images import Floats, ImageSet, Ints, TaskImages
from toolkit.demo.judge import JUDGE, RULE
from toolkit.demo.teaching import Batch
from toolkit.logs.writer import StreamLogWriter, Value

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
            answer = int(answers[row])
            self._answer(task, stage, row, answer, SYNTHETIC, JUDGE, judged)
            if row in looked:
                self._answer(task, stage, row, answer, HUMAN, ANNOTATORS, task.test.labels, share, stratum)
                self._answer(task, stage, row, answer, BY_RULE, RULE, ruled)

    def _answer(
        self, task: TaskImages, stage: int, row: int, answer: int, source: str, rater: str, said: Ints,
        probability: float | None = None, stratum: str | None = None,
    ) -> None:  # fmt: skip
        self.writer.feedback(
            stage=stage, task=task.name, item=item(int(task.test.ids[row]), task), source=source, rater=rater,
            score=int(said[row] == answer), seed=self._seed, probability=probability, stratum=stratum,
            attr_ink=task.test_ink[row], attr_loops=LOOPS[answer],
        )  # fmt: skip

    def seed_images(self, task: TaskImages, stage: int, images: ImageSet, arm: str | None = None) -> None:
        """The human-made, human-labelled images that a stage starts from and trains with."""
        self._human(task, stage, images, arm, accepted=True)

    def reference_images(self, task: TaskImages, stage: int, images: ImageSet) -> None:
        """Human-made, human-labelled images that nothing is trained on, to hold the stream's samples against."""
        self._human(task, stage, images, None, accepted=False)

    def _human(self, task: TaskImages, stage: int, images: ImageSet, arm: str | None, *, accepted: bool) -> None:
        described = _described(images.pixels, images.labels, arm)
        for row, (label, image) in enumerate(zip(images.labels.tolist(), images.ids.tolist(), strict=True)):
            self.writer.sample(
                stage=stage, task=task.name, sample=item(image, task), arm=arm, seed=self._seed,
                accepted=accepted, target_label=str(label), origin=HUMAN, verified_label=str(label),
                **described[row],
            )  # fmt: skip

    def samples(self, task: TaskImages, stage: int, batch: Batch, arm: str | None = None) -> None:
        """Every generated sample: the class asked for, seen by the judge, found by the rule; cost in draws.

        An unreadable one carries neither the judge's class nor the rule's. What a sample looks like is written for
        those of the stream arm, accepted or not.
        """
        drawn = batch.drawn
        described = _described(drawn.pixels, drawn.labels, arm)
        for row, (label, readable, draws) in enumerate(
            zip(drawn.labels.tolist(), drawn.readable.tolist(), drawn.draws.tolist(), strict=True)
        ):
            self.writer.sample(
                stage=stage, task=task.name, sample=self._sample(task, arm, row), arm=arm, seed=self._seed,
                accepted=bool(batch.accepted[row]), target_label=str(label), origin=SYNTHETIC, cost=draws,
                parse_ok=bool(readable), parsed_label=str(batch.judged[row]) if readable else None,
                verified_label=str(batch.verified[row]) if readable else None,
                **described[row],
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


def _described(pixels: Floats, labels: Ints, arm: str | None) -> list[dict[str, Value]]:
    """What each image looks like, (n,); of the stream arm alone, whose samples are looked at one by one."""
    if arm is not None:
        return [{} for _ in labels]
    return [
        {"attr_intensity": intensity, "attr_loops": LOOPS[label], "text": text, "embedding": embedding}
        for intensity, label, text, embedding in zip(
            intensities(pixels), labels.tolist(), texts(pixels), embeddings(pixels), strict=True
        )
    ]


def _rows(images: ImageSet, answers: Ints) -> list[tuple[int, int, int]]:
    return list(zip(answers.tolist(), images.labels.tolist(), images.ids.tolist(), strict=True))
