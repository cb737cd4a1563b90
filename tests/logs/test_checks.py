"""Rows that contradict stream.toml or each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.logs.streams import Row, config, evaluations, rejected, rows_of, write
from toolkit.errors import LogRejected
from toolkit.logs.read import read_stream
from toolkit.logs.reasons import CELL_MEANS, CONFLICT, REPEATED

MEAN: Row = {"stage": 1, "task": "alpha", "score": 0.5}
JUDGED: Row = {"stage": 1, "task": "alpha", "item": "i", "score": 1, "source": "human", "rater": "r"}
SAMPLE: Row = {"stage": 1, "task": "alpha", "sample": "s", "text": "t", "embedding": [1.0]}


def reasons(folder: Path, table: str, rows: list[Row]) -> list[tuple[int, str]]:
    config(folder)
    if table != "evaluations":
        write(folder / "evaluations.jsonl", evaluations())
    write(folder / f"{table}.jsonl", rows)
    with read_stream(folder, enforce_limit=False) as log:
        entry = log.ledger.entries()[table]
        assert entry.used + entry.rejected == entry.read == len(rows)
        return [(number, reason) for file, number, reason in rejected(log) if file.startswith(table)]


def test_cell_means_need_no_item_but_must_be_one_a_cell(tmp_path: Path) -> None:
    """Several different rows without item in one cell are probably items whose ids were not logged."""
    rows = [MEAN, {**MEAN, "score": 0.6}, {**MEAN, "seed": 1}, {**MEAN, "stage": 2}, {**MEAN, "stage": 2}]
    assert reasons(tmp_path, "evaluations", rows) == [(1, CELL_MEANS), (2, CELL_MEANS), (5, REPEATED)]


@pytest.mark.parametrize(
    "change",
    [{"arm": "joint"}, {"seed": 1}, {"order": "other"}, {"stage": 2}, {"step": 10}, {"task": "beta"}, {"item": "j"}],
)  # fmt: skip
def test_every_part_of_the_key_keeps_evaluations_apart(change: Row, tmp_path: Path) -> None:
    """Rows that differ in any part of the key are two measurements."""
    config(tmp_path, '[orders]\nother = ["gamma", "beta", "alpha"]')
    row = {**MEAN, "item": "i"}
    write(tmp_path / "evaluations.jsonl", [row, {**row, **change, "score": 0.9}])
    with read_stream(tmp_path) as log:
        assert log.ledger.entries()["evaluations"].used == 2


@pytest.mark.parametrize("change", [{"score": 0}, {"label": "x"}, {"probability": 0.5}, {"attr_x": "y"}])
def test_a_judgement_given_twice(change: Row, tmp_path: Path) -> None:
    """Equal judgements count once, different ones of one rater not at all."""
    other = {**JUDGED, "rater": "q"}
    rows = [JUDGED, other, JUDGED, {**other, **change}]
    conflict = CONFLICT.format(what="judgement")
    assert reasons(tmp_path, "feedback", rows) == [(2, conflict), (3, REPEATED), (4, conflict)]


def test_both_orders_of_a_pair_are_two_judgements(tmp_path: Path) -> None:
    """The same pair shown the other way round, and another criterion, are no repeats."""
    first = {**JUDGED, "form": "preference", "pair": "p", "position": "a"}
    rows = [first, {**first, "position": "b", "score": 0}, {**first, "criterion": "tone", "score": 0}]
    assert reasons(tmp_path, "feedback", rows) == []


def test_a_sample_logged_twice(tmp_path: Path) -> None:
    """Samples are compared with their text, lists included."""
    other = {**SAMPLE, "sample": "o"}
    rows = [SAMPLE, SAMPLE, other, {**other, "embedding": [1.5]}]
    conflict = CONFLICT.format(what="sample")
    assert reasons(tmp_path, "samples", rows) == [(2, REPEATED), (3, conflict), (4, conflict)]


def test_orders_limit_their_own_stages(tmp_path: Path) -> None:
    """A shorter order ends earlier; an order that stream.toml does not know has no tasks at all."""
    config(tmp_path, '[orders]\nshort = ["gamma", "beta"]')
    rows = [{**MEAN, "order": order, "stage": stage} for order in ("default", "short", "other") for stage in (2, 3)]
    write(tmp_path / "evaluations.jsonl", rows)
    with read_stream(tmp_path, enforce_limit=False) as log:
        assert rows_of(log, "evaluations", "task_order", "stage") == [("default", 2), ("default", 3), ("short", 2)]
        unknown = "order is not in [orders] of stream.toml"
        assert [reason for *_, reason in rejected(log)] == [
            "stage is beyond the 2 tasks of order short",
            *[unknown] * 2,
        ]


def test_the_limit_counts_what_it_should(tmp_path: Path) -> None:
    """Repeats never stop the run, rejected rows do when they are more than `max_rejected`."""
    rows = evaluations(50)  # 600 rows
    bad = [{**row, "item": f"bad-{i}", "score": 9} for i, row in enumerate(rows)]
    config(tmp_path)
    write(tmp_path / "evaluations.csv", [*rows, *rows, *bad[:12]])  # 12 of 1,212
    with read_stream(tmp_path) as log:
        entry = log.ledger.entries()["evaluations"]
        assert (entry.used, entry.rejected) == (600, 612)
        assert entry.reasons == {REPEATED: 600, "score outside score_range [0, 1]": 12}
        assert log.ledger.rejected(2) == log.ledger.rejected()[:2]
        assert sum(row.counted for row in log.ledger.rejected()) == 12
    write(tmp_path / "evaluations.csv", [*rows, *rows, *bad[:13]])  # 13 of 1,213
    with pytest.raises(LogRejected) as caught:
        read_stream(tmp_path)
    message = str(caught.value)
    assert "\n" not in message
    for part in ("evaluations: 13 of 1,213 rows", "score outside score_range", "line 1202", "--rejected"):
        assert part in message
    config(tmp_path, "max_rejected = 0.05")
    read_stream(tmp_path).close()
