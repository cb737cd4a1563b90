"""A small real Avalanche run, and the log of it that is checked in: `python tests/logs/adapters/make_avalanche.py`.

Three experiences of two classes each, points in a plane around six centres, a small perceptron trained naively.
"""

from __future__ import annotations

import gzip
import json
import tempfile
import warnings
from pathlib import Path

from toolkit.logs import StreamLogWriter
from toolkit.logs.callbacks.avalanche import StreamLog

DATA = Path(__file__).parent / "data" / "avalanche"
_CLASSES = ((0, 1), (2, 3), (4, 5))


def experiment(folder: Path, seed: int, plugin: StreamLog | None = None) -> list[dict[str, float]]:
    """Evaluate on all experiences before training and after each; what `strategy.eval` returned each time.

    The CSVLogger writes into `folder`.
    """
    warnings.simplefilter("ignore")  # about optional packages that are not needed here
    import torch
    from avalanche.benchmarks import benchmark_from_datasets, with_classes_timeline
    from avalanche.benchmarks.utils import as_classification_dataset
    from avalanche.evaluation.metrics import accuracy_metrics, bwt_metrics, forgetting_metrics, loss_metrics
    from avalanche.logging import CSVLogger
    from avalanche.models import SimpleMLP
    from avalanche.training.plugins import EvaluationPlugin
    from avalanche.training.supervised import Naive
    from torch.utils.data import TensorDataset

    centres = 2 * torch.randn(6, 2, generator=torch.Generator().manual_seed(100))

    def points(classes: tuple[int, int], each: int, draw: int) -> object:
        truths = torch.tensor(classes).repeat(each)
        noise = torch.randn(len(truths), 2, generator=torch.Generator().manual_seed(draw))
        data = TensorDataset(centres[truths] + noise, truths)
        data.targets = truths.tolist()
        return as_classification_dataset(data)

    benchmark = with_classes_timeline(
        benchmark_from_datasets(
            train=[points(classes, 40, i) for i, classes in enumerate(_CLASSES)],
            test=[points(classes, 25, 50 + i) for i, classes in enumerate(_CLASSES)],
        )
    )
    torch.manual_seed(seed)
    model = SimpleMLP(num_classes=6, input_size=2, hidden_size=16, drop_rate=0.0)
    metrics = (
        accuracy_metrics(experience=True, stream=True),
        loss_metrics(experience=True),
        forgetting_metrics(experience=True, stream=True),
        bwt_metrics(experience=True, stream=True),
    )
    strategy = Naive(
        model=model,
        optimizer=torch.optim.SGD(model.parameters(), lr=0.2),
        criterion=torch.nn.CrossEntropyLoss(),
        train_mb_size=8,
        train_epochs=2,
        eval_mb_size=16,
        evaluator=EvaluationPlugin(*metrics, loggers=[CSVLogger(str(folder))]),
        plugins=[] if plugin is None else [plugin],
    )
    results = [strategy.eval(benchmark.test_stream)]
    for experience in benchmark.train_stream:
        strategy.train(experience)
        results.append(strategy.eval(benchmark.test_stream))
    return [{name: float(value) for name, value in result.items()} for result in results]


def main() -> None:
    """Run two seeds and keep what Avalanche wrote and returned, and the plugin's log of the first."""
    for seed in (0, 1):
        with tempfile.TemporaryDirectory() as temporary:
            with StreamLogWriter(temporary) as log:
                results = experiment(DATA / f"seed{seed}", seed, StreamLog(log, seed=seed))
            (DATA / f"seed{seed}" / "returned.json").write_text(json.dumps(results, indent=1) + "\n")
            if seed == 0:
                (rows,) = Path(temporary, "evaluations").iterdir()
                (DATA / "plugin.jsonl.gz").write_bytes(gzip.compress(rows.read_bytes(), mtime=0))


if __name__ == "__main__":
    main()
