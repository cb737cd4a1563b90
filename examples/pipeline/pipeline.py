"""The smallest pipeline that logs its stream: three tasks arrive, a student learns each, and every answer is logged.

    python examples/pipeline/pipeline.py my-stream
    streamreview run my-stream

The tasks are pairs of handwritten digits, the student a linear model trained by gradient steps, the judge a rule
that is right nine times in ten. Replace the parts marked so by your own.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier

from toolkit.logs import StreamLogWriter

TASKS = {"zeros and ones": (0, 1), "twos and threes": (2, 3), "fours and fives": (4, 5)}
SEEDS = 3


def run(folder: Path, seed: int) -> None:
    """One replicate of the stream."""
    images, digits = load_digits(return_X_y=True)
    student = SGDClassifier(random_state=seed)  # your student
    chance = np.random.default_rng(seed)
    with StreamLogWriter(folder) as log:
        for stage, (learned, pair) in enumerate(TASKS.items(), start=1):
            samples = np.flatnonzero(np.isin(digits, pair))[:60]  # your generator's samples for the new task
            for i in samples:
                log.sample(stage=stage, task=learned, sample=f"digit-{i}", target_label=str(digits[i]), seed=seed)
            student.partial_fit(images[samples], digits[samples], classes=range(6))

            for task, tested in TASKS.items():  # earlier, present and coming tasks: all of them tell something
                items = np.flatnonzero(np.isin(digits, tested))[60:100]
                for i, answer in zip(items, student.predict(images[items]), strict=True):
                    right = bool(answer == digits[i])
                    log.evaluation(
                        stage=stage, task=task, item=f"digit-{i}", score=right, answer=str(answer),
                        truth=str(digits[i]), seed=seed,
                    )  # fmt: skip
                    verdict = right if chance.random() < 0.9 else not right  # your judge
                    log.feedback(
                        stage=stage, task=task, item=f"digit-{i}", source="synthetic", rater="judge",
                        score=verdict, seed=seed,
                    )  # fmt: skip


def main(folder: Path) -> None:
    """Write the log and the names of the tasks in the order in which they arrive."""
    folder.mkdir(parents=True)
    tasks = "".join(f'\n[[tasks]]\nname = "{task}"\n' for task in TASKS)
    (folder / "stream.toml").write_text(f'name = "pipeline"\ntitle = "Example pipeline"\n{tasks}', encoding="utf-8")
    for seed in range(SEEDS):
        run(folder, seed)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
