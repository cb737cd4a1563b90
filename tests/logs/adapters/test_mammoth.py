"""Mammoth's logs.pyd are read as they are printed, and never run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.logs.adapters.importing import Imported, import_as
from toolkit.errors import LogRejected, UsageError
from toolkit.logs.adapters.mammoth_literals import read_dictionary

TASKS = 4


def run(seed: int | None, *, forgetting: bool = False, **more: Any) -> dict[str, Any]:
    """One run as Mammoth's logger prints it: arguments, means, accuracies in percent, summaries.

    With forgetting, Mammoth fills the rows it has logged up with zeros while it computes it.
    """
    rows = np.random.default_rng(seed).uniform(20, 100, (TASKS, TASKS))
    values: dict[str, Any] = {
        "dataset": "seq-cifar10",
        "model": "der",
        "lr": 0.03,
        "seed": seed,
        "conf_jobnum": f"j{seed}",
    }
    for i in range(TASKS):
        values[f"accmean_task{i + 1}"] = np.mean(rows[i, : i + 1])
    for i in range(TASKS):
        cells = [*rows[i, : i + 1], *([0.0] * (TASKS - i - 1) if forgetting else [])]
        for j, accuracy in enumerate(cells):
            values[f"accuracy_{j + 1}_task{i + 1}"] = accuracy
    values["forward_transfer"] = None
    values["backward_transfer"] = np.mean([rows[-1, i] - rows[i, i] for i in range(TASKS - 1)]) if forgetting else None
    values["forgetting"] = np.mean(rows[:, :-1].max(0) - rows[-1, :-1]) if forgetting else None
    return {**values, **more}


def log(tmp_path: Path, *runs: dict[str, Any] | str, **options: Any) -> Imported:
    """Import a logs.pyd with these runs, or lines."""
    folder = tmp_path / "results" / "class-il" / "seq-cifar10" / "der"
    folder.mkdir(parents=True)
    (folder / "logs.pyd").write_text("".join(r if isinstance(r, str) else f"{r}\n" for r in runs))
    return import_as("mammoth", tmp_path / "results", tmp_path / "stream", **options)


@pytest.mark.parametrize("forgetting", [False, True])
def test_means_and_transfer_are_mammoths_own(tmp_path: Path, forgetting: bool) -> None:
    """accmean, and backward transfer where Mammoth computed it, follow from the imported matrix; no zero came in."""
    runs = {seed: run(seed, forgetting=forgetting) for seed in (1, 2, 7)}
    done = log(tmp_path, *runs.values())
    for seed, values in runs.items():
        scores = done.matrix(seed=seed)
        assert len(scores) == TASKS * (TASKS + 1) / 2
        for i in range(1, TASKS + 1):
            row = [score for (stage, _), score in scores.items() if stage == i]
            assert np.mean(row) == pytest.approx(values[f"accmean_task{i}"])
        if forgetting:
            lost = [scores[TASKS, f"task {j}"] - scores[j, f"task {j}"] for j in range(1, TASKS)]
            assert np.mean(lost) == pytest.approx(values["backward_transfer"])
    assert done.left_out("filled up by Mammoth") == (3 * 6 if forgetting else 0)
    assert done.left_out("computed anew") == 3 * (TASKS + (2 if forgetting else 0))
    assert not done.warnings
    assert done.config.score_range == (0, 100)
    assert [task.name for task in done.config.tasks] == ["task 1", "task 2", "task 3", "task 4"]


def test_a_measured_zero_stays(tmp_path: Path) -> None:
    """A zero that the mean needs was measured."""
    done = log(tmp_path, run(1, accuracy_2_task2=0.0, accmean_task2=20.0, accuracy_1_task2=40.0))
    assert done.matrix()[2, "task 2"] == 0
    assert done.left_out("filled up") == 0


def test_what_numpy_and_torch_print(tmp_path: Path) -> None:
    """NumPy scalars, arrays, tensors, nan and objects become the numbers in them."""
    line = (
        "{'seed': np.int64(3), 'lr': tensor(0.5, device='cuda:0'), 'opt': <class 'torch.optim.SGD'>, "
        "'note': 'np.x(1) <y>', 'dev': device(type='cuda', index=0), 'f': <function <lambda> at 0x7f>, "
        "'accuracy_1_task1': np.float32(50.0), 'accuracy_1_task2': tensor([25.]), 'accuracy_2_task2': nan, "
        "'a': array([1, nan, -inf], dtype=float32), 'b': np.True_}\n"
    )
    values = read_dictionary(line)
    assert values["note"] == "np.x(1) <y>"
    assert values["a"] == [1, pytest.approx(np.nan, nan_ok=True), -np.inf]
    assert (values["b"], values["opt"], values["dev"]) == (True, None, None)
    done = log(tmp_path, line)
    assert done.matrix(seed=3) == {(1, "task 1"): 50, (2, "task 1"): 25}
    assert done.left_out("without a score") == 1


@pytest.mark.parametrize(
    "line",
    [
        "{'accuracy_1_task1': __import__('os').system('touch MARK')}",
        "{'accuracy_1_task1': np.float64(__import__('os').system('touch MARK'))}",
        "{'a': device(__import__('os').system('touch MARK'))}",
        "{'a': [open('MARK', 'w') for x in (1,)]}",
        "{'a': (lambda: open('MARK', 'w'))()}",
        "{'a': 1, **{'b': open('MARK', 'w')}}",
        "{'a': f'{open(\"MARK\", \"w\")}'}",
        "{'a': [0] * 10**9}",
        "__import__('os').system('touch MARK')",
        "import os",
        "(" * 5000,
        "{'a': " + "9" * 5000 + "}",
        "{1: 2}",
    ],
)
def test_hostile_lines_are_refused_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    """Code in a log is counted as a line that cannot be read; nothing of it happens."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=r"is not run|no Python dictionary|no dictionary with names"):
        read_dictionary(line)
    done = log(tmp_path, run(1), f"{line}\n")
    assert sum(n for (what, _), n in done.left.items() if what == "lines") == 1
    assert len(done.rows["evaluations"]) == 10
    assert not (tmp_path / "MARK").exists()


def test_half_a_line_and_restarts(tmp_path: Path) -> None:
    """A cut line is counted; of a seed that was run again the last run is used."""
    done = log(tmp_path, run(1), run(2), {**run(5), "seed": 1}, str(run(3))[:200])
    assert done.left_out("half a line") == 1
    assert done.left_out("run again later") == 1
    assert sorted({row["seed"] for row in done.rows["evaluations"]}) == [1, 2]
    assert done.matrix(seed=1)[1, "task 1"] == pytest.approx(run(5)["accuracy_1_task1"])


def test_runs_without_seeds_are_numbered(tmp_path: Path) -> None:
    """Mammoth's default is no seed."""
    done = log(tmp_path, run(None), run(None))
    assert sorted({row["seed"] for row in done.rows["evaluations"]}) == [0, 1]
    assert done.warned("without a seed are numbered")


def test_joint_training_is_an_arm(tmp_path: Path) -> None:
    """Its one evaluation is at the last stage."""
    cells = {f"accuracy_{j}_task1": 90.0 + j for j in range(1, TASKS + 1)}
    done = log(tmp_path, run(1), {"seed": 1, "lr": 0.1, "joint": 1, **cells})
    assert done.matrix(arm="joint") == {(TASKS, f"task {j}"): 90.0 + j for j in range(1, TASKS + 1)}


def test_a_grid_search_is_no_set_of_seeds(tmp_path: Path) -> None:
    """Runs of different arguments in one file must be chosen from, and can be; a version's new argument is none."""
    runs = (run(1), run(2, new_argument=1), run(1, lr=0.1), run(3, lr=0.1))
    with pytest.raises(UsageError, match=r"different lr .*--set where=lr=0.1"):
        log(tmp_path, *runs)
    (tmp_path / "again").mkdir()
    done = log(tmp_path / "again", *runs, settings=["where=lr=0.1"])
    assert sorted({row["seed"] for row in done.rows["evaluations"]}) == [1, 3]
    assert done.left_out("not lr=0.1") == 2


def test_evaluations_between_epochs(tmp_path: Path) -> None:
    """With eval_epochs the rows are evaluations; the last of as many tasks is the stage's."""
    rows = [[30.0], [60.0], [50.0, 40.0], [55.0, 70.0]]
    cells = {f"accuracy_{j + 1}_task{i + 1}": v for i, row in enumerate(rows) for j, v in enumerate(row)}
    done = log(tmp_path, {"seed": 0, "eval_epochs": 1, **cells})
    assert done.matrix() == {(1, "task 1"): 60, (2, "task 1"): 55, (2, "task 2"): 70}
    assert done.left_out("between epochs") == 3


def test_a_mean_that_does_not_fit_is_told(tmp_path: Path) -> None:
    """Mixed lines show by accmean."""
    assert log(tmp_path, run(1, accmean_task2=1.0)).warned("1 times accmean_taskI is not the mean")


def test_what_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    """Means alone, an older version's CSV, several files at once, no log at all."""
    with pytest.raises(LogRejected, match="no run with scores by task"):
        log(tmp_path, {"seed": 1, "accmean_task1": 50.0})
    other = tmp_path / "results" / "task-il" / "seq-cifar10" / "der"
    other.mkdir(parents=True)
    (other / "logs.pyd").write_text("")
    with pytest.raises(UsageError, match=r"2 logs.pyd.*class-il/seq-cifar10/der"):
        import_as("mammoth", tmp_path / "results", tmp_path / "stream")
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "mean_accs.csv").write_text("task1\n50\n")
    with pytest.raises(LogRejected, match="means over tasks alone"):
        import_as("mammoth", tmp_path / "old", tmp_path / "stream")
    (tmp_path / "empty").mkdir()
    with pytest.raises(LogRejected, match="holds no file of this format"):
        import_as("mammoth", tmp_path / "empty", tmp_path / "stream")
