"""A real Avalanche run imports as it was, and damaged logs cost what is damaged and no more."""

from __future__ import annotations

import gzip
import json
import warnings
from pathlib import Path

import numpy as np
import pytest

from tests.logs.adapters.importing import import_as
from tests.logs.adapters.make_avalanche import DATA, experiment
from toolkit.errors import LogRejected, UsageError
from toolkit.logs import StreamLogWriter
from toolkit.logs.callbacks.avalanche import StreamLog

HEADER = "eval_exp,training_exp,eval_accuracy,eval_loss,forgetting\n"
WHOLE = HEADER + "0,0,0.9000,1.0,0\n1,0,0.1000,1.0,0\n0,1,0.6000,1.0,0.3000\n1,1,0.8000,1.0,0\n"


def returned(folder: Path, name: str) -> list[dict[int, float]]:
    """A metric by experience at each stage, as Avalanche itself returned it."""
    return [
        {int(key[-3:]): value for key, value in result.items() if key.startswith(f"{name}/")}
        for result in json.loads((folder / "returned.json").read_text())
    ]


@pytest.mark.parametrize("seed", [0, 1])
def test_matrix_forgetting_and_transfer_are_those_of_avalanche(tmp_path: Path, seed: int) -> None:
    """Every accuracy, and every forgetting and backward transfer that Avalanche computed, follows from the import."""
    done = import_as("avalanche", DATA, tmp_path / "stream")
    scores = done.matrix(seed=seed)
    accuracy = returned(DATA / f"seed{seed}", "Top1_Acc_Exp")
    assert scores == {(s, f"Exp{e:03d}"): pytest.approx(v) for s, row in enumerate(accuracy) for e, v in row.items()}
    assert len(scores) == 4 * 3
    for metric, sign in (("ExperienceForgetting", 1), ("ExperienceBWT", -1)):
        told = returned(DATA / f"seed{seed}", metric)
        assert sum(len(row) for row in told) == 3  # one after the second experience, two after the third
        for stage, row in enumerate(told):
            for e, value in row.items():
                lost = scores[e + 1, f"Exp{e:03d}"] - scores[stage, f"Exp{e:03d}"]
                assert sign * lost == pytest.approx(value)


def test_folders_are_seeds_and_nothing_is_lost_unsaid(tmp_path: Path) -> None:
    """Two folders, 12 lines each; losses and forgetting are counted; the tasks stand in stream.toml."""
    done = import_as("avalanche", DATA, tmp_path / "stream")
    assert sorted({row["seed"] for row in done.rows["evaluations"]}) == [0, 1]
    assert len(done.rows["evaluations"]) == 24
    assert done.left_out("losses and forgetting") == 2 * 24
    assert [task.name for task in done.config.tasks] == ["Exp000", "Exp001", "Exp002"]
    assert done.config.score_range == (0, 1)


def test_plugin_logs_what_the_csvlogger_logs(tmp_path: Path) -> None:
    """The plugin's items of a real run have the means that the adapter reads from the CSVLogger of the same run."""
    rows = [json.loads(line) for line in gzip.decompress((DATA / "plugin.jsonl.gz").read_bytes()).splitlines()]
    cells: dict[tuple[int, str], list[float]] = {}
    for row in rows:
        cells.setdefault((row["stage"], row["task"]), []).append(row["score"])
        assert row["score"] == (row["answer"] == row["truth"])
    assert {len(scores) for scores in cells.values()} == {50}
    means = {cell: round(sum(scores) / len(scores), 4) for cell, scores in cells.items()}
    assert means == import_as("avalanche", DATA / "seed0", tmp_path / "stream").matrix()


def test_real_run(tmp_path: Path) -> None:
    """Avalanche itself trains, logs and is imported: the same numbers as it returned, and as the plugin logged."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Avalanche warns of optional packages when it is imported
        pytest.importorskip("avalanche", reason="Avalanche and PyTorch are large and not among the test requirements")
    with StreamLogWriter(tmp_path / "plugin") as log:
        results = experiment(tmp_path / "csv", 2, StreamLog(log, seed=0))
    done = import_as("avalanche", tmp_path / "csv", tmp_path / "stream")
    name = "Top1_Acc_Exp/eval_phase/test_stream/"
    told = {(s, key[-6:]): v for s, row in enumerate(results) for key, v in row.items() if key.startswith(name)}
    assert done.matrix() == {cell: pytest.approx(value, abs=5e-5) for cell, value in told.items()}
    (file,) = (tmp_path / "plugin" / "evaluations").iterdir()
    logged: dict[tuple[int, str], list[float]] = {}
    for row in map(json.loads, file.read_text().splitlines()):
        logged.setdefault((row["stage"], row["task"]), []).append(row["score"])
    assert {cell: sum(scores) / len(scores) for cell, scores in logged.items()} == pytest.approx(told)


def read(tmp_path: Path, text: str, **options: object) -> object:
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "eval_results.csv").write_text(text)
    return import_as("avalanche", tmp_path / "log", tmp_path / "stream", **options)


def test_cut_last_line(tmp_path: Path) -> None:
    """A line that was being written is no score, though it looks like one."""
    done = read(tmp_path, WHOLE + "0,2,0.5")
    assert done.left_out("cut or unreadable line") == 1
    assert len(done.rows["evaluations"]) == 4


@pytest.mark.parametrize(("again", "gone"), [(WHOLE, 4), ("0,1,0.7000,1.0,0\n1,1,0.5000,1.0,0\n", 0)])
def test_restarts_give_way(tmp_path: Path, again: str, gone: int) -> None:
    """A run started anew replaces the earlier start from where it begins again."""
    first = HEADER + "0,0,0.2000,1.0,0\n1,0,0.2000,1.0,0\n" + ("0,1,0.2000,1,0\n1,1,0.2000,1,0\n" if gone else "")
    done = read(tmp_path, first + again)
    assert done.left_out("of a start before the last") == gone
    assert done.left_out("the header again") == (1 if gone else 0)
    assert done.matrix()[2, "Exp001"] == (0.8 if gone else 0.5)
    assert done.matrix()[1, "Exp000"] == (0.9 if gone else 0.2)


def test_unmonitored_accuracy_is_missing_not_zero(tmp_path: Path) -> None:
    """The logger writes a bare 0 where nobody monitors accuracy, and 0.0000 where it was measured."""
    done = read(tmp_path, WHOLE + "0,2,0,1.0,0\n1,2,0.0000,1.0,0\n")
    assert done.left_out("no accuracy was monitored") == 1
    assert (3, "Exp000") not in done.matrix()
    assert done.matrix()[3, "Exp001"] == 0


def test_before_training(tmp_path: Path) -> None:
    """Whatever a version writes before any training is stage 0."""
    for i, before in enumerate(("None", "-1", "")):
        (tmp_path / str(i)).mkdir()
        done = read(tmp_path / str(i), HEADER + f"0,{before},0.2000,1.0,0\n1,{before},0.3000,1.0,0\n0,0,0.9000,1,0\n")
        assert done.matrix() == {(0, "Exp000"): 0.2, (0, "Exp001"): 0.3, (1, "Exp000"): 0.9}


def test_columns_of_other_versions(tmp_path: Path) -> None:
    """Columns are found by their names, whatever stands beside them; rows that are not there are no scores."""
    text = "training_exp,eval_exp,eval_loss,eval_accuracy,bwt,more\n0,0,1.0,0.9,0,x\n1,1,1.0,0.8,0,x\n"
    done = read(tmp_path, text)
    assert done.matrix() == {(1, "Exp000"): 0.9, (2, "Exp001"): 0.8}
    assert done.left_out("losses and forgetting") == 6


def test_several_streams_cannot_be_told_apart(tmp_path: Path) -> None:
    """Two accuracies of one experience at one stage are both left out, unless the user says which."""
    text = WHOLE + "0,1,0.9900,1.0,0\n1,1,0.9900,1.0,0\n"
    done = read(tmp_path, text)
    assert done.left_out("several accuracies") == 4
    assert set(done.matrix()) == {(1, "Exp000"), (1, "Exp001")}
    (tmp_path / "again").mkdir()
    assert read(tmp_path / "again", text, settings=["repeated=last"]).matrix()[2, "Exp001"] == 0.99


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n1,2\n", "no column eval_exp"),
        (HEADER, "no accuracy in it"),
        (HEADER + "0,0,0,1,0\n", "no accuracy was monitored"),
        (HEADER + "x,0,0.5,1,0\n", "is no number"),
        (HEADER + "999999999,0,0.5,1,0\n", "is no number"),
    ],
)
def test_what_cannot_be_used_is_one_line(tmp_path: Path, text: str, words: str) -> None:
    """What, where, and nothing written."""
    with pytest.raises(LogRejected, match=words):
        read(tmp_path, text)
    assert not (tmp_path / "stream").exists()


def test_matrix_of_numpy(tmp_path: Path) -> None:
    """An array is read, its triangle of zeros is no measurement, and one of runs gives seeds."""
    matrix = np.array([[0.9, 0.0, 0.0], [0.7, 0.8, 0.0], [0.5, 0.6, 0.0]])
    np.save(tmp_path / "acc.npy", np.stack([matrix, matrix / 2]))
    done = import_as("avalanche", tmp_path / "acc.npy", tmp_path / "stream")
    assert done.left_out("above the diagonal") == 6
    learned = {(i + 1, f"Exp{j:03d}"): matrix[i, j] for i in range(3) for j in range(i + 1)}
    assert done.matrix(seed=0) == learned
    assert done.matrix(seed=1) == {cell: value / 2 for cell, value in learned.items()}
    np.savetxt(tmp_path / "acc.txt", np.vstack([[0.1, 0.2, 0.3], matrix]))
    before = import_as("avalanche", tmp_path / "acc.txt", tmp_path / "text").matrix()
    assert before[0, "Exp002"] == pytest.approx(0.3)
    assert before[3, "Exp000"] == pytest.approx(0.5)


def test_pickled_arrays_are_refused(tmp_path: Path) -> None:
    """An array of objects would run code when it is loaded."""
    np.save(tmp_path / "acc.npy", np.array([[{}, 1], [1, 2]], dtype=object), allow_pickle=True)
    with pytest.raises(LogRejected, match="pickled objects are not read"):
        import_as("avalanche", tmp_path / "acc.npy", tmp_path / "stream")


def test_wrong_setting(tmp_path: Path) -> None:
    """A value that means nothing is refused."""
    with pytest.raises(UsageError, match="reject or last"):
        import_as("avalanche", DATA, tmp_path / "stream", settings=["repeated=first"])
