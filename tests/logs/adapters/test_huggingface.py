"""Results of the Trainer by stage: the authors' own runs come in with the values that others compute from them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.logs.adapters.support import SHARED, cells, import_, left, matrix, read
from toolkit.errors import LogRejected, UsageError

needs_data = pytest.mark.skipif(not SHARED.is_dir(), reason="needs the public test data in ../shared/data")


def results(folder: Path, **values: Any) -> None:
    folder.mkdir(parents=True)
    (folder / "all_results.json").write_text(json.dumps(values))


@needs_data
@pytest.mark.parametrize(
    ("run", "average", "backward"),
    [
        ("long_olora", 72.17, -0.73),
        ("long_seqlora", 32.04, -47.96),
        ("long_icrlora", 58.44, -19.44),
        ("order1_olora", 78.37, -1.18),
        ("order1_seqft", 67.77, -14.50),
        ("order1_icrlora", 68.62, -14.55),
    ],
)
def test_o_lora_gives_the_published_average_and_backward_transfer(
    tmp_path: Path, run: str, average: float, backward: float
) -> None:
    account = import_("huggingface", SHARED / "o_lora" / run, tmp_path / "log")
    tasks = [task.name for task in read(tmp_path / "log").config.tasks]
    R, last = matrix(tmp_path / "log"), len(tasks)
    assert sum(R[last, task] for task in tasks) / last == pytest.approx(average, abs=0.005)
    lost = [R[last, task] - R[stage, task] for stage, task in enumerate(tasks[:-1], 1)]
    assert sum(lost) / len(lost) == pytest.approx(backward, abs=0.005)
    assert len(R) == last * (last + 1) / 2
    assert read(tmp_path / "log").config.score_range == (0, 100)
    assert {"SC", "TC", "NLI"}.isdisjoint(tasks)
    assert sum(left(account).values()) > 0


@needs_data
def test_a_stage_without_results_is_counted_and_its_task_stays(tmp_path: Path) -> None:
    """One file of the authors holds no predictions."""
    account = import_("huggingface", SHARED / "o_lora" / "order1_seqlora", tmp_path / "log")
    assert left(account)["files", "without a value of any task"] == 1
    log = read(tmp_path / "log")
    assert [task.name for task in log.config.tasks] == ["dbpedia", "amazon", "yahoo", "agnews"]
    R = matrix(tmp_path / "log")
    assert sum(R[4, task.name] for task in log.config.tasks) / 4 == pytest.approx(62.88, abs=0.0051)
    lost = [R[4, t] - R[s, t] for s, t in ((1, "dbpedia"), (2, "amazon"))]
    assert (3, "yahoo") not in R
    assert sum(lost) / 2 == pytest.approx(-29.21, abs=0.005)


@needs_data
def test_groups_are_counted_one_by_one(tmp_path: Path) -> None:
    source = SHARED / "o_lora" / "order1_olora"
    account = import_("huggingface", source, tmp_path / "log")
    keys = [key for path in source.glob("*/all_results.json") for key in json.loads(path.read_text())]
    groups = [k for k in keys if k == "predict_exact_match" or k.endswith(("exact_match_for_SC", "exact_match_for_TC"))]
    assert left(account)["values", "of several tasks together, or of a task without a stage of its own"] == len(groups)


@needs_data
def test_several_runs_must_be_said_to_be_something(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--set runs="):
        import_("huggingface", SHARED / "o_lora", tmp_path / "log")


def two_runs(folder: Path) -> Path:
    for run, first in (("a", "one"), ("b", "two")):
        other = {"one": "two", "two": "one"}[first]
        results(folder / run / f"1-{first}", **{f"predict_accuracy_for_{first}": 0.9})
        results(
            folder / run / f"2-{other}", **{f"predict_accuracy_for_{first}": 0.5, f"predict_accuracy_for_{other}": 0.8}
        )
    return folder


@pytest.mark.parametrize(("said", "column", "values"), [("seeds", "seed", {0, 1}), ("arms", "arm", {"stream", "b"})])
def test_runs_as_seeds_or_arms(tmp_path: Path, said: str, column: str, values: set[Any]) -> None:
    import_("huggingface", two_runs(tmp_path / "runs"), tmp_path / "log", runs=said)
    assert {row[column] for row in cells(tmp_path / "log")} == values


def test_runs_as_orders(tmp_path: Path) -> None:
    import_("huggingface", two_runs(tmp_path / "runs"), tmp_path / "log", runs="orders")
    log = read(tmp_path / "log")
    assert log.config.orders == {"default": ("one", "two"), "b": ("two", "one")}
    assert log.connection.execute("SELECT count(DISTINCT task_order) FROM evaluations").fetchone() == (2,)


def test_a_folder_of_tasks_learned_alone(tmp_path: Path) -> None:
    results(tmp_path / "r" / "main" / "1-one", predict_accuracy_for_one=0.9)
    results(tmp_path / "r" / "main" / "2-two", predict_accuracy_for_one=0.5, predict_accuracy_for_two=0.8)
    results(tmp_path / "r" / "isolated" / "1-two", eval_accuracy=0.7)
    import_("huggingface", tmp_path / "r", tmp_path / "log")
    alone = [row for row in cells(tmp_path / "log") if row.get("arm") == "isolated"]
    assert [(row["stage"], row["task"], row["score"]) for row in alone] == [(2, "two", 0.7)]


def test_a_history_gives_learning_curves(tmp_path: Path) -> None:
    for stage in (1, 2):
        folder = tmp_path / "run" / f"stage-{stage}"
        folder.mkdir(parents=True)
        history = [
            {
                "step": s,
                "eval_one_accuracy": s / 100,
                "eval_two_accuracy": 0.1,
                "eval_one_loss": 3.0,
                "eval_one_runtime": 1,
            }
            for s in (10, 20)
        ]
        (folder / "trainer_state.json").write_text(
            json.dumps({"global_step": 20, "log_history": [*history, {"loss": 1}]})
        )
    import_("huggingface", tmp_path / "run", tmp_path / "log")
    rows = cells(tmp_path / "log")
    assert len(rows) == 8
    assert {(r["stage"], r["step"], r["score"]) for r in rows if r["task"] == "one"} == {
        (s, 10 * k, k / 10) for s in (1, 2) for k in (1, 2)
    }
    read(tmp_path / "log")


def test_checkpoints_within_a_stage_are_counted(tmp_path: Path) -> None:
    """The Trainer keeps its state in each checkpoint, too; the stage's own folder holds the whole."""
    history = [{"step": s, "eval_one_accuracy": s / 100} for s in (10, 20)]
    for name, entries in (
        ("1-one/checkpoint-10", history[:1]),
        ("1-one", history),
        ("2-two/checkpoint-10", history[:1]),
    ):
        (tmp_path / "run" / name).mkdir(parents=True, exist_ok=True)
        (tmp_path / "run" / name / "trainer_state.json").write_text(json.dumps({"log_history": entries}))
    account = import_("huggingface", tmp_path / "run", tmp_path / "log")
    assert {(r["stage"], r["step"]) for r in cells(tmp_path / "log")} == {(1, 10), (1, 20)}
    assert left(account)["files", "of a checkpoint within a stage, whose end is what counts"] == 2
    read(tmp_path / "log")


def test_a_folder_for_each_task_of_a_stage(tmp_path: Path) -> None:
    for stage in (1, 2):
        for task in ("one", "two"):
            results(tmp_path / "run" / f"checkpoint-{stage * 500}" / task, eval_accuracy=stage / 10)
    import_("huggingface", tmp_path / "run", tmp_path / "log")
    assert matrix(tmp_path / "log") == {(s, t): s / 10 for s in (1, 2) for t in ("one", "two")}


def test_a_stage_file_says_which_folder_is_which_stage(tmp_path: Path) -> None:
    for name in ("first", "second", "third"):
        results(tmp_path / "run" / name, predict_f1_for_x=0.5, predict_f1_for_y=0.6)
    stages = "folder,stage,seed\nfirst,1,4\nsecond,2,4\n"
    account = import_("huggingface", tmp_path / "run", tmp_path / "log", stages=stages)
    assert {(row["stage"], row["seed"]) for row in cells(tmp_path / "log")} == {(1, 4), (2, 4)}
    assert left(account)["files", "of a folder that --stages does not name"] == 1


@pytest.mark.parametrize(
    "text", ['{"predict_accuracy_for_one": 0.', "", "[]", "{}", '{"predict_accuracy_for_one": "x"}']
)
def test_a_damaged_file_is_counted_and_the_others_are_used(tmp_path: Path, text: str) -> None:
    results(tmp_path / "run" / "1-one", predict_accuracy_for_one=0.9)
    (tmp_path / "run" / "2-two").mkdir()
    (tmp_path / "run" / "2-two" / "all_results.json").write_text(text)
    account = import_("huggingface", tmp_path / "run", tmp_path / "log")
    assert sum(n for (what, _), n in left(account).items() if what == "files") == 1
    assert matrix(tmp_path / "log") == {(1, "one"): 0.9}


def test_two_runs_in_one_file(tmp_path: Path) -> None:
    (tmp_path / "run" / "1-one").mkdir(parents=True)
    text = '{"predict_accuracy_for_one": 0.1}\n{"predict_accuracy_for_one": 0.2}\n'
    (tmp_path / "run" / "1-one" / "all_results.json").write_text(text)
    account = import_("huggingface", tmp_path / "run", tmp_path / "log")
    assert matrix(tmp_path / "log") == {(1, "one"): 0.2}
    assert any(what == "JSON objects" for what, _ in left(account))


@pytest.mark.parametrize("name", ["results.json", "x/all_results.json"])
def test_nothing_usable_is_one_line(tmp_path: Path, name: str) -> None:
    path = tmp_path / "run" / name
    path.parent.mkdir(parents=True)
    path.write_text("{}")
    with pytest.raises(LogRejected, match="run"):
        import_("huggingface", tmp_path / "run", tmp_path / "log")
