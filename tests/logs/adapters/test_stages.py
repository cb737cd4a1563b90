"""--stages says where runs belong; without it checkpoints are placed by their names, and honestly said so."""

from __future__ import annotations

from pathlib import Path

import pytest

from toolkit.errors import UsageError
from toolkit.logs.adapters.account import Account
from toolkit.logs.adapters.base import Options
from toolkit.logs.adapters.checkpoints import Evaluated, place_all
from toolkit.logs.adapters.stages import Place, StageMap, numbered, read_stages, spread


def stage_file(folder: Path, text: str) -> Path:
    (folder / "map.csv").write_text(text)
    return folder / "map.csv"


def test_a_stage_file_is_read_with_all_its_columns(tmp_path: Path) -> None:
    path = stage_file(
        tmp_path, "checkpoint,stage,arm,seed,order,step\nstep10,1,isolated,2,other,10.5\nstep20, 2 ,,,,\n"
    )
    found = read_stages(path)
    assert found.place("x", "step10") == Place(1, "isolated", 2, "other", 10.5)
    assert found.place("step20") == Place(2)
    assert found.place("step30") is None
    assert found.key == "checkpoint"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("checkpoint,where\na,1\n", "needs a column stage"),
        ("stage\n1\n", "needs a column stage"),
        ("run,stage\na,x\n", "line 2"),
        ("run,stage\na,-1\n", "below 0"),
        ("run,stage\na,1\na,2\n", "twice"),
        ("run,stage\na\n", "line 2"),
        ("run,stage\n", "no line below"),
    ],
)
def test_a_wrong_stage_file_is_one_line(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        read_stages(stage_file(tmp_path, text))


def test_checkpoints_sort_by_their_numbers() -> None:
    assert numbered(["step10", "step2", "b", "step2"]) == ["b", "step2", "step10"]


@pytest.mark.parametrize(
    ("count", "tasks", "untrained", "stages"),
    [
        (3, 3, False, [1, 2, 3]),
        (4, 3, False, [0, 1, 2, 3]),
        (2, 3, False, [1, 2]),
        (3, 5, True, [0, 1, 2]),
        (7, 3, True, [0, 1, 1, 2, 2, 3, 3]),
        (5, 2, False, [0, 1, 1, 2, 2]),
    ],
)
def test_stages_of_checkpoints(count: int, tasks: int, untrained: bool, stages: list[int]) -> None:
    found = spread(count, tasks, untrained=untrained)
    assert [stage for stage, _ in found] == stages
    assert sum(last for _, last in found) == len(set(stages))


def evaluated(**names: str) -> Evaluated:
    kinds = ("stage", "revision", "model", "folder", "date")
    when = (0.0, names.get("date", ""))
    tasks = frozenset(names.pop("tasks", "a b").split())
    return Evaluated({kind: names.get(kind, "") for kind in kinds}, when, "run", tasks)


def stages(*runs: Evaluated, tasks: int = 3, options: Options | None = None) -> list[int | None]:
    return [None if p is None else p.stage for p in place_all(runs, tasks, options or Options(), Account())]


def test_a_number_called_stage_is_the_stage() -> None:
    assert stages(evaluated(stage="stage-2", model="m"), evaluated(stage="stage-0", model="m")) == [2, 0]
    assert stages(evaluated(stage="stage-3", model="m")) == [3]


def test_numbers_of_checkpoints_are_ranked_and_step_0_is_before_training() -> None:
    runs = [evaluated(revision=f"step{n}", model="m") for n in (1000, 0, 200)]
    assert stages(*runs) == [2, 0, 1]
    assert stages(*(evaluated(model=f"out/checkpoint-{n}") for n in (500, 1500, 1000))) == [1, 3, 2]


def test_more_checkpoints_than_stages_are_a_learning_curve() -> None:
    runs = [evaluated(revision=f"step{n}") for n in (0, 10, 20, 30, 40)]
    account = Account()
    places = place_all(runs, 2, Options(), account)
    assert [(p.stage, p.step) for p in places if p] == [(0, 0), (1, 10), (1, 20), (2, 30), (2, 40)]
    assert "divided evenly" in account.warnings[0]


def test_seeds_in_names_are_seeds() -> None:
    runs = [evaluated(folder=f"seed{s}/step{n}") for s in (1, 2) for n in (1, 2)]
    places = place_all(runs, 3, Options(), Account())
    assert [(p.seed, p.stage) for p in places if p] == [(1, 1), (1, 2), (2, 1), (2, 2)]


def test_without_names_a_task_that_comes_again_begins_a_stage() -> None:
    runs = [evaluated(date=f"2026-01-0{d}", tasks=t) for d, t in ((1, "a"), (1, "b"), (3, "a"), (2, "c"), (4, "b"))]
    assert stages(*runs) == [1, 1, 2, 1, 2]


def test_two_models_with_the_same_checkpoints_are_not_mixed() -> None:
    runs = [evaluated(model=model, revision=f"step{n}") for model in ("big", "small") for n in (1, 2)]
    with pytest.raises(UsageError, match="big, small"):
        stages(*runs)


def test_a_map_goes_before_names_and_runs_it_does_not_name_are_counted() -> None:
    mapped = StageMap("m", {"step2": Place(4), "2026-01-02": Place(5)})
    account = Account()
    runs = [evaluated(revision="step2"), evaluated(date="2026-01-02T10:00:00"), evaluated(revision="step3")]
    places = place_all(runs, 3, Options(stages=mapped), account)
    assert [p.stage if p else None for p in places] == [4, 5, None]
    assert [entry.count for entry in account.left.values()] == [1]
