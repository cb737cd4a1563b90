"""How does an Avalanche strategy log each scored answer? By a plugin among its `plugins`.

>>> from toolkit.logs import StreamLogWriter                                          # doctest: +SKIP
>>> from toolkit.logs.callbacks.avalanche import StreamLog                            # doctest: +SKIP
>>> strategy = Naive(..., plugins=[StreamLog(StreamLogWriter("my-stream"), seed=0)])  # doctest: +SKIP
"""

from __future__ import annotations

from typing import Any

from toolkit.logs.writer import StreamLogWriter


class StreamLog:
    """Writes a row for every item that `strategy.eval` scores: right or wrong by the largest output.

    Stage 0 is before any training, stage k after the experience with number k - 1. An item is its place in its
    experience, which Avalanche keeps, as it does not shuffle when it evaluates. Evaluations while training (those
    of `eval_every`) are validation and not logged, as Avalanche's CSVLogger does not either.

    stream: the name of the stream of experiences that is logged; others are passed over.
    """

    def __init__(
        self, log: StreamLogWriter, *, seed: int | None = None, arm: str | None = None, stream: str = "test"
    ) -> None:
        self._log, self._seed, self._arm, self._stream = log, seed, arm, stream
        self._stage = 0
        self._training = False
        self._item = 0

    def before_training(self, strategy: Any, **kwargs: Any) -> None:
        """Evaluations from here on are validation."""
        self._training = True

    def before_training_exp(self, strategy: Any, **kwargs: Any) -> None:
        """The stage that ends when this experience is learned."""
        self._stage = strategy.experience.current_experience + 1

    def after_training(self, strategy: Any, **kwargs: Any) -> None:
        """Evaluations from here on are logged."""
        self._training = False

    def before_eval_exp(self, strategy: Any, **kwargs: Any) -> None:
        """Items are counted anew in each experience."""
        self._item = 0

    def after_eval_iteration(self, strategy: Any, **kwargs: Any) -> None:
        """Log the answers of one batch."""
        experience = strategy.experience
        if self._training or experience.origin_stream.name != self._stream:
            return
        answers, truths = strategy.mb_output.argmax(dim=1).tolist(), strategy.mb_y.tolist()
        for answer, truth in zip(answers, truths, strict=True):
            self._log.evaluation(
                stage=self._stage,
                task=f"Exp{experience.current_experience:03d}",
                item=f"{experience.current_experience}-{self._item}",
                score=float(answer == truth),
                answer=str(answer),
                truth=str(truth),
                seed=self._seed,
                arm=self._arm,
            )
            self._item += 1
