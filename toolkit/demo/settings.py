"""What does the demo run: which tasks in which order, how large everything is, and how its releases differ.

Imports nothing heavy, so that a command line can read it at once.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

#: Raised whenever the rows that a demo run writes would change.
DEMO_VERSION = "2"

Risk = Literal["standard", "regulated"]


@dataclass(frozen=True)
class Condition:
    """One task: the digits as they come from one way of acquiring them."""

    name: str
    domain: str
    risk: Risk = "standard"


#: In order of arrival: near and far neighbours alternate, so that similarity is not the same as position.
CONDITIONS = (
    Condition("as-scanned", "scanner"),
    Condition("rotated-15", "orientation"),
    Condition("inverted", "archive", "regulated"),
    Condition("blurred", "scanner"),
    Condition("rotated-90", "orientation"),
    Condition("noisy", "scanner"),
    Condition("rotated-30", "orientation"),
    Condition("thick-strokes", "pen"),
)


@dataclass(frozen=True)
class Method:
    """How one release learns: what it replays, how boldly it draws, and how long people still label images for it.

    replay: share of the samples seen in a stage that come from the stored samples of earlier tasks.
    human_stages: the last stage whose seed images are labelled by people (None: all of them). After it the
    judge labels the raw images of a new task, and is refitted on the samples that it accepted itself.
    temperature: what the generator's covariance is multiplied by when the stream draws its samples.
    recursive: whether, after `human_stages`, the generator too learns from its own accepted samples: for one
    generation in the first stage without people, and for one more in each that follows.
    """

    release: str
    summary: str
    replay: float = 0.0
    human_stages: int | None = None
    temperature: float = 1.0
    recursive: bool = False

    def labelled_by_people(self, stage: int) -> bool:
        """Whether people label the seed images of this stage; those of the first they always do."""
        return self.human_stages is None or stage <= max(1, self.human_stages)

    def generations(self, stage: int) -> int:
        """For how many generations the generator learns from its own samples in this stage."""
        if not self.recursive or self.human_stages is None:
            return 0
        return max(0, stage - max(1, self.human_stages))


RELEASES = (
    Method("2026.09", "plain fine-tuning, seed images labelled by people at every stage"),
    Method(
        "2026.10",
        "replay of stored synthetic samples, which are drawn closer to the mean; seed images labelled by people",
        replay=0.5,
        temperature=0.5,
    ),
    Method(
        "2026.11",
        "replay; from the fourth stage on no human labels, judge and generator learn from what the judge accepted",
        replay=0.5,
        human_stages=3,
        temperature=0.5,
        recursive=True,
    ),
)


@dataclass(frozen=True)
class Settings:
    """How large the demo is. All counts are of images, samples or judgements.

    tests_per_class: test images a class, the same images in every task, release and seed.
    seeds_per_class: images of a new task that a stage starts from, a class.
    draws_per_class: samples asked of the generator a class and stage.
    prior_images: how many images the experience of earlier tasks counts for in a new class mean.
    accept_at: the judge's least probability for the wanted class.
    budget: samples the student sees in a stage, with repetition; the same in every arm and release.
    checkpoints: samples seen at which the learning curve is evaluated; the last is the budget.
    judged_earlier: test images of each earlier task whose answers are judged in a stage.
    human_new, human_earlier: judged answers that a human label is looked up for, of the new task and of each
    earlier one.
    judged_samples: generated samples a stage whose judgement by judge and rule is written as feedback.
    reference_images: human images a stage that nothing is trained on, to hold the samples against.
    """

    tasks: int = len(CONDITIONS)
    seeds: int = 5
    tests_per_class: int = 20
    seeds_per_class: int = 6
    draws_per_class: int = 25
    prior_images: float = 3.0
    accept_at: float = 0.5
    hidden: int = 64
    rate: float = 0.1
    batch: int = 10
    budget: int = 2400
    checkpoints: tuple[int, ...] = (150, 400, 1000, 2400)
    judged_earlier: int = 50
    human_new: int = 60
    human_earlier: int = 20
    judged_samples: int = 30
    reference_images: int = 100

    def __post_init__(self) -> None:
        if not self.checkpoints or self.checkpoints[-1] != self.budget:
            raise ValueError(f"checkpoints must end with the budget ({self.budget}), not {self.checkpoints}")
        if any(checkpoint % self.batch for checkpoint in self.checkpoints):
            raise ValueError(f"checkpoints must be whole batches of {self.batch}, not {self.checkpoints}")

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The tasks of this run, in order of arrival."""
        return CONDITIONS[: self.tasks]

    def fingerprint(self, method: Method) -> str:
        """What a finished folder must show to count as this very run: version, settings and method."""
        digest = hashlib.sha256(repr((self, self.conditions, method)).encode()).hexdigest()
        return f"{DEMO_VERSION} ({digest[:12]})"
