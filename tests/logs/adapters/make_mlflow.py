"""Small real MLflow stores, and what MLflow says of them: `python tests/logs/adapters/make_mlflow.py`.

The same runs in a folder store, a database and the CSV of search_runs: two seeds of one run each whose steps are the
tasks learned, one run that failed, one deleted, and, in a second experiment, a parent with a run a stage.
"""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
import zipfile
from pathlib import Path

DATA = Path(__file__).parent / "data" / "mlflow.zip"
_OF_THE_MACHINE = ("mlflow.source", "mlflow.user")
TASKS = ("billing", "returns", "shipping")


def accuracy(seed: int, stage: int, task: int) -> float:
    """Some number for each cell."""
    return round(0.9 - 0.13 * abs(stage - task - 1) - 0.01 * seed, 4)


def fill(uri: str) -> None:
    """Log the runs into the store at `uri`."""
    import mlflow

    mlflow.set_tracking_uri(uri)
    one = mlflow.set_experiment("steps").experiment_id
    for seed in (11, 12):
        with mlflow.start_run(experiment_id=one, run_name=f"seed-{seed}"):
            mlflow.log_params({"seed": seed, "lr": 0.1})
            for stage in range(1, len(TASKS) + 1):
                for place, task in enumerate(TASKS[:stage]):
                    mlflow.log_metric(f"acc/{task}", accuracy(seed, stage, place), step=stage)
                mlflow.log_metric("loss", 1.0 / stage, step=stage)
                mlflow.log_metric("val_accuracy", 0.5, step=stage)
    for name, status in (("broken", "FAILED"), ("gone", "FINISHED")):
        with mlflow.start_run(experiment_id=one, run_name=name) as run:
            mlflow.log_metric("acc/billing", 0.1, step=1)
        mlflow.MlflowClient().set_terminated(run.info.run_id, status)
        if name == "gone":
            mlflow.delete_run(run.info.run_id)
    two = mlflow.set_experiment("children").experiment_id
    with mlflow.start_run(experiment_id=two, run_name="stream"):
        for stage in range(1, len(TASKS) + 1):
            with mlflow.start_run(experiment_id=two, run_name=f"stage-{stage}", nested=True):
                mlflow.set_tag("stage", stage)
                for place, task in enumerate(TASKS):
                    mlflow.log_metric(f"eval_{task}_accuracy", accuracy(0, stage, place))


def main() -> None:
    """Write all three forms, without what they say of this machine, into one archive."""
    os.environ |= {"MLFLOW_ALLOW_FILE_STORE": "true", "LOGNAME": "somebody"}
    with tempfile.TemporaryDirectory() as temporary:
        folder, kept = Path(temporary), Path(temporary, "kept")
        kept.mkdir()
        os.chdir(folder)
        fill((folder / "mlruns").as_uri())
        for path in sorted(folder.glob("mlruns/*/**/*")):
            if path.is_file() and not path.name.startswith(_OF_THE_MACHINE):
                target = kept / path.relative_to(folder)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(path.read_text().replace(temporary, "/store"))
        fill(f"sqlite:///{folder}/whole.db")
        _slim(folder / "whole.db", kept / "mlflow.db", temporary)
        import mlflow

        runs = mlflow.search_runs(experiment_names=["children"])
        runs = runs[[name for name in runs.columns if "mlflow.source" not in name and "mlflow.user" not in name]]
        runs.assign(artifact_uri="").to_csv(kept / "search_runs.csv", index=False)
        told = mlflow.search_runs(experiment_names=["steps"])
        columns = [c for c in told.columns if c.startswith("metrics.acc/")] + ["params.seed"]
        last = told[told.status == "FINISHED"][columns].to_dict("records")
        (kept / "last.json").write_text(json.dumps(last) + "\n")
        DATA.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(DATA, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for path in sorted(kept.rglob("*")):
                if path.is_file():
                    archive.write(path, path.relative_to(kept))


def _slim(database: Path, to: Path, machine: str) -> None:
    """The tables of runs alone, as MLflow made them: the others are empty and would weigh half a megabyte."""
    with sqlite3.connect(database) as whole, sqlite3.connect(to) as slim:
        for name in ("experiments", "runs", "metrics", "params", "tags"):
            (made,) = whole.execute(
                "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", [name]
            ).fetchone()
            slim.execute(made)
            for row in whole.execute(f"SELECT * FROM {name}").fetchall():
                if not str(row[0]).startswith(_OF_THE_MACHINE):
                    cells = [cell.replace(machine, "/store") if isinstance(cell, str) else cell for cell in row]
                    slim.execute(f"INSERT INTO {name} VALUES ({','.join('?' * len(row))})", cells)
        slim.execute("UPDATE runs SET user_id = '', source_name = ''")


if __name__ == "__main__":
    main()
