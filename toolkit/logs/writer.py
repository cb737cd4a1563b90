"""How a pipeline writes its own stream log: JSON lines, one file a process, safe to kill at any time.

Importable without pandas or plotting. Several processes may write to one folder at once: each has its own
files, `evaluations/<host>-<pid>-<start>.jsonl` and so on, and the reader takes them all.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

Scalar = str | int | float | bool | None
Value = Scalar | Sequence[str] | Sequence[float]


class StreamLogWriter:
    """Appends to the stream log in `folder`.

    Each call hands one whole line to the operating system, so a process may be killed at any time: what it
    logged is there, and at most its last line is cut short, which the reader recognises. A writer that was
    carried into a forked child opens files of its own there.

    >>> with StreamLogWriter("my-stream") as log:               # doctest: +SKIP
    ...     log.evaluation(stage=1, task="billing", item="t-17", score=1)
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        self._files: dict[str, int] = {}
        self._pid = os.getpid()

    def evaluation(
        self,
        *,
        stage: int,
        task: str,
        score: float | None = None,
        item: str | None = None,
        answer: str | None = None,
        truth: str | None = None,
        arm: str | None = None,
        seed: int | None = None,
        order: str | None = None,
        step: float | None = None,
        cluster: str | None = None,
        n: int | None = None,
        sd: float | None = None,
        **more: Value,
    ) -> None:
        """One scored item: `score` on the stream's scale, or `answer` and `truth`; `more` takes `attr_*`."""
        self._write("evaluations", {
            "stage": stage, "task": task, "item": item, "score": score, "answer": answer, "truth": truth,
            "arm": arm, "seed": seed, "order": order, "step": step, "cluster": cluster, "n": n, "sd": sd,
            **more,
        })  # fmt: skip

    def feedback(
        self,
        *,
        stage: int,
        task: str,
        item: str,
        source: str,
        rater: str,
        score: float | None = None,
        label: str | None = None,
        arm: str | None = None,
        seed: int | None = None,
        probability: float | None = None,
        **more: Value,
    ) -> None:
        """One judgement of an item or sample by `rater`; `source` is human, synthetic or rule."""
        self._write("feedback", {
            "stage": stage, "task": task, "item": item, "source": source, "rater": rater, "score": score,
            "label": label, "arm": arm, "seed": seed, "probability": probability, **more,
        })  # fmt: skip

    def sample(
        self,
        *,
        stage: int,
        task: str,
        sample: str,
        accepted: bool | None = None,
        target_label: str | None = None,
        origin: str | None = None,
        arm: str | None = None,
        seed: int | None = None,
        **more: Value,
    ) -> None:
        """One generated sample."""
        self._write("samples", {
            "stage": stage, "task": task, "sample": sample, "accepted": accepted,
            "target_label": target_label, "origin": origin, "arm": arm, "seed": seed, **more,
        })  # fmt: skip

    def close(self) -> None:
        """Close the files; the writer opens new ones when it is used again."""
        if self._pid == os.getpid():
            for file in self._files.values():
                os.close(file)
        self._files = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write(self, table: str, row: Mapping[str, Value]) -> None:
        # ASCII only: a line never holds a bare line break, and a cut never leaves half a character.
        line = json.dumps({key: value for key, value in row.items() if value is not None}) + "\n"
        data = line.encode("ascii")
        file = self._file(table)
        while data:  # a full disk or a signal may take only part of it
            data = data[os.write(file, data) :]

    def _file(self, table: str) -> int:
        if self._pid != os.getpid():  # forked: the parent's files are the parent's
            self._files, self._pid = {}, os.getpid()
        if table not in self._files:
            folder = self.folder / table
            folder.mkdir(parents=True, exist_ok=True)
            host = "".join(c if c.isalnum() else "-" for c in os.uname().nodename)[:32]
            path = folder / f"{host}-{os.getpid()}-{time.time_ns()}.jsonl"
            self._files[table] = os.open(path, os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_WRONLY, 0o644)
        return self._files[table]
