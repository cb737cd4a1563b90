"""Copies of files: what is known of a log does not depend on whether they are found first, and they are named."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from tests.logs.streams import config, evaluations, everything, rejected, write
from tests.logs.test_in_place import random_rows, write_parts
from toolkit.logs import duplicates, load
from toolkit.logs.read import read_stream
from toolkit.logs.reasons import REPEATED


def known(folder: Path) -> tuple[object, ...]:
    """All that is known of a log but that it has copies."""
    rows, gone, tables, meta = everything(folder)
    notices = tuple(notice for notice in meta.notices if notice.code != "copied-files")
    return rows, gone, tables, meta.model_copy(update={"notices": notices})


@pytest.mark.parametrize("form", ["parquet", "jsonl", "csv"])
@pytest.mark.parametrize("seed", range(4))
def test_copies_change_nothing(seed: int, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With repeats and conflicts within files, between files and in the copies themselves, and with rejected rows."""
    rng = random.Random(seed)
    config(tmp_path, "max_rejected = 0.99")
    rows = random_rows(rng)
    if form == "parquet":
        write_parts(tmp_path, rows, rng)
    else:
        for number in range(3):
            write(tmp_path / f"evaluations/{number}.{form}", rows[number::3])
    for number, of in enumerate(rng.choices(range(3), k=3)):
        shutil.copy(tmp_path / f"evaluations/{of}.{form}", tmp_path / f"evaluations/{rng.choice('-z')}{number}.{form}")
    write(tmp_path / "feedback.csv", [{"stage": 1, "task": "alpha", "item": "alpha-1", "rater": "r", "source": "human",
                                       "score": 1}])  # fmt: skip
    found = known(tmp_path)
    monkeypatch.setattr(duplicates, "_COPIED", rng.choice([1, 10_000]))
    monkeypatch.setattr(duplicates, "_FEW", rng.choice([0, 10_000]))
    monkeypatch.setattr(duplicates, "_PART", 100)
    assert known(tmp_path) == found
    monkeypatch.setattr(load, "copies_of", lambda *values: ())
    assert known(tmp_path) == found


def test_a_copy_is_named_and_its_rows_are_repeats(tmp_path: Path) -> None:
    """Also where its folder spells the same column; where that spells another value it is no copy."""
    config(tmp_path)
    rows = [{name: value for name, value in row.items() if name != "seed"} for row in evaluations()]
    for name in ("seed=0/a", "seed=0/b", "seed=1/a"):
        write(tmp_path / f"evaluations/{name}.parquet", rows)
    with read_stream(tmp_path) as log:
        assert rejected(log) == [("evaluations/seed=0/b.parquet", k + 1, REPEATED) for k in range(len(rows))]
        assert log.ledger.entries()["evaluations"].used == 2 * len(rows)
        told = {notice.code: notice.message for notice in log.notices}
        assert told["copied-files"] == (
            "evaluations: evaluations/seed=0/b.parquet is a copy of evaluations/seed=0/a.parquet; "
            "no row was counted twice."
        )


def test_copies_of_judgements_and_samples(tmp_path: Path) -> None:
    """Every table has its own; a file of another format is none."""
    config(tmp_path)
    write(tmp_path / "evaluations.csv", evaluations())
    samples = [{"stage": 1, "task": "alpha", "sample": f"s{i}"} for i in range(5)]
    for name in ("a.csv", "b.csv", "c.csv", "d.jsonl"):
        write(tmp_path / "samples" / name, samples)
    with read_stream(tmp_path) as log:
        assert log.ledger.entries()["samples"].reasons == {REPEATED: 15}
        (told,) = (notice.message for notice in log.notices if notice.code == "copied-files")
        assert "samples/b.csv is a copy of samples/a.csv, and 1 more files are copies;" in told
