"""Several draws from the same answers: told apart, each by chance, and together without bias; strata of classes."""

from __future__ import annotations

import csv
import io
from collections import Counter
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from tests.logs.streams import Row, config, write
from toolkit.analyses import Evidence
from toolkit.analyses.corrected import corrected
from toolkit.cli import main
from toolkit.cube import reduce_stream
from toolkit.inference.ppi_design import over_rounds
from toolkit.logs import read_stream
from toolkit.review.drawing import Answer, Drawn, draw


def answers(count: int, *, number: int = 1) -> list[Answer]:
    return [Answer(1, "t", str(k), "stream", 0, None, k / count, round=number) for k in range(count)]


def classes(*labels: str) -> list[Answer]:
    return [Answer(1, "t", str(k), "stream", 0, None, None, label) for k, label in enumerate(labels)]


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


def drawn(folder: Path, out: Path, *, labels: int = 20) -> list[dict[str, str]]:
    """Draw, fill in and log the table; its rows."""
    assert main(["sample", str(folder), "--labels", str(labels), "--out", str(out)]) == 0
    rows = table(out)
    for i, row in enumerate(rows):
        row |= {"rater": "ann", "score": str(i % 2)}
    write(folder / "feedback" / f"people-{out.stem}.csv", rows)
    return rows


def test_later_draws_take_what_is_left_and_are_numbered(tmp_path: Path) -> None:
    """Three draws of twenty from sixty answers: none twice; inverse chances add up to what each found."""
    config(tmp_path / "s", tasks=("alpha",))
    base: Row = {"stage": 1, "task": "alpha", "seed": 0, "source": "synthetic", "rater": "judge"}
    rows = [{**base, "item": f"i{k}", "score": k / 60} for k in range(60)]
    write(tmp_path / "s" / "feedback" / "judge.jsonl", rows)
    seen: set[str] = set()
    for number in (1, 2, 3):
        got = drawn(tmp_path / "s", tmp_path / f"{number}.csv", labels=20)
        assert not seen & {row["item"] for row in got}
        seen |= {row["item"] for row in got}
        assert all(row["stratum"].endswith(f", round {number}") == (number > 1) for row in got)
        assert sum(1 / float(row["probability"]) for row in got) == pytest.approx(60 - 20 * (number - 1))
    with read_stream(tmp_path / "s") as log:
        found = corrected(Evidence(reduce_stream(log)))[0]
    assert found.n["labels"] == found.n["items"] == 60
    assert found.value == pytest.approx(0.5)  # all were seen: every answer counts once, whatever chances there were


def test_two_draws_with_one_seed_are_drawn_by_lots_of_their_own() -> None:
    """Over 3,000 seeds each answer weighs 1 on average; not so where the second draw repeats the lots of the first."""
    first, replicates = answers(40), 3000
    for number, right in ((2, True), (1, False)):
        weight = np.zeros((replicates, 40))
        for seed in range(replicates):
            one = draw(first, 12, scale=(0, 1), seed=seed)
            taken = {drawn.answer for drawn in one}
            left = [a for a in answers(40, number=number) if a.item not in {a.item for a in taken}]
            both = [one, draw(left, 12, scale=(0, 1), seed=seed)]
            chance = [drawn.probability for part in both for drawn in part]
            at = [int(drawn.answer.item) for part in both for drawn in part]
            weight[seed, at] = over_rounds(chance, np.repeat([1, 2], [len(part) for part in both]))
        apart = np.abs(weight.mean(0) - 1) / (weight.std(0) / np.sqrt(replicates))
        assert bool(apart.max() < 4) is right


def test_rounds_together_have_no_bias_and_chances_as_they_are_have() -> None:
    """Every way to draw 3 of {1, 2, 3, 4} and 1 of {5, 6, 7}, then 2 of the 3 left: the total on average (Raj 1956).

    Negative control: the inverse chance of each label in its own draw, scaled to the number of items.
    """
    y = np.array([3.0, 5.0, 4.0, 6.0, 20.0, 22.0, 27.0])
    weighted, plain = [], []
    for low in combinations(range(4), 3):
        for high in combinations(range(4, 7), 1):
            for later in combinations(sorted(set(range(7)) - {*low, *high}), 2):
                chance = np.array([3 / 4] * 3 + [1 / 3] + [2 / 3] * 2)
                here = y[[*low, *high, *later]]
                weighted.append(over_rounds(chance, [1, 1, 1, 1, 2, 2]) @ here)
                plain.append(here / chance @ np.ones(6) * 7 / (1 / chance).sum())
    assert np.mean(weighted) == pytest.approx(y.sum(), abs=1e-9)
    assert abs(np.mean(plain) - y.sum()) > 5


def test_even_rounds_weigh_like_one_draw() -> None:
    """20 of 100, then 30 of the other 80, then 10 of the last 50: all weigh 100 / 60."""
    chance = np.repeat([20 / 100, 30 / 80, 10 / 50], [20, 30, 10])
    assert over_rounds(chance, np.repeat([1, 2, 3], [20, 30, 10])) == pytest.approx(100 / 60)


def test_labels_of_unknown_origin_count_for_themselves() -> None:
    """Five labels of nobody knows where, then 10 drawn of the other 50."""
    weights = over_rounds(np.repeat([np.nan, 0.2], [5, 10]), np.repeat([1, 2], [5, 10]))
    assert weights.tolist() == [1.0] * 5 + [5.0] * 10
    with pytest.raises(ValueError, match="no round"):
        over_rounds([np.nan, np.nan], [1, 1])


def strata(found: list[Drawn]) -> dict[str, list[Drawn]]:
    return {name: [one for one in found if one.stratum == name] for name in sorted({one.stratum for one in found})}


def test_each_class_is_a_stratum() -> None:
    """A judge names 60 a, 20 b and 6 c: at least four of each, else in proportion."""
    found = strata(draw(classes(*"a" * 60, *"b" * 20, *"c" * 6), 40, scale=(0, 1)))
    assert [{one.answer.label for one in part} for part in found.values()] == [{"a"}, {"b"}, {"c"}]
    counts = [len(part) for part in found.values()]
    assert counts == pytest.approx([40 * 60 / 86, 40 * 20 / 86, 4], abs=1)
    for part, size in zip(found.values(), (60, 20, 6), strict=True):
        assert {one.probability for one in part} == {len(part) / size}


def test_rare_classes_are_drawn_together_where_labels_are_few() -> None:
    """Twelve labels have room for three strata of four: the two commonest classes, and all others."""
    found = strata(draw(classes(*"a" * 30, *"b" * 20, *"cdefg" * 3), 12, scale=(0, 1)))
    assert [len(part) for part in found.values()] == pytest.approx([5, 4, 4], abs=1)
    kinds = [Counter(one.answer.label for one in part) for part in found.values()]
    assert [set(kind) & {"a", "b"} for kind in kinds] == [{"a"}, {"b"}, set()]


def test_answers_on_which_judges_differ_are_a_class(tmp_path: Path) -> None:
    """Two judges who name a and b: 20 answers a, 20 b and 20 on which they differ make three strata."""
    config(tmp_path / "s", tasks=("alpha",))
    rows: list[Row] = [
        {"stage": 1, "task": "alpha", "item": f"i{k}", "seed": 0, "source": "synthetic", "rater": rater, "label": label}
        for k in range(60)
        for rater, label in (("one", "ab"[k % 3 == 0]), ("two", "ab"[k % 3 < 2]))
    ]
    write(tmp_path / "s" / "feedback" / "judge.jsonl", rows)
    assert main(["sample", str(tmp_path / "s"), "--labels", "30", "--out", str(tmp_path / "t.csv")]) == 0
    got = table(tmp_path / "t.csv")
    kind = {row["item"]: int(row["item"][1:]) % 3 for row in got}
    assert sorted(Counter(kind.values()).values()) == [10, 10, 10]
    assert len({(row["stratum"], kind[row["item"]]) for row in got}) == 3
