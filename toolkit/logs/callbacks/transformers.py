"""How does the Trainer of Hugging Face Transformers log its evaluations? By a callback.

>>> from toolkit.logs import StreamLogWriter                                                # doctest: +SKIP
>>> from toolkit.logs.callbacks.transformers import stream_log                              # doctest: +SKIP
>>> trainer = Trainer(..., eval_dataset={"billing": a, "returns": b},                       # doctest: +SKIP
...     callbacks=[stream_log(StreamLogWriter("my-stream"), stage=1, tasks=["billing", "returns"])])
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from toolkit.logs.writer import StreamLogWriter


def stream_log(
    log: StreamLogWriter,
    *,
    stage: int,
    tasks: Sequence[str],
    metric: str = "accuracy",
    seed: int | None = None,
    arm: str | None = None,
) -> Any:
    """A callback that writes `eval_<task>_<metric>` of each evaluation, at the Trainer's step.

    stage: how many tasks are learned when this training ends. tasks: the names of the evaluation datasets.
    metric: as `compute_metrics` calls it. seed: where not given, that of the Trainer's arguments.
    """
    base: Any = import_module("transformers").TrainerCallback

    class StreamLog(base):  # type: ignore[misc]
        """Writes one cell mean a task whenever the Trainer has evaluated it."""

        def on_evaluate(
            self, args: Any, state: Any, control: Any, metrics: Mapping[str, float] | None = None, **kwargs: Any
        ) -> None:
            for task in tasks:
                score = (metrics or {}).get(f"eval_{task}_{metric}")
                if score is not None and math.isfinite(score):
                    log.evaluation(
                        stage=stage,
                        task=task,
                        score=float(score),
                        step=float(state.global_step),
                        seed=args.seed if seed is None else seed,
                        arm=arm,
                    )

    return StreamLog()
