"""A real Trainer logs its evaluations: every number it kept itself, at its steps."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import pytest

from tests.logs.streams import config, rejected
from toolkit.logs import StreamLogWriter
from toolkit.logs.callbacks.transformers import stream_log
from toolkit.logs.read import read_stream

TASKS = ("billing", "returns")
REASON = "Transformers and PyTorch are large and not among the test requirements"


def train(log: StreamLogWriter, folder: Path, stage: int) -> list[dict[str, float]]:
    """Train a tiny model of random weights for two epochs; what the Trainer kept of its evaluations."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments

    class Data(torch.utils.data.Dataset):  # type: ignore[type-arg, misc, unused-ignore]
        def __init__(self, n: int, draw: int) -> None:
            self.texts = torch.randint(2, 40, (n, 8), generator=torch.Generator().manual_seed(draw))

        def __len__(self) -> int:
            return len(self.texts)

        def __getitem__(self, i: int) -> dict[str, Any]:
            return {"input_ids": self.texts[i], "labels": int(self.texts[i, 0] > 20)}

    sizes: dict[str, Any] = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    model = BertForSequenceClassification(BertConfig(vocab_size=40, intermediate_size=16, num_labels=2, **sizes))
    arguments = TrainingArguments(
        output_dir=str(folder), per_device_train_batch_size=16, num_train_epochs=2, eval_strategy="epoch", seed=3,
        report_to=[], use_cpu=True, disable_tqdm=True, save_strategy="no", logging_strategy="no",
    )  # fmt: skip
    trainer = Trainer(
        model=model,
        args=arguments,
        train_dataset=Data(64, stage),
        eval_dataset={task: Data(20, 100 + i) for i, task in enumerate(TASKS)},
        compute_metrics=lambda p: {"accuracy": float((p.predictions.argmax(-1) == p.label_ids).mean())},
        callbacks=[stream_log(log, stage=stage, tasks=TASKS)],
    )
    trainer.train()
    trainer.evaluate()
    return [dict(entry) for entry in trainer.state.log_history]


def test_trainer_logs_its_evaluations(tmp_path: Path) -> None:
    """Each evaluation of each task is a row at its step, with the Trainer's seed; the reader takes the log."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pytest.importorskip("transformers", reason=REASON)
        pytest.importorskip("accelerate", reason=REASON)
        config(tmp_path / "stream", tasks=TASKS)
        with StreamLogWriter(tmp_path / "stream") as log:
            kept = {stage: train(log, tmp_path / "out", stage) for stage in (1, 2)}
    (file,) = (tmp_path / "stream" / "evaluations").iterdir()
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    told = [
        (stage, task, entry["step"], entry[f"eval_{task}_accuracy"])
        for stage, entries in kept.items()
        for entry in entries
        for task in TASKS
        if f"eval_{task}_accuracy" in entry
    ]
    assert len(told) == 2 * 3 * 2
    assert [(row["stage"], row["task"], row["step"], row["score"]) for row in rows] == told
    assert {row["seed"] for row in rows} == {3}
    with read_stream(tmp_path / "stream") as read:
        assert {reason for *_, reason in rejected(read)} == {"repeated row, equal to one that is used"}
