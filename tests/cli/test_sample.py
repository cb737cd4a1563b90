"""Does `streamreview sample` draw what it says, at random with known chances, and can the filled table be read back?"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest

from tests.logs.streams import Row, config, write
from toolkit.analyses import ANALYSES, Evidence
from toolkit.analyses.corrected import corrected
from toolkit.cli import main
from toolkit.cube import reduce_stream
from toolkit.errors import UsageError
from toolkit.logs import read_stream
from toolkit.review import Part, gathered, judged, review_sheet
from toolkit.review.drawing import Answer, draw, spread_over
from toolkit.review.plan import planned


def stream(folder: Path, *, items: int = 60, human: int = 0, name: str = "{task}-{i}", scored: bool = True) -> Path:
    """Two tasks whose answers a judge scored at stages 1 and 2; people saw the first `human` of stage 2."""
    rng = np.random.default_rng(1)
    config(folder, tasks=("alpha", "beta"))
    rows: list[Row] = []
    for stage in (1, 2):
        for task in ("alpha", "beta"):
            for i in range(items):
                item = name.format(task=task, i=i)
                given = {"score": round(float(rng.random()), 4)} if scored else {"label": "abc"[i % 3]}
                base: Row = {"stage": stage, "task": task, "item": item, "seed": 0}
                rows.append({**base, "source": "synthetic", "rater": "judge", **given})
                if stage == 2 and i < human:
                    rows.append({**base, "source": "human", "rater": "ann", "score": 1, "probability": 0.5})
    write(folder / "feedback" / "judge.jsonl", rows)
    return folder


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_table_to_fill_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The latest stage, answers that nobody saw, as many as asked for, empty where people write."""
    folder = stream(tmp_path / "s", human=10)
    assert main(["sample", str(folder), "--labels", "40"]) == 0
    rows = table(capsys.readouterr().out)
    assert len(rows) == 40
    assert {row["stage"] for row in rows} == {"2"}
    seen = {f"{task}-{i}" for task in ("alpha", "beta") for i in range(10)}
    assert not seen & {row["item"] for row in rows}
    assert len({(row["task"], row["item"]) for row in rows}) == 40
    assert all(row["rater"] == row["score"] == "" for row in rows)
    assert {(row["source"], row["target"], row["arm"], row["seed"]) for row in rows} == {
        ("human", "answer", "stream", "0")
    }


def test_chances_are_those_of_the_strata(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In each stratum at least four are drawn, and their inverse chances add up to the answers there."""
    main(["sample", str(stream(tmp_path / "s")), "--labels", "60"])
    rows = table(capsys.readouterr().out)
    strata: dict[str, list[float]] = {}
    for row in rows:
        strata.setdefault(row["stratum"], []).append(float(row["probability"]))
    assert len(strata) == 10  # quintiles of two tasks
    for chances in strata.values():
        assert len(chances) >= 4
        assert len(set(chances)) == 1
        assert sum(1 / p for p in chances) == pytest.approx(12)


def test_a_seed_gives_the_same_draw_and_another_seed_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = stream(tmp_path / "s")
    drawn = []
    for more in ([], [], ["--seed", "1"], ["--task", "beta"]):
        labels = "20" if more == ["--task", "beta"] else "40"
        assert main(["sample", str(folder), "--labels", labels, *more]) == 0
        drawn.append(capsys.readouterr().out)
    assert drawn[0] == drawn[1] != drawn[2]
    beta = [row for row in table(drawn[0]) if row["task"] == "beta"]
    assert table(drawn[3]) == beta  # whichever other tasks are drawn from


def test_the_filled_table_is_feedback(tmp_path: Path) -> None:
    """Filled in and put into the stream's folder: chances and strata arrive in the cube, and the score is corrected."""
    folder, out = stream(tmp_path / "s"), tmp_path / "to-label.csv"
    assert main(["sample", str(folder), "--labels", "60", "--out", str(out)]) == 0
    rows = table(out.read_text(encoding="utf-8"))
    for i, row in enumerate(rows):
        row |= {"rater": "ann", "score": str(i % 2)}
    write(folder / "feedback" / "people.csv", rows)
    with read_stream(folder) as log:
        assert not log.ledger.entries()["feedback"].rejected
        cube = reduce_stream(log)
    frame = cube.table("judgements").to_pandas()
    human = frame[frame["source"] == "human"]
    assert sorted(human["probability"]) == pytest.approx(sorted(float(row["probability"]) for row in rows))
    assert set(human["stratum"]) == {row["stratum"] for row in rows}
    got = corrected(Evidence(cube))[0]
    assert got.n["labels"] == 60
    assert got.low is not None
    assert "items that people saw" not in got.method  # a probability sample


def test_every_answer_has_the_chance_that_it_is_given() -> None:
    """2,000 draws of the same task: how often an answer is drawn, against what the table says."""
    rng = np.random.default_rng(2)
    answers = [Answer(1, "t", f"i{k}", "stream", 0, None, float(rng.random())) for k in range(40)]
    chance = {one.stratum: one.probability for one in draw(answers, 24, scale=(0, 1))}
    stratum: dict[str, str] = {}
    count = dict.fromkeys((answer.item for answer in answers), 0)
    for seed in range(2000):
        for one in draw(answers, 24, scale=(0, 1), seed=seed):
            count[one.answer.item] += 1
            stratum[one.answer.item] = one.stratum
    expected = np.array([chance[stratum[answer.item]] for answer in answers])
    found = np.array([count[answer.item] for answer in answers]) / 2000
    assert np.abs(found - expected).max() < 4.5 * np.sqrt(0.25 / 2000)
    assert len(set(chance.values())) > 1  # more where the judge is unsure


def test_neyman_gives_more_where_the_judge_is_unsure() -> None:
    """Strata of the same size with scores near .5 and near 1: labels in proportion to sqrt(p (1 - p))."""
    scores = [0.5] * 100 + [0.99] * 100
    answers = [Answer(1, "t", f"i{k}", "stream", 0, None, f) for k, f in enumerate(scores)]
    drawn = draw(answers, 60, scale=(0, 1))
    unsure = sum(one.answer.score == 0.5 for one in drawn)
    assert unsure == pytest.approx(60 * 0.5 / (0.5 + 0.1), abs=1)  # sqrt(.99 x .01) = .0995, not below .1
    assert len(draw(answers, 500, scale=(0, 1))) == 200


def test_labels_over_tasks() -> None:
    assert spread_over(40, {"a": 300, "b": 100}) == {"a": 30, "b": 10}
    assert spread_over(12, {"a": 1000, "b": 10, "c": 2}) == {"a": 6, "b": 4, "c": 2}
    with pytest.raises(UsageError, match="at least 8"):
        spread_over(7, {"a": 30, "b": 10})


def test_the_people_plan_decides_without_a_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing to check the judge against: the plan's first 100 labels a task, or all there are."""
    assert main(["sample", str(stream(tmp_path / "s", items=130))]) == 0
    rows = table(capsys.readouterr().out)
    assert [sum(row["task"] == task for row in rows) for task in ("alpha", "beta")] == [100, 100]


def test_what_is_drawn_is_what_the_page_of_a_full_run_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The plan of all analyses, as the summary page has it; where fewer answers are there, that is said."""
    folder = stream(tmp_path / "s", human=40)
    with read_stream(folder) as log:
        evidence = Evidence(reduce_stream(log))
    parts = (
        Part(part=name, estimates=judged(analyse(evidence).estimates, evidence.config))
        for name, analyse in ANALYSES.items()
    )
    page = review_sheet(gathered(parts)[0], evidence.config).people_plan
    assert planned(evidence) == page
    asked = {row.task: row.labels for row in page}
    assert main(["sample", str(folder)]) == 0
    captured = capsys.readouterr()
    drawn = [row["task"] for row in table(captured.out)]
    for task, count in asked.items():
        assert drawn.count(task) == min(count, 20)
    assert "more judged items needed: the latest stage has fewer answers" in captured.err
    assert f"alpha 20 of {asked['alpha']}, beta 20 of {asked['beta']}" in captured.err


def test_class_labels_are_drawn_class_by_class(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A judge that names three classes equally often: a stratum each of both tasks, and people fill in labels."""
    assert main(["sample", str(stream(tmp_path / "s", scored=False)), "--labels", "30"]) == 0
    rows = table(capsys.readouterr().out)
    assert {row["probability"] for row in rows} == {repr(5 / 20)}
    assert {row["stratum"] for row in rows} == {f"{task} {k} of 3" for task in ("alpha", "beta") for k in (1, 2, 3)}
    assert rows[0]["label"] == ""


def test_names_that_begin_like_formulas_are_quoted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = stream(tmp_path / "s", name='=HYPERLINK("{task}{i}")')
    assert main(["sample", str(folder), "--labels", "10"]) == 0
    captured = capsys.readouterr()
    assert all(row["item"].startswith("'=HYPERLINK(") for row in table(captured.out))
    assert "apostrophe" in captured.err


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--task", "nope"], "no task 'nope'"),
        (["--labels", "5"], "too few"),
        (["--labels", "0"], "--labels"),
        (["--labels", "20", "--seed", "-1"], "--seed"),
        (["--labels", "20", "--out", "USED"], "is there already"),
        (["--labels", "20", "--out", "NOWHERE"], "cannot be written"),
    ],
)
def test_wrong_usage_is_2_and_one_line(
    more: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "used").write_text("labels", encoding="utf-8")
    places = {"USED": str(tmp_path / "used"), "NOWHERE": str(tmp_path / "no" / "where.csv")}
    folder = stream(tmp_path / "s")
    assert main(["sample", str(folder), *(places.get(word, word) for word in more)]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert (tmp_path / "used").read_text(encoding="utf-8") == "labels"


def test_nothing_left_to_draw_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sample", str(stream(tmp_path / "s", items=5, human=5)), "--labels", "8"]) == 2
    assert "nothing to draw" in capsys.readouterr().err
