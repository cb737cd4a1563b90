"""MLflow's stores as MLflow itself wrote them: folder, database and CSV say the same."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.logs.adapters.importing import Imported, import_as
from tests.logs.adapters.make_mlflow import DATA, TASKS, accuracy
from toolkit.errors import LogRejected, UsageError


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The stores that MLflow wrote."""
    folder = tmp_path_factory.mktemp("mlflow")
    with zipfile.ZipFile(DATA) as archive:
        archive.extractall(folder)
    return folder


def experiment(store: Path, name: str) -> str:
    """The id of an experiment, as the database says."""
    with sqlite3.connect(store / "mlflow.db") as connection:
        return str(connection.execute("SELECT experiment_id FROM experiments WHERE name = ?", [name]).fetchone()[0])


def folder_of(store: Path, name: str) -> Path:
    """The folder of an experiment, as its meta.yaml says."""
    return next(m.parent for m in store.glob("mlruns/*/meta.yaml") if f"\nname: {name}\n" in m.read_text())


def learned(seed: int) -> dict[tuple[int, str], float]:
    return {(s, task): accuracy(seed, s, i) for s in (1, 2, 3) for i, task in enumerate(TASKS[:s])}


@pytest.mark.parametrize("form", ["folder", "database"])
def test_steps_are_stages(store: Path, tmp_path: Path, form: str) -> None:
    """Every value of two runs, none of the failed and the deleted one, and MLflow's own last values."""
    if form == "folder":
        done = import_as("mlflow", folder_of(store, "steps"), tmp_path / "stream")
    else:
        number = experiment(store, "steps")
        done = import_as("mlflow", store / "mlflow.db", tmp_path / "stream", settings=[f"experiment={number}"])
    for seed in (11, 12):
        assert done.matrix(seed=seed) == learned(seed)
    for run in json.loads((store / "last.json").read_text()):
        last = {task: done.matrix(seed=int(run["params.seed"]))[3, task] for task in TASKS}
        assert last == {task: run[f"metrics.acc/{task}"] for task in TASKS}
    assert [task.name for task in done.config.tasks] == list(TASKS)
    assert done.left_out("failed, not finished") == 1
    assert done.left_out("deleted") == 1
    assert done.left_out("whose names hold no task") == 2  # the losses
    assert done.left_out("named after a split") == 2


@pytest.mark.parametrize("form", ["folder", "database", "table"])
def test_runs_are_stages(store: Path, tmp_path: Path, form: str) -> None:
    """Children of one parent are its stages, by their tag; metrics are found by their usual names."""
    settings: list[str] = []
    source = {"folder": folder_of(store, "children"), "table": store / "search_runs.csv"}.get(form)
    if source is None:
        source, settings = store / "mlflow.db", [f"experiment={experiment(store, 'children')}"]
    done = import_as("mlflow", source, tmp_path / "stream", settings=settings)
    assert done.matrix() == {(s, task): accuracy(0, s, i) for s in (1, 2, 3) for i, task in enumerate(TASKS)}
    assert {row["seed"] for row in done.rows["evaluations"]} == {0}
    assert done.left_out("parents of others") == 1


def test_the_user_names_the_metric(store: Path, tmp_path: Path) -> None:
    """A pattern takes what it matches alone, and what matches nothing is one line."""
    source = folder_of(store, "children")
    done = import_as("mlflow", source, tmp_path / "stream", settings=["metric=eval_{task}_accuracy"])
    assert len(done.rows["evaluations"]) == 9
    with pytest.raises(LogRejected, match="no metric of a finished run names a task"):
        import_as("mlflow", source, tmp_path / "none", settings=["metric=f1/{task}"])
    with pytest.raises(UsageError, match="in the task's place"):
        import_as("mlflow", source, tmp_path / "none", settings=["metric=accuracy"])


def test_several_experiments_must_be_chosen_from(store: Path, tmp_path: Path) -> None:
    """Experiments are different questions."""
    with pytest.raises(UsageError, match="choose with --set experiment=ID"):
        import_as("mlflow", store / "mlruns", tmp_path / "stream")


def written(tmp_path: Path, lines: dict[str, str], **options: Any) -> Imported:
    """Import one finished run with these metric files, laid out as MLflow does."""
    run = tmp_path / "mlruns" / "0" / ("f" * 32)
    for name, text in lines.items():
        file = run / "metrics" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    meta = ("experiment_id: '0'", "lifecycle_stage: active", "run_id: ffff", "run_name: one", "status: 3")
    (run / "meta.yaml").write_text("\n".join((*meta, "start_time: 1700000000000", "")))
    return import_as("mlflow", tmp_path / "mlruns", tmp_path / "stream", **options)


def test_damaged_metric_files(tmp_path: Path) -> None:
    """Half a line, words and nan cost themselves; a restart's later value is the stage's."""
    done = written(
        tmp_path,
        {
            "acc/a": "1700000000000 0.5 1\n1700000000001 0.6 2\n1700000000002 0.7 1\n17000000000",
            "acc/b": "1700000000000 nan 1\n1700000000001 0.4 2\nthree words here\n",
            "acc/average": "1700000000000 0.5 1\n",
        },
    )
    assert done.matrix() == {(1, "a"): 0.7, (2, "a"): 0.6, (2, "b"): 0.4}
    assert done.left_out("cut or unreadable line") == 2
    assert done.left_out("named after a split or a mean") == 1
    assert done.left_out("before the last of a stage") == 1
    assert done.left_out("without a score") == 1


def test_a_seed_that_ran_twice(tmp_path: Path) -> None:
    """The run begun last counts, value by value."""
    for name, start, score in (("a" * 32, 2, 0.9), ("b" * 32, 1, 0.1)):
        run = tmp_path / "mlruns" / "0" / name
        for part, file, text in (("metrics", "acc-x", f"1 {score} 1\n"), ("params", "seed", "4")):
            (run / part).mkdir(parents=True)
            (run / part / file).write_text(text)
        meta = f"experiment_id: '0'\nrun_id: {name}\nstatus: 3\nlifecycle_stage: active\nstart_time: {start}\n"
        (run / "meta.yaml").write_text(meta)
    done = import_as("mlflow", tmp_path / "mlruns", tmp_path / "stream", settings=["metric=acc-{task}"])
    assert done.matrix(seed=4) == {(1, "x"): 0.9}
    assert done.left_out("before the last with the same seed") == 1


def test_steps_that_count_batches(tmp_path: Path) -> None:
    """More steps than tasks are no stages; as many are taken in their order, and the user is told or says."""
    lines = {"acc/a": "1 0.5 100\n2 0.4 200\n3 0.3 300\n4 0.2 400\n", "acc/b": "2 0.9 200\n"}
    with pytest.raises(LogRejected, match="4 different steps for 2 tasks"):
        written(tmp_path, lines)
    (tmp_path / "stages.csv").write_text("at,stage\n200,1\n400,2\n")
    done = import_as("mlflow", tmp_path / "mlruns", tmp_path / "stream", stages=tmp_path / "stages.csv")
    assert done.matrix() == {(1, "a"): 0.4, (2, "a"): 0.2, (1, "b"): 0.9}
    assert done.left_out("at a step that --stages does not name") == 2


def test_steps_from_zero(tmp_path: Path) -> None:
    """Steps 0 and 1 of two tasks are stages 1 and 2; with one step more the first is before any task."""
    done = written(tmp_path, {"acc/a": "1 0.5 0\n2 0.4 1\n", "acc/b": "2 0.9 1\n"})
    assert done.matrix() == {(1, "a"): 0.5, (2, "a"): 0.4, (2, "b"): 0.9}
    assert done.warned("steps 0, 1 are taken as stages 1, 2")


def test_other_files(tmp_path: Path) -> None:
    """A database without runs, a table without run ids and an empty folder are one line each."""
    with sqlite3.connect(tmp_path / "other.db") as connection:
        connection.execute("CREATE TABLE numbers (n)")
    (tmp_path / "table.csv").write_text("a,b\n1,2\n")
    (tmp_path / "empty").mkdir()
    for name, words in (("other.db", "no such table"), ("table.csv", "no column run_id"), ("empty", "no MLflow run")):
        with pytest.raises(LogRejected, match=words):
            import_as("mlflow", tmp_path / name, tmp_path / "stream")


def test_the_database_is_not_written(store: Path, tmp_path: Path) -> None:
    """Reading leaves the file as it was, also where it may not be written."""
    database = tmp_path / "mlflow.db"
    database.write_bytes((store / "mlflow.db").read_bytes())
    before = database.read_bytes()
    database.chmod(0o444)
    import_as("mlflow", database, tmp_path / "stream", settings=[f"experiment={experiment(store, 'steps')}"])
    assert database.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mlflow.db", "stream"]
